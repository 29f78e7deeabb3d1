// Whether more was recorded since this page was made: told by the server while somebody looks, else asked for.
const AGAIN = 5000;

export function watch(notice) {
  if (!notice || !document.body.dataset.position) return;
  let source = null, waiting = null, known = made();
  const pinned = () => "pinned" in document.body.dataset;
  const learn = (position) => { if (pinned()) return; known = Math.max(known, position); tell(notice, known - made()); };
  const ask = async () => {
    try {
      const answer = await fetch("/position.json", { cache: "no-store" });
      if (answer.ok) learn((await answer.json()).position);
    } catch { /* the service is away; the next look finds it again */ }
  };
  const poll = async () => {
    await ask();
    if (!document.hidden && !source) waiting = setTimeout(poll, AGAIN);
  };
  const listen = () => {
    if (document.hidden || source || pinned()) return;
    clearTimeout(waiting);
    source = new EventSource("/news");
    source.addEventListener("message", (event) => learn(JSON.parse(event.data).position));
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return; // it comes back by itself
      source = null;
      poll(); // no place is free: ask
    });
  };
  const rest = () => { source?.close(); source = null; clearTimeout(waiting); };
  document.addEventListener("visibilitychange", () => { if (document.hidden) rest(); else { ask(); listen(); } });
  document.addEventListener("travelled", () => tell(notice, 0));
  addEventListener("pagehide", rest, { once: true });
  listen();
}

const made = () => Number(document.body.dataset.position);

function tell(notice, more) {
  notice.hidden = more <= 0;
  if (more <= 0) return;
  const link = document.createElement("a"), address = new URL(location.href);
  if (address.searchParams.has("reached")) for (const name of ["after", "reached"]) address.searchParams.delete(name);
  link.href = address; // a list that goes on as it was begins anew
  link.textContent = "Show the page with them";
  notice.replaceChildren(`${more.toLocaleString("en")} more ${more === 1 ? "entry was" : "entries were"} recorded since this page was made. `, link);
}
