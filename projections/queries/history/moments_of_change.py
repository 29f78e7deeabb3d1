"""When something changed: the notches of the sliders of the three clocks, and mementos of an address (RFC 7089)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple, NotRequired, TypedDict

from events.dates.calendar import DAY, civil_date, instant_text, instant_written, local_to_utc
from events.history.streams import NEVER
from projections.clocks import Clocks
from projections.fold.turning_points import turning_points
from projections.queries.evidence.facts_as_of import facts_about
from projections.queries.evidence.sources import noted_sources, recorded_sources
from projections.queries.history.evolution import understanding
from projections.read_models.histories import facts_and_sources, grouping_at
from projections.store.snapshots import Snapshot

_ENDS = "SELECT hi, count(*) FROM {fact_places} WHERE since <= ? AND until > ? AND hi IS NOT NULL GROUP BY hi"
_CALLS = (
    "SELECT recorded, count(*), max(position) FROM {entries} WHERE position <= ? GROUP BY recorded ORDER BY recorded"
)
_HOW_MANY_CALLS = "SELECT count(DISTINCT recorded) FROM {entries} WHERE position <= ?"
_CITED = "SELECT source, count(DISTINCT fact) FROM {cites} WHERE source {among} AND position <= ? GROUP BY source"
_COLUMNS = "SELECT position, recorded FROM {entries}"
_LAST = _COLUMNS + " WHERE recorded <= ? ORDER BY recorded DESC, position DESC LIMIT 1"
_FROM = _COLUMNS + " WHERE position >= ? ORDER BY position LIMIT 1"
_OPENED = "SELECT opened FROM {subjects} WHERE id = ?"
_BEGUN = "SELECT position FROM {entries} WHERE sort = ? AND stream = ? AND version = 1"
MOST = 400
_LAST_YEAR = 9999
"""Clocks can be asked for up to this year, and from it back before the year 1."""


class Moment(TypedDict):
    """A notch of a slider: the value to ask with, how much changed then, and of the log the position."""

    value: str
    changes: int
    position: NotRequired[int]


def moments(snapshot: Snapshot, clocks: Clocks, about: str | None = None) -> dict[str, list[Moment]]:
    """For each clock its moments in order, of all facts or of those about one subject.

    On the first clock facts are counted that had then happened; on the reported one, facts that cite what was published
    then, and one for a later version of a text; on the recorded one, events. Days are days of the zone asked with, of
    the years that a clock can be asked for. Where there are more than 400 moments, neighbours are taken together.
    """
    if about is not None:
        return _of_subject(snapshot, clocks, about)
    zone = clocks.asked.zone
    occurred = snapshot.flow(_ENDS, None, clocks.position, clocks.position)
    return {
        "at": _days(((hi - 1, count) for hi, count in occurred), zone),
        "reported_until": _days(_publications(snapshot, clocks.position), zone),
        "recorded_until": _recorded(snapshot, clocks.position),
    }


def _of_subject(snapshot: Snapshot, clocks: Clocks, subject: str) -> dict[str, list[Moment]]:
    """The moments at which facts about the subject happened, and at which events on them came to count."""
    grouping = grouping_at(snapshot, clocks.position)
    facts = facts_about(snapshot, grouping.merged_into(subject) or subject, clocks, grouping)
    histories, sources = facts_and_sources(snapshot, {fact.id for fact in facts}, clocks.position)
    happened = (fact.bounds.hi for fact in facts if not fact.kind.timeless)
    reported = (
        (moment - 1, len(events))
        for history in histories
        for moment, events in turning_points(history, sources, "reported", clocks.position).items()
        if -NEVER < moment < NEVER
    )
    entries = sorted((entry for history in histories for entry in history.entries), key=lambda each: each.position)
    calls = [[*call] for _, call in groupby(entries, key=lambda entry: entry.recorded)]
    recorded: Iterator[Moment] = (
        {"value": instant_text(call[-1].recorded), "changes": len(call), "position": call[-1].position}
        for call in calls
    )
    return {
        "at": _days(((hi - 1, 1) for hi in happened if hi is not None), clocks.asked.zone),
        "reported_until": _days(reported, clocks.asked.zone),
        "recorded_until": _merged(recorded, len(calls)),
    }


def _publications(snapshot: Snapshot, position: int) -> Iterator[tuple[int, int]]:
    """The last moments of the publications of sources that facts cite, each with how much changed then."""
    for names in recorded_sources(snapshot, position):
        cited = dict(map(tuple, snapshot.probe(_CITED, names, position)))
        for name, source in noted_sources(snapshot, cited, position).items():
            for edition in source.editions:
                if edition.published_by < NEVER:
                    yield edition.published_by - 1, cited[name] if edition.version == 1 else 1


def _days(found: Iterable[tuple[int, int]], zone: str) -> list[Moment]:
    days: Counter[int] = Counter()
    for instant, count in found:
        days[day_of(instant, zone)] += count
    can_be_asked = [day for day in sorted(days) if abs(civil_date(day)[0]) <= _LAST_YEAR]
    texts = ((instant_text(day * DAY).partition("T")[0], days[day]) for day in can_be_asked)
    return _merged(({"value": text, "changes": count} for text, count in texts), len(can_be_asked))


def day_of(instant: int, zone: str) -> int:
    """The day in the zone, counted from 1970-01-01, on which the instant (UTC microseconds) lies."""
    shifted = instant
    for _ in range(2):
        shifted = instant + (shifted - local_to_utc(shifted, zone))
    return shifted // DAY


def _recorded(snapshot: Snapshot, position: int) -> list[Moment]:
    found: Iterator[Moment] = (
        {"value": instant_text(recorded), "changes": changes, "position": last}
        for recorded, changes, last in snapshot.flow(_CALLS, None, position)
    )
    return _merged(found, snapshot.probe(_HOW_MANY_CALLS, None, position)[0][0])


def _merged(found: Iterable[Moment], count: int) -> list[Moment]:
    """At most 400: neighbours become one, with the value of the last of them and the changes of all."""
    size = max(1, -(-count // MOST))
    merged: list[Moment] = []
    for number, each in enumerate(found):
        if number % size:
            each["changes"] += merged.pop()["changes"]
        merged.append(each)
    return merged


class Thing(NamedTuple):
    """What is asked for: a `subject`, `fact` or `source`, by its id."""

    sort: str
    id: str


class Memento(NamedTuple):
    """An entry of the log, and when it was recorded (UTC microseconds)."""

    position: int
    recorded: int


def memento_at(snapshot: Snapshot, moment: int, thing: Thing | None = None) -> Memento | None:
    """The last entry recorded at or before the moment (UTC microseconds), the first at all where there was none yet.

    Of a thing it is the first that tells of it, if none did by then. None where nothing is recorded, or nothing of it.
    """
    begun = _first(snapshot, thing)
    if begun is None:
        return None
    last = snapshot.probe(_LAST, None, moment)
    if last and last[0][0] >= begun:
        return Memento(*last[0])
    first = snapshot.probe(_FROM, None, begun)
    return Memento(*first[0]) if first else None


def mementos_of(snapshot: Snapshot, subject: str, clocks: Clocks) -> list[Memento]:
    """The entries that changed what is known of the subject, in order, as `understanding` has them.

    Raises:
        NotFound: no event up to the position names the subject.
    """
    steps = understanding(snapshot, subject, clocks, "recorded")
    return [Memento(step["position"], instant_written(step["recorded"])) for step in steps]


def _first(snapshot: Snapshot, thing: Thing | None) -> int | None:
    """The first position that tells of the thing."""
    if thing is None:
        return 1
    if thing.sort == "subject":
        found = snapshot.probe(_OPENED, None, thing.id)
    else:
        found = snapshot.probe(_BEGUN, None, thing.sort, thing.id)
    return found[0][0] if found else None
