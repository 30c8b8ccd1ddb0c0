// Citizens and staff: the slider, the switch, and what they have done so far.

import { ask } from "./live.js";
import { both, make } from "./making.js";

const EVERY_MS = 2000; // counts are asked for as often as a person reads them
const SETTLE_MS = 150; // a slider being dragged speaks when it rests

const slider = document.getElementById("citizens");
const rate = document.getElementById("rate");
const staff = document.getElementById("staff");
const pace = document.getElementById("pace");
const totals = document.getElementById("totals");

let resting;

export function people() {
  slider.addEventListener("input", () => {
    rate.value = slider.value;
    clearTimeout(resting);
    resting = setTimeout(() => send("/citizens", { per_minute: Number(slider.value) }), SETTLE_MS);
  });
  staff.addEventListener("click", () => send("/staff", { on: staff.getAttribute("aria-checked") !== "true" }));
  pace.addEventListener("change", () => send("/staff", { pace: Number(pace.value) }));
  refresh();
  setInterval(() => document.hidden || refresh(), EVERY_MS);
}

const send = async (path, body) => told(await ask("POST", path, body));

async function refresh() {
  try {
    told(await ask("GET", "/people"));
  } catch {
    // the stream says that the connection is lost
  }
}

function told({ citizens, staff: shift }) {
  if (document.activeElement !== slider) {
    slider.value = citizens.per_minute;
    rate.value = citizens.per_minute;
  }
  staff.setAttribute("aria-checked", String(shift.on));
  if (document.activeElement !== pace) pace.value = String(shift.pace);
  const missed = citizens.refused + citizens.no_answer + citizens.turned_away;
  totals.title = "只计自动市民和自动坐席，手按的不算 / of the bench's own citizens and staff; what you touch and press is not counted";
  totals.replaceChildren(
    ...total("取号", "tickets", citizens.tickets), ...total("未取到", "no ticket", missed),
    ...total("叫号", "calls", shift.called), ...total("评价", "ratings", shift.rated));
}

const total = (zh, en, value) => [make("dt", {}, ...both(zh, en)), make("dd", {}, String(value))];
