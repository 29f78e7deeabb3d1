// Going to another reading of the clocks: the page of that address is fetched and put in place of this one.
let going = null;
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
  show(answer);
  if (remember === "push") history.pushState(null, "", address);
  if (remember === "replace") history.replaceState(null, "", address);
  announce(summary());
  return true;
}

function show(answer) {
  const drawn = document.querySelector("chronology-timeline");
  const fresh = answer.querySelector("chronology-timeline");
  const source = fresh?.getAttribute("data-src");
  const scroll = scrollY;
  for (const id of ["main", "pages", "foot"]) {
    const there = answer.getElementById(id);
    if (there) document.getElementById(id).replaceChildren(...document.importNode(there, true).childNodes);
  }
  if (drawn && source) {
    document.querySelector("main chronology-timeline").replaceWith(drawn);
    drawn.setAttribute("data-src", source);
  }
  for (const name of [".name", ".find"]) {
    document.querySelector(name).href = answer.querySelector(name).getAttribute("href");
  }
  document.title = answer.title;
  Object.assign(document.body.dataset, answer.body.dataset);
  if (!("pinned" in answer.body.dataset)) delete document.body.dataset.pinned;
  for (const field of answer.querySelectorAll("#clocks .say, #clocks #zone, #clocks #position, #clocks #reading")) {
    document.getElementById(field.id).value = field.getAttribute("value") ?? "";
  }
  scrollTo({ top: scroll, behavior: "instant" });
  document.dispatchEvent(new Event("travelled"));
}

function summary() {
  const words = document.querySelector("main .stand, main .lead, main .quiet")?.textContent ?? "";
  return `${document.querySelector("main h1")?.textContent ?? ""}: ${words}`.replace(/\s+/g, " ").trim();
}

addEventListener("popstate", () => travel(location.href, { remember: "no" }));
