// The touch page. Which screen is shown follows from the machine's live state and from what was touched last.

import { button, el, put, text } from "./dom.js";
import { banner, home, own } from "./home.js";
import { list } from "./list.js";
import { listen } from "./live.js";
import { result } from "./result.js";
import * as touching from "./touching.js";
import * as veil from "./veil.js";
import { language, load, of, other, say } from "./words.js";

const root = document.documentElement;
const main = document.getElementById("main");
const at = { screen: "home", which: "help", page: 0, priority: "", touch: null, answer: null, slip: "none" };
let menu = null;
let silent = false;
let shown = null; // the screen on the page: {node, update, ...}
let signature = "";
let boot = "";
let idle, ticking;

// -- showing -----------------------------------------------------------------------------------------------------

function wanted() {
  if (at.answer) return "result";
  return menu.banner ? "banner" : at.screen;
}

function build(screen) {
  if (screen === "result") return result(at.answer, { done: goHome });
  if (screen === "banner") return banner(menu);
  if (screen === "list") return list(menu, { ...at, go: (page) => open({ page }), home: goHome, take, elsewhere });
  return home(menu, {
    now: pressNow,
    help: () => open({ screen: "list", which: "help", page: 0 }),
    priority: (id) => open({ priority: id }),
    chosen: at.priority,
  });
}

// A screen is built anew only when it is another one; news alone changes words in place, never a button under a finger.
function render() {
  if (!menu) return;
  const screen = wanted();
  const next = JSON.stringify([
    screen, at.which, at.page, at.priority, at.answer?.number, menu.banner, language(), root.className,
    menu.entries.map((e) => e.id).join(), matchMedia("(orientation: portrait)").matches,
  ]);
  if (next !== signature) {
    signature = next;
    shown = build(screen);
    main.replaceChildren(shown.node);
    main.dataset.screen = screen;
    frame();
  }
  shown.update(menu);
  shown.slip?.(at.slip);
  put(document.getElementById("time"), menu.time);
  put(document.getElementById("date"), menu.date);
}

function frame() {
  document.title = of(menu.title);
  document.getElementById("head").replaceChildren(
    el("div", "name", text("h1", "title", of(menu.title)), text("span", "kiosk", menu.kiosk)),
    el("div", "when", text("span", "time", ""), text("span", "date", "")),
  );
  document.querySelector("#head .time").id = "time";
  document.querySelector("#head .date").id = "date";
  const elder = button("mode elder-mode", () => { root.classList.toggle("elder"); at.page = 0; render(); },
    say(root.classList.contains("elder") ? "plain" : "elder"));
  const lang = button("mode lang-mode", () => { language(language() === "zh" ? "en" : "zh"); render(); },
    say("other_lang"));
  document.getElementById("foot").replaceChildren(elder, lang);
}

function open(change) {
  Object.assign(at, change);
  render();
}

function goHome() {
  clearInterval(ticking);
  touching.forget();
  veil.clear();
  Object.assign(at, { screen: "home", page: 0, priority: "", touch: null, answer: null, slip: "none" });
  render();
  if (silent) veil.wait(say("machine_away"), say("away_line"));
}

// -- touching ----------------------------------------------------------------------------------------------------

function pressNow() {
  const entries = own(menu, "now");
  if (entries.length === 1) take(entries[0]);
  else if (entries.length) open({ screen: "list", which: "now", page: 0 });
  else veil.note(say("none"));
}

function elsewhere(entry) {
  veil.note(of(entry.elsewhere), other(entry.elsewhere));
}

function take(entry) {
  if (at.touch || at.answer) return; // the first finger wins
  follow(touching.begin(entry.id, language(), at.priority));
}

async function follow(touch) {
  at.touch = touch;
  veil.wait(say("taking"));
  const answer = await touching.ask(touch, () => veil.wait(say("taking"), say(menu?.banner ? "away" : "still")));
  at.touch = null;
  veil.clear();
  if (answer?.ok) {
    touching.keep({ touch, at: Date.now(), answer });
    show(answer, menu?.result_s ?? 15);
  } else {
    goHome();
    const why = answer?.refusal?.text;
    if (why) veil.note(of(why), other(why));
    else veil.note(say("unknown"));
  }
}

function show(answer, seconds) {
  Object.assign(at, { answer, slip: answer.slip });
  render();
  count(seconds);
}

// The page returns by itself; a slip that fails begins the count anew, so that the number can be read.
function count(seconds) {
  clearInterval(ticking);
  shown?.left?.(seconds);
  ticking = setInterval(() => {
    seconds -= 1;
    shown?.left?.(seconds);
    if (seconds <= 0) goHome();
  }, 1000);
}

function news(last) {
  if (!last || last.touch !== currentTouch() || last.slip === at.slip) return;
  at.slip = last.slip;
  if (last.slip === "unprinted") count(menu.result_s);
}

function currentTouch() {
  return at.answer?.touch;
}

// -- living ------------------------------------------------------------------------------------------------------

function hear(state) {
  if (silent) veil.clear();
  silent = false;
  menu = state.menu;
  boot ||= menu.boot;
  if (boot !== menu.boot && !at.touch && !at.answer) location.reload(); // another program may have another page
  news(state.last);
  render();
  root.dataset.live = "yes";
}

function silence() {
  root.dataset.live = "no";
  if (silent || at.touch || at.answer) return;
  silent = true;
  veil.wait(say("machine_away"), say("away_line"));
}

function touched() {
  clearTimeout(idle);
  idle = setTimeout(() => {
    if (at.touch || at.answer) return touched();
    root.classList.remove("elder");
    language("zh");
    goHome();
  }, (menu?.idle_s ?? 30) * 1000);
}

function resume() {
  const kept = touching.left();
  if (!kept) return;
  if (!kept.answer) return void follow({ ...kept.touch, again: true });
  const gone = Math.floor((Date.now() - kept.at) / 1000);
  const rest = menu.result_s - gone;
  if (rest > 0) show(kept.answer, rest);
  else touching.forget();
}

for (const kind of ["contextmenu", "selectstart", "dragstart", "gesturestart"])
  document.addEventListener(kind, (event) => event.preventDefault());
document.addEventListener("touchmove", (event) => { if (event.touches.length > 1) event.preventDefault(); },
  { passive: false });
document.addEventListener("pointerdown", touched, true);
addEventListener("resize", () => render());

await load();
let first = true;
listen((state) => {
  hear(state);
  if (first) {
    first = false;
    touched();
    resume();
  }
}, silence);
