// <chronology-timeline data-src>: facts across the days, a row for each subject, drawn on a canvas.
import { DAY } from "./days.js";
import { AXIS, Drawing } from "./drawing.js";
import { reach } from "./marks.js";
import { offerPictures } from "./pictures.js";

class Timeline extends Drawing {
  static observedAttributes = ["data-src"];

  connectedCallback() {
    if (!this.canvas) this.build();
    this.sized = new ResizeObserver(() => this.draw());
    this.sized.observe(this.frame);
    this.onTheme = () => { this.paint = null; this.draw(); };
    this.onClock = ({ detail }) => {
      if (detail.name !== "at") return;
      [this.at, this.atSays] = [detail.until, detail.says];
      this.draw();
    };
    document.addEventListener("theme", this.onTheme);
    document.addEventListener("clock", this.onClock);
    if (!this.data) this.load();
  }

  disconnectedCallback() {
    this.sized.disconnect();
    document.removeEventListener("theme", this.onTheme);
    document.removeEventListener("clock", this.onClock);
  }

  attributeChangedCallback(_, before, after) {
    if (before !== null && before !== after && this.canvas) this.load();
  }

  async load() {
    const source = this.getAttribute("data-src");
    if (!source) return;
    const answer = await fetch(source);
    if (answer.ok && source === this.getAttribute("data-src")) this.show(await answer.json());
  }

  // Takes what /chronology.json answers, and draws it.
  show(data) {
    const first = !this.data;
    this.data = data;
    this.at = data.at;
    this.atSays = data.at_says;
    this.rows = data.groups.map(() => []);
    for (const item of data.items) this.rows[item[0]].push(item);
    this.top = 0;
    this.chosen = null;
    this.frame.style.minHeight = "";
    if (first) this.fit(data.axis);
    this.draw();
  }

  build() {
    this.frame = document.createElement("div");
    this.frame.className = "chart";
    this.frame.tabIndex = 0;
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute("aria-roledescription", "timeline");
    this.frame.setAttribute("aria-label", "Timeline. Arrow keys go from fact to fact and from row to row, plus and minus zoom, Enter opens a fact. The list says the same.");
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.below = document.createElement("div");
    this.frame.append(this.canvas, this.below);
    this.frame.addEventListener("scroll", () => {
      if (this.top === this.frame.scrollTop) return;
      this.top = this.frame.scrollTop;
      this.draw();
    });
    this.says = Object.assign(document.createElement("p"), { className: "chart-says" });
    this.says.setAttribute("role", "status");
    const acts = Object.assign(document.createElement("div"), { className: "chart-acts" });
    for (const [words, act] of [["Zoom in", () => this.zoom(0.6)], ["Zoom out", () => this.zoom(1 / 0.6)], ["Show all", () => this.all()]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
      button.addEventListener("click", act);
      acts.append(button);
    }
    const drawn = () => this.getAttribute("data-src").replace("/chronology.json", "/chronology.svg");
    acts.append(offerPictures("timeline", async () => (await fetch(drawn())).text()), this.says);
    const room = this.offsetHeight; // what stands below does not move while the facts are fetched
    this.replaceChildren(this.frame, acts);
    this.frame.style.minHeight = `${Math.max(0, room - acts.offsetHeight - 16)}px`;
    this.frame.addEventListener("keydown", (event) => this.key(event));
    this.listenToPointer();
  }

  listenToPointer() {
    const { frame } = this;
    frame.addEventListener("pointerdown", (event) => {
      this.drag = { x: event.clientX, y: event.clientY, from: this.from, until: this.until, top: this.top, moved: false };
      if (event.pointerType === "mouse") frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", (event) => (this.drag ? this.pan(event) : this.point(event)));
    for (const name of ["pointerup", "pointercancel"]) {
      frame.addEventListener(name, (event) => {
        const { drag } = this;
        this.drag = null;
        if (name === "pointerup" && drag && !drag.moved) this.open(this.near(event));
      });
    }
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, this.time(event.offsetX));
    }, { passive: false });
  }

