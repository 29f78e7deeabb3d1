// Elements for pages of others: a matter or a timeline in a frame, and a value in an article that knows whether it
// still holds. Nothing is stored, no cookie is sent, and what is between the tags stays where nothing can be asked.

const HOME = new URL(".", import.meta.url);
const CLOCKS = ["at", "reported-until", "recorded-until", "position", "zone", "reading"];

const clocksOf = (element) =>
  CLOCKS.filter((name) => element.hasAttribute(name)).map((name) => [name.replace("-", "_"), element.getAttribute(name)]);

const address = (path, pairs) => {
  const found = new URL(path, HOME);
  for (const [name, value] of pairs) if (value !== null) found.searchParams.set(name, value);
  return found;
};

class ChronologyTimeline extends HTMLElement {
  static observedAttributes = ["subject", "matter", "theme", "height", ...CLOCKS];

  connectedCallback() {
    this.#draw();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#draw();
  }

  #draw() {
    const matter = this.getAttribute("matter");
    const path = matter === null ? "embed/chronology" : `embed/subjects/${encodeURIComponent(matter)}`;
    const asked = [["subject", this.getAttribute("subject")], ["theme", this.getAttribute("theme")], ...clocksOf(this)];
    const frame = document.createElement("iframe");
    frame.src = address(path, matter === null ? asked : asked.slice(1));
    frame.title = this.getAttribute("title") ?? this.textContent.trim() ?? "A chronology";
    frame.loading = "lazy";
    frame.referrerPolicy = "no-referrer";
    frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
    frame.style.cssText = `border:0;width:100%;height:${Number(this.getAttribute("height")) || 480}px`;
    (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(frame);
  }
}

const STYLE = `
  :host { display: inline }
  a { color: inherit; text-decoration: underline dotted; text-underline-offset: 0.2em }
  a.differs { text-decoration: underline wavy }
  small { font-size: 0.8em }`;

/** A value of a state's answer by the name of its finding; undefined where it has none. */
const findingOf = (state, name) => {
  const found = name === "status" ? state.status : state.fields?.[name];
  return found && found.value !== null ? found : undefined;
};

const spoken = (value) => {
  if (Array.isArray(value)) return value.map(spoken).join(", ");
  if (value === null || typeof value !== "object") return String(value);
  const number = (each) => each.toLocaleString();
  if (value.best !== undefined && value.low === undefined && value.high === undefined) return number(value.best);
  if (value.low !== undefined && value.high !== undefined) return `${number(value.low)} to ${number(value.high)}`;
  if (value.low !== undefined) return `at least ${number(value.low)}`;
  if (value.high !== undefined) return `at most ${number(value.high)}`;
  return Object.entries(value).map(([name, each]) => `${name}: ${spoken(each)}`).join(", ");
};

class ChronologyValue extends HTMLElement {
  async connectedCallback() {
    const [subject, finding, position] = ["subject", "finding", "position"].map((name) => this.getAttribute(name));
    if (!subject || !finding) return;
    const clocks = clocksOf(this).filter(([name]) => name !== "position");
    const api = `api/v1/subjects/${encodeURIComponent(subject)}`;
    try {
      const [cited, now] = await Promise.all([
        position === null ? null : this.#ask(address(api, [...clocks, ["position", position]])),
        this.#ask(address(api, clocks)),
      ]);
      this.#show(finding, cited, now, address(`subjects/${encodeURIComponent(subject)}`, clocks));
    } catch {
      this.title = "Whether this still holds could not be asked";
    }
  }

  async #ask(from) {
    const answer = await fetch(from, { credentials: "omit", headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }

  #show(name, cited, now, page) {
    const before = cited && findingOf(cited, name);
    const after = findingOf(now, name);
    const holds = !cited || JSON.stringify(before?.value) === JSON.stringify(after?.value);
    const link = document.createElement("a");
    link.href = page;
    link.append(this.textContent.trim() ? document.createElement("slot") : after ? spoken(after.value) : "nothing known");
    const style = document.createElement("style");
    style.textContent = STYLE;
    const shown = [style, link];
    if (holds) {
      link.title = after?.rivals?.length ? "Still so, and contested" : "Still so";
    } else {
      const told = after ? spoken(after.value) : "nothing known";
      link.className = "differs";
      link.title = `What was cited has changed since. It reads now: ${told}`;
      const note = document.createElement("small");
      note.textContent = ` (now: ${told})`;
      shown.push(note);
    }
    (this.shadowRoot ?? this.attachShadow({ mode: "open" })).replaceChildren(...shown);
    this.dispatchEvent(new CustomEvent("chronology-checked", { bubbles: true, detail: { holds } }));
  }
}

customElements.define("chronology-timeline", ChronologyTimeline);
customElements.define("chronology-value", ChronologyValue);
