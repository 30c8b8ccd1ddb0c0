// The fault menu of any device: a small button that opens the list its box gives; what stands is mended by a second click.
// `usual` are settings this place fills in by itself: the address of the keypad whose button it is.

import { ask, watch } from "./live.js";
import { make } from "./making.js";

const menu = document.getElementById("faults");
let opened = null;

export function faultButton(id, zh, en, usual = {}) {
  const button = make("button.fault", { type: "button", title: `${zh} 故障 · ${en} faults`, "aria-label": `${id} 故障 faults` });
  button.addEventListener("click", () => open(button, id, zh, en, usual));
  watch(id, ({ faults, line }) => {
    const count = Object.values(faults).filter((args) => here(args, usual)).length;
    button.classList.toggle("standing", count > 0);
    button.classList.toggle("pulled", !line.plugged);
    button.textContent = count ? String(count) : "⚡";
    if (opened === id && menu.matches(":popover-open")) mark(faults);
  });
  return button;
}

// A fault of one keypad of a line does not concern its neighbours; address 0 means all of them.
const here = ({ address }, usual) => !address || !usual.address || address === usual.address;

async function open(button, id, zh, en, usual) {
  const view = await ask("GET", `/devices/${id}`);
  opened = id;
  const rows = view.fault_menu.map((fault) => row(id, fault, usual));
  const said = make("p.said");
  menu.replaceChildren(
    make("h3", {}, `${zh} 故障 `, make("i", {}, `${en} faults · ${id}`)), make("p.line", {}, view.line.line),
    ...rows, said);
  mark(view.faults);
  menu.showPopover();
  place(button.getBoundingClientRect());
}

function place({ left, bottom, top }) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = bottom + 6 + height < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(left - width / 2, innerWidth - width - 8))}px`;
  menu.style.top = `${below ? bottom + 6 : Math.max(8, Math.min(top - 6 - height, innerHeight - height - 8))}px`;
}

function row(id, { name, zh, en, args }, usual) {
  const inputs = Object.entries(args).map(([key, value]) =>
    [key, make("input", { type: "number", value: usual[key] ?? value, title: key, "aria-label": `${name} ${key}` })]);
  const settings = make("span.settings", {}, ...inputs.flatMap(([key, input]) => [make("i", {}, key), input]));
  const button = make("button", { type: "button", title: en }, make("b", {}, zh || name), make("i", {}, name));
  button.addEventListener("click", () => turn(id, name, button, inputs));
  const element = make("div.row", {}, button, settings);
  element.dataset.name = name;
  return element;
}

async function turn(id, name, button, inputs) {
  const standing = button.parentElement.classList.contains("standing");
  const args = Object.fromEntries(inputs.map(([key, input]) => [key, Number(input.value)]));
  const said = menu.querySelector(".said");
  try {
    const path = `/devices/${id}/fault`;
    const view = standing ? await ask("DELETE", `${path}/${name}`) : await ask("POST", path, { name, args });
    mark(view.faults);
    said.textContent = "";
  } catch (wrong) {
    said.textContent = wrong.message;
  }
}

function mark(faults) {
  for (const element of menu.querySelectorAll(".row")) {
    element.classList.toggle("standing", element.dataset.name in faults);
  }
}
