"""Facts as they stand at the clocks: one with its whole stream, or a page of those that pass a filter."""

from collections.abc import Callable, Iterator, Sequence
from typing import NotRequired, TypedDict, final

from events.dates.bounds import UNBOUNDED, Bounds
from events.errors import NotFound
from events.facts import subjects_named
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.streams import StoredCitation
from projections.clocks import AskedClocks, Clocks
from projections.queries.evidence.fact_views import (
    FactView,
    FactWithStream,
    StreamEntry,
    fact_views,
    fact_with_stream,
)
from projections.read_models.erasure import Redaction, redaction_of
from projections.read_models.ledger import facts_and_sources, histories, linked
from projections.store.snapshots import Snapshot

_AT_ONCE = 200
MOST_SOUGHT = 10_000
"""How many facts are looked at for a page."""

_LINKS = {"subject": ("about", "subject"), "actor": ("mentions", "subject"), "source": ("cites", "source")}
_FACTS = "SELECT stream, position FROM {entries} WHERE version = 1 AND "
_AFTER = " AND position > ? AND position <= ? ORDER BY position LIMIT ?"
_RECORDED = f"{_FACTS}(sort = 'fact') IS TRUE{_AFTER}"  # so that SQLite goes by position, and does not sort all
_OF = "SELECT fact FROM {{{table}}} WHERE {key} = ? AND position <= ?"
_LINKED = {
    name: f"{_FACTS}sort = 'fact' AND stream IN ({_OF.format(table=table, key=key)}){_AFTER}"
    for name, (table, key) in _LINKS.items()
}


class VisibleFact(FactWithStream):
    """A fact that is visible at the clocks asked."""

    visible: bool
    asked: AskedClocks


@final
class HiddenFact(TypedDict):
    """A fact that was not yet reported at the clocks asked."""

    id: str
    visible: bool
    stream: list[StreamEntry]
    redaction: NotRequired[Redaction]
    asked: AskedClocks


def fact(snapshot: Snapshot, name: str, clocks: Clocks) -> VisibleFact | HiddenFact:
    """One fact as it stands at the clocks, and its stream: who recorded what when, from which words.

    Raises:
        NotFound: no such fact was recorded by the position.
    """
    found, sources = facts_and_sources(snapshot, [name], clocks.position)
    if not found:
        raise NotFound(f"no fact {name!r} is recorded up to position {clocks.position}")
    view = fact_with_stream(snapshot, found[0], sources, clocks)
    shown: VisibleFact | HiddenFact
    if isinstance(view, list):
        shown = {"id": name, "visible": False, "stream": view, "asked": clocks.repeated()}
    else:
        shown = {**view, "visible": True, "asked": clocks.repeated()}
    redaction = redaction_of(snapshot, "fact", name)
    if redaction is not None:
        shown["redaction"] = redaction
    return shown


def page_of_facts(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], within: Bounds, after: int, limit: int
) -> tuple[list[FactView], int | None]:
    """Facts visible at the clocks, in the order of their recording; and the position to go on from, None at the end.

    Filters are `subject`, `actor`, `source`, `kind`, `q` (words in quotes, values or notes); None does not filter. A
    fact's bounds must overlap `within`. No more than `MOST_SOUGHT` facts are looked at, so there may be fewer than
    `limit`, or none, before the end.
    """
    tests = _tests(filters, within)
    found: list[FactAsOf] = []
    sought = 0
    for rows in _candidates(snapshot, filters, after, clocks.position, limit + 1):
        names = [name for name, _ in rows]
        streams, sources = facts_and_sources(snapshot, names, clocks.position)
        facts = {
            each.id: fact_as_of(each, sources, clocks.reported, clocks.position)
            for each in snapshot.patience.each(streams)
        }
        visible = (each for name in names if (each := facts[name]) is not None)
        found += (each for each in visible if all(test(each) for test in tests))
        if len(found) > limit:
            return fact_views(snapshot, found[:limit], clocks), found[limit - 1].history.recording.position
        sought += len(rows)
        if sought >= MOST_SOUGHT and rows[-1][1] < clocks.position:
            return fact_views(snapshot, found, clocks), rows[-1][1]
    return fact_views(snapshot, found, clocks), None


def _candidates(
    snapshot: Snapshot, filters: dict[str, str | None], after: int, until: int, first: int
) -> Iterator[Sequence[tuple[str, int]]]:
    """Facts recorded after `after` with where, in order, some at a time."""
    link = next((name for name in _LINKS if filters.get(name) is not None), None)
    statement = _RECORDED if link is None else _LINKED[link]
    linked_to = () if link is None else (filters[link], until)
    size = min(first, _AT_ONCE)
    while rows := snapshot.probe(statement, None, *linked_to, after, until, size):
        yield rows
        if len(rows) < size:
            return
        after, size = rows[-1][1], _AT_ONCE


def _tests(filters: dict[str, str | None], within: Bounds) -> list[Callable[[FactAsOf], bool]]:
    """What a fact must pass."""
    tests: list[Callable[[FactAsOf], bool]] = []
    subject, kind, source, actor, words = map(filters.get, ("subject", "kind", "source", "actor", "q"))
    if subject is not None:
        tests.append(lambda fact: fact.subject == subject)
    if kind is not None:
        tests.append(lambda fact: fact.kind.__name__ == kind)
    if source is not None:
        tests.append(lambda fact: any(cited.citation["source"] == source for cited in fact.cited))
    if actor is not None:
        tests.append(lambda fact: actor in {name for name, _ in subjects_named(fact.kind, fact.values)})
    if words is not None:
        sought = words.casefold().split()
        tests.append(lambda fact: _says(fact, sought))
    if within != UNBOUNDED:
        tests.append(lambda fact: fact.bounds.overlaps(within))
    return tests


def _says(fact: FactAsOf, sought: Sequence[str]) -> bool:
    """Whether all the words stand in the fact's values or quotes."""
    said = [str(value) for value in fact.values.values()] + [each.citation["exact"] for each in fact.cited]
    text = " ".join(said).casefold()
    return all(word in text for word in sought)


def facts_citing(snapshot: Snapshot, source: str, position: int) -> list[tuple[str, StoredCitation]]:
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
