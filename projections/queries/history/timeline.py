"""Facts in the order in which they happened, some at a time: what lists and timelines are drawn from.

No more is held than is answered: places are read in order from a table, and each is taken if the fact stands there at
the clocks. Facts recorded after the position asked for are passed over by the database, those not reported yet here.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any, NamedTuple

from events.amendments import FactDisputed
from events.dates.bounds import Certainty, certainty
from events.facts import subjects_named
from events.history.fact_as_of import FactAsOf
from events.history.grouping import Grouping
from projections.clocks import Clocks
from projections.fold.subject_history import counted_under
from projections.queries.evidence.facts_as_of import facts_named, may_have_come
from projections.read_models.fact_places import ends_of, fact_of_place, place_of
from projections.read_models.histories import grouping_at
from projections.store.snapshots import Snapshot

_AT_ONCE = 250
_FORTH = "SELECT DISTINCT place FROM {fact_places} WHERE place > ? AND place < ? AND position <= ? AND dated"
_NAMING = " AND fact IN (SELECT fact FROM {mentions} WHERE subject = ? AND position <= ?)"
_DISPUTED = (
    " AND fact IN (SELECT stream FROM {entries} WHERE sort = 'fact'"
    f" AND name = '{FactDisputed.__name__}' AND position <= ?)"
)
_HELD = " AND held = ? AND since <= ? AND until > ?"
MOST_SOUGHT = 10_000
"""How many places are looked at for a page that is filtered."""

_STANDING = "FROM {fact_places} AS places WHERE dated AND since <= ? AND until > ?"
"""A fact of the chronology stands in one row."""
_SORTS = "SELECT kind || '', held || '', count(*) " + _STANDING  # || '': read as they lie, not by an index
_ACTORS = (
    "SELECT named.subject, count(DISTINCT named.fact) FROM {mentions} AS named"
    " WHERE named.subject IN (SELECT id FROM {subjects} WHERE kind = 'actor') AND named.fact IN (SELECT fact "
    + _STANDING
)
_COUNTED_NAMING = " AND places.fact IN (SELECT fact FROM {mentions} WHERE subject = ?)"
MOST_ACTORS = 40
MOST_COUNTED = 1_000_000
"""Up to which position of the log facts are counted: each takes some microseconds."""


class Happening(NamedTuple):
    """A visible fact, its place in order, the subject it counts under, and if it had happened by the first clock."""

    fact: FactAsOf
    place: bytes
    subject: str
    certainty: Certainty


class FactFilter(NamedTuple):
    """What facts are filtered by; None does not filter.

    `held` is what a fact is held to be: its modality, or `retracted`; `come` leaves out what had not happened by the
    first clock, but for plans.
    """

    subjects: Collection[str] | None = None
    kinds: Collection[str] | None = None
    held: str | None = None
    actor: str | None = None
    disputed: bool = False
    come: bool = False


ALL = FactFilter()


def happenings(
    snapshot: Snapshot, clocks: Clocks, wanted: FactFilter, after: bytes, limit: int, *, newest_first: bool = False
) -> tuple[list[Happening], bytes | None]:
    """The dated facts visible at the clocks, earliest bound first (unbounded before all) or last; retracted included.

    They begin beyond the place `after`; no bytes are the beginning. `at` leaves nothing out but where only what has
    come is wanted; it decides what is certain. With them comes the place to go on beyond, if more may follow. No more
    than `MOST_SOUGHT` places are looked at: there may be fewer than `limit`, or none, before the end.
    """
    found: list[Happening] = []
    test = _test(wanted, clocks, grouping := grouping_at(snapshot, clocks.position))
    for sought, (fact, place) in enumerate(_in_order(snapshot, clocks, wanted, grouping, after, newest_first), 1):
        if fact is not None and test(fact):
            if len(found) == limit:
                return found, found[-1].place
            subject = counted_under(grouping, fact)
            found.append(Happening(fact, place, subject, certainty(fact.bounds, clocks.at)))
        if sought >= MOST_SOUGHT and wanted != ALL:
            return found, place
    return found, None


def _in_order(
    snapshot: Snapshot, clocks: Clocks, wanted: FactFilter, grouping: Grouping, after: bytes, newest_first: bool
) -> Iterator[tuple[FactAsOf | None, bytes]]:
    """The places in order, each with the fact if it stands there."""
    question, keys, values = _question(wanted, clocks.position, grouping)
    if wanted.held is not None and clocks.reported is None and clocks.asked.reading is None:
        question += _HELD
        values += [wanted.held, clocks.position, clocks.position]
    question += f" ORDER BY place{' DESC' if newest_first else ''} LIMIT ?"
    begin, end = ends_of("occurred")
    while True:
        low, high = (begin, after or end) if newest_first else (after or begin, end)
        rows = snapshot.probe(question, keys, low, high, clocks.position, *values, _AT_ONCE)
        places = sorted((bytes(place) for (place,) in rows), reverse=newest_first)[:_AT_ONCE]
        facts = facts_named(snapshot, {fact_of_place(place) for place in places}, clocks)
        for place in places:
            fact = facts.get(fact_of_place(place))
            stands = fact is not None and not fact.kind.timeless and place_of(fact) == place
            yield fact if stands else None, place
        if len(places) < _AT_ONCE:
            return
        after = places[-1]


def _question(wanted: FactFilter, position: int, grouping: Grouping) -> tuple[str, list[str] | None, list[Any]]:
    """What of the filters the database can tell, a superset of what passes: SQL, its keys and further values."""
    question, keys = _FORTH, None
    values: list[Any] = []
    if wanted.subjects is not None:
        meant = {grouping.merged_into(name) or name for name in wanted.subjects}
        keys = sorted({each for name in meant for each in grouping.gathered(name)})
        question = question.replace(" WHERE ", " WHERE subject {among} AND ", 1)
    if wanted.kinds is not None:
        question += f" AND kind IN ({','.join('?' * len(wanted.kinds))})"
        values += sorted(wanted.kinds)
    if wanted.actor is not None:
        question += _NAMING
        values += [wanted.actor, position]
    if wanted.disputed:
        question += _DISPUTED
        values.append(position)
    return question, keys, values


def _test(wanted: FactFilter, clocks: Clocks, grouping: Grouping) -> Callable[[FactAsOf], bool]:
    """What a fact must pass, as it stands at the clocks."""
    meant = None if wanted.subjects is None else {grouping.merged_into(name) or name for name in wanted.subjects}

    def passes(fact: FactAsOf) -> bool:
        named = wanted.actor is None or wanted.actor in {name for name, _ in subjects_named(fact.kind, fact.values)}
        return (
            named
            and (meant is None or counted_under(grouping, fact) in meant)
            and (wanted.held is None or held_to_be(fact) == wanted.held)
            and (not wanted.disputed or bool(fact.disputes))
            and (not wanted.come or may_have_come(fact, clocks.at))
        )

    return passes


def held_to_be(fact: FactAsOf) -> str:
    """What a fact is held to be: its modality, or `retracted`."""
    return "retracted" if fact.retracted else fact.modality


def known_facts(snapshot: Snapshot, clocks: Clocks, limit: int) -> list[FactAsOf]:
    """Some of the facts that are known at the clocks, retracted ones left out."""
    grouping = grouping_at(snapshot, clocks.position)
    known = (
        fact
        for fact, _ in _in_order(snapshot, clocks, ALL, grouping, b"", newest_first=False)
        if fact is not None and not fact.retracted and may_have_come(fact, clocks.at)
    )
    return [*islice(known, limit)]


def facts_counted(snapshot: Snapshot, clocks: Clocks, wanted: FactFilter) -> dict[str, Counter[str]] | None:
    """The counts of `kind`, `held` and `actor`, each with the other filters as they are; None but at the head.

    Of actors no more than the 40 whom most facts name. What is still to come is counted too. None of a log with more
    than a million entries.
    """
    is_head = clocks.reported is None and clocks.asked.reading is None and clocks.position == snapshot.position
    if not is_head or clocks.position > MOST_COUNTED:
        return None
    counts: dict[str, Counter[str]] = {"kind": Counter(), "held": Counter()}
    sorts = wanted._replace(kinds=None, held=None)
    for kind, held, count in _asked(snapshot, clocks.position, _SORTS, sorts, " GROUP BY kind || '', held || ''"):
        if wanted.held in (None, held):
            counts["kind"][kind] += count
        if wanted.kinds is None or kind in wanted.kinds:
            counts["held"][held] += count
    actors = Counter[str]()
    for actor, count in _asked(
        snapshot, clocks.position, _ACTORS, wanted._replace(actor=None), ") GROUP BY named.subject"
    ):
        actors[actor] += count
    return {**counts, "actor": Counter(dict(actors.most_common(MOST_ACTORS)))}


def _asked(snapshot: Snapshot, position: int, question: str, wanted: FactFilter, grouped: str) -> list[Any]:
    """The rows of a question with the filters that are given."""
    values: list[Any] = [position, position]
    if wanted.kinds is not None:
        question += f" AND kind IN ({','.join('?' * len(wanted.kinds))})"
        values += sorted(wanted.kinds)
    if wanted.held is not None:
        question += " AND held = ?"
        values.append(wanted.held)
    if wanted.actor is not None:
        question += _COUNTED_NAMING
        values.append(wanted.actor)
    keys = None if wanted.subjects is None else sorted(wanted.subjects)
    if keys is not None:
        question = question.replace(" WHERE dated", " WHERE places.subject {among} AND dated", 1)
    return snapshot.probe(question + grouped, keys, *values)
