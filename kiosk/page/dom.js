// Elements, and only through textContent: whatever a name holds, it stays text.

export function el(tag, name = "", ...inside) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const part of inside) made.append(part);
  return made;
}

export function text(tag, name, words) {
  const made = el(tag, name);
  made.textContent = words;
  return made;
}

export function button(name, press, ...inside) {
  const made = el("button", name, ...inside);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

// Write only what changed, so that a screen reader and a finger in the middle of a press are left alone.
export function put(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(paths, name = "icon") {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", "0 0 48 48");
  made.setAttribute("class", name);
  made.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    made.append(path);
  }
  return made;
}

export const ICONS = {
  now: ["M27 4 10 27h12l-3 17 19-25H25z"],
  help: ["M8 8h14v14H8z", "M26 8h14v14H26z", "M8 26h14v14H8z", "M26 26h14v14H26z"],
  pause: ["M24 4a20 20 0 1 1 0 40 20 20 0 0 1 0-40z", "M24 13v13l9 6"],
  paper: ["M12 5h24v10H12z", "M6 15h36v18h-6v-7H12v7H6z", "M14 29h20v14H14z"],
  done: ["M8 25l11 11 21-24"],
  attention: ["M24 5 45 42H3z", "M24 18v12", "M24 35v2"],
};
