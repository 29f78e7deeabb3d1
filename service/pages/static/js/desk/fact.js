// The form of the fact at hand: proposals taken by a click, its sentence as it is typed, what it would change, recording.
import { offerNames } from "./names.js";

const SOON = 250;

// Make the form in `hand` live. `on.changed` is told of each change, `on.done` of what was recorded.
export function openForm(hand, on) {
  const form = hand.querySelector("#fact");
  let waiting = 0;
  let turn = 0;
  let isSending = false;
  let row = null;

  const changed = () => {
    on.changed();
    clearTimeout(waiting);
    waiting = setTimeout(() => send("check").then(show), SOON);
  };
  const send = async (step) => {
    clearTimeout(waiting);
    const now = ++turn;
    const body = new URLSearchParams(new FormData(form));
    body.set("step", step);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const said = await answer.json().catch(() => ({ elsewhere: ["The service did not answer. Nothing is lost: try again."] }));
    return now === turn ? { ...said, isRefused: !answer.ok } : null;
  };
  const record = async (step) => {
    if (isSending) return;
    isSending = true;
    const said = await send(step).catch(() => ({ isRefused: true, elsewhere: ["The service cannot be reached. Nothing is lost: try again."] }));
    isSending = false;
    if (!said) return;
    if (said.recorded || said.proposal) on.done(said);
    else refuse(said);
  };
  const show = (said) => {
    if (!said) return;
    const focused = document.activeElement?.dataset?.field;
    if (said.says && form.querySelector("#say")) form.querySelector("#say").innerHTML = said.says;
    if (focused) form.querySelector(`.blank[data-field="${focused}"]`)?.focus();
    const would = form.querySelector("#would");
    const lacks = said.missing?.length ? [`Still needed: ${said.missing.join(", ")}.`] : [];
    if (said.would) would.innerHTML = said.would;
    else would.replaceChildren(...[...lacks, ...(said.elsewhere ?? [])].map((each) => Object.assign(document.createElement("p"), { className: "would", textContent: each })));
    tell([]);
    mark(said.faults ?? {});
    for (const note of form.querySelectorAll("[id$=-read]")) {
      const field = note.id.replace(/-read$/, "");
      const words = said.read?.[field] ?? "";
      note.textContent = words && words !== document.getElementById(field)?.value ? words : "";
    }
    if (said.waits) form.querySelector("[value=record]").hidden = true;
  };
  const refuse = (said) => {
    show({ ...said, missing: [], elsewhere: [] });
    const faults = { ...said.faults, ...said.absent };
    mark(faults);
    if (said.since) form.elements.version.value = said.version;
    const since = said.since && ["It has changed since you opened this form.", ...said.since.map((each) => `${each}.`), "What you typed is all here: look whether it still holds, then record it."];
    const elsewhere = since ?? said.elsewhere ?? (said.detail ? [said.detail] : []);
    const is = Object.keys(faults).length;
    tell(elsewhere.length ? elsewhere : is ? ["This is not recorded. What is wrong is said beside the fields."] : []);
    form.querySelector("[aria-invalid]")?.focus();
  };
  const tell = (sentences) => {
    const place = form.querySelector("#wrong");
    place.hidden = sentences.length === 0;
    place.textContent = sentences.join(" ");
  };
  const mark = (faults) => {
    for (const place of form.querySelectorAll(".fault")) {
      const id = place.id.replace(/-wrong$/, "");
      place.textContent = faults[id] ?? "";
      const field = document.getElementById(id);
      if (faults[id]) field?.setAttribute("aria-invalid", "true");
      else field?.removeAttribute("aria-invalid");
    }
  };
  const fill = (id, value, words) => {
    const field = document.getElementById(id);
    const names = field.closest(".names");
    if (names) names.take(value, words);
    else {
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      if (words !== "the marked words") live(field.name, words);
    }
  };
  for (const names of form.querySelectorAll(".names")) offerNames(names, () => {
    live(names.querySelector("input[type=hidden]").name, names.says());
    changed();
  });
  const live = (name, text) => {
    const blank = form.querySelector(`.blank[data-field="${name}"]`);
    if (!blank || !text) return;
    blank.textContent = text;
    blank.classList.add("set");
  };
  form.addEventListener("focusin", (event) => (row = event.target.closest(".row[data-row]") ?? row));
  form.addEventListener("input", (event) => {
    if (!event.target.name) return;
    live(event.target.name, event.target.value);
    changed();
  });
  form.addEventListener("click", (event) => {
    const { fill: id, value, words } = event.target.closest("[data-fill]")?.dataset ?? {};
    if (id) fill(id, value, words);
    const blank = event.target.closest(".blank");
    if (blank) form.querySelector(`#f-${blank.dataset.field}`)?.focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      record(form.querySelector("[value=record]").hidden ? "send" : "record");
    } else if (event.key === "Enter" && event.target.matches("input") && !event.defaultPrevented) {
      event.preventDefault();
      const first = event.target.closest(".row")?.querySelector("[data-fill]");
      if (first && !event.target.value) fill(first.dataset.fill, first.dataset.value, first.dataset.words);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    record(event.submitter?.value ?? "record");
  });
  return {
    begin(id) {
      send("check").then(show);
      (document.getElementById(id) ?? form.querySelector("[role=combobox], .row input:not([type=radio]), .row textarea") ?? form.querySelector("button.first")).focus();
    },
    // The field that had the focus last: its id, and what it is called.
    field() {
      const label = row?.querySelector("label[for]");
      return label ? { id: label.htmlFor, called: label.firstChild.textContent.trim() } : {};
    },
    values: () => [...new FormData(form)].filter(([name]) => !["csrf_token", "marked", "id", "version"].includes(name)),
    labels: () => Object.assign({}, ...[...form.querySelectorAll(".names")].map((each) => each.labels)),
    restore(values, labels) {
      for (const [name, value] of values) {
        const field = form.elements[name];
        if (!field) continue;
        field.value = value;
        const names = field.closest?.(".names");
        if (names) {
          Object.assign(names.labels, labels);
          names.show();
        }
      }
    },
  };
}
