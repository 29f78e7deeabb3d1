"""The page: how long 5,000 facts take to be drawn and to follow a slider, beside vis-timeline; HTML beside JSON."""

import logging
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from threading import Thread
from time import perf_counter
from typing import Any

from werkzeug.serving import make_server

from bench.workload import batches, desk_in, facts
from events.recording import record_facts
from service.app import create_app
from service.desk import Desk

FACTS, SUBJECTS, STEPS, RUNS = 5_000, 50, 30, 15
PEER = "vis-timeline@8.5.4"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

# A page, and the JSON answers that hold what it shows.
VIEWS = (
    ("/", "/subjects?limit=1000"),
    ("/?at=2024-06-01", "/subjects?limit=1000&at=2024-06-01"),
    ("/subjects/swap-7", "/subjects/swap-7", "/facts?subject=swap-7", "/subjects/swap-7/understanding?by=reported"),
    ("/facts/fact-7-5", "/facts/fact-7-5", "/sources/source-3/text"),
    ("/sources/source-3", "/sources/source-3", "/sources/source-3/text", "/sources/source-3/facts?limit=1000"),
    ("/chronology", "/facts?limit=250"),
    ("/compare?from_at=2024-03-01&to_at=2024-06-01", "/diff?from_at=2024-03-01&to_at=2024-06-01"),
    ("/actors/ada", "/subjects/ada", "/facts?actor=ada&limit=300"),
    ("/search?q=number+77", "/facts?q=number+77", "/subjects?limit=1000"),
)

# Both are timed to the end of the second frame after the call, so that layout and paint are in. A step moves the line
# of the first clock and the ground of what had not happened by then.
_FRAMES = "const shown = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
_OURS = """async () => {
  %s
  const data = await (await fetch("/chronology.json")).json();
  const drawn = document.querySelector("chronology-timeline");
  drawn.data = null;
  let start = performance.now();
  drawn.show(data);
  const code = performance.now() - start;
  await shown();
  const paint = performance.now() - start;
  const steps = [], codes = [];
  const [from, until] = [Date.UTC(2024, 0, 1), Date.UTC(2024, 11, 31)];
  for (let step = 0; step < %d; step += 1) {
    start = performance.now();
    const detail = { name: "at", until: from + ((until - from) * step) / %d };
    document.dispatchEvent(new CustomEvent("clock", { detail }));
    codes.push(performance.now() - start);
    await shown();
    steps.push(performance.now() - start);
  }
  return { paint, code, steps, codes, items: data.items.length };
}"""
_PEERS = """async (data) => {
  %s
  const [low, high] = [Date.UTC(2023, 0, 1), Date.UTC(2025, 0, 1)];
  const groups = data.groups.map(({ title }, id) => ({ id, content: title }));
  const items = data.items.map(([group, lo, hi, shape, , , content], id) => {
    const sort = shape === "day" ? { type: "point" } : { type: "range", end: hi ?? high };
    return { id, group, content, start: lo ?? low, ...sort };
  });
  const place = document.createElement("div");
  document.body.append(place);
  let start = performance.now();
  const held = new vis.DataSet(items);
  const drawn = new vis.Timeline(place, held, new vis.DataSet(groups), { stack: false, height: 680 });
  const code = performance.now() - start;
  await shown();
  const paint = performance.now() - start;
  drawn.addCustomTime(low, "at");
  const steps = [], codes = [];
  const [from, until] = [Date.UTC(2024, 0, 1), Date.UTC(2024, 11, 31)];
  for (let step = 0; step < %d; step += 1) {
    start = performance.now();
    const at = from + ((until - from) * step) / %d;
    drawn.setCustomTime(at, "at");
    held.update({ id: "not yet", type: "background", content: "", start: at, end: high });
    codes.push(performance.now() - start);
    await shown();
    steps.push(performance.now() - start);
  }
  return { paint, code, steps, codes };
}"""


