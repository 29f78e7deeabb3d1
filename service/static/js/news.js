// Whether more was recorded since this page was made: asked now and then, while somebody looks.
const EVERY = 20000;

export function watch(notice) {
  if (!notice || !document.body.dataset.position) return;
  let asked = null;
  const look = async () => {
    if (document.hidden || "pinned" in document.body.dataset) return;
    try {
      const answer = await fetch("/position.json", { cache: "no-store" });
      if (answer.ok) tell(notice, (await answer.json()).position - Number(document.body.dataset.position));
    } catch { /* the service is away; the next look finds it again */ }
  };
  asked = setInterval(look, EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  document.addEventListener("travelled", () => tell(notice, 0));
  addEventListener("pagehide", () => clearInterval(asked), { once: true });
  document.addEventListener("look-for-news", look);
}

function tell(notice, more) {
  notice.hidden = more <= 0;
  if (more <= 0) return;
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = "Show the page with them";
  notice.replaceChildren(`${more.toLocaleString("en")} more ${more === 1 ? "entry was" : "entries were"} recorded since this page was made. `, link);
}
