// A window's keypad and the evaluator before it. Digits wait here for their key, as they do in the real pad.

import { act } from "./live.js";
import { both, make } from "./making.js";

const CALL = 0x0c;
const CONFIRM = 0x0f;
const CANCEL = 0x0e;
const LAYOUT = [ // as the pad is printed; a wide key takes two places
  7, 8, 9, { key: CALL, zh: "呼叫", en: "Call", kind: "call.wide" },
  4, 5, 6, { key: 0x0d, zh: "重呼", en: "Recall" }, { key: 0x0b, zh: "评价", en: "Rate" },
  1, 2, 3, { key: 0x13, zh: "转移", en: "Transfer" }, { key: 0x12, zh: "暂停", en: "Pause" },
  { key: CANCEL, zh: "取消", en: "Cancel" }, 0, { key: CONFIRM, zh: "确认", en: "OK", kind: "ok" },
  { key: 0x11, zh: "一米", en: "1 m line", kind: "wide" },
];
const SHORT = { CallNext: "Call", StartService: "Start", FinishService: "Finish", PauseOrResume: "Pause" }; // a plan's words
const FACES = ["M8 13.5q4 5 8 0", "M8.5 14.5q3.5 3 7 0", "M8.5 15.5h7", "M8.5 16.5q3.5-3 7 0"];
const MOODS = [["非常满意", "Very satisfied"], ["满意", "Satisfied"], ["基本满意", "Fairly satisfied"], ["不满意", "Not satisfied"]];
const LEVELS = { 5: 0, 4: 1, 3: 2, 2: 3, 1: 3 };
const DIGITS_MAX = 9;

export function keypad({ device, address, keys, levels }, onTyped) {
  let typed = [];
  const type = (digits) => {
    typed = digits;
    onTyped(typed.join(""));
  };
  const press = (key) => {
    if (key <= 9) return type([...typed, key].slice(-DIGITS_MAX));
    const entry = key === CANCEL ? [key] : [...typed, key];
    type([]);
    return act(device, "press", { address, keys: entry });
  };
  const pad = make("div.pad", { role: "group", "aria-label": "叫号键盘 Keypad" });
  for (const place of LAYOUT) pad.append(typeof place === "number" ? digitKey(place, press) : functionKey(place, keys, press));
  return [pad, evaluator(device, address, levels)];
}

const digitKey = (digit, press) => make("button.key.digit", { type: "button", onclick: () => press(digit) }, String(digit));

function functionKey({ key, zh, en, kind = "" }, keys, press) {
  const code = key.toString(16).padStart(2, "0").toUpperCase();
  const meanings = Object.entries(keys).filter(([entry]) => entry.split(" ").at(-1) === code);
  const title = meanings.map(([entry, word]) => `${entry} → ${word}`).join("\n");
  const word = keys[code]; // what the plan makes of the key alone
  const label = make("i", {}, SHORT[word] ?? word ?? en);
  return make(`button.key${kind && `.${kind}`}`, { type: "button", title, onclick: () => press(key) }, zh, label);
}

function evaluator(device, address, levels) {
  const faces = Array.from({ length: 4 }, (_, key) => {
    const level = levels[`0${key}`];
    const mood = LEVELS[level] ?? key;
    const face = make("button.face", {
      type: "button", title: `${MOODS[mood].join(" ")} (${level ?? "?"})`, "aria-label": MOODS[mood].join(" "),
      onclick: () => act(device, "rate", { address, key }),
    });
    face.dataset.mood = mood;
    face.append(drawing(FACES[mood]));
    return face;
  });
  return make("div.evaluator", { role: "group", "aria-label": "评价器 Evaluator" }, make("span", {}, ...both("评价器", "Rate")), ...faces);
}

function drawing(mouth) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  for (const line of ["M12 2.5a9.5 9.5 0 1 0 .01 0z", "M8.7 9v1.2M15.3 9v1.2", mouth]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}
