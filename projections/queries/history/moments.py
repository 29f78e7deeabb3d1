"""The moments at which something changed, on each of the three clocks: the notches of the sliders."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from events.dates.bounds import bounds_of
from events.dates.calendar import DAY, instant_text, local_to_utc
from events.history.fact_as_of import FactAsOf
from events.history.streams import NEVER
from projections.clocks import Clocks
from projections.queries.history.timeline import happenings
from projections.store.snapshots import Snapshot

MOST = 400


def moments(snapshot: Snapshot, clocks: Clocks) -> dict[str, list[dict[str, Any]]]:
    """For each clock its moments in order: the `value` to ask with and `changes`, how many facts changed then.

    Days are days of the zone asked with. Where there are more than 400 moments, neighbours are taken together.
    """
    everything = Clocks(clocks.asked, None, None, clocks.position)
    facts = [each.fact for each in happenings(snapshot, everything)]
    zone = clocks.asked.zone
    occurred = Counter(fact.bounds.hi - 1 for fact in facts if fact.bounds.hi is not None)
    reported = Counter(each for fact in facts for each in _reports(fact))
    return {
        "at": _days(occurred, zone),
        "reported_until": _days(reported, zone),
        "recorded_until": _recorded(snapshot, clocks.position),
    }


def _reports(fact: FactAsOf) -> set[int]:
    return {each.published_by - 1 for each in fact.cited if each.published_by < NEVER}


def _days(found: Counter[int], zone: str) -> list[dict[str, Any]]:
    days: Counter[str] = Counter()
    for instant, count in found.items():
        days[day_of(instant, zone)] += count
    return _merged([{"value": day, "changes": count} for day, count in sorted(days.items(), key=_in_order)])


def _in_order(item: tuple[str, int]) -> int:
    lo = bounds_of(item[0], "UTC").lo
    assert lo is not None
    return lo


def day_of(instant: int, zone: str) -> str:
    """The day in the zone on which the instant (UTC microseconds) lies."""
    shifted = instant
    for _ in range(2):
        shifted = instant + (shifted - local_to_utc(shifted, zone))
    return instant_text(shifted // DAY * DAY)[: -len("T00:00:00Z")]


def _recorded(snapshot: Snapshot, position: int) -> list[dict[str, Any]]:
    table = snapshot.table("entries")
    calls = (
        select(table.c.recorded, func.count().label("changes"), func.max(table.c.position).label("last"))
        .where(table.c.position <= position)
        .group_by(table.c.recorded)
        .order_by(table.c.recorded)
    )
    found = [
        {"value": instant_text(row.recorded), "changes": row.changes, "position": row.last}
        for row in snapshot.rows(calls)
    ]
    return _merged(found)


def _merged(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most 400: neighbours become one, with the value of the last of them and the changes of all."""
    size = -(-len(found) // MOST)
    if size <= 1:
        return found
    groups = [found[start : start + size] for start in range(0, len(found), size)]
    return [{**group[-1], "changes": sum(each["changes"] for each in group)} for group in groups]
