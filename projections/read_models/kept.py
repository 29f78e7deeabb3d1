"""Finished states of subjects, kept in the process: a question at clocks between the same events is answered again.

Between two events that bear on a subject, two publications of its sources and two bounds of its facts its state stays
the same. Such a cell is folded once and kept as bytes, as long as there is room and no further event has touched the
subject; of subjects asked for one by one the story is kept too. Nothing is written, so a replica that may only read
answers as well.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Engine

from events.history.fact_as_of import FactAsOf
from projections.clocks import Clocks
from projections.fold.state import Account, State
from projections.fold.subject_history import SubjectHistory, described
from projections.read_models.citation_warnings import Mark, mark, marks_of
from projections.read_models.erasure import last_redaction
from projections.store.snapshots import Snapshot

ROOM_BYTES = 128 << 20
"""About how much of a process's memory finished states and stories may take."""

_ORDERS_KEPT = 2
_EVENT_BYTES, _FACT_BYTES, _STATE_BYTES = 100, 3_000, 400  # measured on the facts of the benchmarks


class Finished(NamedTuple):
    """A state as JSON, and what lists filter it by; `grounds` differs where it rests on other citations."""

    id: str
    kind: str | None
    status: str | None
    part_of: str | None
    merged_into: str | None
    state: bytes
    grounds: int

    def read(self) -> State:
        """The state itself."""
        found: State = orjson.loads(self.state)
        return found


@dataclass(frozen=True, slots=True)
class Slice:
    """A subject's facts as they stand between two events and two publications, to be read at any `at`."""

    subject: str
    kind: str | None
    merged_into: str | None
    account: Account
    marks: dict[str, list[Mark]]
    grounds: int

    @classmethod
    def of(cls, snapshot: Snapshot, story: SubjectHistory, reported: int | None, position: int) -> "Slice | None":
        """The slice at these clocks; None where the subject is not named by then."""
        kind = story.kind(position)
        if kind is None:
            return None
        standings = story.standings(reported, position)
        marks = marks_of(snapshot, standings, reported)
        account = Account(kind[0], story.parts(standings))
        return cls(story.subject, kind[0], story.merged_into(position), account, marks, _grounds(standings))

    def finish(self, at: int | None) -> Finished:
        """Fold, mark and write the state by the first clock."""
        state = described(self.subject, self.account, at)
        mark(state, self.marks)
        if self.merged_into is not None:
            state["merged_into"] = self.merged_into
        return Finished(
            self.subject,
            self.kind,
            state["status"]["value"],
            state["part_of"],
            self.merged_into,
            orjson.dumps(state),
            self.grounds,
        )


def _grounds(standings: Iterable[FactAsOf]) -> int:
    """A number made from all citations that count, so small that every database keeps it."""
    found = [(fact.id, [(each.source.id, each.n, each.publisher) for each in fact.cited]) for fact in standings]
    return int.from_bytes(blake2b(orjson.dumps(sorted(found)), digest_size=8).digest(), signed=True)


_Cell = tuple[int, int]


