// The guide's page. A matter pressed takes a number at once; the class goes back to ordinary behind every number.

import { away, button, byId, drawer, el, fresh, languageButton, listen, loginForm, me, nobody, of, post, postTwice, put, say } from "./door.js";

const ORDINARY = "ordinary";
const WHOLE = /^[A-Z]{1,2}[0-9]{4,9}$/;

let who = null, shown = null, stop = () => {};
let priority = ORDINARY, kiosk = null, reason = "", number = "";
let said = { words: "", refused: false, number: "" };
let busy = false;
const drawChoices = drawer(), drawEntries = drawer(), drawExisting = drawer(), drawTablets = drawer();

// -- asking --------------------------------------------------------------------------------------------------------

async function ask(path, body, spoken) {
  if (busy || !who) return;
  busy = true;
  said = { words: "", refused: false, number: "" };
  draw();
  const { status, body: answer } = await postTwice(path, { id: fresh(), ...body }, who.token);
  busy = false;
  if (status === 401 || status === 403) return leave(say("logged_out"));
  if (status !== 200) said = { words: say("no_answer"), refused: true, number: "" };
  else if (answer.refused === "no_right") return leave(say("logged_out"));
  else if (answer.refused) said = { words: of(answer.line), refused: true, number: "" };
  else {
    said = spoken(answer);
    if (path !== "/back" && path !== "/reprint") {
      priority = ORDINARY; // the next in line must not get it by mistake
      reason = byId("reason").value = "";
    }
  }
  draw();
}

function take(entry) {
  if (priority !== ORDINARY && !reason.trim()) return refuse("need_reason");
  const printer = shown.kiosks.find(({ id }) => id === kiosk);
  ask("/take", { entry: entry.id, priority, reason: reason.trim(), kiosk: kiosk || "" }, (answer) => {
    const ahead = say("ahead", { n: answer.ahead });
    const wait = answer.estimate_s > 0 ? say("estimate", { n: Math.ceil(answer.estimate_s / 60) }) : "";
    const paper = printer ? say("by_paper", { kiosk: printer.name }) : say("tell_number");
    return { words: [of(entry.name), ahead, wait, paper].filter(Boolean).join(" · "), refused: false, number: answer.number };
  });
}

function about(path, more, spoken) {
  const wanted = number.trim().toUpperCase();
  if (!WHOLE.test(wanted)) return refuse("need_number");
  ask(path, { number: wanted, reason: reason.trim(), ...more }, () => ({ words: say(spoken, { number: wanted }), refused: false, number: "" }));
}

function reprint() {
  if (!kiosk) refuse("choose_kiosk");
  else about("/reprint", { kiosk }, "reprint_done");
}

function give() {
  if (!reason.trim()) refuse("need_reason");
  else about("/priority", { priority }, "give_done");
}

function refuse(key) {
  said = { words: say(key), refused: true, number: "" };
  draw();
}

// -- drawing -------------------------------------------------------------------------------------------------------

function part(tag, id, name = "") {
  const made = el(tag, name);
  made.id = id;
  return made;
}

function frame() {
  const input = part("input", "reason");
  Object.assign(input, { maxLength: 60, autocomplete: "off" });
  input.addEventListener("input", () => { reason = input.value; });
  const label = part("label", "reason-label");
  label.htmlFor = "reason";
  const words = part("p", "said");
  words.setAttribute("role", "status");
  const choices = el("section", "card", part("div", "choices"), el("div", "field", label, input), part("p", "hint", "quiet"));
  const result = el("section", "card result", part("h2", "taken-label"), part("p", "taken"), words);
  const left = el("div", "left", part("p", "notice", "card notice"), choices, part("div", "entries"));
  const right = el("div", "right", result, part("section", "existing", "card"), part("section", "tablets", "card"));
  byId("main").replaceChildren(el("div", "stand", left, right));
}

