// The reading desk: words are marked in the text, and facts are made of them.
import { openForm } from "./fact.js";
import { keep, kept } from "./drafts.js";
import { allSentences, beginningMoved, endMoved, placeOf, rangeOf, readText, sentenceAt } from "./text.js";

const desk = document.getElementById("desk");
const reading = document.getElementById("reading");
const hand = document.getElementById("hand");
const empty = hand.innerHTML;
const address = `/desk/sources/${encodeURIComponent(desk.dataset.source)}/fact`;
const ACTS = [
  ["f", "Make a fact", () => begin({})],
  ["s", "Second source for…", () => begin({ act: "corroborate" })],
  ["d", "Says otherwise than…", () => begin({ act: "dispute" })],
  ["a", "Add to the fact at hand", () => add()],
  ["r", "Read", () => passOver()],
];
let marks = [];
let cited = [];
let at = -1;
let query = null;
let form = null;
const read = new Set();

const told = (sentence) => (document.getElementById("told").textContent = sentence);
const listed = (places) => places.map((place) => place.join("-")).join(",");

function mark(places, says) {
  marks = places;
  paint();
  if (places.length) at = sentenceAt(places.at(-1)[0]);
  if (says) told(says);
  save();
}

// Show what is marked, and the bar after the paragraph in which it ends.
function paint() {
  const ranges = [...cited, ...marks].map(rangeOf);
  if (globalThis.Highlight) CSS.highlights.set("marked", new Highlight(...ranges));
  else if (ranges.length) getSelection().setBaseAndExtent(ranges[0].startContainer, ranges[0].startOffset, ranges.at(-1).endContainer, ranges.at(-1).endOffset);
  bar.remove();
  if (marks.length) {
    rangeOf(marks.at(-1)).endContainer.parentElement.closest("p").after(bar);
    const more = bar.querySelector("[data-key=a]");
    more.hidden = !form;
    more.firstChild.textContent = form?.field().called ? `Add words for “${form.field().called}” ` : "Add to the fact at hand ";
  }
}

const bar = document.createElement("div");
bar.className = "bar";
bar.setAttribute("role", "toolbar");
bar.setAttribute("aria-label", "What the marked words are for");
for (const [key, words, act] of ACTS) {
  if (key === "d" && !("disputes" in desk.dataset)) continue;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: `${words} ` });
  button.dataset.key = key;
  button.setAttribute("aria-keyshortcuts", key.toUpperCase());
  button.append(Object.assign(document.createElement("kbd"), { textContent: key.toUpperCase() }));
  button.addEventListener("click", act);
  bar.append(button);
}

function go(by) {
  const sentences = allSentences();
  if (by > 0 && at >= 0) read.add(sentences[at].start);
  at = Math.max(0, Math.min(sentences.length - 1, at + by));
  const { start, end, element } = sentences[at];
  mark([[start, end]], `Sentence ${at + 1} of ${sentences.length}: ${element.textContent}`);
  element.scrollIntoView({ block: "nearest" });
  progress();
}

// One more sentence at the end of what is marked, or one less.
function stretch(by) {
  if (!marks.length) return go(by);
  const sentences = allSentences();
  const [start, end] = marks.at(-1);
  const last = sentences.findLastIndex((each) => each.start < end);
  const next = sentences[last + by];
  if (next && next.end > start) changeLast([start, next.end]);
  return undefined;
}

function changeLast(place) {
  mark([...marks.slice(0, -1), place], "");
  told(`Marked: ${rangeOf(place).toString()}`);
}

function passOver() {
  const touched = allSentences().filter((each) => marks.some(([start, end]) => each.start < end && start < each.end));
  for (const each of touched) read.has(each.start) ? read.delete(each.start) : read.add(each.start);
  progress();
  save();
}

function progress() {
  const sentences = allSentences();
  let done = 0;
  for (const { element, start } of sentences) {
    const isRead = read.has(start) || element.classList.contains("cited");
    element.classList.toggle("read", isRead);
    done += isRead;
  }
  document.getElementById("progress").textContent = `${done} of ${sentences.length} ${sentences.length === 1 ? "sentence" : "sentences"} read`;
}

function begin(asked) {
  [cited, marks] = [marks, []];
  return open(asked);
}

