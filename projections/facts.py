"""Facts as they stand at the clocks: one with its whole stream, or a page of those that pass a filter."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from events.amendments import AMENDMENTS
from events.bounds import Bounds
from events.calendar import instant_text
from events.errors import NotFound
from events.facts import KINDS, UNJUDGED, own_fields
from events.history import Entry, FactHistory
from events.sealing import REDACTED
from events.standing import Standing, standing_of
from projections.clocks import Clocks
from projections.ledger import facts_and_shelf, histories, named_in
from projections.redactions import redaction_of
from projections.store import Snapshot

_AT_ONCE = 200
_LINKS = {"subject": "about", "actor": "mentions", "source": "cites"}
_SHOWN = ("id", "kind", "reason", "changes", "lifts", "withdraws")


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


def fact(snapshot: Snapshot, name: str, clocks: Clocks) -> dict[str, Any]:
    """One fact as it stands at the clocks, and its stream: who recorded what when, from which words.

    Raises:
        NotFound: no such fact was recorded by the position.
    """
    found, shelf = facts_and_shelf(snapshot, [name], clocks.position)
    if not found:
        raise NotFound(f"no fact {name!r} is recorded up to position {clocks.position}")
    standing = standing_of(found[0], shelf, clocks.reported, clocks.position)
    view = fact_view(standing) if standing else {"id": name}
    withdrawn = standing.withdrawn if standing else set()
    stream = [stream_entry(entry, withdrawn) for entry in found[0].entries]
    redaction = redaction_of(snapshot, "fact", name)
    erased = {"redaction": redaction} if redaction else {}
    return {**view, "visible": standing is not None, "stream": stream, **erased, "asked": clocks.repeated()}


def stream_entry(entry: Entry, withdrawn: set[int]) -> dict[str, Any]:
    """One event of a fact's stream, as people read it."""
    data = entry.data
    shown: dict[str, Any] = {
        "event": entry.name if entry.name in AMENDMENTS else "FactRecorded",
        "n": entry.n,
        "position": entry.position,
        "recorded": instant_text(entry.recorded),
        "recorded_by": data.get("recorded_by"),
        "citations": data.get("citations", []),
    }
    shown |= {name: data[name] for name in ("accepted_by", REDACTED) if name in data}
    if entry.name in KINDS:
        hidden = {"recorded_by", "accepted_by", "citations", "opens", "id", REDACTED}
        return shown | {"kind": entry.name, "said": {name: data[name] for name in data if name not in hidden}}
    shown |= {name: data[name] for name in _SHOWN if name in data} | {"withdrawn": entry.n in withdrawn}
    rests_on = data.get("lifts") if entry.name == "FactReinstated" else None
    return shown | ({"rests_on_withdrawn": True} if rests_on in withdrawn else {})


def page_of_facts(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], within: Bounds, after: int, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Facts visible at the clocks, in the order of their recording, from behind the position `after`.

    Args:
        snapshot: what to read.
        clocks: at which clocks.
        filters: `subject`, `actor`, `source`, `kind`, `q` (words in quotes, values or notes); None does not filter.
        within: bounds that the fact's must overlap.
        after: the position behind which to begin.
        limit: how many at the most.

    Returns:
        The facts, and the position to go on from; None at the end.
    """
    found: list[dict[str, Any]] = []
    for candidates in _candidates(snapshot, filters, after, clocks.position):
        streams, shelf = facts_and_shelf(snapshot, candidates, clocks.position)
        by_name = {history.id: history for history in streams}
        for name, position in candidates.items():
            standing = _standing(by_name, name, shelf, clocks)
            if standing is None or not _passes(standing, filters, within):
                continue
            if len(found) == limit:
                return found, after
            found.append(fact_view(standing))
            after = position
    return found, None


def _standing(by_name: dict[str, FactHistory], name: str, shelf: Any, clocks: Clocks) -> Standing | None:
    history = by_name.get(name)
    return standing_of(history, shelf, clocks.reported, clocks.position) if history else None


def _candidates(snapshot: Snapshot, filters: dict[str, str | None], after: int, until: int) -> Iterator[dict[str, int]]:
    """Facts recorded behind `after`, in order, some at a time, each with the position of its recording."""
    entries = snapshot.table("entries")
    recorded = select(entries.c.stream, entries.c.position).where(entries.c.sort == "fact", entries.c.version == 1)
    link = next((name for name in _LINKS if filters.get(name) is not None), None)
    if link is not None:
        table = snapshot.table(_LINKS[link])
        key = next(iter(table.c))
        linked = select(table.c.fact).where(key == filters[link], table.c.position <= until)
        recorded = recorded.where(entries.c.stream.in_(linked))
    while True:
        wanted = recorded.where(entries.c.position > after, entries.c.position <= until)
        rows = snapshot.rows(wanted.order_by(entries.c.position).limit(_AT_ONCE))
        if rows:
            yield {row.stream: row.position for row in rows}
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].position


def _passes(standing: Standing, filters: dict[str, str | None], within: Bounds) -> bool:
    subject, actor, source = filters.get("subject"), filters.get("actor"), filters.get("source")
    return (
        (subject is None or standing.subject == subject)
        and (filters.get("kind") is None or standing.kind.__name__ == filters["kind"])
        and (source is None or any(each.citation["source"] == source for each in standing.cited))
        and (actor is None or actor in _actors(standing))
        and (filters.get("q") is None or _says(standing, str(filters["q"])))
        and standing.bounds.overlaps(within)
    )


def _actors(standing: Standing) -> set[str]:
    return set(named_in(standing.values))


def _says(standing: Standing, words: str) -> bool:
    """Whether every word stands in the fact's quotes, values or note, whatever the case."""
    said = [str(value) for value in standing.values.values()] + [each.citation["exact"] for each in standing.cited]
    text = " ".join(said).casefold()
    return all(word in text for word in words.casefold().split())


def facts_citing(snapshot: Snapshot, source: str, position: int) -> list[tuple[str, dict[str, Any]]]:
    """Every citation of the source by the position: the fact's id, and the citation."""
    table = snapshot.table("cites")
    linked = select(table.c.fact).where(table.c.source == source, table.c.position <= position)
    names = [row.fact for row in snapshot.rows(linked.order_by(table.c.position))]
    found = histories(snapshot, "fact", names, position)
    return [
        (name, citation)
        for name in names
        for entry in found.get(name, [])
        for citation in entry.data.get("citations", ())
        if citation["source"] == source
    ]