class Known:
    """What is kept of one subject; `touched` is the position of the last event that bears on it."""

    def __init__(self, touched: int, story: SubjectHistory) -> None:
        self.touched = touched
        self.story: SubjectHistory | None = None
        shelved = [(history, entry) for history in story.shelf.values() for entry in history.entries]
        told = [*story.regroupings, *(entry for history in story.facts for entry in history.entries)]
        events = {entry.position for entry in told} | {entry.position for _, entry in shelved}
        self._events = sorted(events | {position for position, _ in story.kinds})
        known = [state for history, entry in shelved if (state := history.at(entry.position)) is not None]
        published = {edition.published_by for state in known for edition in state.editions}
        self._publications = sorted(published | {state.withdrawn_by for state in known})
        self._slices: dict[_Cell, Slice | None] = {}
        self._turns: dict[_Cell, list[int]] = {}
        self._finished: dict[tuple[_Cell, int], Finished | None] = {}
        self.weight = len(self._events) * _EVENT_BYTES

    def at(self, clocks: Clocks) -> tuple[Finished | None] | None:
        """The finished state at the clocks, in a tuple: None where the subject is not named; None if not kept."""
        cell = self._cell(clocks)
        if cell not in self._turns:
            return None
        key = cell, _stretch(self._turns[cell], clocks.at)
        return (self._finished[key],) if key in self._finished else None

    def fold(self, snapshot: Snapshot, story: SubjectHistory, clocks: Clocks, *, keeps_story: bool) -> Finished | None:
        """The finished state at the clocks, from now on kept."""
        cell = self._cell(clocks)
        found = self._slices.get(cell) or Slice.of(snapshot, story, clocks.reported, clocks.position)
        turns = self._turns.setdefault(cell, found.account.turns if found else [])
        finished = found.finish(clocks.at) if found else None
        self._finished[cell, _stretch(turns, clocks.at)] = finished
        self.weight += _STATE_BYTES + (len(finished.state) if finished else 0)
        if keeps_story:
            self.weight += len(story.facts) * _FACT_BYTES * ((self.story is None) + (cell not in self._slices))
            self.story, self._slices[cell] = story, found
        return finished

    def _cell(self, clocks: Clocks) -> _Cell:
        moment = -1 if clocks.reported is None else bisect_right(self._publications, clocks.reported)
        return bisect_right(self._events, clocks.position), moment


def _stretch(turns: list[int], at: int | None) -> int:
    """Between which two turns the bound lies; -1 where there is none."""
    return -1 if at is None else bisect_right(turns, at)


_Key = tuple[str, str | None]


class Kept:
    """What a process keeps, least recently asked first, within its room; nothing of before the last redaction."""

    def __init__(self, room: int = ROOM_BYTES) -> None:
        self.room = room
        self.orders: dict[Any, list[Any]] = {}
        self._known: dict[_Key, Known] = {}
        self._weights: dict[_Key, int] = {}
        self._weight = 0
        self._lock = Lock()
        self._looked = 0
        self._redacted = 0

    def look(self, snapshot: Snapshot) -> None:
        """Where the views have gone on, forget everything if words were redacted since."""
        if snapshot.position <= self._looked:
            return
        last = last_redaction(snapshot)
        with self._lock:
            if last > self._redacted:
                self._known, self._weights, self._weight, self.orders = {}, {}, 0, {}
                self._redacted = last
            self._looked = max(self._looked, snapshot.position)

    def keep_order(self, position: int, key: Any, found: list[Any]) -> None:
        """Keep an order of all facts as read by a snapshot at the position, unless it was read before a redaction."""
        with self._lock:
            if position >= self._redacted:
                while len(self.orders) >= _ORDERS_KEPT:
                    self.orders.pop(next(iter(self.orders)))
                self.orders[key] = found

    def get(self, subject: str, reading: str | None, touched: int) -> Known | None:
        """What is kept of the subject, where no later event has touched it."""
        known = self._known.get((subject, reading))
        return known if known is not None and known.touched == touched else None

    def keep(self, subject: str, reading: str | None, known: Known) -> None:
        """Keep it, as the one asked for last."""
        key = (subject, reading)
        with self._lock:
            self._drop(key)
            self._known[key], self._weights[key] = known, known.weight
            self._weight += known.weight
            while self._weight > self.room and len(self._known) > 1:
                self._drop(next(iter(self._known)))

    def items(self) -> list[tuple[_Key, Known]]:
        """What is kept, by subject and the party heard."""
        return list(self._known.items())

    def forget(self, subjects: set[str]) -> None:
        """Forget everything about the subjects."""
        with self._lock:
            for key in [key for key in self._known if key[0] in subjects]:
                self._drop(key)

    def _drop(self, key: _Key) -> None:
        if self._known.pop(key, None) is not None:
            self._weight -= self._weights.pop(key)


_kept: WeakKeyDictionary[Engine, Kept] = WeakKeyDictionary()


def kept_of(snapshot: Snapshot) -> Kept:
    """What this process keeps of the snapshot's database."""
    kept = _kept.setdefault(snapshot.connection.engine, Kept())
    kept.look(snapshot)
    return kept
