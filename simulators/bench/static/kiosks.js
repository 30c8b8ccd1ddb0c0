// A ticket machine: its real page in a frame, beside the paper that comes out of its printer.

import { faultButton } from "./faults.js";
import { watch } from "./live.js";
import { both, make } from "./making.js";

const PAGES = { portrait: [1080, 1920], landscape: [1920, 1080] };
const PAPERS = { ok: ["有纸", "paper"], low: ["纸将尽", "low"], out: ["缺纸", "out"] };
const PICTURE_PX = 832; // width of a roll's picture; its lines are 8 dots a millimetre, drawn 4/3 as large
const RETRY_MS = 3000; // a page that was not up yet is asked for again

export function kiosk(about) {
  const [width, height] = PAGES[about.screen];
  const frame = make("iframe", { title: about.name, width, height, loading: "eager" });
  const screen = make(`div.screen.${about.screen}`, {}, frame);
  load(frame, about.url);
  const element = make("article.kiosk", {},
    make("div.machine", {}, screen, roll(about)),
    make("div.foot", {}, make("b", {}, about.id), make("a", { href: about.url, target: "_blank", rel: "noopener" }, about.name),
      state(about), faultButton(about.printer, "打印机", "printer")));
  return element;
}

// A frame does not try again by itself, so the machine is asked first; any answer, even an opaque one, will do.
async function load(frame, url) {
  try {
    await fetch(`${url}/`, { mode: "no-cors" });
    frame.src = `${url}/`;
  } catch {
    setTimeout(() => load(frame, url), RETRY_MS);
  }
}

function roll(about) {
  const paper = make("img", { alt: "" });
  const element = make("div.roll", { title: "纸卷 Paper roll" }, make("div.paper", {}, paper), make("div.slot"));
  let printed = -1;
  watch(about.printer, ({ look }, before) => {
    if (look.printed === printed) return;
    const fresh = before ? look.printed - printed : 0;
    printed = look.printed;
    if (!printed) return;
    paper.onload = () => fresh && slide(paper, look.slips.at(-1));
    paper.alt = (look.slips.at(-1)?.lines ?? []).map((line) => line.text ?? "").join("\n");
    paper.src = `/devices/${about.printer}/picture.png?${printed}`;
  });
  return element;
}

// The newest slip comes up out of the slot.
function slide(paper, slip) {
  const tall = (((slip?.mm ?? 60) * 8 * 4) / 3) * (paper.clientWidth / PICTURE_PX);
  paper.animate([{ transform: `translateY(${tall}px)` }, { transform: "none" }], { duration: 1100, easing: "cubic-bezier(.2,.6,.3,1)" });
}

function state(about) {
  const element = make("span.paper-state");
  watch(about.printer, ({ look }) => {
    const word = look.cover_open ? ["盖开", "cover"] : look.cutter_fault ? ["切刀", "cutter"] : PAPERS[look.paper] ?? PAPERS.ok;
    const bad = !look.online || !look.power;
    element.replaceChildren(...both(look.power ? word[0] : "断电", look.power ? word[1] : "off"), ` ${look.printed}`);
    element.dataset.state = bad ? "bad" : look.paper === "low" ? "low" : "ok";
  });
  return element;
}
