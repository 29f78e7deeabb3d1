"""Facts in the order in which they happened, some at a time: what lists and timelines are drawn from.

No more is held than is answered: places are read in order from a table, and each is taken if the fact stands there at
the clocks. Facts recorded after the position asked for are passed over by the database, those not reported yet here.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from events.dates.bounds import Certainty, certainty
from events.facts import Fact
from events.history.fact_as_of import FactAsOf
from projections.clocks import Clocks
from projections.fold.subject_history import counted_under
from projections.queries.evidence.facts_as_of import facts_about, facts_named, may_have_come
from projections.read_models.fact_places import ends_of, fact_at, place_of
from projections.read_models.subject_histories import grouping_at
from projections.store.snapshots import Snapshot

_AT_ONCE = 250
_PLACES = (
    "SELECT DISTINCT place FROM {fact_places} WHERE place > ? AND place < ? AND position <= ? AND dated"
    " ORDER BY place LIMIT ?"
)
_PLACES_BACK = (
    "SELECT DISTINCT place FROM {fact_places} WHERE place > ? AND place < ? AND position <= ? AND dated"
    " ORDER BY place DESC LIMIT ?"
)
_MOST_SOUGHT = 1_000


class Happening(NamedTuple):
    """A visible fact, its place in order, the subject it counts under, and if it had happened by the first clock."""

    fact: FactAsOf
    place: bytes
    subject: str
    certainty: Certainty


def happenings(
    snapshot: Snapshot, clocks: Clocks, after: bytes, limit: int, about: str | None = None
) -> tuple[list[Happening], bytes | None]:
    """The dated facts visible at the clocks, earliest bound first (unbounded before all); retracted ones included.

    They begin after the place `after`, and are those about one subject, or all. `at` leaves nothing out, it decides
    what is certain. With them comes the place of the last one, if more may follow.
    """
    found: list[Happening] = []
    for each in _in_order(snapshot, clocks, after) if about is None else _about(snapshot, clocks, after, about):
        if len(found) == limit:
            return found, found[-1].place
        found.append(each)
    return found, None


def _in_order(snapshot: Snapshot, clocks: Clocks, after: bytes) -> Iterator[Happening]:
    grouping = grouping_at(snapshot, clocks.position)
    _, end = ends_of("occurred")
    while rows := snapshot.probe(_PLACES, None, after, end, clocks.position, _AT_ONCE):
        places = [bytes(place) for (place,) in rows]
        facts = facts_named(snapshot, {fact_at(place) for place in places}, clocks)
        for place in places:
            fact = facts.get(fact_at(place))
            if fact is not None and not fact.kind.timeless and place_of(fact) == place:
                yield Happening(fact, place, counted_under(grouping, fact), certainty(fact.bounds, clocks.at))
        after = places[-1]


def _about(snapshot: Snapshot, clocks: Clocks, after: bytes, subject: str) -> Iterator[Happening]:
    """Those of one subject, or of that which it is merged into."""
    grouping = grouping_at(snapshot, clocks.position)
    meant = grouping.merged_into(subject) or subject
    facts = facts_about(snapshot, meant, clocks, grouping)
    placed = sorted((place_of(fact), fact.id, fact) for fact in facts if not fact.kind.timeless)
    for place, _, fact in placed:
        if place > after:
            yield Happening(fact, place, meant, certainty(fact.bounds, clocks.at))


def known_facts(snapshot: Snapshot, clocks: Clocks, limit: int) -> list[FactAsOf]:
    """Some of the facts that are known at the clocks, retracted ones left out."""
    known = (
        each.fact
        for each in _in_order(snapshot, clocks, b"")
        if not each.fact.retracted and may_have_come(each.fact, clocks.at)
    )
    return [*islice(known, limit)]


def latest(snapshot: Snapshot, clocks: Clocks, is_meant: Callable[[type[Fact]], bool], limit: int) -> list[FactAsOf]:
    """The dated facts of these kinds visible at the clocks that may have happened by then, the latest first.

    No more than the latest 1,000 places in order are looked at.
    """
    begin, end = ends_of("occurred")
    rows = snapshot.probe(_PLACES_BACK, None, begin, end, clocks.position, _MOST_SOUGHT)
    places = [bytes(place) for (place,) in rows]
    found: list[FactAsOf] = []
    for start in range(0, len(places), _AT_ONCE):
        some = places[start : start + _AT_ONCE]
        facts = facts_named(snapshot, {fact_at(place) for place in some}, clocks)
        for fact, place in ((facts.get(fact_at(place)), place) for place in some):
            if fact is None or not is_meant(fact.kind) or fact.kind.timeless or place_of(fact) != place:
                continue
            if not fact.retracted and (
                fact.modality != "actual" or certainty(fact.bounds, clocks.at) is not Certainty.NOT_YET
            ):
                found.append(fact)
        if len(found) >= limit:
            break
    return found[:limit]
