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

from benchmarks.workload import batches, chronology_in, facts, take_in
from service.app import create_app
from service.databases.chronology import Chronology

FACTS, SUBJECTS, STEPS, RUNS = 5_000, 50, 30, 15
PEER = "vis-timeline@8.5.4"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

# A page, and the JSON answers that hold what it shows.
VIEWS = (
    (
        "/",
        "/subjects?limit=1000",
        *(f"/facts/fact-7-{FACTS - back}" for back in range(1, 7)),
    ),  # with what changed lately
    ("/?at=2024-06-01", "/subjects?limit=1000&at=2024-06-01"),
    ("/subjects/swap-7", "/subjects/swap-7", "/facts?subject=swap-7", "/subjects/swap-7/understanding?by=reported"),
    ("/facts/fact-7-5", "/facts/fact-7-5", "/sources/source-3/text"),
    ("/sources/source-3", "/sources/source-3", "/sources/source-3/text", "/sources/source-3/facts?limit=1000"),
    ("/chronology", "/facts?limit=250"),
    ("/compare?from_at=2024-03-01&to_at=2024-06-01", "/diff?from_at=2024-03-01&to_at=2024-06-01"),
    ("/actors/ada", "/subjects/ada", "/facts?actor=ada&limit=300"),
    ("/search?q=number+77", "/facts?q=number+77", "/subjects?limit=1000"),
)

# First paint is timed to the end of the second frame after the call, so that layout and paint are in. A step moves the
# line of the first clock and the ground of what had not happened by then; it costs what the main thread is busy with
# from the first step to the second frame after the last (Chromium's own TaskDuration), shared out over the steps.
_SHOWN = "window.shown = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));"
_PAINT = """async (data) => {
  const drawn = document.querySelector("chronology-timeline");
  drawn.data = null;
  await shown();
  const start = performance.now();
  drawn.show(data);
  await shown();
  return performance.now() - start;
}"""
_MOVE = """(until) => {
  document.dispatchEvent(new CustomEvent("clock", { detail: { name: "at", until } }));
}"""
_PEERS_PAINT = """async (data) => {
  const [low, high] = [Date.UTC(2023, 0, 1), Date.UTC(2025, 0, 1)];
  const groups = data.groups.map(({ title }, id) => ({ id, content: title }));
  const items = data.items.map(([group, lo, hi, shape, , , content], id) => {
    const sort = shape === "day" ? { type: "point" } : { type: "range", end: hi ?? high };
    return { id, group, content, start: lo ?? low, ...sort };
  });
  const place = document.createElement("div");
  document.body.append(place);
  const start = performance.now();
  window.held = new vis.DataSet(items);
  window.drawn = new vis.Timeline(place, held, new vis.DataSet(groups), { stack: false, height: 680 });
  await shown();
  const paint = performance.now() - start;
  drawn.addCustomTime(low, "at");
  return paint;
}"""
_PEERS_MOVE = """(until) => {
  drawn.setCustomTime(until, "at");
  held.update({ id: "not yet", type: "background", content: "", start: until, end: Date.UTC(2025, 0, 1) });
}"""
_STEPS = """async ([move, steps]) => {
  const step = eval(move);
  const [from, until] = [Date.UTC(2024, 0, 1), Date.UTC(2024, 11, 31)];
  const took = [];
  for (let at = 0; at < steps; at += 1) {
    const start = performance.now();
    step(from + ((until - from) * at) / steps);
    await shown();
    took.push(performance.now() - start);
  }
  return took;
}"""


def measure(*_: Any, **__: Any) -> None:
    """Print how the page fares."""
    with tempfile.TemporaryDirectory() as folder:
        chronology = filled(Path(folder))
        against_json(chronology)
        in_chromium(chronology, Path(folder))
        chronology.close()


def filled(folder: Path) -> Chronology:
    """A chronology with 5,000 facts about 50 subjects of each kind, its views up to date."""
    chronology = chronology_in(folder)
    for batch in batches(list(facts(FACTS, SUBJECTS))):
        take_in(chronology, batch)
    chronology.follower.catch_up()
    return chronology


def against_json(chronology: Chronology) -> None:
    """Each page's time on the server beside that of the JSON of the same view."""
    client = create_app(chronology).test_client()
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


def in_chromium(chronology: Chronology, folder: Path) -> None:
    """First paint and slider steps in Chromium, for the timeline and for vis-timeline on the same data."""
    chromium = next(
        (path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None
    )
    if chromium is None:
        print("no Chromium on the PATH: the drawing is not measured")
        return
    from playwright.sync_api import sync_playwright

    server = make_server("127.0.0.1", 0, create_app(chronology), threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        page = browser.new_context(bypass_csp=True, viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"{address}/chronology")
        page.locator("chronology-timeline canvas").wait_for()
        data = page.request.get(f"{address}/chronology.json").json()
        ours = drawn(page, _PAINT, _MOVE, data)
        report("timeline", ours)
        theirs = peers(browser, data, folder)
        if theirs:
            report(PEER, theirs)
            for name, one, other in zip(("first paint", "slider step"), (ours[0], ours[1]), theirs[:2], strict=True):
                print(f"{name}: {other / one:.1f} times faster")
        browser.close()
    server.shutdown()


def drawn(page: Any, paint: str, move: str, data: Any) -> tuple[float, float, float]:
    """Milliseconds to first paint, of main thread for a slider step, and from a step to its second frame."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.evaluate(_SHOWN)
    painted = page.evaluate(paint, data)
    before = _busy(devtools)
    took = page.evaluate(_STEPS, [move, STEPS])
    return painted, (_busy(devtools) - before) * 1000 / STEPS, median(took)


def _busy(devtools: Any) -> float:
    """Seconds that the page's main thread has been busy."""
    return next(
        each["value"] for each in devtools.send("Performance.getMetrics")["metrics"] if each["name"] == "TaskDuration"
    )


def report(name: str, found: tuple[float, float, float]) -> None:
    """Print one drawing's times."""
    painted, busy, took = found
    print(
        f"{name}: first paint {painted:.0f} ms; slider step {busy:.2f} ms of main thread, on screen after {took:.1f} ms"
    )


def peers(browser: Any, data: Any, folder: Path) -> tuple[float, float, float] | None:
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
    return drawn(page, _PEERS_PAINT, _PEERS_MOVE, data)
