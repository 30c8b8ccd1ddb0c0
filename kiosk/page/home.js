// The first page: two buttons, or a banner that says why there are none.

import { button, el, icon, ICONS, put, text } from "./dom.js";
import { of, say } from "./words.js";

export function waitingWords(waiting, issuing = true) {
  if (!issuing) return say("no_numbers");
  if (waiting < 0) return "";
  return waiting === 0 ? say("no_waiting") : say("waiting", { n: waiting });
}

// People waiting behind several entries; entries of one queue count once.
export function together(entries) {
  const queues = new Map(entries.filter((e) => e.waiting >= 0).map((e) => [e.queue, e.waiting]));
  return queues.size ? [...queues.values()].reduce((sum, n) => sum + n, 0) : -1;
}

export function own(menu, which) {
  return menu.entries.filter((e) => e.button === which && !e.elsewhere);
}

export function home(menu, { now, help, priority, chosen }) {
  const big = [way("now", now), way("help", help)];
  const node = el("section", "first", el("div", "ways", ...big.map((b) => b.node)), foot(menu, priority, chosen));
  const notices = el("div", "notices");
  node.prepend(notices);
  return {
    node,
    update(next) {
      big[0].update(own(next, "now"));
      big[1].update(own(next, "help"));
      put(notices, next.notices.map(of).join("　"));
      notices.hidden = next.notices.length === 0;
    },
  };
}

function way(kind, press) {
  const waiting = text("span", "waiting", "");
  const node = button(
    `way ${kind}`,
    press,
    el("span", "disc", icon(ICONS[kind])),
    el("span", "words", text("strong", "", say(kind)), text("span", "line", say(`${kind}_line`)), waiting),
  );
  node.dataset.way = kind;
  return {
    node,
    update(entries) {
      const issuing = entries.some((e) => e.issuing);
      node.classList.toggle("dim", !issuing);
      put(waiting, waitingWords(together(entries), issuing || entries.length === 0));
    },
  };
}

// Who may come first: chosen here where the plan allows it, else by a guide.
function foot(menu, priority, chosen) {
  if (!menu.priorities.length) return text("p", "ask", say("priority_ask"));
  const chips = [{ id: "", name: null }, ...menu.priorities].map((one) => {
    const chip = button("chip", () => priority(one.id), one.name ? of(one.name) : say("ordinary"));
    chip.setAttribute("aria-pressed", String(chosen === one.id));
    return chip;
  });
  return el("div", "chips", text("span", "ask", say("priority")), ...chips);
}

export function banner(menu) {
  const { why, title, line } = menu.banner;
  const sign = { paper_out: "paper", closed: "pause", lunch: "pause", away: "pause" }[why] ?? "attention";
  const node = el("section", `banner ${why}`, icon(ICONS[sign]), text("h2", "", of(title)), text("p", "", of(line)));
  node.setAttribute("role", "status");
  return { node, update() {} };
}
