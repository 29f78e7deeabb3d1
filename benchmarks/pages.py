"""The pages at scale: how long the server takes for first screens, and for the answer to each filter.

A desk of 2,000 facts about 300 matters, and the workload of the comparisons with as many facts as are asked for.
"""

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from flask.testing import FlaskClient

from benchmarks.peers.ours import Ours
from benchmarks.scale import Workload
from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.large_records import desk, take_in

RUNS = 5
FIRST_SCREEN_SECONDS, FILTER_SECONDS = 1.0, 0.3

SCREENS = (
    "/",
    "/chronology",
    "/search?q=report",
    "/sources",
    "/actors",
    "/chronology.json",
    "/chronology.json?of=matters",
)
FILTERS = (
    *("/?kind=swap", "/?state=completed", "/?only=disputed", "/?only=late", "/?sort=since", "/?sort=disputed"),
    *("/?party=belmark", "/?part_of=process-3", "/?since=2025-06-01", "/?q=number+17"),
    *("/chronology?kind=SwapAgreed", "/chronology?held=denied", "/chronology?party=belmark"),
    *("/chronology?only=disputed", "/chronology?day=2024-06-01", "/chronology?order=oldest"),
    *("/sources?publisher=Gazette+2", "/sources?order=oldest", "/sources?day=2024-06-01"),
    *("/actors?q=belmark", "/actors?sort=told"),
)


def measure(count: int, **_: Any) -> None:
    """Print the server's time for each page, on SQLite, and whether all are within their bars."""
    with tempfile.TemporaryDirectory() as folder:
        chronology = Chronology(Settings(database=f"sqlite:///{folder}/chronology.db"))
        take_in(chronology, desk())
        asked(chronology, "2,000 facts, 300 matters", SCREENS, FIRST_SCREEN_SECONDS)
        asked(chronology, "2,000 facts, 300 matters", FILTERS, FILTER_SECONDS)
        chronology.close()
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(Path(folder))
        ours.load(Workload(count))
        asked(ours.chronology, f"{count:,} facts", SCREENS, FIRST_SCREEN_SECONDS)
        asked(ours.chronology, f"{count:,} facts", FILTERS, FIRST_SCREEN_SECONDS)
        ours.close()


def asked(chronology: Chronology, what: str, paths: tuple[str, ...], bar: float) -> None:
    """Print the median seconds of each path, of them of the processor, and the slowest of these beside the bar."""
    client = create_app(chronology).test_client()
    found = {path: _seconds(client, path) for path in paths}
    for path, (seconds, busy) in found.items():
        print(f"{what}: {path:40} {seconds * 1000:7.0f} ms, processor {busy * 1000:5.0f} ms", flush=True)
    worst = max(busy for _, busy in found.values())
    verdict = "within" if worst <= bar else "BEYOND"
    print(f"{what}: slowest {worst * 1000:.0f} ms of the processor, {verdict} {bar * 1000:.0f} ms", flush=True)


def _seconds(client: FlaskClient, path: str) -> tuple[float, float]:
    took = []
    for _ in range(RUNS):
        start, busy = perf_counter(), process_time()
        assert client.get(path).status_code == 200, path
        took.append((perf_counter() - start, process_time() - busy))
    return median(each for each, _ in took), median(each for _, each in took)
