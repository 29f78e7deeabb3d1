"""Pages of facts as they stand at the clocks, in one of three orders, of those that pass filters.

No more is read than is answered: candidates are read in order from a table, some at a time, and each is taken if it
stands there at the clocks.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import get_args

from events.dates.bounds import UNBOUNDED, Bounds
from events.facts import UNJUDGED, subjects_named
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.grouping import Grouping
from projections.clocks import Clocks
from projections.fold.subject_history import counted_under
from projections.queries.evidence.fact_views import FactView, fact_views
from projections.queries.subjects.states import states
from projections.read_models.fact_places import Order, ends_of, fact_of_place, place_of
from projections.read_models.histories import facts_and_sources, grouping_at
from projections.read_models.texts.folding import Sought, folded_words, sought_in
from projections.read_models.texts.search import facts_that_may_say, said_in, said_in_citation
from projections.store.snapshots import Snapshot

_AT_ONCE = 200
MOST_SOUGHT = 10_000
"""How many facts are looked at for a page."""
MOST_HELD_AGAINST_STATES = 1_000
"""How many where it is asked whether they are contested, for which the states of their subjects are folded."""
MOST_FOUND = 20_000
"""Of so many facts those that hold words are read by name; words of more are come across soon in the order asked."""

SORTS = ("recorded", *get_args(Order))
FILTERS = ("subject", "kind", "source", "actor", "credibility", "modality", "q")
FLAGS = ("retracted", "contested", "reported_before_occurred")
"""Filters that are `yes` or `no`."""

Filters = Mapping[str, str | None]
Key = int | bytes
"""Where a fact stands in the order: the position of its recording, or a place."""

_LINKS = {"subject": ("about", "subject"), "actor": ("mentions", "subject"), "source": ("cites", "source")}
_OF = "(SELECT fact FROM {{{table}}} WHERE {key} {{among}} AND position <= ?)"
_FACTS = "SELECT stream, position FROM {entries} WHERE version = 1 AND "
_AFTER = " AND position > ? AND position <= ? ORDER BY position LIMIT ?"
_RECORDED = f"{_FACTS}(sort = 'fact') IS TRUE{_AFTER}"  # so that SQLite goes by position, and does not sort all
_PLACES = "SELECT DISTINCT place FROM {fact_places} WHERE "
_BETWEEN = "place > ? AND place < ? AND position <= ? ORDER BY place LIMIT ?"


def _linked(before: str, after: str) -> dict[str, str]:
    """For each link, a question about the facts that have it."""
    return {name: before + _OF.format(table=table, key=key) + after for name, (table, key) in _LINKS.items()}


_NAMED = f"{_FACTS}sort = 'fact' AND stream {{among}}{_AFTER}"
_NAMED_PLACES = f"{_PLACES}fact {{among}} AND {_BETWEEN}"
_LINKED = _linked(f"{_FACTS}sort = 'fact' AND stream IN ", _AFTER)
_LINKED_PLACES = _linked(f"{_PLACES}fact IN ", f" AND {_BETWEEN}")


def page_of_facts(
    snapshot: Snapshot, clocks: Clocks, filters: Filters, within: Bounds, after: Key, limit: int
) -> tuple[list[FactView], Key | None]:
    """Facts visible at the clocks, in the order of `sort`, and what to go on after; None at the end.

    Filters are `FILTERS`, with words for `q`, and `FLAGS`; None does not filter. Subjects and actors are those that
    they were merged into. A fact's bounds must overlap `within`; one without date has none, and passes only where
    nothing is asked of them, or `undated` is `yes`. No more than `MOST_SOUGHT` facts are looked at: there may be fewer
    than `limit`, or none, before the end. `after` is where the page before ended; 0 or no bytes before the first.

    Raises:
        Invalid: `q` has no words, or too many.
    """
    order = _order(filters)
    grouping = grouping_at(snapshot, clocks.position)
    sought = None if (words := filters.get("q")) is None else sought_in(words)
    tests = tests_of(filters, sought, within, grouping)
    contested = filters.get("contested")
    most = MOST_SOUGHT if contested is None else MOST_HELD_AGAINST_STATES
    found: list[tuple[FactAsOf, Key]] = []
    looked_at = 0
    for rows, is_last in _candidates(snapshot, filters, sought, grouping, within, after, clocks.position, limit + 1):
        streams, sources = facts_and_sources(snapshot, {name for name, _ in rows}, clocks.position)
        facts = {
            each.id: fact_as_of(each, sources, clocks.reported, clocks.position)
            for each in snapshot.patience.each(streams)
        }
        standing = [(fact, key) for name, key in rows if (fact := facts[name]) and _stands(fact, order, key)]
        passing = [(fact, key) for fact, key in standing if all(test(fact) for test in tests)]
        if contested is not None:
            known = _contested(snapshot, clocks, [fact for fact, _ in passing], grouping)
            passing = [(fact, key) for fact, key in passing if (fact.id in known) == (contested == "yes")]
        found += passing
        if len(found) > limit:
            return fact_views(snapshot, [fact for fact, _ in found[:limit]], clocks), found[limit - 1][1]
        looked_at += len(rows)
        if looked_at >= most and not is_last:
            return fact_views(snapshot, [fact for fact, _ in found], clocks), rows[-1][1]
    return fact_views(snapshot, [fact for fact, _ in found], clocks), None


def _order(filters: Filters) -> Order | None:
    """The order of places asked for; None for that of recording."""
    sort = filters.get("sort")
    return "occurred" if sort == "occurred" else "reported" if sort == "reported" else None


def _stands(fact: FactAsOf, order: Order | None, key: Key) -> bool:
    return order is None or place_of(fact, order) == key


def _candidates(
    snapshot: Snapshot,
    filters: Filters,
    sought: Sought | None,
    grouping: Grouping,
    within: Bounds,
    after: Key,
    until: int,
    first: int,
) -> Iterator[tuple[list[tuple[str, Key]], bool]]:
    """Facts with their keys, in order from after `after`, some at a time; and whether those are the last.

    They are those linked to what is asked for, else those that may hold the words.
    """
    link = next((name for name in _LINKS if filters.get(name) is not None), None)
    names, by_place, by_position = None, _PLACES + _BETWEEN, _RECORDED
    if link is not None:
        names = sorted(_meant(link, filters[link] or "", grouping))
        by_place, by_position = _LINKED_PLACES[link], _LINKED[link]
    elif sought is not None:
        names = facts_that_may_say(snapshot, sought, until, MOST_FOUND)
        by_place, by_position = (by_place, by_position) if names is None else (_NAMED_PLACES, _NAMED)
    linked_by = () if link is None else (until,)
    order, size = _order(filters), min(first, _AT_ONCE)
    begin, end = (b"", b"") if order is None else ends_of(order, within.hi if order == "occurred" else None)
    after = after or begin or 0
    while True:
        rows: list[tuple[str, Key]]
        if order is None:
            rows = [(name, at) for name, at in snapshot.probe(by_position, names, *linked_by, after, until, size)]
        else:
            places = snapshot.probe(by_place, names, *linked_by, after, end, until, size)
            rows = [(fact_of_place(bytes(place)), bytes(place)) for (place,) in places]
        rows = sorted(rows, key=lambda row: row[1])[:size]  # names asked in pieces, each in order
        is_last = len(rows) < size
        yield rows, is_last
        if is_last:
            return
        after, size = rows[-1][1], _AT_ONCE


def _meant(link: str, name: str, grouping: Grouping) -> set[str]:
    """The ids under which what is asked for may be linked: of an actor, of all merged into it."""
    meant = grouping.merged_into(name) or name
    if link == "subject":
        return grouping.gathered(meant)
    return _merged(meant, grouping) if link == "actor" else {name}


def _merged(name: str, grouping: Grouping) -> set[str]:
    return {each for each in grouping.gathered(name) if (grouping.merged_into(each) or each) == name}


def tests_of(
    filters: Filters, sought: Sought | None, within: Bounds, grouping: Grouping
) -> list[Callable[[FactAsOf], bool]]:
    """What a fact must pass that is listed by these filters; its bounds must overlap `within`."""
    tests: list[Callable[[FactAsOf], bool]] = []
    subject, kind, source, actor, credibility, modality, _ = map(filters.get, FILTERS)
    if subject is not None:
        meant = grouping.merged_into(subject) or subject
        tests.append(lambda fact: grouping.subject_of(fact.subject, fact.id) == meant)
    if kind is not None:
        tests.append(lambda fact: fact.kind.__name__ == kind)
    if source is not None:
        tests.append(lambda fact: any(cited.citation["source"] == source for cited in fact.cited))
    if actor is not None:
        actors = _merged(grouping.merged_into(actor) or actor, grouping)
        tests.append(lambda fact: not actors.isdisjoint(name for name, _ in subjects_named(fact.kind, fact.values)))
    if credibility is not None:
        tests.append(lambda fact: fact.values.get("credibility", UNJUDGED) == credibility)
    if modality is not None:
        tests.append(lambda fact: fact.modality == modality)
    if sought is not None:
        tests.append(lambda fact: sought.stand_in(_words_of(fact)))
    if within != UNBOUNDED:
        undated = filters.get("undated") == "yes"
        tests.append(lambda fact: fact.bounds.overlaps(within) if fact.values.get("occurred") else undated)
    for flag in ("retracted", "reported_before_occurred"):
        if (wanted := filters.get(flag)) is not None:
            tests.append(lambda fact, flag=flag, wanted=wanted: getattr(fact, flag) == (wanted == "yes"))  # type: ignore[misc]
    return tests


def _words_of(fact: FactAsOf) -> set[str]:
    """The words of the fact's values and quotes, and of those of its disputes, folded."""
    changes = (entry.data["changes"] for entry in fact.disputes)
    said = [text for values in (fact.values, *changes) for _, text in said_in(values)]
    said += [text for each in (*fact.cited, *fact.cited_against) for _, text in said_in_citation(each.citation)]
    return folded_words(" ".join(said))


def _contested(snapshot: Snapshot, clocks: Clocks, facts: Sequence[FactAsOf], grouping: Grouping) -> set[str]:
    """The facts, of the subjects of these, that give the value or a rival of a contested finding."""
    found: set[str] = set()
    for state in states(snapshot, sorted({counted_under(grouping, fact) for fact in facts}), clocks):
        for finding in (state["status"], *state["fields"].values()):
            if finding["rivals"]:
                behind = [*finding["because"], *(each for rival in finding["rivals"] for each in rival["because"])]
                found.update(each.partition("#")[0] for each in behind)
    return found
