// What a touch brought: the number, very large, until the page returns by itself.

import { button, el, icon, ICONS, put, text } from "./dom.js";
import { say } from "./words.js";

const INERT_MS = 900; // the second tap of a double tap falls on this screen: it must press nothing

export function result(answer, { done }) {
  const slip = el("div", "slip");
  const back = text("span", "back", "");
  const finish = button("finish", done, text("strong", "", say("done")), back);
  finish.disabled = true;
  setTimeout(() => {
    finish.disabled = false;
  }, INERT_MS);
  const facts = [
    text("p", "ahead", answer.ahead ? say("ahead", { n: answer.ahead }) : say("none_ahead")),
    text("p", "estimate", estimate(answer.estimate_min)),
    text("p", "windows", answer.where ? say("windows", { windows: answer.where }) : ""),
  ].filter((p) => p.textContent);
  const number = text("p", "number", answer.number);
  number.style.setProperty("--long", String(answer.number.length)); // long numbers are set smaller, never cut
  const card = el("div", "card", text("p", "label", say("number")), number, ...facts);
  const node = el("section", "result", card, slip, finish);
  node.setAttribute("role", "status");
  node.dataset.number = answer.number;
  let shown = "";
  return {
    node,
    update() {},
    slip(state) {
      if (state === shown) return;
      shown = state;
      slip.className = `slip ${state}`;
      slip.dataset.slip = state;
      const sign = { printed: "done", unprinted: "attention" }[state] ?? "paper";
      slip.replaceChildren(icon(ICONS[sign]), text("span", "", say(`slip_${state}`)));
    },
    left(seconds) {
      put(back, say("returns", { n: seconds }));
    },
  };
}

function estimate(minutes) {
  if (!minutes) return "";
  const [low, high] = minutes;
  return low ? say("estimate", { low, high }) : say("estimate_soon");
}
