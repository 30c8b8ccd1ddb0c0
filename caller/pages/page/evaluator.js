// The evaluator at a window. It asks whom the hall invites, and forgets them by itself; a bad face is never lost.

import { away, button, byId, drawer, el, languageButton, listen, of, postTwice, put, say, speak } from "./door.js";

const WHY_MS = 15000; // a bad face without a reason counts after so long
const SETTLE_MS = 500; // the second tap of a double tap must not hit what has just come under the finger
const TROUBLE_MS = 4000;
const REASONS = ["attitude", "slow", "unclear", "unsolved", "errands", "other"];
const MOUTHS = { 5: "M13 26q9 11 18 0z", 4: "M14 27q8 7 16 0", 3: "M15 29h14", 2: "M14 32q8-7 16 0", 1: "M13 33q9-11 18 0z" };
const SVG = "http://www.w3.org/2000/svg";

let shown = null;
let picked = null; // {number, level, at, timer}: a bad face whose reason is still to come
let sending = "", trouble = "";
const drawAll = drawer();

function shape(tag, fields) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(fields)) made.setAttribute(name, value);
  return made;
}

function face(level) {
  const picture = shape("svg", { viewBox: "0 0 44 44", "aria-hidden": "true" });
  picture.append(
    shape("circle", { class: "skin", cx: 22, cy: 22, r: 20 }),
    shape("circle", { class: "eye", cx: 15, cy: 17, r: 2.6 }),
    shape("circle", { class: "eye", cx: 29, cy: 17, r: 2.6 }),
    shape("path", { d: MOUTHS[level] }),
  );
  const made = button(`face l${level}`, picture, () => (level > 2 ? send(shown.number, level) : ask(level)));
  made.append(el("span", "", say(`level_${level}`)));
  made.disabled = Boolean(sending);
  return made;
}

// -- what is touched -----------------------------------------------------------------------------------------------

function ask(level) {
  const { number } = shown;
  picked = { number, level, at: performance.now(), timer: setTimeout(() => finish(), WHY_MS) };
  draw();
}

function finish(why) {
  if (!picked) return;
  const { number, level, timer } = picked;
  clearTimeout(timer);
  picked = null;
  send(number, level, why);
}

const settled = (act) => () => { if (picked && performance.now() - picked.at > SETTLE_MS) act(); };

function back() {
  clearTimeout(picked.timer);
  picked = null;
  draw();
}

async function send(number, level, why) {
  if (sending) return;
  sending = number;
  draw();
  const { status } = await postTwice("/rating", { number, level, ...(why ? { why } : {}) });
  sending = "";
  trouble = status === 200 || status === 409 ? "" : "rate_failed";
  if (trouble) setTimeout(() => { trouble = ""; draw(); }, TROUBLE_MS);
  draw();
}

// -- what is shown -------------------------------------------------------------------------------------------------

function draw() {
  if (!shown) return;
  away(shown.away);
  put(byId("place"), `${of(shown.hall)} · ${shown.name}`);
  drawAll(byId("main"), [shown, picked && picked.level, sending, trouble], () => {
    if (picked) return why();
    if (shown.number) return faces();
    return [idle()];
  });
}

function heading(words, about) {
  const ask = el("h2", "", words), line = el("p", "", about);
  ask.id = "ask";
  line.id = "about";
  return [ask, line];
}

function faces() {
  const all = el("div", "faces", ...[5, 4, 3, 2, 1].map(face));
  return [...heading(say("rate_invite"), shown.number), all, el("p", "trouble", trouble ? say(trouble) : "")];
}

function why() {
  const all = el("div", "reasons", ...REASONS.map((why) => button("reason", say(`why_${why}`), settled(() => finish(why)))));
  const row = el("div", "row", button("primary skip", say("rate_skip"), settled(() => finish())), button("back", say("rate_back"), settled(back)));
  return [...heading(say("rate_why"), picked.number), all, row];
}

function idle() {
  if (shown.thanks) return el("p", "thanks", say("rate_thanks"));
  if (shown.calling) return el("p", "idle", say("rate_calling", { number: shown.calling }));
  return el("p", "idle", say(shown.status === "open" ? "rate_idle" : "rate_closed"));
}

function show(state) {
  if (shown && shown.thanks && !state.thanks) speak("zh"); // the next citizen chooses anew
  shown = state;
  if (picked && state.number !== picked.number) finish(); // the next citizen is asked, or it was rated elsewhere
  draw();
}

languageButton(draw);
listen(show);
