"""One subject of 2,000 facts asked at fifty clocks, as somebody does who drags a slider: the first, and the others.

The slider of the first clock, `at`, or that of the second, `reported_until`.
Each round begins with a process, or a chronology, that was asked about another subject only.
"""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from benchmarks import report
from benchmarks.client import Client
from benchmarks.serving import served
from benchmarks.workload import SOURCES, batches, chronology_in, take_in
from events.dates.calendar import instant_text
from projections.clocks import Asked
from projections.queries.subjects.states import state_json
from service.databases.chronology import Chronology
from service.settings import Settings

FACTS, CLOCKS, ROUNDS = 2_000, 50, 5
LEAST_TIMES = 3.0
"""How many times faster than the first the others should be."""
SUBJECT, OTHER = "line", "another"
MOVES = ("at", "reported_until")
LAST = "2025-01-01"
Ask = Callable[[str, str, str], Any]
"""Asks about a subject, with a clock of that name, and a day for it."""
_FIRST_MINUTE, _MINUTES = 28_401_120, 480_000


def measure(_: int, *, write: bool = False, **__: Any) -> None:
    """Print the times, and whether the bar is met; write them where asked to."""
    found: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        database = f"sqlite:///{folder}/chronology.db"
        for number in range(ROUNDS):
            for moves in MOVES:
                days = drawn(number)
                chronology = Chronology(Settings(database=database))
                took = asked(in_library(chronology), moves, days)
                found.setdefault(f"library, {moves} moves", []).append(took)
                chronology.close()
                with served("ours", database) as client:
                    found.setdefault(f"HTTP, {moves} moves", []).append(asked(over_http(client), moves, days))
    text = _text(found)
    print(text)
    if write:
        report.put("slider", text)


def fill(folder: Path) -> None:
    """A database in the folder with the subject, and another of a few facts."""
    chronology = chronology_in(folder)
    facts = [_fact(number, SUBJECT) for number in range(FACTS)] + [_fact(FACTS + each, OTHER) for each in range(20)]
    for batch in batches(facts):
        take_in(chronology, batch)
    chronology.follower.catch_up()
    chronology.close()


def _fact(number: int, subject: str) -> dict[str, Any]:
    source = number % SOURCES
    return {
        "id": f"stop-{number}",
        "kind": "Occurred",
        "subject": subject,
        "subject_kind": "occurrence",
        "occurred": instant_text((_FIRST_MINUTE + number * _MINUTES // FACTS) * 60_000_000),
        "what": f"stop {number}",
        "citations": [{"source": f"source-{source}", "exact": f"Sentence 1 of report {source}: They met"}],
    }


def drawn(seed: int) -> list[str]:
    """The days that are asked about."""
    chance = random.Random(seed)
    days = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    return chance.sample(days, CLOCKS)


def in_library(chronology: Chronology) -> Ask:
    """The state of a subject, by the function that the route calls."""

    def ask(subject: str, moves: str, day: str) -> bytes:
        with chronology.ask(Asked(**_clocks(moves, day))) as (snapshot, clocks):
            return state_json(snapshot, subject, clocks)

    return ask


def over_http(client: Client) -> Ask:
    """The same by its route."""

    def ask(subject: str, moves: str, day: str) -> bytes:
        return client.ask(f"/api/v1/subjects/{subject}?{urlencode(_clocks(moves, day))}")

    return ask


def _clocks(moves: str, day: str) -> dict[str, str]:
    return {**dict.fromkeys(MOVES, LAST), moves: day}


def asked(ask: Ask, moves: str, days: list[str]) -> list[float]:
    """Milliseconds of each day, after the other subject was asked about."""
    for day in days[:5]:
        ask(OTHER, moves, day)
    took = []
    for day in days:
        start = perf_counter()
        ask(SUBJECT, moves, day)
        took.append((perf_counter() - start) * 1e3)
    return took


def _text(found: dict[str, list[list[float]]]) -> str:
    rows, bars = [], []
    for name, rounds in found.items():
        first = median(each[0] for each in rounds)
        others = median(took for each in rounds for took in each[1:])
        rows.append([name, report.shown(first), report.shown(others), f"{first / others:.1f}"])
        bars.append(
            report.bar(f"second to fiftieth clock, {name}, times faster than the first", first / others, LEAST_TIMES)
        )
    heading = (
        f"One subject of {FACTS:,} facts at {CLOCKS} clocks, on SQLite; medians in milliseconds of {ROUNDS} rounds."
    )
    table = report.table(["", "first clock", "second to fiftieth", "times faster"], rows)
    return "\n\n".join(
        [report.circumstances("python -m benchmarks slider --write", {}), heading, table, "\n".join(bars)]
    )
