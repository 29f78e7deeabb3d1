"""States at any clocks, lists, differences, and building the views: first asked and asked again.

Questions are timed in processor time of their thread, medians of as many subjects as are asked; following and
rebuilding on the clock on the wall.
"""

import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.workload import BATCH, SOURCES, desk_in, facts
from events.commands.record_facts import record_facts
from events.dates.calendar import instant_text
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.history.diff import diff
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import state_json
from projections.store.cache import Cache
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology

PER_SUBJECT = 20
ASKED = 500
TIMETABLES = (2_000, 20_000)
JANUARY_2024_MINUTES = 28_401_120


def measure(count: int, **_: Any) -> None:
    """Print what the views cost and how fast they answer."""
    with tempfile.TemporaryDirectory() as folder:
        chronology = desk_in(Path(folder))
        numbered = facts(count, max(1, count // PER_SUBJECT // 3))
        while batch := list(islice(numbered, BATCH * 4)):
            record(chronology, batch)
        building(chronology, count)
        with chronology.ask(Asked()) as (snapshot, _):
            one_by_one(snapshot, count)
            together(snapshot, count)
        chronology.close()
    for each in TIMETABLES:
        with tempfile.TemporaryDirectory() as folder:
            timetable(Path(folder), each)


def record(chronology: Chronology, batch: list[dict[str, Any]]) -> None:
    """Record facts in one call."""
    chronology.write("bench", lambda call: record_facts(call, batch, [f"/{place}" for place in range(len(batch))]))


def building(chronology: Chronology, count: int) -> None:
    """Follow the log, then rebuild."""
    for name, build in (("followed", chronology.follower.catch_up), ("rebuilt", chronology.follower.rebuild)):
        start = time.perf_counter()
        build()
        took = time.perf_counter() - start
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{name:9} {count:,} facts in {took:6.1f} s, {count / took:8,.0f} a second; {most} MB at the most")


def questions(snapshot: Snapshot, count: int) -> Iterator[tuple[str, list[tuple[str, Clocks]]]]:
    """Subjects and clocks, by chance, the same at every run."""
    chance = random.Random(11)

    def day() -> str:
        return f"2024-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"

    makes: dict[str, Callable[[], Asked]] = {
        "now": Asked,
        "at, recorded": lambda: Asked(at=day(), position=chance.randrange(count // 2, count) + SOURCES),
        "at, reported": lambda: Asked(at=day(), reported_until=day()),
    }
    for name, make in makes.items():
        found = [chance.randrange(max(1, count // PER_SUBJECT // 3)) for _ in range(ASKED)]
        yield name, [(f"swap-{number}", clocks_for(snapshot, make())) for number in found]


def one_by_one(snapshot: Snapshot, count: int) -> None:
    """One subject after another."""
    for name, asked in questions(snapshot, count):
        fresh = replace(snapshot, cache=Cache())
        first, again = (
            statistics.median(timed(lambda one=one, fresh=fresh: state_json(fresh, *one)) for one in asked)
            for _ in range(2)
        )
        print(f"one subject {name:14} first {first:7.3f} ms, again {again:7.3f} ms")


def together(snapshot: Snapshot, count: int) -> None:
    """All subjects, those of a status, and what differs."""
    now, then = Asked(at="2024-07-01"), Asked(at="2024-07-02")
    some: dict[str, str | None] = {"status": "completed"}
    asked: dict[str, Callable[[], Any]] = {
        "all subjects now": lambda: pages(snapshot, Asked(), {}),
        "all subjects at a date": lambda: pages(snapshot, now, {}),
        "a status at a date": lambda: pages(snapshot, now, some),
        "a day's difference": lambda: len(diff(snapshot, *(clocks_for(snapshot, each) for each in (now, then)))),
        "20 events' difference": lambda: len(
            diff(snapshot, *(clocks_for(snapshot, Asked(position=count + SOURCES - back)) for back in (20, 0)))
        ),
    }
    for name, ask in asked.items():
        found = ask()
        print(f"{name:24} {found:6,} found, asked again {timed(ask):9.1f} ms")


def pages(snapshot: Snapshot, asked: Asked, filters: dict[str, str | None]) -> int:
    """How many states there are, read page by page."""
    after: str | None = ""
    count = 0
    while after is not None:
        found, after = page_of_states(snapshot, clocks_for(snapshot, asked), filters, after, 1000)
        count += len(found)
    return count


def timetable(folder: Path, count: int) -> None:
    """One subject of many facts of an instant each, spread over a year."""
    chronology = desk_in(folder)
    bodies = [
        {
            "id": f"stop-{number}",
            "kind": "Occurred",
            "subject": "line",
            "subject_kind": "occurrence",
            "occurred": instant_text((JANUARY_2024_MINUTES + number * 480_000 // count) * 60_000_000),
            "what": f"stop {number}",
            "citations": [{"source": "source-0", "exact": "Sentence 1 of report 0: They met"}],
        }
        for number in range(count)
    ]
    for start in range(0, count, BATCH * 4):
        record(chronology, bodies[start : start + BATCH * 4])
    chronology.follower.catch_up()
    record(chronology, [{**bodies[0], "id": "one-more", "what": "one more"}])
    followed = timed(chronology.follower.catch_up)
    chance = random.Random(5)
    with chronology.ask(Asked()) as (snapshot, _):
        days = [f"2024-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}" for _ in range(60)]
        asked = [clocks_for(snapshot, Asked(at=day, reported_until="2025-01-01")) for day in days]
        first, second, again = (
            statistics.median(timed(lambda each=each: state_json(snapshot, "line", each)) for each in some)
            for some in (asked[:1], asked[1:], asked[1:])
        )
    print(
        f"a subject of {count:6,} facts: one more followed in {followed:7.1f} ms; "
        f"asked first {first:7.1f} ms, at other dates {second:7.3f} ms, again {again:6.3f} ms"
    )
    chronology.close()


def timed(question: Callable[[], Any]) -> float:
    """Milliseconds of this thread's processor time."""
    start = time.thread_time()
    question()
    return (time.thread_time() - start) * 1e3
