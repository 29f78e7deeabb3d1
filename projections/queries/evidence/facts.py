"""Facts as they stand at the clocks: one with its whole stream, or a page of those that pass a filter."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import orjson

from events.amendments import AMENDMENTS
from events.dates.bounds import UNBOUNDED, Bounds
from events.dates.calendar import instant_text
from events.errors import NotFound
from events.facts import KINDS
from events.history.fact_as_of import fact_as_of
from events.history.streams import Entry
from events.log.encryption import REDACTED
from projections.clocks import Clocks
from projections.queries.evidence.copies import copies_of
from projections.queries.evidence.written import Written, fact_view, ready, written
from projections.read_models.erasure import redaction_of
from projections.read_models.ledger import facts_and_shelf, histories, linked
from projections.store.snapshots import Snapshot

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
Page = tuple[list[Written], int | None]
"""Facts, and the position to go on from; None at the end."""
_SHOWN = ("id", "kind", "reason", "changes", "lifts", "withdraws")


def fact(snapshot: Snapshot, name: str, clocks: Clocks) -> dict[str, Any]:
    """One fact as it stands at the clocks, and its stream: who recorded what when, from which words.

    Raises:
        NotFound: no such fact was recorded by the position.
    """
    found, shelf = facts_and_shelf(snapshot, [name], clocks.position)
    if not found:
        raise NotFound(f"no fact {name!r} is recorded up to position {clocks.position}")
    standing = fact_as_of(found[0], shelf, clocks.reported, clocks.position)
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
) -> Page:
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
    batches = _candidates(snapshot, filters, after, clocks.position, limit + 1)
    found = ((names, written(snapshot, names, clocks)) for names in batches)
    return _page(found, _tests(filters, within), limit)


def ready_page(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], within: Bounds, after: int, limit: int
) -> Page | None:
    """The same where it takes a few probes and what is kept; None where facts would have to be read, or sought on."""
    names = next(_candidates(snapshot, filters, after, clocks.position, limit + 1), [])
    facts = ready(snapshot, names, clocks)
    if facts is None:
        return None
    page = _page([(names, facts)], _tests(filters, within), limit)
    return page if page[1] is not None or len(names) < min(limit + 1, _AT_ONCE) else None


def _page(
    batches: Iterable[tuple[Iterable[str], Mapping[str, Written | None]]],
    tests: Sequence[Callable[[Written], bool]],
    limit: int,
) -> Page:
    """The first facts that pass all tests."""
    found: list[Written] = []
    for names, facts in batches:
        passing: Iterable[Written] = (each for each in map(facts.get, names) if each is not None)
        for test in tests:
            passing = filter(test, passing)
        found += passing
        if len(found) > limit:
            return found[:limit], found[limit - 1].position
    return found, None


def views_of(facts: Iterable[Written]) -> list[dict[str, Any]]:
    """Written facts, read back."""
    return [orjson.loads(each.json) for each in facts]


def _candidates(
    snapshot: Snapshot, filters: dict[str, str | None], after: int, until: int, first: int
) -> Iterator[list[str]]:
    """Facts recorded behind `after`, in order, some at a time."""
    link = next((name for name in _LINKS if filters.get(name) is not None), None)
    size = min(first, _AT_ONCE)
    while True:
        if link is None:
            rows = _recorded(snapshot, after, until, size)
        else:
            rows = snapshot.probe(_LINKED[link], None, filters[link], until, after, until, size)
        if rows:
            yield [name for name, _ in rows]
        if len(rows) < size:
            return
        after, size = rows[-1][1], _AT_ONCE


def _recorded(snapshot: Snapshot, after: int, until: int, count: int) -> Sequence[Any]:
    """The first facts recorded behind a position: what follows it in the log stays the same, and is kept."""
    copies = copies_of(snapshot)
    found: Sequence[Any] | None = copies.listed(after, until, count)
    if found is None:
        found = snapshot.probe(_RECORDED, None, after, until, count)
        if len(found) == count:
            copies.list(after, found)
    return found


def _tests(filters: dict[str, str | None], within: Bounds) -> list[Callable[[Written], bool]]:
    """What a fact must pass."""
    tests: list[Callable[[Written], bool]] = []
    subject, kind, source, actor, words = map(filters.get, ("subject", "kind", "source", "actor", "q"))
    if subject is not None:
        tests.append(lambda each: each.subject == subject)
    if kind is not None:
        tests.append(lambda each: each.kind == kind)
    if source is not None:
        tests.append(lambda each: source in each.sources)
    if actor is not None:
        tests.append(lambda each: actor in each.actors)
    if words is not None:
        sought = words.casefold().split()
        tests.append(lambda each: all(word in each.words for word in sought))
    if within != UNBOUNDED:
        tests.append(lambda each: each.bounds.overlaps(within))
    return tests


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
