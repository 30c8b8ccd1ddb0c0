"""What a keypad's firmware thinks (onewindow.h), compiled by the machine's own compiler and asked line by line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# reads `press KEY NOW TICK`, `heard CAUSE WHAT`, `again TICK`, `stands STATUS STAGE` …; answers a line of JSON each
PROGRAM = r"""
#include <iostream>
#include <sstream>
#include "onewindow.h"
static std::string quoted(const std::string &text) {
  std::string out = "\"";
  for (char c : text) { if (c == '"' || c == '\\') out += '\\'; out += c; }
  return out + "\"";
}
int main(int, char **words) {
  auto &pad = onewindow::keypad;
  auto &panel = onewindow::panel;
  onewindow::boot = onewindow::boot_name(0xC0FFEE);
  pad.begin(words[1], words[2], words[3], "a0b1c2d3e4f5", onewindow::boot);
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream in(line);
    std::string what, one, two;
    long long now = 0;
    uint32_t tick = 0;
    in >> what;
    if (what == "press") {
      in >> one >> now >> tick;
      bool asks = pad.press(one[0], now, tick);
      std::cout << "{\"asks\":" << asks << ",\"unclear\":" << pad.unclear << ",\"what\":" << quoted(pad.letter.what)
                << ",\"letter\":" << quoted(pad.letter.payload) << "}" << std::endl;
    } else if (what == "heard") {
      in >> one >> two;
      std::cout << static_cast<int>(pad.heard(one.c_str(), two.c_str())) << std::endl;
    } else if (what == "again") {
      in >> tick;
      bool again = pad.again(tick);
      std::cout << "{\"again\":" << again << ",\"gave_up\":" << pad.gave_up << "}" << std::endl;
    } else if (what == "stands") {
      in >> one >> two;
      pad.stands(one.c_str(), two == "null" ? nullptr : two.c_str());
      std::cout << pad.open() << std::endl;
    } else if (what == "newer") {
      long long epoch, revision;
      in >> epoch >> revision;
      std::cout << panel.newer(epoch, revision) << std::endl;
    } else if (what == "left") {
      int width;
      in >> width >> tick;
      std::getline(in >> std::ws, one);
      panel.lines = {"-", one};
      panel.blink = true;
      std::cout << "{\"left\":" << panel.left(1, width, tick) << ",\"wide\":" << onewindow::width_px(one)
                << ",\"dark\":[" << panel.dark(0, tick) << "," << panel.dark(1, tick) << "]}" << std::endl;
    } else if (what == "here") {
      in >> now >> one;
      std::cout << onewindow::here(true, now, onewindow::boot, one == "-" ? "" : one) << std::endl;
    }
  }
}
"""


class Pad:
    """A device that thinks, without a chip."""

    def __init__(self, headers: Path, folder: Path, who: str, hall: str, window: str) -> None:
        folder.mkdir(parents=True)
        (folder / "pad.cpp").write_text(PROGRAM)
        flags = ["-std=gnu++20", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-fno-sanitize-recover=all"]
        built = subprocess.run(
            ["g++", *flags, f"-I{headers}", "-o", str(folder / "pad"), str(folder / "pad.cpp")],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert built.returncode == 0, built.stderr
        self._process = subprocess.Popen(
            [str(folder / "pad"), who, hall, window],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def ask(self, *words: object) -> Any:
        """One line in, one out."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def press(self, key: str, now: int, tick: int) -> tuple[str, str]:
        """Press a key that asks: the command's name and the letter."""
        said = self.ask("press", key, now, tick)
        assert said["asks"], said
        return said["what"], said["letter"]

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(5)
        self._process.stdout.close()


@contextmanager
def a_pad(headers: Path, folder: Path, who: str, hall: str, window: str) -> Iterator[Pad]:
    pad = Pad(headers, folder, who, hall, window)
    try:
        yield pad
    finally:
        pad.close()
