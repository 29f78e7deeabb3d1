// The sliders of the clocks: one notch for each moment of change, one more behind them for now.
import { dayOf, inWords } from "./days.js";
import { player } from "./player.js";
import { announce, halt, travel } from "./travel.js";

const NAMES = ["at", "reported_until", "recorded_until"];
const clocks = new Map();
let form = null;
let waiting = 0;

export async function showClocks(given) {
  form = given;
  if (!form || !document.body.dataset.position) return;
  const zone = document.getElementById("zone").value;
  const { subject } = document.body.dataset;
  const answer = await fetch(`/moments.json?${new URLSearchParams({ ...(zone && { zone }), ...(subject && { subject }) })}`);
  if (!answer.ok) return;
  const moments = await answer.json();
  for (const name of NAMES) if (moments[name].length > 0) clocks.set(name, slider(name, moments[name]));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  document.addEventListener("travelled", () => clocks.forEach((clock) => clock.read()));
  form.querySelector(".acts").prepend(player(clocks, go));
}

// Move a clock to the next (1) or the previous (-1) moment of change.
export function step(name, by) {
  clocks.get(name)?.move(by);
}

// Set a clock to a reading.
export function turn(name, reading) {
  if (!clocks.has(name)) return;
  document.getElementById(name).value = inWords(reading);
  clocks.get(name).read();
  go();
}

// The address of this page at what the clocks' fields say.
function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) query.set(name, value.trim());
  for (const name of NAMES) {
    const exact = clocks.get(name)?.exact(query.get(name));
    if (exact) query.set(name, exact);
  }
  const text = query.toString();
  return location.pathname + (text ? `?${text}` : "");
}

export function go(options) {
  return travel(address(), options);
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(go, 90);
}

// The end of the day, or the instant, that a reading names; infinity where there is no limit.
function instant(text) {
  if (!text || !text.trim()) return Infinity;
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59.999Z` : /T/.test(text) ? text : `${text} 23:59:59.999Z`);
  return Number.isNaN(time) ? Infinity : time;
}

function slider(name, moments) {
  const field = document.getElementById(name);
  const label = form.querySelector(`label[for="${name}"]`).textContent;
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: moments.length, step: 1 });
  range.setAttribute("aria-label", `${label}: step through ${moments.length} ${moments.length === 1 ? "moment" : "moments"} of change`);
  const bars = spark(moments);
  const note = Object.assign(document.createElement("p"), { className: "note" });
  const show = () => {
    const place = Number(range.value);
    range.setAttribute("aria-valuetext", field.value || field.placeholder);
    bars.forEach((bar, index) => bar.setAttribute("class", index <= place ? "past" : ""));
    const shown = moments[Math.min(place, moments.length - 1)].value.slice(0, 10);
    note.textContent = `${place >= moments.length ? "last change" : "change of"} ${inWords(shown)}`;
  };
  const day = Object.assign(document.createElement("input"), { type: "date", className: "day" });
  day.setAttribute("aria-label", `${label}: choose a day`);
  day.addEventListener("change", () => {
    if (!day.value) return;
    field.value = inWords(day.value);
    read();
    go();
  });
  const read = () => {
    const reading = instant(field.value);
    day.value = reading === Infinity ? "" : dayOf(reading);
    const past = moments.filter((moment) => instant(moment.value) <= reading).length;
    range.value = reading === Infinity ? moments.length : Math.max(0, past - 1);
    show();
  };
  const write = () => {
    halt(); // its answer would put this clock back
    const moment = moments[Number(range.value)];
    field.value = moment ? inWords(moment.value) : "";
    if (name === "recorded_until") document.getElementById("position").value = "";
    show();
    document.dispatchEvent(new CustomEvent("clock", { detail: { name, until: moment ? instant(moment.value) + 1 : null, says: field.value } }));
  };
  const move = (by) => {
    const before = range.value;
    range.value = Number(range.value) + by;
    if (range.value === before) return false;
    write();
    soon();
    return true;
  };
  range.addEventListener("input", write);
  range.addEventListener("change", soon);
  const track = document.createElement("div");
  track.className = "track";
  track.append(arrow("prev", `${label}: previous change`, () => move(-1)), stacked(bars, range), arrow("next", `${label}: next change`, () => move(1)));
  field.after(day);
  field.closest(".clock").append(track, note);
  read();
  return { move, read, write, range, reading: () => (field.value.trim() && day.value) || "", moments, exact: (text) => moments.find((each) => inWords(each.value) === text)?.value };
}

function stacked(bars, range) {
  const both = document.createElement("div");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "spark");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(...bars);
  both.append(drawing, range);
  return both;
}

// One bar a moment; its height is how many facts changed then.
function spark(moments) {
  const most = Math.max(...moments.map((moment) => moment.changes));
  return moments.map((moment, index) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const height = 4 + 18 * (moment.changes / most);
    const wide = Math.max(1, Math.min(4, 160 / moments.length));
    const place = { x: `${(100 * index) / moments.length}%`, y: 22 - height, width: wide, height };
    for (const [key, value] of Object.entries(place)) bar.setAttribute(key, value);
    return bar;
  });
}

function arrow(icon, label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", label);
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "i");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${icon}`);
  drawing.append(use);
  button.append(drawing);
  button.addEventListener("click", () => {
    if (!act()) announce("There is no further change on this side.");
  });
  return button;
}
