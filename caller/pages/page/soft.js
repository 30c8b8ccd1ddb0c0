// The soft caller of a window. A press is sent at once under an id of its own; the same key again meanwhile is folded.

import { away, button, byId, drawer, el, fresh, languageButton, listen, loginForm, me, nobody, of, post, postTwice, put, say } from "./door.js";

const WINDOW = document.body.dataset.window;
const MINUTE = 60000;
const GRACE_MS = 3000; // between the log-in and the hall's word of it
const KEYS = [
  ["1", "call", "CallNext", "main"], ["2", "recall", "Recall", ""], ["3", "start", "StartService", ""],
  ["4", "finish", "Finish", "end"], ["5", "no_show", "MarkNoShow", ""], ["6", "hold", "HoldTicket", ""],
  ["7", "resume", "ResumeTicket", ""], ["8", "transfer", "TransferTicket", ""], ["9", "rate", "InviteRating", ""],
  ["0", "pause", "PauseWindow", ""],
];
const HOLDS = ["papers", "escort_face", "escort_fingerprint", "counsel", "other"];
const PAUSES = ["break", "meeting", "fault", "other"];

let who = null; // of the log-in
let shown = null; // the newest state
let shownAt = 0;
let enteredAt = 0;
let sits = false; // the hall has said so
let stop = () => {};
let said = { words: "", refused: false };
let choosing = false; // a target to transfer to
let hold = "papers", pause = "break", typed = "";
const busy = new Set(); // words on their way
let order = Promise.resolve(); // presses reach the hall in the order of the fingers

const drawKeys = drawer(), drawTargets = drawer(), drawRight = drawer(), drawMore = drawer();

// -- presses -------------------------------------------------------------------------------------------------------

function press(word, key, about = {}) {
  const wish = JSON.stringify([word, about]);
  if (!who || busy.has(wish)) return;
  busy.add(wish);
  const body = { id: fresh(), word, ...about };
  order = order.then(() => send(body, key)).finally(() => { busy.delete(wish); draw(); });
  draw();
}

async function send(body, key) {
  const { status, body: answer } = await postTwice("/press", body, who ? who.token : "");
  if (status === 401 || status === 403) return leave(say("logged_out"));
  if (status !== 200) said = { words: say("no_answer"), refused: true };
  else if (answer.refused) said = { words: `${say(key)} · ${of(answer.line)}`, refused: true };
  else said = { words: say(answer.number ? "done" : "done_plain", { key: say(key), number: answer.number }), refused: false };
}

function pressKey(key, word) {
  if (word === "TransferTicket") { choosing = !choosing; return draw(); }
  choosing = false;
  if (word === "HoldTicket") press(word, key, { hold });
  else if (word === "PauseWindow" && shown && shown.status !== "open") press("OpenWindow", "open");
  else if (word === "PauseWindow") press(word, key, { pause });
  else press(word, key);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && choosing) { choosing = false; return draw(); }
  if (!who || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.matches("input, select")) return;
  const found = KEYS.find(([digit]) => digit === event.key);
  if (found) { event.preventDefault(); pressKey(found[1], found[2]); }
});

// -- drawing -------------------------------------------------------------------------------------------------------

function frame() {
  const part = (id, name = "") => { const made = el("section", name); made.id = id; return made; };
  const line = (id) => { const made = el("p"); made.id = id; return made; };
  const ticket = part("ticket", "card");
  const heading = el("h2");
  heading.id = "current";
  ticket.append(heading, line("number"), line("stage"));
  const words = line("said");
  words.setAttribute("role", "status");
  const left = el("div", "left", ticket, words, part("keys", "keys"), part("targets", "card"), part("more", "card more"));
  byId("main").replaceChildren(el("div", "desk", left, part("right", "right")));
}

function draw() {
  if (!who || !shown || !byId("number")) return;
  const s = shown;
  away(s.away);
  put(byId("place"), `${of(s.hall)} · ${s.name}`);
  put(byId("who"), `${say("staff_number")} ${who.staff} · ${say(`status_${s.status || "closed"}`)}`);
  put(byId("logout"), say("logout"));
  byId("logout").hidden = false;
  put(byId("current"), say("current"));
  put(byId("number"), s.number || say("nobody"));
  byId("number").className = s.number ? "" : "nobody";
  put(byId("stage"), s.stage ? `${say(`stage_${s.stage}`)} · ${minutes(now() - s.since)}` : "");
  byId("stage").className = s.stage;
  put(byId("said"), said.words);
  byId("said").className = said.refused ? "refused" : "";
  document.title = `${WINDOW} ${s.number || say("nobody")}`;
  drawKeys(byId("keys"), [s.status, s.away, [...busy]], () => KEYS.map(key));
  byId("targets").hidden = !choosing;
  drawTargets(byId("targets"), [choosing, s.targets], targets);
  drawMore(byId("more"), [s.status], more);
  drawRight(byId("right"), [s.queues, s.directed, s.held, s.served, s.notice, Math.floor(now() / MINUTE)], right);
}

const now = () => shown.now + (performance.now() - shownAt) * shown.rate;
const minutes = (ms) => (ms < MINUTE ? say("below_minute") : say("minutes", { n: Math.floor(ms / MINUTE) }));

