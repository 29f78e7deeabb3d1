// Pictures to take away: what is drawn as SVG that stands alone, and as PNG, which the browser makes of it.
const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "stroke-linejoin", "paint-order",
  "opacity", "font-family", "font-size", "font-weight", "text-anchor"];
const SCALE = 2;

// Under a drawing, the links that save it; `draw` answers the text of its SVG.
export function offerPictures(name, draw) {
  const line = document.createElement("p");
  line.className = "csv";
  line.append(saving("SVG", async () => save(`${name}.svg`, new Blob([await draw()], { type: "image/svg+xml" }))), " ",
    saving("PNG", async () => save(`${name}.png`, await png(await draw()))));
  return line;
}

// The SVG with the style of each part written into it.
export function standingAlone(svg) {
  const copy = svg.cloneNode(true);
  const { width, height } = svg.getBoundingClientRect();
  for (const [name, value] of [["xmlns", "http://www.w3.org/2000/svg"], ["width", width], ["height", height]]) copy.setAttribute(name, value);
  copy.querySelectorAll(".hit, .b-handle").forEach((each) => each.remove());
  const parts = [...svg.querySelectorAll("*")].filter((each) => !each.matches(".hit, .b-handle"));
  copy.querySelectorAll("*").forEach((each, index) => written(parts[index], each));
  const defs = document.querySelector("svg.defs defs");
  const shared = defs.cloneNode(false);
  for (const pattern of defs.querySelectorAll("pattern")) {
    const own = pattern.cloneNode(true);
    pattern.querySelectorAll("*").forEach((each, index) => written(each, own.children[index]));
    shared.append(own);
  }
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [key, value] of [["width", "100%"], ["height", "100%"], ["fill", getComputedStyle(document.body).backgroundColor]]) ground.setAttribute(key, value);
  copy.prepend(shared, ground);
  return new XMLSerializer().serializeToString(copy);
}

function written(from, to) {
  const style = getComputedStyle(from);
  for (const name of KEPT) to.setAttribute(name, style.getPropertyValue(name).replace(/url\("[^"#]*#/g, 'url("#'));
  to.removeAttribute("class");
}

async function png(text) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width * SCALE, height: image.height * SCALE });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

function saving(words, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: words });
  button.setAttribute("aria-label", `Save the drawing as ${words}`);
  button.addEventListener("click", act);
  return button;
}

function save(name, blob) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
