// The status page of one ticket. It shows whole states as they come: by server-sent events, else by asking every 5 s.

"use strict";

(() => {
  const POLL_MS = 5000;
  const SETTLE_MS = 500; // the second tap of a double tap must not hit what has just come under the finger
  const SILENT_MS = 35000; // the server speaks every 15 s, news or not
  const TURN = "called";
  const base = location.pathname.replace(/\/+$/, "");
  const textsAt = document.currentScript.dataset.texts;
  const byId = (id) => document.getElementById(id);

  let texts = {};
  let lang = "";
  let shown = null; // the newest state
  let pickedAt = 0;
  let picked = 0; // a bad level chosen, its reason not yet
  let sending = false;
  let trouble = "";
  let source, polling, silence, closing;

  // -- words -----------------------------------------------------------------------------------------------------

  function say(key, values = {}) {
    const found = (texts[lang] && texts[lang][key]) || texts.zh[key] || key;
    return found.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
  }

  const of = (both) => both[lang] || both.zh;

  function speak(next) {
    lang = next;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
    try { sessionStorage.setItem("lang", lang); } catch { /* a private window keeps nothing */ }
  }

  function remembered() {
    try { return sessionStorage.getItem("lang"); } catch { return null; }
  }

  // -- drawing: only through textContent, whatever a name holds stays text ---------------------------------------

  function el(tag, name, words) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (words !== undefined) made.textContent = words;
    return made;
  }

  function button(name, words, press) {
    const made = el("button", name, words);
    made.type = "button";
    made.disabled = sending;
    made.addEventListener("click", press);
    return made;
  }

  function put(id, words) {
    const node = byId(id);
    node.hidden = !words;
    if (node.textContent !== words) node.textContent = words;
  }

  function headline(words, number) {
    const head = byId("head");
    const wanted = words.replace("{n}", number);
    if (head.textContent === wanted) return;
    head.textContent = "";
    const [before, after] = words.split("{n}");
    head.append(before);
    if (after !== undefined) head.append(el("b", "", number), after);
  }

  function draw() {
    if (!shown || !texts.zh) return;
    const s = shown;
    put("place", `${of(s.site)} · ${of(s.hall)}`);
    put("number-label", say("number"));
    put("number", s.number);
    byId("number").style.setProperty("--long", String(s.number.length)); // a long number is set smaller, never broken
    put("matter", of(s.matter));
    put("privacy", say("privacy"));
    byId("language").hidden = false;
    put("language", say("other_lang"));
    byId("ticket").hidden = byId("now").hidden = false;
    const view = STAGES[s.stage](s);
    byId("now").className = view.mood || "";
    document.body.className = s.rating ? "rating" : "";
    headline(view.head, view.count);
    put("where", view.where || "");
    put("range", view.range || "");
    const lines = (view.lines || []).filter(Boolean);
    if ([...byId("lines").children].map((li) => li.textContent).join("\n") !== lines.join("\n"))
      byId("lines").replaceChildren(...lines.map((words) => el("li", "", words)));
    byId("lines").hidden = !lines.length;
    document.title = `${s.number} ${view.where || (s.stage === "waiting" ? say("title") : view.head)}`;
    rating(s);
  }

  const STAGES = {
    waiting(s) {
      const range = !s.windows ? "" : s.low_min < 0 ? "" : s.low_min === 0 ? (s.ahead ? say("soon") : "")
        : say("range", { low: s.low_min, high: s.high_min });
      const where = s.windows ? say("windows", { windows: s.windows }) : say("no_windows");
      return { head: s.ahead ? say("ahead") : say("none_ahead"), count: String(s.ahead), range, lines: [where, say("listen")] };
    },
    aside: () => ({ head: say("aside"), lines: [say("aside_line")], mood: "warn" }),
    called(s) {
      const again = s.recalls ? say("recalled", { n: s.recalls }) : "";
      return { head: say("turn"), where: s.window, lines: [s.window_name === s.window ? "" : s.window_name, again], mood: "turn" };
    },
    serving: (s) => ({ head: say("serving"), where: s.window, lines: [s.window_name === s.window ? "" : s.window_name] }),
    held: (s) => ({ head: say("held"), where: s.window, lines: [say("held_line")] }),
    parked: (s) => ({ head: say("parked"), lines: [say(s.may_return ? "parked_line" : "new_ticket")], mood: "warn" }),
    served: () => ({ head: say("served"), lines: [say("served_line")] }),
    no_show: () => ({ head: say("parked"), lines: [say("new_ticket")], mood: "warn" }),
    void: () => ({ head: say("void"), lines: [say("ask_guide")], mood: "warn" }),
    expired: () => ({ head: say("expired"), lines: [say("expired_line")], mood: "warn" }),
  };

  // -- rating ----------------------------------------------------------------------------------------------------

  const MOUTHS = { 5: "M13 26q9 11 18 0z", 4: "M14 27q8 7 16 0", 3: "M15 29h14", 2: "M14 32q8-7 16 0", 1: "M13 33q9-11 18 0z" };
  const SVG = "http://www.w3.org/2000/svg";

  function shape(tag, fields) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(fields)) made.setAttribute(name, value);
    return made;
  }

  function face(level) {
    const made = shape("svg", { viewBox: "0 0 44 44", "aria-hidden": "true" });
    made.append(
      shape("circle", { class: "skin", cx: 22, cy: 22, r: 20 }),
      shape("circle", { class: "eye", cx: 15, cy: 17, r: 2.6 }),
      shape("circle", { class: "eye", cx: 29, cy: 17, r: 2.6 }),
      shape("path", { d: MOUTHS[level] }),
    );
    return made;
  }

  let drawn = "";

  function rating(s) {
    const section = byId("rating");
    const next = JSON.stringify([s.rating, picked, sending, trouble, lang]);
    if (next === drawn) return;
    drawn = next;
    section.hidden = !s.rating;
    if (s.rating === "open") section.replaceChildren(...(picked ? why() : faces()));
    else if (s.rating) section.replaceChildren(el("p", "thanks", say(s.rating === "done" ? "thanks" : "too_late")));
  }

  function faces() {
    const all = el("div", "faces");
    for (const level of [5, 4, 3, 2, 1]) {
      const made = button(`face l${level}`, undefined, () => (level > 2 ? send(level) : ask(level)));
      made.append(face(level), el("span", "", say(`level_${level}`)));
      all.append(made);
    }
    return [el("h2", "", say("rate")), all, ...said()];
  }

  function why() {
    const all = el("div", "reasons");
    for (const reason of ["attitude", "slow", "unclear", "unsolved", "errands", "other"])
      all.append(button("reason", say(`why_${reason}`), () => settled(() => send(picked, reason))));
    const skip = button("skip", say("skip"), () => settled(() => send(picked)));
    const back = button("back", say("back"), () => settled(() => ask(0)));
    return [el("h2", "", say("why")), all, skip, back, ...said()];
  }

  const said = () => (trouble ? [el("p", "trouble", say(trouble))] : []);

  function settled(press) {
    if (performance.now() - pickedAt > SETTLE_MS) press();
  }

  function ask(level) {
    picked = level;
    pickedAt = performance.now();
    draw();
  }

  async function send(level, reason) {
    if (sending) return;
    sending = true;
    trouble = "";
    draw();
    try {
      const answer = await post(level, reason);
      if (answer.ok) hear(await answer.json());
      else if (answer.status === 409) await poll();
      else trouble = "not_sent";
    } catch {
      trouble = "not_sent";
    }
    sending = false;
    picked = trouble ? picked : 0;
    draw();
  }

  function post(level, reason, keepalive = false) {
    const body = JSON.stringify(reason ? { level, why: reason } : { level });
    return fetch(`${base}/rating`, { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive });
  }

  // Whoever chose a bad face and leaves without a reason has rated all the same.
  addEventListener("pagehide", () => {
    if (picked && !sending && shown && shown.rating === "open") post(picked, undefined, true);
  });

  // -- living ----------------------------------------------------------------------------------------------------

  function hear(state) {
    const before = shown;
    shown = state;
    if (!lang) speak(remembered() || state.lang);
    put("away", "");
    clearTimeout(closing); // a rating that was open closes without any news
    if (state.rating === "open") closing = setTimeout(() => poll().catch(lost), state.rating_left_s * 1000 + 1000);
    if (state.stage === TURN && before && (before.stage !== TURN || before.recalls !== state.recalls) && navigator.vibrate)
      navigator.vibrate([400, 200, 400, 200, 400]);
    draw();
  }

  async function poll() {
    const answer = await fetch(`${base}/state`);
    if (answer.status === 404) return void location.reload(); // of another day by now: the door says it kindly
    if (!answer.ok) throw new Error(String(answer.status));
    hear(await answer.json());
  }

  function lost() {
    if (texts.zh) put("away", say("away"));
  }

  function fallBack() {
    if (source) source.close();
    source = null;
    clearTimeout(silence);
    if (polling) return;
    let tries = 0;
    polling = setInterval(async () => {
      try {
        await poll();
        if (++tries % 6 === 0) listen(); // every half minute, whether events come through again
      } catch {
        lost();
      }
    }, POLL_MS);
  }

  function alive() {
    clearTimeout(silence);
    silence = setTimeout(() => { lost(); fallBack(); }, SILENT_MS);
  }

  function listen() {
    if (!("EventSource" in window)) return fallBack();
    if (source) source.close();
    source = new EventSource(`${base}/live`);
    source.onopen = alive;
    source.onmessage = (message) => {
      clearInterval(polling);
      polling = null;
      alive();
      hear(JSON.parse(message.data));
    };
    source.onerror = () => { lost(); fallBack(); poll().catch(lost); };
    alive();
  }

  byId("language").addEventListener("click", () => {
    speak(lang === "zh" ? "en" : "zh");
    draw();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && texts.zh) poll().catch(lost); // a phone out of the pocket is right at once
  });

  async function begin() {
    try {
      texts = await (await fetch(textsAt)).json();
    } catch {
      return void setTimeout(begin, POLL_MS);
    }
    listen();
  }

  begin();
})();
