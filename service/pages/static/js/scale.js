// The axis of the timeline: instants to pixels and back, with at most one long stretch without marks left out.
import { short, ticks } from "./days.js";

const LEFT_OUT = 26; // pixels that a stretch left out keeps

export class Scale {
  constructor(from, until, left, lane, gap) {
    Object.assign(this, { from, until, left, lane, gap });
    const rest = until - from - (gap ? gap[1] - gap[0] : 0);
    this.each = (lane - (gap ? LEFT_OUT : 0)) / rest; // pixels a millisecond
  }

  x(time) {
    const { gap, from, left, each } = this;
    if (!gap || time <= gap[0]) return left + (time - from) * each;
    const begin = left + (gap[0] - from) * each;
    if (time < gap[1]) return begin + ((time - gap[0]) / (gap[1] - gap[0])) * LEFT_OUT;
    return begin + LEFT_OUT + (time - gap[1]) * each;
  }

  time(x) {
    const { gap, from, left, each } = this;
    const plain = from + (x - left) / each;
    if (!gap || plain <= gap[0]) return plain;
    const beyond = x - left - (gap[0] - from) * each - LEFT_OUT;
    return beyond < 0 ? gap[0] : gap[1] + beyond / each;
  }

  // Pairs of an instant and its words.
  marks() {
    const { gap, from, until, each } = this;
    if (!gap) return ticks(from, until, this.lane);
    const before = ticks(from, gap[0], (gap[0] - from) * each).filter(([time]) => (gap[0] - time) * each > 60);
    const after = ticks(gap[1], until, (until - gap[1]) * each);
    const last = after.at(-1)?.[0] ?? (gap[1] + until) / 2;
    return [...before, [last, short(last)]];
  }

  // Two dotted lines where a stretch is left out.
  tear(pen, paint, height) {
    if (!this.gap) return;
    const x = this.torn();
    pen.strokeStyle = paint["ink-2"];
    pen.lineWidth = 1;
    pen.setLineDash([1, 3]);
    pen.beginPath();
    for (const side of [-5, 5]) { pen.moveTo(x + side + 0.5, 1); pen.lineTo(x + side + 0.5, height - 1); }
    pen.stroke();
    pen.setLineDash([]);
  }

  // Marks that reach across are broken there too.
  tearMarks(pen, paint, middle) {
    if (!this.gap) return;
    pen.fillStyle = paint.paper;
    pen.fillRect(this.torn() - 4, middle - 12, 9, 24);
  }

  torn() { return Math.round(this.x((this.gap[0] + this.gap[1]) / 2)); }
}
