// make("button.key", {title: "…"}, "text", child): an element with its classes, properties and children.

export function make(kind, properties = {}, ...children) {
  const [tag, ...classes] = kind.split(".");
  const element = document.createElement(tag);
  element.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

// Chinese first, English beside it, smaller.
export const both = (zh, en) => [zh, " ", make("i", {}, en)];