function key([digit, name, word, mood]) {
  const label = word === "PauseWindow" && shown.status !== "open" ? "open" : name;
  const made = button(`key ${mood}`, "", () => pressKey(name, word));
  made.dataset.word = word;
  made.setAttribute("aria-keyshortcuts", digit);
  made.append(el("kbd", "", digit), el("span", "", say(label)));
  if ([...busy].some((wish) => JSON.parse(wish)[0] === word)) made.classList.add("pressed");
  return made;
}

function targets() {
  const group = (kind) => shown.targets.filter(({ id }) => id.startsWith(`${kind}:`)).map((target) => {
    const name = kind === "window" ? target.id.slice(7) : of(target.name);
    const made = button(target.open ? "" : "shut", name, () => {
      choosing = false;
      press("TransferTicket", "transfer", { target: target.id });
    });
    made.dataset.target = target.id;
    return made;
  });
  const cancel = button("", say("cancel"), () => { choosing = false; draw(); });
  return [el("h2", "", say("transfer_to")), el("h3", "", say("queues")), ...group("queue"), el("h3", "", say("windows")), ...group("window"), cancel];
}

function choice(id, name, before, all, chosen, choose) {
  const made = el("select");
  made.id = id;
  for (const one of all) {
    const option = el("option", "", say(`${before}_${one}`));
    option.value = one;
    option.selected = one === chosen;
    made.append(option);
  }
  made.addEventListener("change", () => choose(made.value));
  const label = el("label", "", say(name));
  label.htmlFor = id;
  return [label, made];
}

function more() {
  const number = el("input");
  Object.assign(number, { id: "typed", maxLength: 11, autocomplete: "off", value: typed });
  number.addEventListener("input", () => { typed = number.value; });
  const call = () => {
    const wanted = typed.trim().toUpperCase();
    if (/^[A-Z]{0,2}[0-9]{1,9}$/.test(wanted)) press("CallNumber", "call_number", { number: wanted });
    else { said = { words: say("need_number"), refused: true }; draw(); }
  };
  number.addEventListener("keydown", (event) => { if (event.key === "Enter") call(); });
  const label = el("label", "", say("number"));
  label.htmlFor = "typed";
  return [
    label, number, button("", say("call_number"), call),
    ...choice("hold", "hold_why", "hold", HOLDS, hold, (value) => { hold = value; }),
    ...choice("pause", "pause_why", "pause", PAUSES, pause, (value) => { pause = value; }),
    button("", say("close"), () => press("CloseWindow", "close")),
    el("p", "quiet", say("key_hint")),
  ];
}

function right() {
  const rows = el("ul", "rows");
  for (const queue of shown.queues) {
    const row = el("li", "", el("span", "", of(queue.name)), el("b", "", say("people", { n: queue.waiting })));
    const waited = queue.oldest_at ? say("oldest", { n: Math.max(0, Math.floor((now() - queue.oldest_at) / MINUTE)) }) : "";
    const notes = [waited, queue.issuing ? "" : say("stopped")].filter(Boolean);
    if (notes.length) row.append(el("small", "", notes.join(" · ")));
    rows.append(row);
  }
  if (shown.directed) rows.append(el("li", "", el("span", "", say("directed")), el("b", "", say("people", { n: shown.directed }))));
  const held = el("div", "held", ...shown.held.map((number) => button("heldkey", number, () => press("ResumeTicket", "resume", { number }))));
  const parts = [
    el("section", "card", el("h2", "", say("waiting")), rows),
    el("section", "card", el("h2", "", say("held")), shown.held.length ? held : el("p", "quiet", say("held_none"))),
    el("p", "card", say("served", { n: shown.served })),
  ];
  if (shown.notice) parts.unshift(el("p", "card notice", shown.notice));
  if (who.evaluator) {
    const link = el("a", "", say("tablet"));
    link.href = new URL(`../${who.evaluator}`, location.href);
    link.target = "_blank";
    link.rel = "noreferrer";
    parts.push(el("p", "card tablet", link));
  }
  return parts;
}

// -- in and out ----------------------------------------------------------------------------------------------------

function entered(found) {
  who = found;
  shown = null;
  said = { words: "", refused: false };
  enteredAt = performance.now();
  sits = false;
  frame();
  follow();
}

function follow() {
  stop = listen(show, async () => {
    const over = await nobody();
    if (over && who) leave(say("logged_out"));
    return over;
  });
}

function show(state) {
  shown = state;
  shownAt = performance.now();
  look();
}

// Whoever has left at the keypad, or been taken off by the hall, is out here too.
function look() {
  if (!who || !shown) return;
  sits = sits || shown.staff === who.staff;
  const over = !shown.away && shown.staff !== who.staff && (sits || performance.now() - enteredAt > GRACE_MS);
  if (over) leave(say("logged_out"));
  else draw();
}

function leave(note) {
  stop();
  who = null;
  away("");
  loginForm(say("login_window", { window: WINDOW }), false, note, entered);
}

byId("logout").addEventListener("click", async () => {
  stop();
  const { status, body } = await post("/logout", {}, who.token);
  if (status === 200 && body.refused && body.refused !== "not_staffed" && body.refused !== "no_right") {
    said = { words: `${say("logout")} · ${of(body.line)}`, refused: true };
    follow();
    return draw();
  }
  leave("");
});

setInterval(look, 1000);
languageButton(() => {
  said.words = ""; // it was said in the other language
  if (who) draw();
  else leave("");
});
const first = await me();
if (first && first.staff) entered(first);
else leave("");
