"""The rate of taking facts in, checked and with their quotes found, against the library's storing of the same events.

The two are interleaved batch by batch, each into a database of its own, in the same run. The library stores with its
own mapper, JSON transcoder and recorder, and checks nothing. Garbage is collected before either begins. Following is
timed when all is recorded. Rates are by the clock on the wall; behind them the processor's microseconds for each fact.
"""

import gc
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent

from benchmarks.workload import BATCH, chronology_in, facts, take_in

_SUBJECTS_PER_FACT = 20


class Plain(Application):  # type: ignore[type-arg]
    """The library as it comes."""


@dataclass
class Taken:
    """What something took: seconds on the wall, and of the processor."""

    wall: float = 0.0
    processor: float = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Add what the block takes."""
        gc.collect()
        wall, processor = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.processor += time.process_time() - processor

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.wall + other.wall, self.processor + other.processor)


def store(library: Plain, events: Sequence[DomainEvent]) -> None:
    """Have the library's mapper and recorder store the events."""
    library.recorder.insert_events([library.mapper.to_stored_event(event) for event in events])  # type: ignore[arg-type]


def measure(count: int, **_: Any) -> None:
    """Print both rates, that of the views, and how much memory all of it took at the most."""
    own, plain, views = Taken(), Taken(), Taken()
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        chronology = chronology_in(Path(ours))
        library = Plain({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{theirs}/library.db"})
        gc.freeze()
        given = facts(count, max(500, count // _SUBJECTS_PER_FACT))
        while batch := list(islice(given, BATCH)):
            head = chronology.record.head()
            with own.counted():
                take_in(chronology, batch)
            stored = chronology.record.recorder.select_notifications(head + 1, len(batch))
            events: list[Any] = [chronology.record.mapper.to_domain_event(each) for each in stored]
            with plain.counted():
                store(library, events)
        with views.counted():
            chronology.follower.catch_up()
        chronology.close()
        library.close()
    _print("library alone (mapper and recorder)", count, plain, plain)
    _print("checked, quoted and recorded", count, own, plain)
    _print("all views followed", count, views, plain)
    _print("recorded and followed", count, own + views, plain)
    print(f"memory at the most, the library's included: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


def _print(what: str, count: int, taken: Taken, plain: Taken) -> None:
    print(
        f"{what + ':':37} {count / taken.wall:>8,.0f} facts a second, {plain.wall / taken.wall:.2f} of the library; "
        f"{taken.processor / count * 1e6:>5.1f} µs of the processor, {plain.processor / taken.processor:.2f}"
    )
