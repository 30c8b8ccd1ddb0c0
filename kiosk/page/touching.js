// One finger, one ticket. A touch gets its id before the first try, keeps it through every repeat and through a reload,
// and is given up only when the machine has said how it ended.

const KEY = "touch";
const AGAIN_MS = 500;
const POST_MS = 8000; // the machine answers within 4 s; longer is a dead connection
const FORGET_MS = 10 * 60 * 1000; // whoever touched has long been helped by a guide
const NOT_YET = "busy"; // the machine is with another touch: no verdict on one that was sent before

export function begin(entry, lang, priority) {
  const touch = { touch: fresh(), entry, lang };
  if (priority) touch.priority = priority;
  keep({ touch, at: Date.now() });
  return touch;
}

// What a page before this one left behind: {touch, at, answer?} or null.
export function left() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    if (kept?.touch?.touch && Date.now() - kept.at < FORGET_MS) return kept;
  } catch {
    // what cannot be read is no touch of ours
  }
  forget();
  return null;
}

export function keep(what) {
  sessionStorage.setItem(KEY, JSON.stringify(what));
}

export function forget() {
  sessionStorage.removeItem(KEY);
}

// The final answer to a touch, however long it takes; null when it was given up. `onWait` is called after each try.
export async function ask(touch, onWait) {
  const until = Date.now() + FORGET_MS;
  let sending = touch;
  while (Date.now() < until) {
    const answer = await once(sending);
    if (answer && !answer.pending && !(sending.again && answer.refusal?.why === NOT_YET)) return answer;
    onWait();
    sending = { ...touch, again: true };
    if (!answer?.pending) await pause(AGAIN_MS);
  }
  return null;
}

// An answer, or null when none came. A request the machine cannot even read is a refusal.
async function once(touch) {
  try {
    const response = await fetch("/touch", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(touch),
      signal: AbortSignal.timeout(POST_MS),
    });
    if (response.ok) return await response.json();
    return response.status < 500 ? { ok: false, pending: false, refusal: { why: "unknown", text: null } } : null;
  } catch {
    return null;
  }
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

function fresh() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
