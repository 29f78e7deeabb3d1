"""Plain `eventsourcing` on SQLite: one aggregate for each subject, its events replayed up to the position.

The library's repository can replay to a version, but not to a place in the log, and finding the version takes reading
the events; so these are read once and folded, which is faster. The whole is one pass over the log.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, AggregateCreated, AggregateEvent

from benchmarks.peers.histories import Found, Histories
from benchmarks.peers.rows import Row, changes
from benchmarks.scale import Workload

_NAMES = UUID(int=5)
_BATCH = 500


class Subject(Aggregate):
    """The facts about one subject."""

    class Opened(AggregateCreated):
        """It was named."""

        subject: str

    class Changed(AggregateEvent):
        """A fact was recorded, corrected (the row) or retracted (its number alone)."""

        position: int
        subject: str
        number: int
        row: list[Any] | None


class Replay(Histories):
    """The library as it comes, with its own transcoder."""

    name = "eventsourcing replay"
    packages = ("eventsourcing",)

    def __init__(self, folder: Path) -> None:
        settings = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": f"{folder}/replay.db"}
        self.app: Application[UUID] = Application(settings)

    def load(self, workload: Workload) -> dict[str, float]:
        """Insert the events in batches by the library's recorder."""
        seconds, batch, versions = 0.0, [], defaultdict(int)
        for what, position, row in changes(workload):
            batch.append((position, row.subject, row.number, None if what == "delete" else list(row)))
            if len(batch) == _BATCH:
                seconds += self._insert(batch, versions)
                batch = []
        return {"import": seconds + self._insert(batch, versions)}

    def _insert(self, batch: list[Any], versions: dict[str, int]) -> float:
        start = perf_counter()
        events: list[Any] = []
        for position, subject, number, row in batch:
            stream, now = uuid5(_NAMES, subject), Subject.Opened.create_timestamp()
            if not versions[subject]:
                versions[subject] = 1
                topic = "benchmarks.peers.replay:Subject"
                named = {"originator_id": stream, "originator_version": 1, "timestamp": now, "subject": subject}
                events.append(Subject.Opened(originator_topic=topic, **named))
            versions[subject] += 1
            placed = {"originator_id": stream, "originator_version": versions[subject], "timestamp": now}
            events.append(Subject.Changed(position=position, subject=subject, number=number, row=row, **placed))
        self.app.recorder.insert_events([self.app.mapper.to_stored_event(event) for event in events])
        return perf_counter() - start

    def _standing(self, events: Iterable[Any], recorded: int | None = None) -> list[Row]:
        rows: dict[int, list[Any]] = {}
        for event in events:
            if type(event) is Subject.Changed and (recorded is None or event.position <= recorded):
                if event.row is None:
                    rows.pop(event.number, None)
                else:
                    rows[event.number] = event.row
        return sorted((Row(*row) for row in rows.values()), key=lambda row: (row.subject, row.lo, row.rung, row.number))

    def rows(self, subjects: Sequence[str] | None, at: int, recorded: int) -> Iterable[Found]:
        """The rows that the events leave."""
        if subjects is None:
            standing = self._standing(self._log(), recorded)
        else:
            standing = [row for name in subjects for row in self._standing(self._stream(name), recorded)]
        return [_found(row) for row in standing if row.actual and row.hi <= at]

    def reported(self, subject: str, at: int, reported: int) -> Iterable[Found]:
        """The rows that all events leave."""
        standing = self._standing(self._stream(subject))
        return [_found(row) for row in standing if row.actual and row.hi <= at and row.published <= reported]

    @cached_property
    def first(self) -> int:
        """The position of the first event in the log."""
        return int(next(event.position for event in self._log() if type(event) is Subject.Changed))

    def _stream(self, subject: str) -> Iterator[Any]:
        return self.app.events.get(uuid5(_NAMES, subject))

    def _log(self, start: int = 1) -> Iterator[Any]:
        while batch := self.app.recorder.select_notifications(start, 5_000):
            for stored in batch:
                yield self.app.mapper.to_domain_event(stored)
            start = batch[-1].id + 1

    def touched(self, first: int, last: int) -> list[str]:
        """Those of the events between, read from the log; an event's place there is never before its position's."""
        changed = (event for event in self._log(first - self.first + 1) if type(event) is Subject.Changed)
        until = takewhile(lambda event: event.position <= last, changed)
        return sorted({event.subject for event in until if event.position > first})

    def close(self) -> None:
        """Close the store."""
        self.app.close()


def _found(row: Row) -> Found:
    return row.subject, row.step, row.does, row.says, row.settings


Peer = Replay
