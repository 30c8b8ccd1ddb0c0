// What a panel and a keypad of the hall think. Nothing here knows ESPHome or the chip: it is compiled and tried on any
// machine (tests/proof), and the YAML beside it only joins it to pins and to MQTT.
//
// Words and topics: docs/topics.md. A letter is asked again each second, the same id, until its answer or its end: the
// controller answers a repeated id again and changes nothing.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace onewindow {

// Presence: retained under here/<who>, said at every start of the link and each 15 s; the last will is the same, down.
inline std::string here(bool up, int64_t at_ms, const std::string &boot, const std::string &device) {
  char at[24];
  snprintf(at, sizeof at, "%lld", static_cast<long long>(at_ms));
  std::string devices = device.empty() ? "" : "\"" + device + "\":{\"state\":\"up\"}";
  return std::string("{\"up\":") + (up ? "true" : "false") + ",\"at\":" + at + ",\"boot\":\"" + boot +
         "\",\"devices\":{" + devices + "}}";
}

// A name for this start: eight random digits of hex.
inline std::string boot_name(uint32_t dice) {
  char hex[9];
  snprintf(hex, sizeof hex, "%08x", static_cast<unsigned>(dice));
  return hex;
}

// Dots a text takes in the dot font: 8 for a character of ASCII, 16 for any other.
inline int width_px(const std::string &text) {
  int width = 0;
  for (unsigned char byte : text)
    if ((byte & 0xC0) != 0x80)  // not the rest of a character that began before
      width += byte < 0x80 ? 8 : 16;
  return width;
}

class Panel {
 public:
  std::vector<std::string> lines;
  bool blink = false;
  int brightness = 12;  // of 0..15

  // Is this view to be shown? One that is older than what is shown is not (a second or slow controller).
  bool newer(int64_t epoch, int64_t revision) {
    if (epoch < epoch_ || (epoch == epoch_ && revision < revision_))
      return false;
    epoch_ = epoch;
    revision_ = revision;
    return true;
  }

  // Is this line dark at this moment? The called number flashes each half second, the window's name never.
  bool dark(size_t line, uint32_t tick_ms) const { return blink && line > 0 && (tick_ms / 500) % 2 == 1; }

  // Where the line begins: in the middle where it fits, else it runs through.
  int left(size_t line, int width, uint32_t tick_ms) const {
    const int text = width_px(lines[line]);
    if (text <= width)
      return (width - text) / 2;
    return width - static_cast<int>((tick_ms / 30) % static_cast<uint32_t>(width + text));
  }

 private:
  int64_t epoch_ = -1, revision_ = -1;
};

// A question under way.
struct Letter {
  std::string what, id, payload;
  uint32_t since_ms = 0, said_ms = 0;
};

enum class Said { NOTHING, DONE, REFUSED };

class Keypad {
 public:
  static constexpr uint32_t PATIENCE_MS = 5000;  // a person looks at the keypad no longer
  static constexpr uint32_t REPEAT_MS = 1000;    // a controller that restarts takes two of them
  static constexpr uint32_t FOLD_MS = 400;       // the same key again this soon is a bounce
  static constexpr size_t DIGITS_MAX = 8;        // a number on a slip has six

  // At each start. Ids of letters are <mac>-<boot>-<n>, and no two starts have the same boot.
  void begin(const char *who, const char *hall, const char *window, const std::string &mac, const std::string &boot) {
    who_ = who;
    hall_ = hall;
    window_ = window;
    mac_ = mac;
    boot_ = boot;
  }

  // now/windows/<window>: what the keys C and * mean depends on it.
  void stands(const char *status, const char *stage) {
    status_ = status != nullptr ? status : "";
    stage_ = stage != nullptr ? stage : "";
  }
  bool open() const { return status_ == "open"; }

