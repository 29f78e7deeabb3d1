// The grammar of marks on the timeline: texture for uncertainty, shape for what a source says of it, never a hue.

// From when to when an item lies, open ends drawn to the edge of what is shown.
export function reach([, lo, hi, shape], from, until) {
  const length = until - from;
  const reachBack = shape === "lasting" ? length : length / 8;
  if (lo === null && hi === null) return [from, until];
  if (lo === null) return [Math.min(from, hi - reachBack), hi];
  if (hi === null) return [lo, Math.max(until, lo + reachBack)];
  return [lo, hi];
}

export function drawMark(pen, paint, item, a, b, middle, isChosen) {
  const [, lo, hi, shape, modality, retracted] = item;
  const x = (a + b) / 2;
  pen.lineWidth = 1.5;
  pen.strokeStyle = pen.fillStyle = paint.ink;
  if (isChosen) {
    pen.fillStyle = paint.accent;
    pen.globalAlpha = 0.2;
    pen.fillRect(a - 7, middle - 14, b - a + 14, 28);
    pen.globalAlpha = 1;
    pen.fillStyle = paint.ink;
  }
  if (modality === "denied") cross(pen, x, middle);
  else if (modality !== "actual") outline(pen, paint, a, b, middle, modality, shape);
  else if (retracted) ghost(pen, paint, x, middle);
  else if (shape === "day" || b - a < 3) pen.fillRect(x - 1.5, middle - 7, 3, 17);
  else if (shape === "lasting") bar(pen, paint, a, b, middle, lo, hi);
  else bracket(pen, paint, a, b, middle, lo, hi);
}

// Days that something was promised for.
export function drawPromise(pen, paint, a, b, y) {
  pen.lineWidth = 1.5;
  pen.strokeStyle = paint.ink;
  outline(pen, paint, a, b, y, "planned", "one-of");
}

// Where time ended what had been promised: a hollow diamond; its middle.
export function drawLapse(pen, paint, end, y) {
  const x = end + 6;
  pen.lineWidth = 1.5;
  pen.strokeStyle = paint.ink;
  pen.fillStyle = paint.paper;
  pen.beginPath();
  for (const [dx, dy] of [[0, -6], [6, 0], [0, 6], [-6, 0]]) pen.lineTo(x + dx, y + dy);
  pen.closePath();
  pen.fill();
  pen.stroke();
  return x;
}

function cross(pen, x, y) {
  pen.lineWidth = 2.5;
  pen.beginPath();
  pen.moveTo(x - 5, y - 7);
  pen.lineTo(x + 5, y + 7);
  pen.moveTo(x + 5, y - 7);
  pen.lineTo(x - 5, y + 7);
  pen.stroke();
}

function ghost(pen, paint, x, y) {
  pen.fillStyle = paint["rule-2"];
  pen.fillRect(x - 1.5, y - 9, 3, 18);
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x - 6, y + 4);
  pen.lineTo(x + 6, y - 4);
  pen.stroke();
}

function outline(pen, paint, a, b, y, modality, shape) {
  pen.setLineDash(modality === "planned" ? [3, 2] : [1, 2.5]);
  const wide = shape === "day" || b - a < 5;
  const [from, width] = wide ? [(a + b) / 2 - 2.5, 5] : [a, b - a];
  pen.fillStyle = paint.paper;
  pen.fillRect(from, y - 8, width, 16);
  if (shape === "one-of" && !wide) {
    pen.globalAlpha = 0.45;
    pen.fillStyle = paint.hatch;
    pen.fillRect(from, y - 8, width, 16);
    pen.globalAlpha = 1;
  }
  pen.strokeRect(from, y - 8, width, 16);
  pen.setLineDash([]);
}

function fading(pen, colour, a, b, lo, hi) {
  const blend = pen.createLinearGradient(a, 0, b, 0);
  const clear = colour.replace("rgb(", "rgba(").replace(")", ", 0)");
  blend.addColorStop(0, lo === null ? clear : colour);
  blend.addColorStop(1, hi === null ? clear : colour);
  return blend;
}

function bar(pen, paint, a, b, y, lo, hi) {
  pen.fillStyle = lo === null || hi === null ? fading(pen, paint.ink, a, b, lo, hi) : paint.ink;
  pen.fillRect(a, y - 4, Math.max(3, b - a), 8);
}

function bracket(pen, paint, a, b, y, lo, hi) {
  pen.fillStyle = paint.hatch;
  pen.globalAlpha = lo === null || hi === null ? 0.5 : 1;
  pen.fillRect(a, y - 6, b - a, 12);
  pen.globalAlpha = 1;
  pen.beginPath();
  for (const [end, x, side] of [[lo, a, 1], [hi, b, -1]]) {
    if (end === null) continue;
    pen.moveTo(x + 4 * side, y - 8);
    pen.lineTo(x, y - 8);
    pen.lineTo(x, y + 8);
    pen.lineTo(x + 4 * side, y + 8);
  }
  pen.stroke();
  pen.fillStyle = paint.paper;
  pen.beginPath();
  pen.arc(lo === null ? b - 8 : hi === null ? a + 8 : (a + b) / 2, y, 4.5, 0, 7);
  pen.fill();
  pen.stroke();
}
