"""The moments at which something changed, on each of the three clocks: the notches of the sliders."""

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import func, select

from events.dates.calendar import DAY, civil_date, instant_text, local_to_utc
from events.history.streams import NEVER
from projections.clocks import Clocks
from projections.queries.evidence.facts_as_of import noted_sources
from projections.queries.history.answer_types import Moment
from projections.store.snapshots import Snapshot

_AT_ONCE = 500
_ENDS = "SELECT hi, count(*) FROM {dated_facts} WHERE since <= ? AND until > ? AND hi IS NOT NULL GROUP BY hi"
_SOURCES = (
    "SELECT stream FROM {entries} WHERE sort = 'source' AND version = 1 AND stream > ? AND position <= ?"
    " ORDER BY stream LIMIT ?"
)
_CITED = "SELECT source, count(DISTINCT fact) FROM {cites} WHERE source {among} AND position <= ? GROUP BY source"
MOST = 400
_LAST_YEAR = 9999
"""Clocks can be asked for up to this year, and from it back before the year 1."""


def moments(snapshot: Snapshot, clocks: Clocks) -> dict[str, list[Moment]]:
    """For each clock its moments in order: the `value` to ask with and `changes`, how much changed then.

    On the first clock facts are counted that had then happened; on the reported one, facts that cite what was published
    then, and one for a later version of a text; on the recorded one, events. Days are days of the zone asked with, of
    the years that a clock can be asked for. Where there are more than 400 moments, neighbours are taken together.
    """
    zone = clocks.asked.zone
    occurred = snapshot.flow(_ENDS, None, clocks.position, clocks.position)
    return {
        "at": _days(((hi - 1, count) for hi, count in occurred), zone),
        "reported_until": _days(_publications(snapshot, clocks.position), zone),
        "recorded_until": _recorded(snapshot, clocks.position),
    }


def _publications(snapshot: Snapshot, position: int) -> Iterator[tuple[int, int]]:
    """The last moments of the publications of sources that facts cite, each with how much changed then."""
    after = ""
    while names := [name for (name,) in snapshot.probe(_SOURCES, None, after, position, _AT_ONCE)]:
        cited = dict(map(tuple, snapshot.probe(_CITED, names, position)))
        for name, source in noted_sources(snapshot, cited, position).items():
            for edition in source.editions:
                if edition.published_by < NEVER:
                    yield edition.published_by - 1, cited[name] if edition.version == 1 else 1
        after = names[-1]


def _days(found: Iterable[tuple[int, int]], zone: str) -> list[Moment]:
    days: Counter[int] = Counter()
    for instant, count in found:
        days[day_of(instant, zone)] += count
    can_be_asked = [day for day in sorted(days) if abs(civil_date(day)[0]) <= _LAST_YEAR]
    return _merged([{"value": _text(day), "changes": days[day]} for day in can_be_asked])


def day_of(instant: int, zone: str) -> int:
    """The day in the zone, counted from 1970-01-01, on which the instant (UTC microseconds) lies."""
    shifted = instant
    for _ in range(2):
        shifted = instant + (shifted - local_to_utc(shifted, zone))
    return shifted // DAY


def _text(day: int) -> str:
    return instant_text(day * DAY).partition("T")[0]


def _recorded(snapshot: Snapshot, position: int) -> list[Moment]:
    table = snapshot.table("entries")
    calls = (
        select(table.c.recorded, func.count().label("changes"), func.max(table.c.position).label("last"))
        .where(table.c.position <= position)
        .group_by(table.c.recorded)
        .order_by(table.c.recorded)
    )
    found: list[Moment] = [
        {"value": instant_text(row.recorded), "changes": row.changes, "position": row.last}
        for row in snapshot.rows(calls)
    ]
    return _merged(found)


def _merged(found: list[Moment]) -> list[Moment]:
    """At most 400: neighbours become one, with the value of the last of them and the changes of all."""
    size = -(-len(found) // MOST)
    if size <= 1:
        return found
    groups = [found[start : start + size] for start in range(0, len(found), size)]
    return [{**group[-1], "changes": sum(each["changes"] for each in group)} for group in groups]
