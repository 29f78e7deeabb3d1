"""The rate of taking facts in, checked and with their quotes found, against the library's storing of the same events.

The two are interleaved batch by batch, each into a database of its own, in the same run. The library stores with its
own mapper, JSON transcoder and recorder, and checks nothing. Garbage is collected before either begins.
"""

import gc
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent

from bench.workload import batches, desk_in, facts
from events.recording import record_facts
from service.desk import Desk

COUNT = 10_000


class Plain(Application):  # type: ignore[type-arg]
    """The library as it comes."""


def take_in(desk: Desk, batch: Sequence[dict[str, Any]]) -> float:
    """Seconds to check and record a batch as an import does."""
    start = time.perf_counter()
    pointers = [f"/{number}" for number in range(len(batch))]
    desk.write("bench", lambda call: record_facts(call, batch, pointers))
    return time.perf_counter() - start


def store(library: Plain, events: Sequence[DomainEvent]) -> float:
    """Seconds for the library's mapper and recorder to store the events."""
    start = time.perf_counter()
    stored = [library.mapper.to_stored_event(event) for event in events]  # type: ignore[arg-type]
    library.recorder.insert_events(stored)
    return time.perf_counter() - start


def measure() -> None:
    """Print both rates, and that of the views."""
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        desk = desk_in(Path(ours))
        library = Plain({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{theirs}/library.db"})
        own = plain = 0.0
        workload = list(facts(COUNT, 500))
        gc.freeze()
        for batch in batches(workload):
            head = desk.record.head()
            gc.collect()
            own += take_in(desk, batch)
            events = [
                desk.record.mapper.to_domain_event(stored)
                for stored in desk.record.recorder.select_notifications(head + 1, len(batch))
            ]
            gc.collect()
            plain += store(library, events)  # type: ignore[arg-type]
        start = time.perf_counter()
        desk.follower.catch_up()
        views = time.perf_counter() - start
        _print(own, plain, views)
        desk.close()
        library.close()


def _print(own: float, plain: float, views: float) -> None:
    print(f"library alone (mapper and recorder):  {COUNT / plain:>9,.0f} facts a second")
    print(
        f"checked, quoted and recorded:         {COUNT / own:>9,.0f} facts a second, {plain / own:.2f} of the library"
    )
    print(f"all views followed:                   {COUNT / views:>9,.0f} facts a second")
    print(f"recorded and followed:                {COUNT / (own + views):>9,.0f} facts a second")
