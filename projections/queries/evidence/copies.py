"""What a process keeps of facts as they stand with everything reported, each for the positions at which it stands so.

What was recorded never changes, so neither does what follows from it at a position. Events behind those that were
followed are looked through once, by the first snapshot that holds them; each ends what it bears on.
"""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from projections.read_models.erasures import Erasures
from projections.store.snapshots import Snapshot

ROOM_BYTES = 64 << 20
MANY = 10_000
"""Where so many events have to be followed, all is forgotten instead."""
_OVERHEAD = 1_000
_LISTS = 256
_MOVED = "SELECT sort, stream, position FROM {entries} WHERE position > ? AND position <= ?"

Listed = Sequence[tuple[str, int]]
"""Facts, each with the position of its recording."""


class Kept(NamedTuple):
    """What was written of a fact.

    Attributes:
        name: the fact's id.
        since: the position from which on it stands so.
        until: the position of the next event that bears on it, `HEAD` where there is none.
        sources: all that events of it cite.
        fact: what was written; None where the fact is not visible.
        weight: its bytes.
    """

    name: str
    since: int
    until: int
    sources: frozenset[str]
    fact: Any
    weight: int = 0


class Copies:
    """Written facts, those written first out first, within its room."""

    def __init__(self, room: int = ROOM_BYTES) -> None:
        self._erasures = Erasures()
        self._room = room
        self._kept: dict[str, Kept] = {}
        self._citing: dict[str, set[str]] = {}
        self._lists: dict[tuple[int, int], Listed] = {}
        self._weight = 0
        self._followed = 0
        self._lock = Lock()

    def follow(self, snapshot: Snapshot) -> None:
        """Follow events up to the snapshot's position; forget what was written if words were redacted."""
        begin, end = self._followed, snapshot.position
        if end <= begin:
            return
        is_over = self._erasures.are_new_in(snapshot) or end - begin > MANY
        moved = [] if is_over or not self._kept else snapshot.probe(_MOVED, None, begin, end)
        with self._lock:
            if is_over:
                self._kept.clear()
                self._citing.clear()
                self._weight = 0
            for sort, stream, position in moved:
                if sort == "fact":
                    self._end((stream,), position)
                elif sort == "source":
                    self._end(self._citing.get(stream, ()), position)
            self._followed = max(self._followed, end)

    def _end(self, names: Iterable[str], position: int) -> None:
        for name in names:
            each = self._kept.get(name)
            if each is not None and each.since < position < each.until:
                self._kept[name] = each._replace(until=position)

    def standing(self, names: Iterable[str], position: int) -> dict[str, Any]:
        """What was written of those facts that are kept as they stand at a position; it must have been followed."""
        found, kept = {}, self._kept
        for name in names:
            each = kept.get(name)
            if each is not None and each.since <= position < each.until:
                found[name] = each.fact
        return found

    def keep(self, snapshot: Snapshot, facts: Iterable[Kept]) -> None:
        """Keep what was written from a snapshot, unless that was before a redaction."""
        with self._lock:
            if snapshot.position < self._erasures.last:
                return
            known = snapshot.position + 1 if snapshot.position < self._followed else None
            for each in facts:
                self._drop(each.name)
                self._kept[each.name] = each if known is None else each._replace(until=min(each.until, known))
                self._weight += _OVERHEAD + each.weight
                for source in each.sources:
                    self._citing.setdefault(source, set()).add(each.name)
            while self._weight > self._room:
                self._drop(next(iter(self._kept)))

    def _drop(self, name: str) -> None:
        found = self._kept.pop(name, None)
        if found is None:
            return
        self._weight -= _OVERHEAD + found.weight
        for source in found.sources:
            self._citing[source].discard(name)
            if not self._citing[source]:
                del self._citing[source]

    def listed(self, after: int, until: int, count: int) -> Listed | None:
        """The first so many facts recorded behind a position, where they are kept and recorded by another."""
        found = self._lists.get((after, count))
        return found if found is not None and found[-1][1] <= until else None

    def list(self, after: int, facts: Listed) -> None:
        """Keep the first facts recorded behind a position."""
        with self._lock:
            self._lists[after, len(facts)] = facts
            if len(self._lists) > _LISTS:
                del self._lists[next(iter(self._lists))]


_copies: WeakKeyDictionary[Engine, Copies] = WeakKeyDictionary()


def copies_of(snapshot: Snapshot) -> Copies:
    """The copies of the database that the snapshot is of, which has followed as far."""
    copies = _copies.setdefault(snapshot.connection.engine, Copies())
    copies.follow(snapshot)
    return copies
