"""Facts as they stand, written as JSON once: pages are joined from these bytes.

With everything reported, a fact stays as it stands until an event is recorded of it, or of a source that it cites. What
was written is kept in the process until then, or until words are redacted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import Engine

from events.bounds import Bounds
from events.calendar import instant_text
from events.facts import UNJUDGED, own_fields
from events.standing import Standing, standing_of
from projections.clocks import Clocks
from projections.erasures import Erasures
from projections.ledger import chunks, facts_and_shelf, named_in
from projections.store import Snapshot

ROOM_BYTES = 64 << 20
_OVERHEAD = 1_000
_LAST = (
    "SELECT stream, max(position) FROM {entries} WHERE stream {among} AND sort = ? AND position <= ? GROUP BY stream"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A visible fact as it stands at the clocks, as JSON, and what lists filter it by."""

    id: str
    subject: str
    kind: str
    sources: frozenset[str]
    actors: frozenset[str]
    bounds: Bounds
    words: str
    json: bytes


def fact_view(standing: Standing) -> dict[str, Any]:
    """A fact as it stands at the clocks."""
    values = standing.values
    shown = {
        "id": standing.id,
        "kind": standing.kind.__name__,
        "subject": standing.subject,
        "occurred": values.get("occurred"),
        "zone": standing.zone,
        "modality": standing.modality,
        "attributed_to": values.get("attributed_to"),
        "credibility": values.get("credibility", UNJUDGED),
        "note": values.get("note"),
        "fields": {name: values[name] for name in own_fields(standing.kind) if name in values},
        "by": standing.by,
        "citations": [{**each.citation, "publisher": each.publisher} for each in standing.cited],
        "retracted": standing.retracted,
        "reported_before_occurred": standing.reported_before_occurred,
        "position": standing.history.recording.position,
        "recorded": instant_text(standing.history.recording.recorded),
    }
    if standing.changed:
        shown["corrected_by"] = {name: [f"{standing.id}#{n}" for n in by] for name, by in standing.changed.items()}
    if standing.disputes:
        shown["disputed_by"] = [f"{standing.id}#{entry.n}" for entry in standing.disputes]
    return shown


def write(standing: Standing) -> Written:
    """Write a fact as it stands."""
    said = [str(value) for value in standing.values.values()] + [each.citation["exact"] for each in standing.cited]
    return Written(
        standing.id,
        standing.subject,
        standing.kind.__name__,
        frozenset(each.citation["source"] for each in standing.cited),
        frozenset(named_in(standing.values)),
        standing.bounds,
        " ".join(said).casefold(),
        orjson.dumps(fact_view(standing)),
    )


def written(snapshot: Snapshot, facts: Iterable[str], clocks: Clocks) -> dict[str, Written | None]:
    """The facts that are recorded by the position, as they stand at the clocks; None for one that is not visible."""
    names = list(facts)
    if clocks.reported is not None:
        return {name: found for name, _, found in _read(snapshot, names, clocks)}
    shelf = _shelf_of(snapshot)
    lasts = _last_of(snapshot, "fact", names, clocks.position)
    known = {name: each for name in names if (each := shelf.get(name, lasts.get(name))) is not None}
    cited = {source for each in known.values() for source in each.sources}
    sources = _last_of(snapshot, "source", sorted(cited), clocks.position)
    found = {name: each.fact for name, each in known.items() if each.stands(sources)}
    missing = [name for name in names if name not in found and name in lasts]
    if missing:
        read = _read(snapshot, missing, clocks)
        cited = {source for _, of, _ in read for source in of} - sources.keys()
        sources |= _last_of(snapshot, "source", sorted(cited), clocks.position)
        for name, of, fact in read:
            lately = {source: sources[source] for source in of if source in sources}
            shelf.keep(snapshot.position, name, _Kept(lasts[name], of, lately, fact))
            found[name] = fact
    return found


def _read(snapshot: Snapshot, names: list[str], clocks: Clocks) -> list[tuple[str, frozenset[str], Written | None]]:
    """Facts as they stand, each with all sources that events of it cite."""
    histories, shelf = facts_and_shelf(snapshot, names, clocks.position)
    read = []
    for history in histories:
        standing = standing_of(history, shelf, clocks.reported, clocks.position)
        read.append((history.id, frozenset(history.sources()), None if standing is None else write(standing)))
    return read


def _last_of(snapshot: Snapshot, sort: str, streams: list[str], position: int) -> dict[str, int]:
    """The position of the last event of each stream up to the position."""
    return {stream: last for chunk in chunks(streams) for stream, last in snapshot.probe(_LAST, chunk, sort, position)}


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was written of a fact, up to which event of its own, and which of the sources that it cites."""

    last: int
    sources: frozenset[str]
    lately: Mapping[str, int]
    fact: Written | None

    def stands(self, sources: Mapping[str, int]) -> bool:
        """Whether the sources have no other events by now."""
        return all(self.lately.get(source) == sources.get(source) for source in self.sources)

    @property
    def weight(self) -> int:
        return _OVERHEAD if self.fact is None else _OVERHEAD + len(self.fact.json) + len(self.fact.words)


class Shelf:
    """What a process keeps of written facts, those written first out first, within its room."""

    def __init__(self, room: int = ROOM_BYTES) -> None:
        self.erasures = Erasures()
        self._room = room
        self._kept: dict[str, _Kept] = {}
        self._weight = 0
        self._lock = Lock()

    def look(self, snapshot: Snapshot) -> None:
        """Forget everything if words were redacted since the last look."""
        if self.erasures.are_new_in(snapshot):
            with self._lock:
                self._kept.clear()
                self._weight = 0

    def get(self, name: str, last: int | None) -> _Kept | None:
        """What was written of the fact up to that event of its own."""
        found = self._kept.get(name)
        return found if found is not None and found.last == last else None

    def keep(self, position: int, name: str, kept: _Kept) -> None:
        """Keep what was written from a snapshot at the position, unless that was before a redaction."""
        with self._lock:
            if position < self.erasures.last:
                return
            self._drop(name)
            self._kept[name] = kept
            self._weight += kept.weight
            while self._weight > self._room:
                self._drop(next(iter(self._kept)))

    def _drop(self, name: str) -> None:
        found = self._kept.pop(name, None)
        if found is not None:
            self._weight -= found.weight


_shelves: WeakKeyDictionary[Engine, Shelf] = WeakKeyDictionary()


def _shelf_of(snapshot: Snapshot) -> Shelf:
    shelf = _shelves.setdefault(snapshot.connection.engine, Shelf())
    shelf.look(snapshot)
    return shelf