def measure() -> None:
    """Print how the page fares."""
    with tempfile.TemporaryDirectory() as folder:
        desk = filled(Path(folder))
        against_json(desk)
        in_chromium(desk, Path(folder))
        desk.close()


def filled(folder: Path) -> Desk:
    """A desk with 5,000 facts about 50 subjects of each kind, its views up to date."""
    desk = desk_in(folder)
    for batch in batches(list(facts(FACTS, SUBJECTS))):
        pointers = [f"/{place}" for place in range(len(batch))]
        desk.write("bench", lambda call, batch=batch, pointers=pointers: record_facts(call, batch, pointers))
    desk.follower.catch_up()
    return desk


def against_json(desk: Desk) -> None:
    """Each page's time on the server beside that of the JSON of the same view."""
    client = create_app(desk).test_client()
    for page, *views in VIEWS:
        html = timed(lambda page=page: client.get(page))  # type: ignore[misc]
        plain = sum(timed(lambda view=view: client.get(f"/api/v1{view}")) for view in views)  # type: ignore[misc]
        print(f"{page:26} {html * 1000:7.1f} ms, JSON {plain * 1000:7.1f} ms: {html / plain:.1f} times")


def timed(ask: Callable[[], Any]) -> float:
    """The median seconds of an answer."""
    seconds = []
    for _ in range(RUNS):
        start = perf_counter()
        assert ask().status_code == 200
        seconds.append(perf_counter() - start)
    return median(seconds)


def in_chromium(desk: Desk, folder: Path) -> None:
    """First paint and slider steps in Chromium, for the timeline and for vis-timeline on the same data."""
    chromium = next(
        (path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None
    )
    if chromium is None:
        print("no Chromium on the PATH: the drawing is not measured")
        return
    from playwright.sync_api import sync_playwright

    server = make_server("127.0.0.1", 0, create_app(desk), threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/chronology")
        page.locator("chronology-timeline canvas").wait_for()
        ours = page.evaluate(_OURS % (_FRAMES, STEPS, STEPS))
        report("timeline", ours)
        theirs = peers(browser, page.request.get(f"{address}/chronology.json").json(), folder)
        if theirs:
            report(PEER, theirs)
            for name, one, other in _ratios(ours, theirs):
                print(f"{name}: {other / one:.1f} times faster")
        browser.close()
    server.shutdown()


def _ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> list[tuple[str, float, float]]:
    return [
        ("first paint", ours["paint"], theirs["paint"]),
        ("first paint, our code only", ours["code"], theirs["code"]),
        ("slider step", median(ours["steps"]), median(theirs["steps"])),
        ("slider step, code only", median(ours["codes"]), median(theirs["codes"])),
    ]


def report(name: str, found: dict[str, Any]) -> None:
    """Print one drawing's times."""
    print(
        f"{name}: first paint {found['paint']:.0f} ms (code {found['code']:.0f}), "
        f"slider step {median(found['steps']):.1f} ms (code {median(found['codes']):.2f}), "
        f"slowest {max(found['steps']):.1f}"
    )


def peers(browser: Any, data: Any, folder: Path) -> dict[str, Any] | None:
    """The same of vis-timeline, fetched from npm; None where that cannot be."""
    npm = shutil.which("npm")
    fetched = npm and subprocess.run([npm, "pack", PEER], cwd=folder, capture_output=True, check=False).returncode == 0
    if not fetched:
        print(f"{PEER} cannot be fetched: no comparison")
        return None
    shutil.unpack_archive(next(folder.glob("vis-timeline-*.tgz")), folder, "gztar", filter="data")
    built = folder / "package" / "standalone" / "umd" / "vis-timeline-graph2d.min.js"
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_content("<!doctype html><title>peer</title>")
    page.add_style_tag(path=folder / "package" / "styles" / "vis-timeline-graph2d.min.css")
    page.add_script_tag(path=built)
    found: dict[str, Any] = page.evaluate(_PEERS % (_FRAMES, STEPS, STEPS), data)
    return found
