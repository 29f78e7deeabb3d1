// How the timeline is drawn: ground, axis, rows, marks and labels, only what is in sight.
import { colours, hatch } from "./colours.js";
import { drawLapse, drawMark, drawPromise, reach } from "./marks.js";
import { Scale } from "./scale.js";

const ROW = 44;
export const AXIS = 30;
const TALLEST = 780;
const TALLEST_ON_PAPER = 16000; // all rows, but for what no canvas can hold
const onPaper = () => "printing" in document.documentElement.dataset || matchMedia("print").matches;

// An element with `frame`, `canvas`, `data`, `rows`, `from`, `until`, `gap`, `at`, `top` and `chosen` that can draw itself.
export class Drawing extends HTMLElement {
  x(time) { return this.scale.x(time); }
  time(x) { return this.scale.time(x); }

  draw() {
    if (!this.data || !this.isConnected) return;
    const width = this.frame.clientWidth;
    if (!width) return;
    const pen = this.prepare(width);
    pen.fillStyle = this.paint.paper;
    pen.fillRect(0, 0, width, this.height);
    const marks = this.scale.marks();
    this.drawGround(pen, width, marks);
    pen.drawImage(this.drawnRows(width), 0, 0, width, this.height);
    this.drawAxis(pen, width, marks);
  }

  // The rows on a canvas of their own, drawn anew only when more than the clock has moved.
  drawnRows(width) {
    const { from, until, gap, top, chosen, data, paint, height } = this;
    const seen = [from, until, gap, top, chosen, data, paint, width, height, devicePixelRatio];
    if (this.seen?.every((each, place) => each === seen[place])) return this.layer;
    this.seen = seen;
    this.layer ??= document.createElement("canvas");
    this.layer.width = this.canvas.width;
    this.layer.height = this.canvas.height;
    const pen = this.layer.getContext("2d");
    pen.setTransform(this.canvas.getContext("2d").getTransform());
    pen.beginPath();
    pen.rect(0, AXIS, width, height - AXIS);
    pen.clip();
    const last = Math.min(this.rows.length, Math.ceil((top + height) / this.row));
    for (let row = Math.floor(top / this.row); row < last; row += 1) this.drawRow(pen, row, AXIS + row * this.row - top, width);
    return this.layer;
  }