// What stands beside the text for the words cited; with values that were typed before.
async function open(asked, values, labels, field) {
  if (!cited.length) return told("No words are marked.");
  const answer = await fetch(`${address}?${new URLSearchParams({ ...asked, marked: listed(cited) })}`, { headers: { Accept: "text/html" } });
  const page = await answer.text();
  if (!answer.ok) return told(new DOMParser().parseFromString(page, "text/html").querySelector("main .lead, main p")?.textContent ?? "That is refused.");
  hand.innerHTML = page;
  told("");
  query = asked;
  form = hand.querySelector("#fact") ? openForm(hand, { changed: save, done }) : null;
  if (form && values) form.restore(values, labels);
  if (form) form.begin(field);
  else hand.querySelector("[data-kind], [data-fact], #h-hand").focus();
  hand.scrollIntoView({ block: "nearest" });
  paint();
  save();
  return undefined;
}

// More words for the fact at hand, with all that was typed; what they offer is taken where the focus was.
function add() {
  if (!form || !marks.length) return undefined;
  const [values, labels, field] = [form.values(), form.labels(), form.field()];
  cited = [...cited, ...marks].sort((one, other) => one[0] - other[0]);
  marks = [];
  return open(query, values, labels, field.id);
}

function leave() {
  hand.innerHTML = empty;
  [form, query, cited] = [null, null, []];
  paint();
  save();
  reading.focus();
}

// Recorded or sent: the text is shown as it is cited now, and the next passage is at hand.
async function done(said) {
  const last = Math.max(...cited.map((place) => place[1]));
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  for (const id of ["reading", "so-far"]) document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  readText();
  for (const { start, end } of allSentences()) if (said.proposal && cited.some((place) => place[0] < end && start < place[1])) read.add(start);
  leave();
  at = allSentences().findLastIndex((each) => each.start < last);
  progress();
  save();
  told(said.recorded ? "Recorded." : "Sent to an editor.");
  hand.prepend(Object.assign(document.createElement("p"), { id: "last", textContent: said.recorded ? "Recorded: " : "Sent to an editor. " }));
  const sentence = [...document.querySelectorAll("#so-far a")].find((each) => each.pathname === said.href)?.textContent;
  document.getElementById("last").append(Object.assign(document.createElement("a"), { href: said.href, textContent: sentence || (said.recorded ? "the fact" : "See it wait") }));
  if (said.recorded) document.getElementById("last").append(" ", Object.assign(document.createElement("span"), { className: "by", textContent: said.recorded }));
}

function save() {
  keep(desk.dataset, { read: [...read], at, marks, cited, query, values: form?.values(), labels: form?.labels() });
}

reading.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.target.closest("a")) return;
  const isButton = event.target.closest("button");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = ACTS.find((each) => each[0] === key);
  if (key === "j") event.shiftKey ? stretch(1) : go(1);
  else if (key === "k") event.shiftKey ? stretch(-1) : go(-1);
  else if ((key === "ArrowRight" || key === "ArrowLeft") && event.shiftKey && marks.length) {
    const by = key === "ArrowRight" ? 1 : -1;
    changeLast((event.altKey ? beginningMoved : endMoved)(marks.at(-1), by));
  } else if (act && marks.length) act[2]();
  else if (key === "Enter" && marks.length && !isButton) begin({});
  else if (key === "Escape") mark([], "");
  else return;
  event.preventDefault();
});

hand.addEventListener("click", (event) => {
  const { kind, act, fact, step } = event.target.closest("[data-kind], [data-act][data-fact], [data-step]")?.dataset ?? {};
  if (kind) open({ kind }, form?.values().filter(([name]) => name !== "kind"), form?.labels());
  else if (fact) open({ act, fact });
  else if (step === "leave") leave();
});

hand.addEventListener("keydown", (event) => {
  if (event.key === "Escape") reading.focus();
  if (form || !/^[1-9]$/.test(event.key) || event.target.matches("input, textarea, select")) return;
  hand.querySelector(`[aria-keyshortcuts="${event.key}"]`)?.click();
});

let selecting = 0;
document.addEventListener("selectionchange", () => {
  clearTimeout(selecting);
  selecting = setTimeout(() => {
    const place = placeOf(getSelection());
    if (place && listed([place]) !== listed(marks)) mark([place], "");
  }, 150);
});

readText();
const draft = kept(desk.dataset);
for (const start of draft.read ?? []) read.add(start);
at = draft.at ?? -1;
[marks, cited] = [draft.marks ?? [], draft.cited ?? []];
progress();
if (draft.query && cited.length) open(draft.query, draft.values, draft.labels);
else paint();
