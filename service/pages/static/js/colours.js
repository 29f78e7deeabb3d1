// The style sheet's colours as a canvas can use them; asked again when the theme changes.
const names = ["ink", "ink-2", "paper", "paper-2", "rule", "rule-2", "accent"];

export function colours(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const found = {};
  for (const name of names) {
    probe.className = `probe-${name}`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

export function hatch(context, colour, gap = 5) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = gap * 2;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.1;
  for (const shift of [-gap, 0, gap, 2 * gap]) {
    pen.moveTo(shift - gap, 2 * gap + gap);
    pen.lineTo(shift + 2 * gap, -0);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}
