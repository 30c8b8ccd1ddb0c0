// The page's texts come from the hall's catalogue; which language speaks is kept here.

let catalogue = {};
let lang = "zh";

const AGAIN_MS = 1000;

export async function load() {
  while (!catalogue.zh) {
    try {
      catalogue = await (await fetch("/texts.json")).json();
    } catch {
      await new Promise((done) => setTimeout(done, AGAIN_MS)); // the machine is starting
    }
  }
}

export function language(next) {
  if (next) {
    lang = next;
    document.documentElement.lang = lang;
  }
  return lang;
}

export function say(key, values = {}) {
  return sayIn(lang, key, values);
}

export function sayIn(which, key, values = {}) {
  const found = catalogue[which]?.[key] ?? catalogue.zh?.[key] ?? key;
  return found.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}

// A text that came from the machine in both languages.
export function of(both) {
  return both[lang] || both.zh;
}

export function other(both) {
  return lang === "zh" ? both.en : both.zh;
}
