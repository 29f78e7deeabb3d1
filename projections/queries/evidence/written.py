"""Facts as they stand, written as JSON once: pages are joined from these bytes.

With everything reported, a fact stays as it stands until an event is recorded of it, or of a source that it cites. What
was written is kept in the process, with the positions between which it stands so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson

from events.dates.bounds import Bounds
from events.dates.calendar import instant_text
from events.facts import UNJUDGED, own_fields
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.streams import HEAD, FactHistory, Shelf
from projections.clocks import Clocks
from projections.queries.evidence.copies import Kept, copies_of
from projections.read_models.ledger import chunks, facts_and_shelf, named_in
from projections.store.snapshots import Snapshot

_NEXT = "SELECT stream, min(position) FROM {entries} WHERE stream {among} AND sort = ? AND position > ? GROUP BY stream"


@dataclass(frozen=True, slots=True)
class Written:
    """A visible fact as it stands at the clocks, as JSON, what lists filter it by, and where it was recorded."""

    id: str
    position: int
    subject: str
    kind: str
    sources: frozenset[str]
    actors: frozenset[str]
    bounds: Bounds
    words: str
    json: bytes


def fact_view(standing: FactAsOf) -> dict[str, Any]:
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


def write(standing: FactAsOf) -> Written:
    """Write a fact as it stands."""
    said = [str(value) for value in standing.values.values()] + [each.citation["exact"] for each in standing.cited]
    return Written(
        standing.id,
        standing.history.recording.position,
        standing.subject,
        standing.kind.__name__,
        frozenset(each.citation["source"] for each in standing.cited),
        frozenset(named_in(standing.values)),
        standing.bounds,
        " ".join(said).casefold(),
        orjson.dumps(fact_view(standing)),
    )


def written(snapshot: Snapshot, names: Sequence[str], clocks: Clocks) -> dict[str, Written | None]:
    """The facts that are recorded by the position, as they stand at the clocks; None for one that is not visible."""
    if clocks.reported is not None:
        return {each.name: each.fact for each in _read(snapshot, names, clocks)}
    copies = copies_of(snapshot)
    found = copies.standing(names, clocks.position)
    missing = [name for name in names if name not in found]
    if missing:
        read = _read(snapshot, missing, clocks)
        copies.keep(snapshot, read)
        found |= {each.name: each.fact for each in read}
    return found


def ready(snapshot: Snapshot, names: Sequence[str], clocks: Clocks) -> dict[str, Written | None] | None:
    """The same; None where a fact would have to be read."""
    found = copies_of(snapshot).standing(names, clocks.position) if clocks.reported is None else {}
    return found if len(found) == len(names) else None


def _read(snapshot: Snapshot, names: Sequence[str], clocks: Clocks) -> list[Kept]:
    """Facts as they stand, each with all sources that events of it cite, and the positions between which it does so."""
    histories, sources = facts_and_shelf(snapshot, names, clocks.position)
    nexts = _next_of(snapshot, "fact", [each.id for each in histories], clocks.position)
    moved = _next_of(snapshot, "source", sorted(sources), clocks.position)
    return [_kept(history, sources, clocks, nexts, moved) for history in histories]


def _kept(
    history: FactHistory, sources: Shelf, clocks: Clocks, nexts: Mapping[str, int], moved: Mapping[str, int]
) -> Kept:
    standing = fact_as_of(history, sources, clocks.reported, clocks.position)
    fact = None if standing is None else write(standing)
    cited = frozenset(history.sources())
    entries = chain(history.entries, *(sources[source].entries for source in cited if source in sources))
    since = max(entry.position for entry in entries)
    until = min((nexts.get(history.id, HEAD), *(moved.get(source, HEAD) for source in cited)))
    return Kept(history.id, since, until, cited, fact, 0 if fact is None else len(fact.json) + len(fact.words))


def _next_of(snapshot: Snapshot, sort: str, streams: list[str], position: int) -> dict[str, int]:
    """The position of the next event of each stream behind the position, where there is one."""
    if position >= snapshot.position:
        return {}
    return {
        stream: found for chunk in chunks(streams) for stream, found in snapshot.probe(_NEXT, chunk, sort, position)
    }
