// What the staff's pages share: words, elements, questions to the door, its stream, the log-in.

const TOKEN = "X-Onewindow-Token";
const ANSWER_MS = 7000; // the door itself waits five seconds for the hall
const SILENT_MS = 35000; // it speaks every 15 s, news or not
const AGAIN_MS = 2000;
export const base = location.pathname.replace(/\/+$/, "");
export const byId = (id) => document.getElementById(id);

// -- words ---------------------------------------------------------------------------------------------------------

const texts = await (await fetch(new URL("texts.json", import.meta.url))).json();
let lang = remembered() || "zh";

function remembered() {
  try { return sessionStorage.getItem("lang"); } catch { return null; } // a private window keeps nothing
}

export function say(key, values = {}) {
  const found = texts[lang][key] || texts.zh[key] || key;
  return found.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

export const of = (both) => both[lang] || both.zh;

export function speak(next) {
  lang = next;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
  put(byId("language"), say("other_lang"));
  try { sessionStorage.setItem("lang", lang); } catch { /* it stays for this page */ }
}

export function languageButton(redraw) {
  byId("language").hidden = false;
  byId("language").addEventListener("click", () => {
    speak(lang === "zh" ? "en" : "zh");
    redraw();
  });
  speak(lang);
}

// -- elements, only through textContent: whatever a name holds stays text ------------------------------------------

export function el(tag, name = "", ...inside) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...inside);
  return made;
}

export function button(name, words, press) {
  const made = el("button", name, words);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

export function put(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export function away(why) {
  byId("away").hidden = !why;
  put(byId("away"), why ? say(`away_${why}`) : "");
}

// Draw a part anew only when what it shows has changed, so that a finger on a key is left alone.
export function drawer() {
  let drawn = "", into = null;
  return (node, state, parts) => {
    const next = JSON.stringify([lang, state]);
    if (next === drawn && node === into) return;
    drawn = next;
    into = node;
    node.replaceChildren(...parts());
  };
}

// -- the door ------------------------------------------------------------------------------------------------------

export const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

// {status, body}; status 0 when nothing came. The same body may be sent again: the door knows a press by its id.
export async function post(path, body, token = "") {
  try {
    const answer = await fetch(base + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(token ? { [TOKEN]: token } : {}) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0, body: null };
  }
}

export async function postTwice(path, body, token) {
  const first = await post(path, body, token);
  return first.status === 0 ? post(path, body, token) : first;
}

// Who is logged in, with an empty staff number when nobody is; null when the door is away.
export async function me() {
  try {
    const answer = await fetch(`${base}/me`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

// For a broken stream: nobody is logged in any more.
export async function nobody() {
  const found = await me();
  return found !== null && !found.staff;
}

// Whole states as they come. `gone` is asked, when the stream broke, whether to stop listening.
export function listen(show, gone = async () => false) {
  let source, silence, stopped = false;
  const open = () => {
    if (stopped) return;
    source = new EventSource(`${base}/live`);
    source.onmessage = (event) => { alive(); show(JSON.parse(event.data)); };
    source.onopen = alive;
    source.onerror = broke;
    alive();
  };
  const alive = () => { clearTimeout(silence); silence = setTimeout(broke, SILENT_MS); };
  const broke = async () => {
    clearTimeout(silence);
    source.close();
    if (stopped) return;
    away("broker");
    if (await gone()) stopped = true;
    else setTimeout(open, AGAIN_MS);
  };
  open();
  return () => { stopped = true; clearTimeout(silence); source.close(); };
}

// -- log-in --------------------------------------------------------------------------------------------------------

// A form that is drawn into `main`; `entered` is given who is logged in.
export function loginForm(heading, withPassword, note, entered) {
  const staff = el("input");
  Object.assign(staff, { id: "staff", inputMode: "numeric", maxLength: 4, autocomplete: "username", required: true });
  const password = el("input");
  Object.assign(password, { id: "password", type: "password", maxLength: 200, autocomplete: "current-password" });
  const label = (input, words) => { const made = el("label", "", words); made.htmlFor = input.id; return made; };
  const trouble = el("p", "trouble", note);
  trouble.setAttribute("role", "alert");
  const enter = el("button", "primary", say("login"));
  enter.type = "submit";
  const form = el("form", "login card", el("h2", "", heading), label(staff, say("staff_number")), staff);
  if (withPassword) form.append(label(password, say("password")), password);
  form.append(enter, trouble);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!/^[0-9]{4}$/.test(staff.value.trim())) return put(trouble, say("wrong_number"));
    enter.disabled = true;
    const asked = { staff: staff.value.trim(), ...(withPassword ? { password: password.value } : {}) };
    const { status, body } = await post("/login", asked);
    enter.disabled = false;
    password.value = "";
    if (status === 200) entered(body);
    else put(trouble, status === 409 && body.line ? of(body.line) : say(status === 429 ? "slow_down" : status === 400 ? "wrong_number" : "away_controller"));
  });
  byId("main").replaceChildren(form);
  byId("logout").hidden = true;
  put(byId("who"), "");
  staff.focus();
}
