// What lies over the screen: a short answer with one button, or the word that somebody has to wait.

import { button, el, icon, ICONS, text } from "./dom.js";
import { say } from "./words.js";

const NOTE_MS = 8000;
const veil = document.getElementById("veil");
let closing;

export function note(first, second = "") {
  const box = el("div", "note", icon(ICONS.attention), text("h2", "", first));
  if (second) box.append(text("p", "", second));
  box.append(button("ok", clear, say("ok")));
  box.setAttribute("role", "alert");
  show(box, "");
  closing = setTimeout(clear, NOTE_MS);
}

export function wait(first, second = "") {
  const box = el("div", "note waiting", el("span", "wheel"), text("h2", "", first));
  if (second) box.append(text("p", "", second));
  box.setAttribute("role", "status");
  show(box, "busy");
}

export function clear() {
  clearTimeout(closing);
  veil.hidden = true;
  veil.replaceChildren();
}

function show(box, name) {
  clearTimeout(closing);
  veil.className = name;
  veil.replaceChildren(box);
  veil.hidden = false;
}
