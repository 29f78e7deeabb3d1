"""Facts as they stand at the clocks: one with its whole stream, or a page of those that pass a filter."""

from collections.abc import Iterable, Iterator, Set
from typing import Any

import orjson

from events.amendments import AMENDMENTS
from events.bounds import Bounds
from events.calendar import instant_text
from events.errors import NotFound
from events.facts import KINDS
from events.history import Entry
from events.sealing import REDACTED
from events.standing import standing_of
from projections.clocks import Clocks
from projections.ledger import facts_and_shelf, histories, linked
from projections.redactions import redaction_of
from projections.store import Snapshot
from projections.written import Written, fact_view, written

_AT_ONCE = 200
_LINKS = {"subject": ("about", "subject"), "actor": ("mentions", "subject"), "source": ("cites", "source")}
_FACTS = "SELECT stream, position FROM {entries} WHERE version = 1 AND "
_BEHIND = " AND position > ? AND position <= ? ORDER BY position LIMIT ?"
_RECORDED = f"{_FACTS}(sort = 'fact') IS TRUE{_BEHIND}"  # so that SQLite goes by position, and does not sort all
_OF = "SELECT fact FROM {{{table}}} WHERE {key} = ? AND position <= ?"
_LINKED = {
    name: f"{_FACTS}sort = 'fact' AND stream IN ({_OF.format(table=table, key=key)}){_BEHIND}"
    for name, (table, key) in _LINKS.items()
}
_SHOWN = ("id", "kind", "reason", "changes", "lifts", "withdraws")


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
    withdrawn = standing.withdrawn if standing else frozenset[int]()
    stream = [stream_entry(entry, withdrawn) for entry in found[0].entries]
    redaction = redaction_of(snapshot, "fact", name)
    erased = {"redaction": redaction} if redaction else {}
    return {**view, "visible": standing is not None, "stream": stream, **erased, "asked": clocks.repeated()}


def stream_entry(entry: Entry, withdrawn: Set[int]) -> dict[str, Any]:
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
) -> tuple[list[Written], int | None]:
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
    found: list[Written] = []
    for candidates in _candidates(snapshot, filters, after, clocks.position, limit + 1):
        facts = written(snapshot, candidates, clocks)
        for name, position in candidates.items():
            each = facts.get(name)
            if each is None or not _passes(each, filters, within):
                continue
            if len(found) == limit:
                return found, after
            found.append(each)
            after = position
    return found, None


def views_of(facts: Iterable[Written]) -> list[dict[str, Any]]:
    """Written facts, read back."""
    return [orjson.loads(each.json) for each in facts]


def _candidates(
    snapshot: Snapshot, filters: dict[str, str | None], after: int, until: int, first: int
) -> Iterator[dict[str, int]]:
    """Facts recorded behind `after`, in order, some at a time, each with the position of its recording."""
    link = next((name for name in _LINKS if filters.get(name) is not None), None)
    question, values = (_RECORDED, ()) if link is None else (_LINKED[link], (filters[link], until))
    size = min(first, _AT_ONCE)
    while True:
        rows = snapshot.probe(question, None, *values, after, until, size)
        if rows:
            yield dict(rows)
        if len(rows) < size:
            return
        after, size = rows[-1][1], _AT_ONCE


def _passes(each: Written, filters: dict[str, str | None], within: Bounds) -> bool:
    subject, actor, source = filters.get("subject"), filters.get("actor"), filters.get("source")
    return (
        (subject is None or each.subject == subject)
        and (filters.get("kind") is None or each.kind == filters["kind"])
        and (source is None or source in each.sources)
        and (actor is None or actor in each.actors)
        and (filters.get("q") is None or all(word in each.words for word in str(filters["q"]).casefold().split()))
        and each.bounds.overlaps(within)
    )


def facts_citing(snapshot: Snapshot, source: str, position: int) -> list[tuple[str, dict[str, Any]]]:
    """Every citation of the source by the position: the fact's id, and the citation."""
    names = linked(snapshot, "cites", [source], position).get(source, [])
    found = histories(snapshot, "fact", names, position)
    return [
        (name, citation)
        for name in names
        for entry in found.get(name, [])
        for citation in entry.data.get("citations", ())
        if citation["source"] == source
    ]
