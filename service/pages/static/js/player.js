// The replay of the news: day by day what was reported, in whose words, before and after; what changes is lit.
import { inWords } from "./days.js";
import { announce } from "./travel.js";

const ASKED = /^#replay(?:-to-(\d{4}-\d\d-\d\d))?$/; // an address can ask for the replay, and say where it ends
const SPEEDS = [["slowly", 8000], ["at leisure", 4000], ["fast", 1500]];

export function player(clocks, go) {
  const start = button("Replay the news", () => (bar.hidden ? open() : close()));
  start.className = "first";
  const bar = document.createElement("section");
  bar.className = "story";
  bar.hidden = true;
  bar.setAttribute("aria-label", "Replay of the news");
  const caption = document.createElement("div");
  caption.className = "caption";
  const place = Object.assign(document.createElement("span"), { className: "by num" });
  const back = button("Back", () => { pause(); show(now - 1); });
  const play = button("Pause", () => (timer ? pause() : resume()));
  const on = button("Next", () => { pause(); show(now + 1); });
  const leave = button("Close", () => close());
  const speed = document.createElement("select");
  speed.setAttribute("aria-label", "Speed of the replay");
  for (const [words, pause] of SPEEDS) speed.add(new Option(words, pause, pause === 4000, pause === 4000));
  const acts = document.createElement("div");
  acts.className = "story-acts";
  acts.append(back, play, on, speed, place, leave);
  bar.append(caption, acts);
  document.body.append(bar);
  let steps = [], now = 0, timer = null;

  const say = () => {
    play.textContent = timer ? "Pause" : "Play";
    start.setAttribute("aria-expanded", String(!bar.hidden));
    place.textContent = `${now + 1} of ${steps.length}`;
    back.disabled = now === 0;
    on.disabled = now >= steps.length - 1;
  };
  const pause = () => { clearTimeout(timer); timer = null; say(); };
  const resume = () => { timer = setTimeout(next, Number(speed.value)); if (now >= steps.length - 1) show(0); say(); };
  const next = () => {
    if (now >= steps.length - 1) { pause(); return; }
    show(now + 1).then(() => { if (timer) timer = setTimeout(next, Number(speed.value)); });
  };

  async function open() {
    document.querySelector(".turn").open = false; // the page is seen, not the clocks
    const query = new URLSearchParams(location.search);
    for (const name of ["reported_until", "recorded_until", "position", "page", "after", "reached"]) query.delete(name);
    const { subject } = document.body.dataset;
    if (subject) query.set("subject", subject);
    const answer = await fetch(`/story.json?${query}`);
    const since = clocks.get("reported_until")?.reading() ?? "";
    const last = ASKED.exec(location.hash)?.[1];
    const isWanted = ({ until }) => !last || (since < until && until <= last);
    steps = answer.ok ? (await answer.json()).steps.filter(isWanted) : [];
    if (!steps.length) { announce("Nothing was reported that changed anything."); return; }
    bar.hidden = false;
    now = since ? Math.max(0, steps.findIndex((step) => step.until > since)) : 0;
    await show(now);
    timer = setTimeout(next, Number(speed.value));
    say();
    play.focus();
  }

  function close() {
    pause();
    if (bar.contains(document.activeElement)) document.getElementById("turn").focus();
    bar.hidden = true;
    light(null);
    say();
  }

  async function show(number) {
    now = Math.max(0, Math.min(number, steps.length - 1));
    const step = steps[now];
    caption.replaceChildren(...told(step));
    say();
    document.getElementById("reported_until").value = inWords(step.until);
    clocks.get("reported_until")?.read();
    await go({ remember: "replace" });
    light(step);
    announce(caption.textContent);
  }

  bar.addEventListener("keydown", (event) => {
    const act = { Escape: () => close(), ArrowLeft: () => back.click(), ArrowRight: () => on.click() }[event.key];
    if (!act || event.target === speed) return;
    event.preventDefault();
    act();
  });
  speed.addEventListener("change", () => { if (timer) { clearTimeout(timer); timer = setTimeout(next, Number(speed.value)); } });
  addEventListener("beforeprint", () => { bar.hidden = true; });
  start.setAttribute("aria-expanded", "false");
  if (ASKED.test(location.hash)) open();
  return start;
}

// The rows that the step changed are lit.
function light(step) {
  for (const row of document.querySelectorAll(".lit")) row.classList.remove("lit");
  if (!step) return;
  for (const id of step.findings) document.getElementById(id)?.classList.add("lit");
  for (const link of document.querySelectorAll(".matters th a")) {
    const name = decodeURIComponent(new URL(link.href).pathname.split("/").pop());
    if (step.matters.includes(name)) link.closest("tr").classList.add("lit");
  }
}

function told(step) {
  const head = element("p", "", element("b", "num", step.when), step.more ? `, the first ${step.told.length} of ${step.told.length + step.more} changes` : "");
  return [head, ...step.told.map((each) => {
    const change = each.name ? [`${each.name}: `, element("span", "was", each.before), " → ", element("b", "", each.after)] : [each.fact];
    const words = element(each.is_digest ? "span" : "q", "said", each.words ?? "");
    if (each.language) words.lang = each.language;
    return element("p", "", element("span", "by", `${each.about}, ${each.cause}. `), ...change, ...(each.words ? [". ", `${each.publisher}: `, words] : []));
  })];
}

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function button(words, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  made.addEventListener("click", act);
  return made;
}
