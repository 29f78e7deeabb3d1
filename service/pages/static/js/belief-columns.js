// The belief chart of many facts: a column for each status or sort of finding, up along when it became known.
import { DAY, ticks } from "./days.js";

const LEFT = 92;
const ABOVE = 26;
const BELOW = 30;

// Draws the columns into the chart's SVG, `width` by `height` pixels; returns nothing.
export function drawColumns(svg, chart, node, width, height, tell) {
  const ends = chart.columns.flatMap(({ known, until }) => [...known, until]).filter((end) => end !== null);
  if (chart.known !== null) ends.push(chart.known);
  const pad = Math.max(DAY, (Math.max(...ends) - Math.min(...ends)) * 0.08);
  const [early, late] = [Math.min(...ends) - pad, Math.max(...ends) + pad];
  const [wide, high] = [width - LEFT - 10, height - ABOVE - BELOW];
  const y = (time) => ABOVE + (1 - (time - early) / (late - early)) * high;
  svg.append(node("rect", { class: "b-frame", x: LEFT, y: ABOVE, width: wide, height: high }));
  for (const [time, words] of ticks(early, late, high, 60)) {
    svg.append(node("line", { class: "grid", y1: y(time), y2: y(time), x1: LEFT, x2: LEFT + wide }));
    svg.append(node("text", { class: "ax", x: LEFT - 8, y: y(time) + 4, "text-anchor": "end" }, words));
  }
  svg.append(node("text", { class: "ax", x: LEFT, y: 14 }, `↑ ${chart.by} on`));
  const room = wide / chart.columns.length;
  chart.columns.forEach((column, place) => {
    const x = LEFT + room * (place + 0.5);
    const body = Math.min(44, room * 0.7);
    const top = column.until === null ? ABOVE : y(column.until);
    const group = node("g", {});
    group.append(node("rect", { class: column.until === null ? "b-body in" : "b-body", x: x - body / 2, y: top, width: body, height: Math.max(1, y(column.since) - top) }));
    for (const time of column.known) group.append(node("line", { class: "b-side", x1: x - body / 2, x2: x + body / 2, y1: y(time), y2: y(time) }));
    group.append(node("line", { class: "b-base", x1: x - body / 2, x2: x + body / 2, y1: y(column.since), y2: y(column.since) }));
    group.append(node("rect", { class: "hit", x: x - room / 2, y: ABOVE, width: room, height: high }));
    group.append(node("text", { class: "letter", x, y: height - 8, "text-anchor": "middle" }, column.letter));
    group.append(node("title", {}, column.words));
    group.addEventListener("pointerenter", () => tell(column.words));
    svg.append(group);
  });
  if (chart.known !== null) svg.append(node("line", { class: "cursor", x1: LEFT, x2: LEFT + wide, y1: y(chart.known), y2: y(chart.known) }));
  svg.setAttribute("height", height);
}
