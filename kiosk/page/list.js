// A list of entries, in pages: this hall's matters, the other halls' greyed, and last the service points.

import { button, el, put, text } from "./dom.js";
import { waitingWords } from "./home.js";
import { of, say } from "./words.js";

// How many fit, rows by columns as in page.css: tiles stay larger than a thumb (120 px on the machine's own screen).
function fits() {
  const elder = document.documentElement.classList.contains("elder");
  if (matchMedia("(orientation: portrait)").matches) return elder ? 5 * 2 : 7 * 2;
  return elder ? 3 * 3 : 4 * 4;
}

export function pages(menu, which) {
  const mine = menu.entries.filter((e) => e.button === which);
  const groups = [
    ["list", mine.filter((e) => !e.elsewhere && e.page === "main")],
    ["elsewhere", mine.filter((e) => e.elsewhere && e.page === "main")],
    ["points_list", mine.filter((e) => e.page === "points")],
  ];
  const size = fits();
  return groups.flatMap(([title, entries]) =>
    Array.from({ length: Math.ceil(entries.length / size) }, (_, n) => ({
      title,
      entries: entries.slice(n * size, (n + 1) * size),
    })),
  );
}

export function list(menu, { which, page, go, home, take, elsewhere }) {
  const all = pages(menu, which);
  const at = Math.max(0, Math.min(page, all.length - 1));
  const { title, entries } = all[at] ?? { title: "none", entries: [] };
  const tiles = entries.map((entry) => tile(entry, entry.elsewhere ? () => elsewhere(entry) : () => take(entry)));
  const heading = title === "elsewhere" ? of(menu.elsewhere) : say(title);
  const turn = (name, to) => {
    const made = button(`turn ${name}`, () => go(to), say(name));
    made.disabled = to < 0 || to >= all.length;
    return made;
  };
  const grid = el("div", entries.length > 4 ? "tiles" : "tiles few", ...tiles.map((t) => t.node));
  const nav = el(
    "nav",
    "turns",
    button("turn home", home, say("home")),
    turn("previous", at - 1),
    text("span", "count", say("page", { page: at + 1, pages: all.length || 1 })),
    turn("next", at + 1),
  );
  return {
    node: el("section", "list", text("h2", "", heading), grid, nav),
    update(next) {
      const byId = new Map(next.entries.filter((e) => !e.elsewhere).map((e) => [e.id, e]));
      for (const t of tiles) t.update(byId);
    },
  };
}

// How long a name is, in heights of its type: page.css sets it as large as the tile holds on one line, and never cuts it.
function wide(name) {
  return [...name].reduce((sum, c) => sum + (c > "\u2e7f" ? 1 : 0.52), 0);
}

function tile(entry, press) {
  const waiting = text("span", "waiting", entry.elsewhere ? of(entry.elsewhere) : waitingWords(entry.waiting, entry.issuing));
  const node = button("tile", press, text("strong", "", of(entry.name)), waiting);
  node.dataset.entry = entry.id;
  node.style.setProperty("--wide", String(Math.max(1, wide(of(entry.name)))));
  node.classList.toggle("dim", !entry.issuing);
  node.classList.toggle("other", Boolean(entry.elsewhere));
  return {
    node,
    update(byId) {
      const now = entry.elsewhere ? null : byId.get(entry.id);
      if (!now) return;
      put(waiting, waitingWords(now.waiting, now.issuing));
      node.classList.toggle("dim", !now.issuing);
    },
  };
}