  pan(event) {
    const { drag } = this;
    const dx = event.clientX - drag.x;
    if (Math.abs(dx) + Math.abs(event.clientY - drag.y) > 4) drag.moved = true;
    this.gap = null;
    const shift = (dx / this.lane) * (drag.until - drag.from);
    this.from = drag.from - shift;
    this.until = drag.until - shift;
    this.scroll(drag.top - (event.clientY - drag.y));
    this.draw();
  }

  scroll(top) {
    this.frame.scrollTop = Math.max(0, Math.min(top, this.rows.length * this.row - (this.height - AXIS)));
    this.top = this.frame.scrollTop;
  }

  zoom(factor, about = (this.from + this.until) / 2) {
    const length = Math.max(DAY / 24, Math.min((this.until - this.from) * factor, 4e15));
    this.gap = null;
    const share = (about - this.from) / (this.until - this.from);
    this.from = about - share * length;
    this.until = this.from + length;
    this.draw();
  }

  all() {
    this.fit(this.data.whole);
    this.draw();
  }

  fit(axis) {
    [this.from, this.until, this.gap] = axis ?? [Date.now() - 30 * DAY, Date.now() + 30 * DAY, null];
  }

  near(event) {
    const row = Math.floor((event.offsetY - AXIS + this.top) / this.row);
    let best = null;
    let distance = 14;
    for (const item of this.rows[row] ?? []) {
      const [from, until] = reach(item, this.from, this.until);
      const gap = Math.max(this.x(from) - event.offsetX, event.offsetX - this.x(until), 0);
      if (gap < distance) [best, distance] = [item, gap];
    }
    return best;
  }

  point(event) {
    const item = this.near(event);
    if (item === this.pointed) return;
    this.pointed = item;
    this.frame.classList.toggle("over", Boolean(item));
    if (item) this.tell(item);
  }

  tell(item) {
    const link = document.createElement("a");
    link.href = this.data.fact.replace("FACT", encodeURIComponent(item[7]));
    link.textContent = item[6];
    this.says.replaceChildren(`${this.data.groups[item[0]].title}, ${item[8]}: `, link);
  }

  open(item) {
    if (item) location.assign(this.data.fact.replace("FACT", encodeURIComponent(item[7])));
  }

  key(event) {
    const moves = {
      ArrowRight: () => this.choose(0, 1), ArrowLeft: () => this.choose(0, -1), ArrowDown: () => this.choose(1, 0),
      ArrowUp: () => this.choose(-1, 0), "+": () => this.zoom(0.6), "=": () => this.zoom(0.6), "-": () => this.zoom(1 / 0.6),
      0: () => this.all(), Enter: () => this.open(this.chosen),
      Escape: () => { this.chosen = null; this.draw(); },
      Home: () => this.choose(-this.rows.length, 0), End: () => this.choose(this.rows.length, 0),
    };
    const move = !event.ctrlKey && !event.metaKey && !event.altKey && moves[event.key];
    if (!move || !this.data?.items.length) return;
    event.preventDefault();
    move();
  }

  choose(down, right) {
    const row = this.chosen ? this.chosen[0] : 0;
    const items = this.rows[Math.max(0, Math.min(this.rows.length - 1, row + down))];
    const place = this.chosen && !down ? items.indexOf(this.chosen) + right : nearest(items, this.chosen);
    this.chosen = items[Math.max(0, Math.min(items.length - 1, place))];
    const [from, until] = reach(this.chosen, this.from, this.until);
    const length = this.until - this.from;
    if (until < this.from || from > this.until) this.gap = null;
    if (until < this.from || from > this.until) [this.from, this.until] = [from - length / 2, from + length / 2];
    const y = this.chosen[0] * this.row;
    if (y < this.top) this.scroll(y);
    if (y + this.row > this.top + this.height - AXIS) this.scroll(y + this.row - this.height + AXIS);
    this.draw();
    this.tell(this.chosen);
  }
}

function nearest(items, chosen) {
  if (!chosen) return 0;
  const middle = (item) => item[1] ?? item[2] ?? 0;
  const gaps = items.map((item) => Math.abs(middle(item) - middle(chosen)));
  return gaps.indexOf(Math.min(...gaps));
}

customElements.define("chronology-timeline", Timeline);
