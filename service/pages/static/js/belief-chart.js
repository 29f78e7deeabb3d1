// <belief-chart>: each version of each fact, across when it happened, up when it became known.
import { step, turn } from "./clocks.js";
import { offerPictures, standingAlone } from "./pictures.js";
import { drawColumns } from "./belief-columns.js";
import { DAY, dayOf, short, ticks } from "./days.js";

const HEIGHT = 460;
const LOWER = 320;
const LEFT = 92;
const BELOW = 46;
const ABOVE = 26;
const LABELLED = 12; // more would be in each other's way

class BeliefChart extends HTMLElement {
  connectedCallback() {
    const block = this.querySelector("script");
    if (!this.chart) {
      if (!block) return;
      this.chart = JSON.parse(block.textContent);
      this.build();
    }
    this.sized = new ResizeObserver(() => this.draw());
    this.sized.observe(this);
  }

  disconnectedCallback() {
    this.sized?.disconnect();
  }

  build() {
    this.svg = node("svg", { class: "belief-svg", tabindex: 0, role: "application", "aria-roledescription": "belief chart",
      "aria-label": "Belief chart. Across: when it happened. Up: when it became known. Arrow keys move the clocks from change to change. The table says the same." });
    this.says = Object.assign(document.createElement("p"), { className: "chart-says quiet" });
    this.says.setAttribute("role", "status");
    this.append(this.svg, this.says, offerPictures("beliefs", () => standingAlone(this.svg)));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.drag && this.place(event));
    this.svg.addEventListener("pointerup", (event) => this.drop(event));
  }

  get clock() { return this.chart.by === "recorded" ? "recorded_until" : "reported_until"; }

  key(event) {
    const moves = { ArrowRight: ["at", 1], ArrowLeft: ["at", -1], ArrowUp: [this.clock, 1], ArrowDown: [this.clock, -1] };
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step(...moves[event.key]);
  }

  x(time) { return LEFT + ((time - this.from) / (this.until - this.from)) * this.wide; }
  y(time) { return ABOVE + (1 - (time - this.early) / (this.late - this.early)) * this.high; }

  draw() {
    const width = this.clientWidth;
    if (!width) return;
    if (this.chart.columns) {
      this.svg.setAttribute("viewBox", `0 0 ${width} ${LOWER}`);
      this.svg.replaceChildren();
      drawColumns(this.svg, this.chart, node, width, LOWER, (words) => { this.says.textContent = words; });
      return;
    }
    this.span();
    this.wide = width - LEFT - 10;
    this.high = HEIGHT - ABOVE - BELOW;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.svg.replaceChildren();
    this.frame(width);
    for (const belief of this.chart.beliefs) this.block(belief);
    for (const belief of this.chart.beliefs) for (const [time, event] of belief.notes) this.note(belief, this.y(time), event);
    this.letters();
    this.crosshair();
  }

  span() {
    const { beliefs, at, known } = this.chart;
    const across = beliefs.flatMap(({ lo, hi }) => [lo, hi]).filter((end) => end !== null);
    const moments = ({ since, until, notes }) => [since, until, ...notes.map(([time]) => time)];
    const up = beliefs.flatMap(moments).filter((end) => end !== null);
    // A clock far from all that is known would leave no room for it: then it stands at the edge.
    for (const [ends, clock] of [[across, at], [up, known]]) {
      const [from, until] = padded(ends.length ? ends : up, 0.25);
      if (clock !== null && from < clock && clock < until) ends.push(clock);
    }
    if (!across.length) across.push(...up);
    [this.from, this.until] = padded(across, 0.05);
    [this.early, this.late] = padded(up, 0.12);
  }

  frame(width) {
    const { svg } = this;
    const first = Math.max(this.from, this.early);
    const last = Math.min(this.until, this.late);
    const [right, floor] = [LEFT + this.wide, ABOVE + this.high];
    const isCrossed = first < last && this.chart.by === "reported";
    if (isCrossed) {
      svg.append(node("path", { class: "b-before", d: `M${this.x(first)} ${this.y(first)}L${this.x(last)} ${this.y(last)}H${right}V${floor}H${this.x(first)}Z` }));
    }
    svg.append(node("rect", { class: "b-frame", x: LEFT, y: ABOVE, width: this.wide, height: this.high }));
    for (const [time, words] of ticks(this.from, this.until, this.wide, 96)) {
      svg.append(node("line", { class: "grid", x1: this.x(time), x2: this.x(time), y1: ABOVE, y2: ABOVE + this.high }));
      svg.append(node("text", { class: "ax", x: this.x(time), y: ABOVE + this.high + 18, "text-anchor": "middle" }, words));
    }
    for (const [time, words] of ticks(this.early, this.late, this.high, 60)) {
      svg.append(node("line", { class: "grid", y1: this.y(time), y2: this.y(time), x1: LEFT, x2: LEFT + this.wide }));
      svg.append(node("text", { class: "ax", x: LEFT - 8, y: this.y(time) + 4, "text-anchor": "end" }, words));
    }
    if (isCrossed) {
      svg.append(node("line", { class: "b-diag", x1: this.x(first), y1: this.y(first), x2: this.x(last), y2: this.y(last) }));
      if (this.wide > 420) svg.append(node("text", { class: "ax halo", x: right - 8, y: floor - 10, "text-anchor": "end" }, "below the dashed line: reported before it happened, so planned at most"));
    }
    svg.append(node("text", { class: "ax", x: LEFT, y: 14 }, `↑ ${this.chart.by} on`));
    svg.append(node("text", { class: "ax", x: LEFT + this.wide, y: HEIGHT - 8, "text-anchor": "end" }, "happened on →"));
    svg.setAttribute("height", HEIGHT);
  }

  // Where a version lies across, 5 pixels wide at the least.
  sides({ lo, hi }) {
    const [a, b] = [this.x(lo ?? this.from), this.x(hi ?? this.until)];
    return b - a < 5 ? [(a + b) / 2 - 2.5, (a + b) / 2 + 2.5] : [a, b];
  }

  block(belief) {
    const group = node("g", {});
    const [a, b] = this.sides(belief);
    const base = this.y(belief.since);
    const lid = belief.until === null ? ABOVE : this.y(belief.until);
    const box = { x: a, y: lid, width: b - a, height: Math.max(1, base - lid) };
    if (belief.modality === "actual") {
      group.append(node("rect", { class: this.counts(belief) ? "b-body in" : "b-body", ...box }));
      if (belief.shape === "one-of") group.append(node("rect", { class: "b-gone", ...box }));
      for (const x of [a, b]) group.append(node("line", { class: "b-side", x1: x, x2: x, y1: lid, y2: base }));
      group.append(node("line", { class: "b-base", x1: a, x2: b, y1: base, y2: base }));
    } else {
      group.append(node("rect", { class: "b-plan", ...box, height: Math.max(6, box.height) }));
      if (belief.modality === "denied") group.append(node("path", { class: "m-x", d: `M${(a + b) / 2 - 5} ${base - 16}l10 14m0-14l-10 14` }));
    }
    if (belief.until !== null) this.close(group, belief, a, b, lid);
    group.append(node("rect", { class: "hit", ...box, height: Math.max(10, box.height) }));
    group.append(node("title", {}, `${belief.letter}: ${belief.says}, ${belief.when}`));
    group.addEventListener("pointerenter", () => { this.says.textContent = `${belief.letter}: ${belief.says}, ${belief.when}`; });
    this.svg.append(group);
  }

  close(group, belief, a, b, lid) {
    if (belief.ended === "retracted") {
      group.append(node("line", { class: "b-edge", x1: a, x2: b, y1: lid, y2: lid }));
      group.append(node("path", { class: "b-strike", d: `M${(a + b) / 2 - 9} ${lid + 5}l18 -10` }));
      return;
    }
    group.append(node("line", { class: "b-edge", x1: a, x2: b, y1: lid, y2: lid, "stroke-dasharray": "4 3" }));
    const next = this.chart.beliefs.find((other) => other.fact === belief.fact && other.since === belief.until);
    if (!next || next.lo === null) return;
    const goal = this.x(next.lo);
    if (Math.abs(goal - b) > 4) group.append(node("path", { class: "b-edge", "stroke-dasharray": "4 3", d: `M${goal > b ? b : a} ${lid}H${goal}` }));
  }

  // A corroboration or a dispute, over all that was drawn before.
  note(belief, y, event) {
    const [a, b] = this.sides(belief);
    const x = (a + b) / 2;
    this.svg.append(node("circle", { class: "m-hollow", cx: x, cy: y, r: 8 }));
    const path = event === "FactDisputed" ? `M${x - 4} ${y - 2}h8M${x - 4} ${y + 2}h8M${x + 3} ${y - 5}l-6 10` : `M${x - 4} ${y}h8M${x} ${y - 4}v8`;
    this.svg.append(node("path", { class: "b-edge", d: path }));
  }

  // The letters of blocks, those that begin in one place together, and in a word or two what these are.
  letters() {
    const groups = [];
    for (const belief of this.chart.beliefs) {
      const [a, b] = this.sides(belief);
      const y = this.y(belief.since);
      const group = groups.find((each) => Math.abs(each.a - a) < 13 && Math.abs(each.y - y) < 14);
      if (group) group.of.push(belief);
      else groups.push({ a, b, y, of: [belief] });
    }
    const blocks = groups.flatMap((group) => group.of.map(({ until }) => [group.a, until === null ? ABOVE : this.y(until), group.b, group.y]));
    const taken = groups.map((group) => (group.letter = this.letter(group, blocks)));
    if (groups.length > LABELLED || this.wide <= 420) return;
    const others = [...taken, ...blocks];
    for (const group of groups) this.label(group, others, taken);
  }

  // To the left of where a block begins; to the right where another block is in the way.
  letter({ a, b, y, of }, blocks) {
    const text = this.svg.appendChild(node("text", { class: "letter halo", y: y - 4 }, lettersOf(of)));
    const wide = text.getComputedTextLength();
    const box = (left) => [left, y - 15, left + wide, y - 1];
    const left = Math.max(a - 5 - wide, LEFT + 2);
    const place = meets(box(left), blocks) && b + 5 + wide < LEFT + this.wide && !meets(box(b + 5), blocks) ? b + 5 : left;
    text.setAttribute("x", place);
    return box(place);
  }

  // Beside its beginning where that is free, or in the block; else below it and with the letter: no two in one place.
  label({ a, b, y, of, letter }, others, taken) {
    const kinds = [...new Set(of.map(({ label }) => label))];
    const text = this.svg.appendChild(node("text", { class: "ax halo" }, kinds.length > 2 ? `${of.length} facts` : kinds.join(", ")));
    const box = (left, line) => [left - 3, line - 11, left + text.getComputedTextLength() + 3, line + 3];
    const isFree = (left, line) => box(left, line)[2] <= LEFT + this.wide && !meets(box(left, line), others);
    let [left, line] = [b + 6, y + 4];
    const isWithin = b - a > text.getComputedTextLength() + 12 && !meets(box(a + 6, y - 6), taken);
    const after = letter[2] + 8;
    if (!isFree(left, line) && isWithin) [left, line] = [a + 6, y - 6];
    else if (!isFree(left, line) && letter[0] > b && isFree(after, y - 4)) [left, line] = [after, y - 4];
    else if (!isFree(left, line)) {
      text.textContent = `${lettersOf(of)}: ${text.textContent}`;
      [left, line] = [Math.min(a, LEFT + this.wide - text.getComputedTextLength() - 4), y + 15];
      while (meets(box(left, line), taken)) line += 14;
    }
    if (line > ABOVE + this.high - 4) return text.remove();
    taken.push(box(left, line));
    others.push(box(left, line));
    text.setAttribute("x", left);
    return text.setAttribute("y", line);
  }

  // Whether a version makes up the state at the clocks: it stood then, and had happened by then.
  counts({ lo, hi, since, until }) {
    const { at, known } = this.chart;
    const stood = known === null ? until === null : since <= known && (until === null || until > known);
    return stood && (at === null || (hi !== null && hi <= at) || (lo !== null && lo < at && hi === null));
  }

  crosshair() {
    const { at, known, at_says: day, known_says: report } = this.chart;
    const within = (from, place, until) => Math.max(from, Math.min(place, until));
    const x = at === null ? LEFT + this.wide : within(LEFT, this.x(at), LEFT + this.wide);
    const y = known === null ? ABOVE : within(ABOVE, this.y(known), ABOVE + this.high);
    this.svg.append(
      node("line", { class: "cursor", x1: x, x2: x, y1: ABOVE, y2: ABOVE + this.high }),
      node("line", { class: "cursor", x1: LEFT, x2: LEFT + this.wide, y1: y, y2: y }),
      node("circle", { class: "b-handle", cx: x, cy: y, r: 7 }),
    );
    const words = [day, report].filter(Boolean).join(", ");
    const isLeft = x < LEFT + 120;
    this.svg.append(node("text", { class: "cur halo", x: isLeft ? x + 12 : x - 12, y: Math.min(y + 18, ABOVE + this.high - 6), "text-anchor": isLeft ? "start" : "end" }, words));
  }

  press(event) {
    if (!event.target.classList.contains("b-handle")) return;
    this.drag = true;
    this.svg.setPointerCapture(event.pointerId);
  }

  // The clocks under the pointer; at the right edge and at the top there is no limit.
  under(event) {
    const box = this.svg.getBoundingClientRect();
    const across = (event.clientX - box.left - LEFT) / this.wide;
    const up = 1 - (event.clientY - box.top - ABOVE) / this.high;
    const at = across >= 0.995 ? null : Math.floor((this.from + Math.max(0, across) * (this.until - this.from)) / DAY) * DAY;
    const known = up >= 0.995 ? null : Math.floor((this.early + Math.max(0, up) * (this.late - this.early)) / DAY) * DAY;
    return { at, known };
  }

  place(event) {
    const { at, known } = this.under(event);
    Object.assign(this.chart, { at: at === null ? null : at + DAY, at_says: at === null ? "today" : short(at) });
    Object.assign(this.chart, { known: known === null ? null : known + DAY, known_says: known === null ? "" : short(known) });
    cancelAnimationFrame(this.waits);
    this.waits = requestAnimationFrame(() => this.draw());
  }

  drop(event) {
    if (!this.drag) return;
    this.drag = false;
    const { at, known } = this.under(event);
    turn("at", at === null ? "" : dayOf(at));
    turn(this.clock, known === null ? "" : dayOf(known));
  }
}

function lettersOf(beliefs) {
  const names = [...new Set(beliefs.map(({ letter }) => letter))];
  return names.length > 2 ? `${names[0]}–${names.at(-1)}` : names.join(" ");
}

function meets(box, others) {
  return others.some(([left, top, right, foot]) => left < box[2] && box[0] < right && top < box[3] && box[1] < foot);
}

function padded(ends, share) {
  const [from, until] = [Math.min(...ends), Math.max(...ends)];
  const pad = Math.max(DAY, (until - from) * share);
  return [from - pad, until + pad];
}

function node(name, attributes, words) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (words !== undefined) made.textContent = words;
  return made;
}

customElements.define("belief-chart", BeliefChart);