  prepare(width) {
    const scale = devicePixelRatio || 1;
    this.narrow = width < 720;
    this.left = this.narrow ? 8 : Math.min(280, width * 0.26);
    this.lane = width - this.left - 12;
    this.scale = new Scale(this.from, this.until, this.left, this.lane, this.gap);
    this.row = this.narrow ? 54 : ROW;
    this.height = Math.min(onPaper() ? TALLEST_ON_PAPER : TALLEST, AXIS + Math.max(1, this.rows.length) * this.row + 2);
    if (this.canvas.width !== Math.round(width * scale) || this.canvas.height !== Math.round(this.height * scale)) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(this.height * scale);
    }
    // What does not fit is scrolled to: the drawing stays in sight while what stands below it makes room.
    this.below.style.height = `${AXIS + this.rows.length * this.row + 2 - this.height}px`;
    const pen = this.canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    if (!this.paint) {
      this.paint = colours(this);
      this.paint.hatch = hatch(pen, this.paint.ink);
      this.paint.font = getComputedStyle(document.body).fontFamily;
    }
    return pen;
  }

  drawGround(pen, width, marks) {
    const { paint, height } = this;
    if (this.at !== null) {
      const x = Math.max(this.left, this.x(this.at));
      pen.fillStyle = paint["paper-2"];
      if (x < width) pen.fillRect(x, AXIS, width - x, height - AXIS);
    }
    this.scale.tear(pen, paint, height);
    pen.strokeStyle = paint.rule;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const [time] of marks) {
      const x = Math.round(this.x(time)) + 0.5;
      pen.moveTo(x, AXIS);
      pen.lineTo(x, height);
    }
    pen.stroke();
  }

  drawAxis(pen, width, marks) {
    const { paint } = this;
    pen.font = `12px ${paint.font}`;
    pen.textAlign = "left";
    pen.fillStyle = paint["ink-2"];
    for (const [time, words] of marks) pen.fillText(words, Math.min(this.x(time) + 3, width - pen.measureText(words).width - 4), 19);
    pen.strokeStyle = paint["rule-2"];
    pen.beginPath();
    pen.moveTo(0, AXIS - 0.5);
    pen.lineTo(width, AXIS - 0.5);
    pen.stroke();
    if (this.at === null) return;
    const x = this.x(this.at);
    if (x < this.left || x > width) return;
    pen.strokeStyle = pen.fillStyle = paint.accent;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(x, 24);
    pen.lineTo(x, this.height);
    pen.stroke();
    pen.font = `700 12px ${paint.font}`;
    const words = `by ${this.atSays}`;
    const wide = pen.measureText(words).width;
    const place = Math.max(0, Math.min(x - wide / 2, width - wide));
    pen.fillStyle = paint.paper;
    pen.fillRect(place - 3, 6, wide + 6, 17);
    pen.fillStyle = paint.accent;
    pen.fillText(words, place, 19);
  }

  drawRow(pen, row, y, width) {
    const { paint } = this;
    const items = this.rows[row];
    const middle = y + (this.narrow ? 37 : this.row / 2 - 3);
    pen.strokeStyle = paint.rule;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(0, Math.round(y + this.row) - 0.5);
    pen.lineTo(width, Math.round(y + this.row) - 0.5);
    pen.stroke();
    pen.save();
    pen.beginPath();
    pen.rect(this.left, y, width - this.left, this.row);
    pen.clip();
    this.drawItems(pen, items, middle, this.data.groups[row]);
    pen.restore();
    this.drawName(pen, this.data.groups[row], y, width);
  }

  // The name of a row, its state below or, where there is little room, behind it.
  drawName(pen, { title, state }, y, width) {
    const { paint, narrow, left } = this;
    pen.textAlign = "left";
    pen.font = `12px ${paint.font}`;
    const wide = state && narrow ? Math.min(pen.measureText(state).width, width * 0.45) : 0;
    const words = state && clipped(pen, state, narrow ? wide : left - 16);
    pen.fillStyle = paint["ink-2"];
    if (state) pen.fillText(words, narrow ? width - wide - 6 : 4, narrow ? y + 17 : y + 34);
    pen.font = `600 13px ${paint.font}`;
    pen.fillStyle = paint.ink;
    pen.fillText(clipped(pen, title, (narrow ? width - wide : left) - 16), 4, narrow || state ? y + 18 : y + this.row / 2 + 4);
  }

  drawItems(pen, items, middle, group) {
    this.counts = [];
    const spans = this.drawAwaited(pen, group, middle);
    let lastX = -Infinity;
    let same = 0;
    for (const item of items) {
      const [from, until] = reach(item, this.from, this.until);
      const [a, b] = [this.x(from), this.x(until)];
      if (b < this.left - 20 || a > this.left + this.lane + 20) continue;
      const isTick = item[3] === "day" || b - a < 3;
      const x = (a + b) / 2;
      if (isTick && Math.abs(x - lastX) < 2.5 && item !== this.chosen) {
        same += 1;
        if (item[9] > spans.at(-1)[2][9]) spans.at(-1)[2] = item;
        continue;
      }
      if (same > 0) this.count(pen, lastX, middle, same + 1);
      same = 0;
      drawMark(pen, this.paint, item, a, b, middle, item === this.chosen);
      if (isTick) lastX = x;
      // A denial is drawn as a cross, however long the time that it is of.
      spans.push(isTick ? [x - 6, x + 3, item] : item[4] === "denied" ? [x - 6, x + 6, item] : [a, b, item]);
    }
    if (same > 0) this.count(pen, lastX, middle, same + 1);
    this.scale.tearMarks(pen, this.paint, middle);
    if (spans.length > 60) return;
    const said = this.labels(pen, spans, middle);
    if (!this.narrow) this.steps(pen, spans.filter(([,, item]) => !said.has(item)), middle, group.steps ?? []);
  }

  // What a status waits for, dashed; and where time went by it a diamond, which has the status for a label.
  drawAwaited(pen, { promised, passed, state }, middle) {
    if (!promised) return [];
    const [lo, hi] = promised;
    const [a, b] = [this.x(lo ?? this.from), this.x(hi ?? this.until)];
    drawPromise(pen, this.paint, a, b, middle);
    if (!passed || hi === null) return [[a, b, { 6: "", 9: -3 }]];
    const x = drawLapse(pen, this.paint, b, middle);
    return [[a, b, { 6: "", 9: -3 }], [x - 7, x + 7, { 6: state, 9: Infinity }]];
  }

  // A label behind a mark where no other mark or label is in its way, first that of what reached furthest.
  labels(pen, spans, middle) {
    const taken = [];
    const said = new Set();
    const order = spans.slice().sort((one, other) => other[2][9] - one[2][9] || other[1] - one[1]);
    for (const [, end, item] of order) {
      if (!item[6]) continue;
      const x = end + 7;
      const marks = spans.filter(([a, b]) => b > end && (a > end || b > x)).map(([a]) => a);
      const room = Math.min(this.left + this.lane, ...marks, ...taken.map(([a]) => a).filter((a) => a >= x)) - x - 8;
      if (room < 60 || (room < 130 && room < widthOf(pen, this.paint, item[6])) || taken.some(([a, b]) => a <= x && x < b)) continue;
      taken.push([x, x + this.label(pen, item[6], x, middle, room)]);
      said.add(item);
    }
    return said;
  }

  // At a mark the step that its subject took there first, where the sentence has no room: the furthest step first.
  steps(pen, spans, middle, steps) {
    pen.font = `11px ${this.paint.font}`;
    const first = [];
    for (const [a, b, item] of spans.toSorted((one, other) => one[0] - other[0])) {
      if (item[9] in steps && item[9] > (first.at(-1)?.rank ?? -1)) first.push({ rank: item[9], x: (a + b) / 2 });
    }
    const lanes = [[21, []], [-10, this.counts.map((x) => [x - 4, x + 4])]]; // below, above
    for (const { rank, x } of first.reverse()) {
      const wide = pen.measureText(steps[rank]).width;
      const [a, b] = [x - wide / 2, x + wide / 2];
      const free = lanes.find(([, taken]) => a >= this.left && !taken.some(([from, until]) => a < until + 8 && from < b + 8));
      if (!free) continue;
      this.write(pen, steps[rank], a, middle + free[0]);
      free[1].push([a, b]);
    }
  }

  count(pen, x, middle, many) {
    if (x - this.counts.at(-1) < 12) return;
    this.counts.push(x);
    pen.font = `700 10px ${this.paint.font}`;
    pen.textAlign = "center";
    pen.fillStyle = this.paint.ink;
    pen.fillText(String(many), x, middle - 8);
    pen.textAlign = "left";
  }

  label(pen, words, x, middle, room) {
    pen.font = `12px ${this.paint.font}`;
    this.write(pen, clipped(pen, words, room), x, middle + 4);
    return Math.min(room, widths.get(pen.font + words)) + 12;
  }

  // Words in the drawing, on a rim of ground that keeps the lines of the axis away from them.
  write(pen, words, x, y) {
    pen.strokeStyle = this.paint.paper;
    pen.lineWidth = 4;
    pen.strokeText(words, x, y);
    pen.fillStyle = this.paint["ink-2"];
    pen.fillText(words, x, y);
  }
}

const widths = new Map();

function widthOf(pen, paint, words) {
  pen.font = `12px ${paint.font}`;
  return pen.measureText(words).width;
}

function clipped(pen, words, room) {
  if (widths.size > 20000) widths.clear();
  const key = pen.font + words;
  if (!widths.has(key)) widths.set(key, pen.measureText(words).width);
  const width = widths.get(key);
  if (width <= room) return words;
  return `${words.slice(0, Math.max(1, Math.floor((words.length * room) / width) - 2)).trimEnd()}…`;
}
