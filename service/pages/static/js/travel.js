// Going to another reading of the clocks: the page of that address is fetched and put in place of this one.
let going = null;
let shownAt = location.href.split("#")[0];
const said = document.createElement("p");
said.className = "away";
said.setAttribute("role", "status");
document.body.append(said);

export function announce(words) {
  said.textContent = words;
}

// Answers whether the page was shown; a later travel makes an earlier one void.
export async function travel(address, { remember = "push" } = {}) {
  going?.abort();
  const mine = (going = new AbortController());
  let answer;
  try {
    const response = await fetch(address, { headers: { Accept: "text/html" }, signal: mine.signal });
    answer = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return false;
  }
  if (mine.signal.aborted) return false;
  show(answer, address);
  if (remember === "push") history.pushState(null, "", address);
  if (remember === "replace") history.replaceState(null, "", address);
  announce(summary());
  return true;
}

// Makes the travel under way void: what it would show was turned further meanwhile.
export function halt() {
  going?.abort();
}

function show(answer, address) {
  const drawn = document.querySelector("chronology-timeline");
  const fresh = answer.querySelector("chronology-timeline");
  const source = fresh?.getAttribute("data-src");
  const scroll = scrollY;
  for (const id of ["main", "pages", "foot", "reading", "turn", "presets"]) {
    const there = answer.getElementById(id);
    if (!there) continue;
    document.getElementById(id).replaceChildren(...document.importNode(there, true).childNodes);
    document.getElementById(id).className = there.className;
  }
  if (drawn && source) {
    document.querySelector("main chronology-timeline").replaceWith(drawn);
    drawn.setAttribute("data-src", source);
  }
  for (const name of [".name", ".find"]) {
    document.querySelector(name).href = answer.querySelector(name).getAttribute("href");
  }
  shownAt = new URL(address, location.href).href.split("#")[0];
  document.title = answer.title;
  Object.assign(document.body.dataset, answer.body.dataset);
  if (!("pinned" in answer.body.dataset)) delete document.body.dataset.pinned;
  for (const field of answer.querySelectorAll("#clocks .say, #clocks #zone, #clocks #position, #clocks #reading-of")) {
    const shown = document.getElementById(field.id);
    shown.value = field.getAttribute("value") ?? "";
    shown.placeholder = field.placeholder;
  }
  scrollTo({ top: scroll, behavior: "instant" });
  document.dispatchEvent(new Event("travelled"));
}

function summary() {
  const words = document.querySelector("main .stand, main .lead, main .quiet")?.textContent ?? "";
  return `${document.querySelector("main h1")?.textContent ?? ""}: ${words}`.replace(/\s+/g, " ").trim();
}

addEventListener("popstate", () => {
  if (location.href.split("#")[0] !== shownAt) travel(location.href, { remember: "no" });
});

// The link to exactly this view is copied where the browser lets a page do so, else followed.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-copy]");
  if (!link || !navigator.clipboard) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.dataset.copy || link.href);
    link.textContent = "Copied";
    announce(link.dataset.copy ? "The code was copied." : "The link to this view was copied.");
  } catch { location.assign(link.href); }
});
