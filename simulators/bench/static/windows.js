// A window as a card: panel, read-back digits, keypad, evaluator. Compact in the whole hall, complete in its own.

import { show } from "./digits.js";
import { faultButton } from "./faults.js";
import { keypad } from "./keypad.js";
import { paint } from "./lamps.js";
import { watch } from "./live.js";
import { make } from "./making.js";

const DESK_PX = 310; // an opened keypad, with room around it; it is about as tall as wide
const REFUSED_MS = 900; // how long a beep is seen

export function windowCard(window_, onCalled) {
  const card = make("article.window", { id: `window-${window_.id}` });
  if (window_.kind === "point") card.classList.add("point");
  const units = window_.units.join("、");
  const title = make("span.units", { title: units }, units);
  const foot = make("div.foot", {}, make("b", {}, window_.id), title);
  card.append(panel(window_, card, onCalled), foot);
  if (window_.keypad) desk(window_, card, foot);
  card.addEventListener("click", (event) => open(event, card));
  return card;
}

document.addEventListener("click", (event) => {
  if (event.target.closest(".window, #faults")) return;
  for (const card of document.querySelectorAll(".window.open")) card.classList.remove("open");
});

// In the whole hall a card shows its keypad when it is touched, above or below, wherever there is room.
function open(event, card) {
  if (event.target.closest("button, .desk")) return;
  const { left, width, bottom } = card.getBoundingClientRect();
  const middle = left + width / 2;
  const within = Math.max(DESK_PX / 2, Math.min(middle, document.documentElement.clientWidth - DESK_PX / 2));
  card.style.setProperty("--aside", `${within - middle}px`);
  card.classList.toggle("upwards", bottom + DESK_PX > innerHeight);
  const was = card.classList.contains("open");
  for (const other of document.querySelectorAll(".window.open")) other.classList.remove("open");
  card.classList.toggle("open", !was);
}

function panel(window_, card, onCalled) {
  if (!window_.panel) return make("div.led.none", {}, "无屏 No panel");
  const canvas = make("canvas", { role: "img", "aria-label": window_.name });
  const frame = make("div.led", {}, canvas, faultButton(window_.panel, "LED 屏", "panel"));
  let painted = "";
  watch(window_.panel, ({ look, faults }, before) => {
    canvas.setAttribute("aria-label", look.lines.join(" ") || "（灭） dark");
    frame.classList.toggle("broken", Object.keys(faults).length > 0);
    frame.classList.toggle("off", !look.mains);
    const lamps = look.rows.join() + look.brightness;
    if (lamps !== painted) paint(canvas, look.rows, look.brightness);
    painted = lamps;
    const called = look.lines.slice(1).join(" ");
    if (before && called && called !== before.look.lines.slice(1).join(" ") && /\d/.test(called)) {
      onCalled(window_, called);
      flash(card, "called");
    }
  });
  return frame;
}

function desk(window_, card, foot) {
  const digits = make("canvas.digits", { role: "img" });
  const typed = make("span.typed");
  const [pad, evaluator] = keypad(window_.keypad, (text) => { typed.textContent = text; });
  const name = `键盘 ${window_.keypad.device.split(".").at(-1)}`;
  foot.append(digits);
  card.append(make("div.desk", {}, typed, pad, evaluator, faultButton(window_.keypad.device, name, "keypad line", { address: window_.keypad.address })));
  let shown = "";
  let beeps;
  watch(window_.keypad.device, ({ look }) => {
    const state = look.pads[window_.keypad.address];
    if (state.digits !== shown) show(digits, state.digits);
    shown = state.digits;
    digits.setAttribute("aria-label", `等候 waiting ${shown.slice(0, 3)}, 号码 number ${shown.slice(3)}`);
    evaluator.classList.toggle("inviting", state.inviting);
    if (beeps !== undefined && state.beeps > beeps) flash(card, "beeped");
    beeps = state.beeps;
  });
}

export function flash(element, name) {
  element.classList.remove(name);
  void element.offsetWidth; // so that the same flash may begin again
  element.classList.add(name);
  setTimeout(() => element.classList.remove(name), REFUSED_MS);
}
