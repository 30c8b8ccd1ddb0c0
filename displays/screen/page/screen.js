// The hall screen: shows whole pictures as they come by server-sent events. Names go in by textContent only.

"use strict";

(() => {
  const SILENT_MS = 35000; // the server speaks every 15 s, news or not
  const AGAIN_MS = 1000;
  const TURN_MS = 8000; // between two pages of queues
  const FRESH_MS = 15000; // hall time: a call older than this no longer flashes
  const FLASH_MS = 8000; // as in screen.css
  const byId = (id) => document.getElementById(id);

  let texts = null;
  let shown = null; // the newest picture
  let heardAt = 0;
  let connected = false;
  let known = null; // the rings heard so far; null: the first picture, nothing in it is news
  const ringing = new Map(); // ring -> when it began, ours
  let turned = 0;
  let source, watch;

  // -- words ---------------------------------------------------------------------------------------------------------

  function say(key, values = {}, lang = "zh") {
    const found = texts[lang][key] ?? texts.zh[key] ?? key;
    return found.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
  }

  const wide = (words) => [...words].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 1 : 0.58), 0);

  function el(tag, name, words) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (words !== undefined) made.textContent = words;
    return made;
  }

  function sized(node, words, property, of) {
    node.textContent = words;
    node.style.setProperty(property, String(Math.max(1, of(words))));
    return node;
  }

  const number = (call) => sized(el("span", "number"), call.number, "--long", (words) => words.length);
  const where = (call) => sized(el("span", "where"), call.name, "--wide", wide);

  function put(node, words) {
    node.hidden = !words;
    if (node.textContent !== words) node.textContent = words;
  }

  // Draw a part anew only when what it shows has changed: a flash in progress is not begun again.
  const drawn = new Map();

  function part(id, what, make) {
    const next = JSON.stringify(what);
    if (drawn.get(id) === next) return;
    drawn.set(id, next);
    byId(id).replaceChildren(...make());
  }

  // -- drawing -------------------------------------------------------------------------------------------------------

  function draw() {
    if (!shown || !texts) return;
    const s = shown;
    put(byId("hall"), s.hall.zh);
    put(byId("site"), s.area ? `${s.site.zh} · ${s.area}` : s.site.zh);
    document.title = `${s.site.zh} · ${s.hall.zh}`;
    const away = !connected || s.away;
    put(byId("away"), away ? `${say("away")} · ${say("away", {}, "en")}` : "");
    const notice = [s.notice, s.lunch].filter(Boolean).join("　");
    byId("notice").className = notice.length > 40 ? "long" : "";
    put(byId("notice"), notice);
    recent(s);
    queues(s);
    calls(s); // has the room the others leave
    clock();
  }

  function rings(call) {
    const began = ringing.get(call.ring);
    return began !== undefined && performance.now() - began < FLASH_MS;
  }

  function calls(s) {
    const [first, ...others] = s.calling;
    const hero = byId("hero");
    part("hero", [first, s.phase, s.opens, s.closes], () => (first ? heroic(first) : idle(s)));
    const ring = first && rings(first) ? first.ring : "";
    if (hero.dataset.ring !== ring) {
      hero.className = "";
      void hero.offsetWidth; // so that a second call flashes as long as the first
      hero.dataset.ring = ring;
    }
    hero.className = first ? (ring ? "ring" : "") : "idle";
    const room = roomFor(byId("now"), hero, byId("calls"), others.length);
    const fit = others.slice(0, room);
    part("calls", fit, () => fit.map(row));
    put(byId("more"), others.length > room ? say("more", { n: others.length - room }) : "");
  }

  function heroic(call) {
    const line = el("p", "where");
    line.style.setProperty("--wide", String(wide(call.name)));
    line.append(el("small", "", say("go")), call.name, el("small", "", say("handle")));
    const head = el("p", "number", call.number);
    head.style.setProperty("--long", String(call.number.length));
    return [head, line];
  }

  function idle(s) {
    const head = { closed: "closed", lunch: "lunch_head" }[s.phase] || "nobody";
    const lines = [say(head, {}, "en"), ...(head === "closed" ? [say("closed_line", s)] : [])];
    return [el("p", "head", say(head)), ...lines.reverse().map((line) => el("p", "line", line))];
  }

  function row(call) {
    const made = el("li", rings(call) ? "ring" : "");
    made.append(number(call), where(call));
    return made;
  }

  // How many rows fit below the hero while it keeps its least height.
  function roomFor(section, hero, list, wanted) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const least = parseFloat(getComputedStyle(hero).minHeight);
    const heads = section.querySelector("h2").offsetHeight + 1.2 * rem + 1.4 * rem;
    const free = section.clientHeight - heads - least;
    const fits = Math.max(0, Math.floor((free + rem) / (11 * rem)));
    return wanted <= fits ? wanted : Math.max(0, Math.floor((free - 4.8 * rem + rem) / (11 * rem)));
  }

  function recent(s) {
    const fit = s.past.slice(0, innerWidth > innerHeight ? 3 : 6);
    byId("past").hidden = !fit.length;
    part("recent", [fit, s.zone], () => fit.map((call) => {
      const made = el("li");
      const top = el("p", "top");
      top.append(el("span", "number", call.number), el("time", "", local(call.at, { hour: "2-digit", minute: "2-digit" })));
      made.append(top, where(call));
      return made;
    }));
  }

  function queues(s) {
    const list = byId("queues");
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const rows = Math.max(1, Math.floor((list.clientHeight + rem) / (9.6 * rem)));
    const fits = rows * (innerWidth > innerHeight ? 1 : 2);
    const pages = Math.max(1, Math.ceil(s.queues.length / fits));
    const page = turned % pages;
    const now = s.queues.slice(page * fits, (page + 1) * fits);
    part("queues", [now, s.phase], () => now.map((line) => queue(line, s.phase)));
    byId("pages").hidden = pages < 2;
    part("pages", [pages, page], () => Array.from({ length: pages }, (_, at) => el("i", at === page ? "here" : "")));
  }

  function queue(line, phase) {
    const made = el("li", line.why_not ? "shut" : "");
    const wait = line.wait_min < 0 || phase !== "open" ? "" : line.wait_min === 0 ? say("soon") : say("minutes", { n: line.wait_min });
    const shut = line.why_not ? say(`why_${line.why_not}`) : "";
    const people = line.waiting ? say("people", { n: line.waiting }) : shut || say("none");
    made.append(
      sized(el("span", "name"), line.name.zh, "--wide", wide),
      el("span", "people", people),
      el("span", "en", line.name.en === line.name.zh ? "" : line.name.en),
      el("span", "wait", line.waiting ? shut || wait : shut ? "" : wait),
    );
    return made;
  }

  // -- time ----------------------------------------------------------------------------------------------------------

  const formats = new Map();

  function local(at, options) {
    const key = JSON.stringify([shown.zone, options]);
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("zh-CN", { timeZone: shown.zone, hourCycle: "h23", ...options }));
    return formats.get(key).format(at);
  }

  const hallTime = () => shown.at + (performance.now() - heardAt) * shown.rate;

  function clock() {
    if (!shown) return;
    const at = hallTime();
    put(byId("time"), local(at, { hour: "2-digit", minute: "2-digit" }));
    put(byId("date"), local(at, { month: "long", day: "numeric", weekday: "long" }));
  }

  // -- living --------------------------------------------------------------------------------------------------------

  function hear(picture) {
    if (shown && shown.page !== picture.page) return void location.reload(); // the room serves a newer page
    shown = picture;
    heardAt = performance.now();
    const rung = picture.calling.filter((call) => call.ring);
    for (const call of rung)
      if (known && !known.has(call.ring) && picture.at - call.rang < FRESH_MS) {
        ringing.set(call.ring, heardAt);
        setTimeout(draw, FLASH_MS + 20);
      }
    known = new Set([...(known || []), ...rung.map((call) => call.ring)].slice(-500));
    for (const [ring, began] of ringing) if (heardAt - began > FLASH_MS) ringing.delete(ring);
    draw();
  }

  function lost() {
    connected = false;
    draw();
  }

  function open() {
    clearTimeout(watch);
    source?.close();
    source = new EventSource("live");
    source.onmessage = (message) => {
      connected = true;
      alive();
      hear(JSON.parse(message.data));
    };
    source.onerror = () => {
      source.close(); // by itself it would not come back from a refusal
      lost();
      clearTimeout(watch);
      watch = setTimeout(open, AGAIN_MS);
    };
    alive();
  }

  function alive() {
    clearTimeout(watch);
    watch = setTimeout(() => { lost(); open(); }, SILENT_MS);
  }

  async function begin() {
    try {
      texts = await (await fetch("texts.json")).json();
    } catch {
      return void setTimeout(begin, AGAIN_MS);
    }
    for (const head of document.querySelectorAll("[data-say]")) {
      const key = head.dataset.say;
      head.append(say(key), el("small", "", say(key, {}, "en")));
    }
    open();
    setInterval(clock, 1000);
    setInterval(() => { turned += 1; if (shown) queues(shown); }, TURN_MS);
    addEventListener("resize", () => { drawn.clear(); draw(); });
  }

  begin();
})();
