// The hall as the back door tells it: devices by id, and who wants to know. Changes of one frame are told together.

export const devices = new Map();
const listeners = new Map(); // device id -> functions(view, before)
const changed = new Map(); // device id -> what it was
let due = false;

export function watch(id, listener) {
  listeners.set(id, [...(listeners.get(id) ?? []), listener]);
  if (devices.has(id)) listener(devices.get(id), undefined);
}

export function connect(onLost) {
  const stream = new EventSource("/live");
  stream.onopen = () => onLost(false);
  stream.onerror = () => onLost(true);
  stream.onmessage = (message) => {
    const view = JSON.parse(message.data);
    if (!changed.has(view.id)) changed.set(view.id, devices.get(view.id));
    devices.set(view.id, view);
    if (!due) {
      due = true;
      requestAnimationFrame(tell);
    }
  };
}

function tell() {
  due = false;
  for (const [id, before] of changed) {
    for (const listener of listeners.get(id) ?? []) listener(devices.get(id), before);
  }
  changed.clear();
}

export async function ask(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? response.statusText);
  return answer;
}

export const act = (id, what, args) => ask("POST", `/devices/${id}/act`, { what, args });