function draw() {
  if (!who || !shown || !byId("taken")) return;
  away(shown.away);
  put(byId("place"), say("guide_title", { hall: of(shown.hall) }));
  put(byId("who"), `${say("staff_number")} ${who.staff}`);
  put(byId("logout"), say("logout"));
  byId("logout").hidden = false;
  put(byId("reason-label"), say("reason"));
  put(byId("hint"), `${say("take_hint")} · ${say("reason_hint")}`);
  byId("notice").hidden = !shown.notice && shown.issuing;
  put(byId("notice"), [shown.notice, shown.issuing ? "" : say("not_issuing")].filter(Boolean).join(" · "));
  put(byId("taken-label"), say("taken"));
  put(byId("taken"), said.number || "—");
  put(byId("said"), said.words);
  byId("said").className = said.refused ? "refused" : "";
  drawChoices(byId("choices"), [shown.priorities, shown.kiosks, priority, kiosk], choices);
  drawEntries(byId("entries"), [shown.entries, busy], entries);
  drawExisting(byId("existing"), [busy], existing);
  byId("tablets").hidden = !shown.tablets.length;
  drawTablets(byId("tablets"), [shown.tablets], tablets);
}

function chips(all, chosen, choose) {
  return el("div", "chips", ...all.map(({ id, words }) => {
    const made = button("chip", words, () => { choose(id); draw(); });
    made.dataset.id = id || "none";
    made.setAttribute("aria-pressed", String(id === chosen));
    return made;
  }));
}

function choices() {
  const classes = [{ id: ORDINARY, words: say("ordinary") }, ...shown.priorities.map(({ id, name }) => ({ id, words: of(name) }))];
  const papers = [{ id: null, words: say("paper_none") }, ...shown.kiosks.map(({ id, name }) => ({ id, words: name }))];
  return [
    el("div", "", el("h2", "", say("priority")), chips(classes, priority, (id) => { priority = id; })),
    el("div", "", el("h2", "", say("paper")), chips(papers, kiosk, (id) => { kiosk = id; })),
  ];
}

function entries() {
  return ["now", "points", "help"].map((kind) => {
    const keys = shown.entries.filter(({ group }) => group === kind).map((entry) => {
      const made = button("entry", of(entry.name), () => take(entry));
      made.dataset.entry = entry.id;
      made.disabled = busy;
      made.append(el("small", "", entry.waiting < 0 ? "" : `${say("waiting")} ${say("people", { n: entry.waiting })}${entry.issuing ? "" : ` · ${say("stopped")}`}`));
      return made;
    });
    return keys.length ? el("section", `card ${kind}`, el("h2", "", say(`kind_${kind}`)), el("div", "group", ...keys)) : "";
  });
}

function existing() {
  const input = part("input", "number");
  Object.assign(input, { maxLength: 11, autocomplete: "off", value: number });
  input.addEventListener("input", () => { number = input.value; });
  const label = el("label", "quiet", say("number"));
  label.htmlFor = "number";
  const act = (name, press) => { const made = button(`act ${name}`, say(name), press); made.disabled = busy; return made; };
  return [
    el("h2", "", say("existing")), label, input,
    act("back", () => about("/back", {}, "back_done")), act("reprint", reprint), act("give", give),
  ];
}

function tablets() {
  const links = shown.tablets.map(({ window, page }) => {
    const link = el("a", "", window);
    link.href = new URL(`../${page}`, location.href);
    link.target = "_blank";
    link.rel = "noreferrer";
    return el("li", "", link);
  });
  return [el("h2", "", say("tablets")), el("ul", "tablets", ...links)];
}

// -- in and out ----------------------------------------------------------------------------------------------------

function entered(found) {
  who = found;
  shown = null;
  said = { words: "", refused: false, number: "" };
  frame();
  stop = listen((state) => { shown = state; draw(); }, async () => {
    const over = await nobody();
    if (over && who) leave(say("logged_out"));
    return over;
  });
}

function leave(note) {
  stop();
  who = null;
  away("");
  loginForm(say("login_guide"), true, note, entered);
}

byId("logout").addEventListener("click", async () => {
  stop();
  await post("/logout", {}, who.token);
  leave("");
});

languageButton(() => {
  said.words = ""; // it was said in the other language
  if (who) draw();
  else leave("");
});
const first = await me();
if (first && first.staff) entered(first);
else leave("");
