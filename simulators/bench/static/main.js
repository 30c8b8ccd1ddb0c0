// The page: halls as tabs, machines above, windows below.

import { kiosk } from "./kiosks.js";
import { ask, connect } from "./live.js";
import { both, make } from "./making.js";
import { people } from "./people.js";
import { flash, windowCard } from "./windows.js";

const CALLS_MAX = 40; // latest calls kept

const { site, clock, halls } = await ask("GET", "/hall.json");
const hallNow = () => clock.hall_ms + (Date.now() - clock.real_ms) * clock.rate;
const format = (options) => new Intl.DateTimeFormat("zh-CN", { timeZone: site.time_zone, hour12: false, ...options });
const timeOf = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dateOf = format({ month: "long", day: "numeric", weekday: "short" });

document.getElementById("site").replaceChildren(site.name, " ", make("i", {}, "测试台 Test bench"));
document.getElementById("tabs").append(tab("all", "全厅", "Whole hall"), ...halls.map((hall) => tab(hall.id, hall.name, hall.area)));

function counted(windows) { // service points stand outside the count of windows
  const points = windows.filter((each) => each.kind === "point").length;
  return `${windows.length - points} 窗口 windows${points ? ` · ${points} 服务点 service points` : ""}`;
}

for (const hall of halls) {
  const machines = make("div.machines", {}, ...hall.kiosks.map(kiosk));
  machines.dataset.of = hall.id;
  document.getElementById("kiosks").append(machines);
  const section = make("section.hall", {},
    make("h2", {}, hall.name, make("i", {}, `${hall.name_en} · ${hall.area}`), make("span", {}, counted(hall.windows))),
    make("div.windows", {}, ...hall.windows.map((each) => windowCard(each, called))));
  section.dataset.of = hall.id;
  document.getElementById("halls").append(section);
}
choose(location.hash.slice(1));
addEventListener("hashchange", () => choose(location.hash.slice(1)));
people();
tick();
setInterval(tick, 500);
connect((lost) => { document.getElementById("lost").hidden = !lost; });

function tab(id, zh, en) {
  const button = make("button", { type: "button", role: "tab", onclick: () => { location.hash = id; } }, make("b", {}, zh), make("i", {}, en));
  button.dataset.of = id;
  return button;
}

function choose(id) {
  const known = halls.some((hall) => hall.id === id) ? id : "all";
  document.body.dataset.hall = known;
  for (const button of document.querySelectorAll("#tabs button")) {
    button.setAttribute("aria-selected", String(button.dataset.of === known));
  }
  for (const part of document.querySelectorAll(".hall, .machines")) {
    part.hidden = known !== "all" && part.dataset.of !== known;
  }
}

function called(window_, text) {
  const row = make("li", { onclick: () => point(window_.id) }, make("time", {}, timeOf.format(hallNow())), make("b", {}, window_.id), make("span", {}, text));
  const list = document.getElementById("calls");
  list.prepend(row);
  while (list.children.length > CALLS_MAX) list.lastChild.remove();
}

function point(id) {
  const card = document.getElementById(`window-${id}`);
  card.scrollIntoView({ block: "center", behavior: "smooth" });
  flash(card, "called");
}

function tick() {
  const now = hallNow();
  document.getElementById("time").textContent = timeOf.format(now);
  document.getElementById("date").textContent = dateOf.format(now);
}