  // A key. True when there is a letter to say; false when it was a digit, a bounce, or means nothing now (`unclear`).
  // A 呼叫 (with digits: this number)  B 重呼  C 开始 or 办结  D 过号  * 清除, else 暂停 or 恢复  # 确认: log-in, 0# log-out
  bool press(char key, int64_t now_ms, uint32_t tick_ms) {
    unclear = false;
    if (key == last_key_ && tick_ms - last_ms_ < FOLD_MS) {
      last_ms_ = tick_ms;
      return false;
    }
    last_key_ = key;
    last_ms_ = tick_ms;
    if (key >= '0' && key <= '9') {
      if (digits_.size() < DIGITS_MAX)
        digits_ += key;
      return false;
    }
    std::string digits;
    digits.swap(digits_);
    if (asking_ || now_ms <= 0) {  // one question at a time; a device that does not know the time must not ask
      unclear = true;
      return false;
    }
    return mean(key, digits, now_ms, tick_ms);
  }

  // An event of the hall: does it answer us?
  Said heard(const char *cause, const char *what) {
    if (!asking_ || cause == nullptr || letter.id != cause)
      return Said::NOTHING;
    asking_ = false;
    return what != nullptr && strcmp(what, "CommandRefused") == 0 ? Said::REFUSED : Said::DONE;
  }

  // Each moment: true when the letter is to be said again. `gave_up` tells once that nobody answered.
  bool again(uint32_t tick_ms) {
    gave_up = asking_ && tick_ms - letter.since_ms >= PATIENCE_MS;
    if (gave_up)
      asking_ = false;
    if (!asking_ || tick_ms - letter.said_ms < REPEAT_MS)
      return false;
    letter.said_ms = tick_ms;
    return true;
  }

  bool asking() const { return asking_; }

  Letter letter;
  bool unclear = false, gave_up = false;

 private:
  bool mean(char key, const std::string &digits, int64_t now_ms, uint32_t tick_ms) {
    if (key == 'A' && digits.empty())
      return ask("CallNext", "", "window", now_ms, tick_ms);
    if (key == 'A')
      return ask("CallNumber", ",\"number\":\"" + digits + "\"", "window", now_ms, tick_ms);
    if (key == '#' && digits.size() == 4)
      return ask("LogIn", ",\"staff\":\"" + digits + "\"", "device", now_ms, tick_ms);
    if (key == '#' && digits == "0")
      return ask("LogOut", "", "window", now_ms, tick_ms);
    if (key == '*' && !digits.empty())
      return false;  // the digits are forgotten
    if (digits.empty() && key != '#')
      return mean_alone(key, now_ms, tick_ms);
    unclear = true;
    return false;
  }

  bool mean_alone(char key, int64_t now_ms, uint32_t tick_ms) {
    if (key == 'B')
      return ask("Recall", "", "window", now_ms, tick_ms);
    if (key == 'C')
      return ask(stage_ == "called" ? "StartService" : "FinishService", "", "window", now_ms, tick_ms);
    if (key == 'D')
      return ask("MarkNoShow", "", "window", now_ms, tick_ms);
    if (key == '*')
      return ask(open() ? "PauseWindow" : "OpenWindow", "", "window", now_ms, tick_ms);
    unclear = true;
    return false;
  }

  // Every value here is ours or digits: nothing needs escaping.
  bool ask(const char *what, const std::string &more, const char *role, int64_t now_ms, uint32_t tick_ms) {
    char number[12], at[24], expires[24];
    snprintf(number, sizeof number, "%u", static_cast<unsigned>(++count_));
    snprintf(at, sizeof at, "%lld", static_cast<long long>(now_ms));
    snprintf(expires, sizeof expires, "%lld", static_cast<long long>(now_ms + PATIENCE_MS));
    letter.what = what;
    letter.id = mac_ + "-" + boot_ + "-" + number;
    letter.payload = "{\"id\":\"" + letter.id + "\",\"hall\":\"" + hall_ + "\",\"by\":{\"device\":\"" + who_ +
                     "\",\"role\":\"" + role + "\"},\"at\":" + at + ",\"command\":{\"what\":\"" + what +
                     "\",\"window\":\"" + window_ + "\"" + more + "},\"expires\":" + expires + "}";
    letter.since_ms = letter.said_ms = tick_ms;
    asking_ = true;
    return true;
  }

  std::string who_, hall_, window_, mac_, boot_, status_, stage_, digits_;
  uint32_t count_ = 0, last_ms_ = 0;
  char last_key_ = 0;
  bool asking_ = false;
};

// The one of this device. Not ESPHome globals: their storage is declared before this file is included.
inline std::string boot;
inline Panel panel;
inline Keypad keypad;

}  // namespace onewindow
