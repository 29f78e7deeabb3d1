"""Facts in the order in which they happened, with their bounds: what lists and timelines are drawn from."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select

from events.dates.bounds import Certainty, certainty
from events.history.fact_as_of import FactAsOf
from events.history.streams import Entry
from projections.clocks import Clocks
from projections.fold.fold import by_lo
from projections.queries.evidence.facts_as_of import standing_at
from projections.queries.subjects.states import standings_about
from projections.read_models.grouping import counted_under, grouping_at
from projections.read_models.kept import kept_of
from projections.read_models.ledger import chunks, facts_and_shelf
from projections.store.snapshots import Snapshot

_DEPTHS = (2, 20)
_Placed = tuple[FactAsOf, str]


class Happening(NamedTuple):
    """A visible fact, the subject that it counts under, and whether it had happened by the first clock."""

    fact: FactAsOf
    subject: str
    certainty: Certainty


def happenings(snapshot: Snapshot, clocks: Clocks, about: Iterable[str] | None = None) -> list[Happening]:
    """The dated facts visible at the clocks, earliest bound first (unbounded before all); retracted ones included.

    Args:
        snapshot: what to read.
        clocks: at which clocks; `at` leaves nothing out, it decides what is certain.
        about: the subjects to which to keep; None for all.
    """
    found = _in_order(snapshot, clocks) if about is None else _counted(snapshot, clocks, about)
    return [Happening(each, subject, certainty(each.bounds, clocks.at)) for each, subject in found]


def _counted(snapshot: Snapshot, clocks: Clocks, about: Iterable[str]) -> list[_Placed]:
    grouping = grouping_at(snapshot, clocks.position)
    meant = {grouping.merged_into(subject) or subject for subject in about}
    found = [
        (standing, subject)
        for subject, standings in standings_about(snapshot, meant, clocks, grouping).items()
        for standing in standings
        if not standing.kind.timeless
    ]
    return sorted(found, key=_by_lo)


def _in_order(snapshot: Snapshot, clocks: Clocks) -> list[_Placed]:
    """All of them. The last two orders are kept: at a position they never change, whatever the first clock."""
    kept = kept_of(snapshot)
    key = (clocks.position, clocks.reported, clocks.asked.reading)
    found: list[_Placed] | None = kept.orders.get(key)
    if found is None:
        found = _read(snapshot, clocks, _all(snapshot, clocks.position))
        kept.keep_order(snapshot.position, key, found)
    return found


def _read(snapshot: Snapshot, clocks: Clocks, names: list[str]) -> list[_Placed]:
    grouping = grouping_at(snapshot, clocks.position)
    found = []
    for chunk in chunks(names):
        streams, shelf = facts_and_shelf(snapshot, chunk, clocks.position)
        for history in streams:
            standing = standing_at(history, shelf, clocks)
            if standing is not None and not standing.kind.timeless:
                found.append((standing, counted_under(grouping, standing)))
    return sorted(found, key=_by_lo)


def _by_lo(placed: _Placed) -> tuple[Any, ...]:
    return by_lo(placed[0])


def _all(snapshot: Snapshot, position: int) -> list[str]:
    table = snapshot.table("entries")
    wanted = select(table.c.stream).where(table.c.sort == "fact", table.c.version == 1, table.c.position <= position)
    return [row.stream for row in snapshot.rows(wanted)]


def newest(snapshot: Snapshot, clocks: Clocks, limit: int) -> list[tuple[Entry, FactAsOf]]:
    """The newest events on dated facts visible at the clocks that may have happened by then, newest first.

    Where few of the newest events are such, the list is shorter than the limit.
    """
    found: list[tuple[Entry, FactAsOf]] = []
    for depth in _DEPTHS:
        found = _newest_of(snapshot, clocks, limit * depth)[:limit]
        if len(found) == limit:
            break
    return found


def _newest_of(snapshot: Snapshot, clocks: Clocks, events: int) -> list[tuple[Entry, FactAsOf]]:
    table = snapshot.table("entries")
    wanted = select(table.c.stream, table.c.version).where(table.c.sort == "fact", table.c.position <= clocks.position)
    rows = snapshot.rows(wanted.order_by(table.c.position.desc()).limit(events))
    streams, shelf = facts_and_shelf(snapshot, {row.stream for row in rows}, clocks.position)
    by_name = {history.id: history for history in streams}
    found = []
    for row in rows:
        standing = standing_at(by_name[row.stream], shelf, clocks)
        if standing is not None and _may_have_happened(standing, clocks):
            found.append((by_name[row.stream].entries[row.version - 1], standing))
    return found


def _may_have_happened(standing: FactAsOf, clocks: Clocks) -> bool:
    return not standing.kind.timeless and certainty(standing.bounds, clocks.at) is not Certainty.NOT_YET
