"""Which values differ between two readings of the clocks, without what made the difference (for that see `diff`)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import select

from events.field_types import Json
from projections.bitemporal.finding_timeline import STATUS
from projections.bitemporal.index import RECORDING
from projections.bitemporal.pages import values_at, values_at_both
from projections.clocks import Clocks
from projections.queries.subjects.values import HIT, bodies, bounds_of, point_of, values_of
from projections.read_models.ledger import chunks, linked, subjects_of
from projections.read_models.subject_histories import reached_from
from projections.store.snapshots import Snapshot

_AT_ONCE = 1_000
_BETWEEN = "entries.position > ? AND entries.position <= ?"
_ABOUT = (
    "SELECT DISTINCT about.subject FROM {entries} AS entries JOIN {about} AS about ON about.fact = entries.stream"
    " WHERE (entries.sort = 'fact') IS TRUE AND " + _BETWEEN + " ORDER BY about.subject"
)
"""By subject, as their leaves lie in the index; and `IS TRUE` so that SQLite goes by position."""
_LEAVES = (
    "SELECT subject, (SELECT body FROM {planes} AS planes WHERE planes.subject = touched.subject AND "
    + HIT
    + ") FROM ("
    + _ABOUT
    + ") AS touched"
)
_NO_FACTS = "SELECT DISTINCT sort, stream FROM {entries} AS entries WHERE (sort = 'fact') IS FALSE AND " + _BETWEEN


class Change(NamedTuple):
    """A finding whose value is not the same; None on the side where it has none."""

    subject: str
    finding: str
    before: Json
    after: Json


def changes(snapshot: Snapshot, one: Clocks, other: Clocks) -> Iterator[Change]:
    """Every finding whose value differs from the reading `one` to the reading `other`, by subject, the status first."""
    point = point_of(one)
    quick = point is not None and point.plane == RECORDING and by_position_alone(one, other)
    known = _leaves_of_touched(snapshot, one, other, bounds_of(point)) if quick and point else {}
    for chunk in chunks(may_differ(snapshot, one, other, known if quick else None), _AT_ONCE):
        yield from _changes_of(snapshot, one, other, chunk, known)


def _changes_of(
    snapshot: Snapshot, one: Clocks, other: Clocks, subjects: Sequence[str], known: Mapping[str, bytes | None]
) -> list[Change]:
    """The same of those subjects; `known` are leaves of some that hold the reading `one`."""
    found = _found_in_leaves(snapshot, one, other, subjects, known)
    folded = [subject for subject in subjects if subject not in found]
    if folded:
        sides = ({each.subject: each.told for each in values_of(snapshot, side, folded)} for side in (one, other))
        before, after = sides
        found |= {subject: (before.get(subject), after.get(subject)) for subject in folded}
    differing = [subject for subject in subjects if found[subject][0] != found[subject][1]]
    told = [side or _NOTHING for subject in differing for side in found[subject]]
    values = iter(orjson.loads(b'[{"status":%b}]' % b'},{"status":'.join(told)) if told else ())
    changed: list[Change] = []
    for subject, here, there in zip(differing, values, values, strict=True):
        if here["status"] != there["status"]:
            changed.append(Change(subject, STATUS, here["status"], there["status"]))
        was, becomes = here["fields"], there["fields"]
        names = [name for name, value in becomes.items() if was.get(name) != value]
        names += [name for name, value in was.items() if name not in becomes and value is not None]
        names.sort()
        changed += [Change(subject, name, was.get(name), becomes.get(name)) for name in names]
    return changed


_NOTHING = b'null,"fields":{}'
_Sides = tuple[bytes | None, bytes | None]
"""What values of a subject are made of; None where it is not named."""


def _found_in_leaves(
    snapshot: Snapshot, one: Clocks, other: Clocks, subjects: Sequence[str], known: Mapping[str, bytes | None]
) -> dict[str, _Sides]:
    """Both sides of those subjects that need not be folded. Often they lie in one leaf, which is then read once."""
    here, there = point_of(one), point_of(other)
    if here is None or there is None:
        return {}
    first = {subject: known[subject] for subject in subjects if subject in known}
    first |= bodies(snapshot, one, [subject for subject in subjects if subject not in first])
    alike = here.plane == there.plane and (here.plane == RECORDING or one.position <= other.position)
    found: dict[str, _Sides] = {}
    apart: list[str] = []
    begin, end = here[1:], there[1:]
    for subject, body in first.items():
        if body is not None:
            told = values_at_both(body, begin, end) if alike else None
            if told is None:
                apart.append(subject)
            else:
                found[subject] = told
    for subject, again in bodies(snapshot, other, apart):
        before = first[subject]
        if before is not None and again is not None:
            found[subject] = values_at(before, begin), values_at(again, end)
    return found


def by_position_alone(one: Clocks, other: Clocks) -> bool:
    """Whether the two readings differ in nothing but the position."""
    return (one.at, one.reported, one.asked.reading) == (other.at, other.reported, other.asked.reading)


def _leaves_of_touched(
    snapshot: Snapshot, one: Clocks, other: Clocks, bounds: Sequence[int]
) -> dict[str, bytes | None]:
    """The subjects of the facts that were touched between the positions, each with its leaf that holds a point.

    Args:
        snapshot: what to read.
        one: a reading that differs in nothing but the position from the next.
        other: the other reading.
        bounds: the values of `HIT` for the point.
    """
    return dict(snapshot.probe(_LEAVES, None, *bounds, *sorted((one.position, other.position))))


def may_differ(snapshot: Snapshot, one: Clocks, other: Clocks, known: Iterable[str] | None = None) -> list[str]:
    """The subjects touched between the positions where only these differ; else all that are named by the later one.

    `known` are the subjects of the facts that were touched, where they have been looked for already.
    """
    latest = max(one.position, other.position)
    subjects = snapshot.table("subjects")
    if not by_position_alone(one, other):
        return [row.id for row in snapshot.rows(select(subjects.c.id).where(subjects.c.opened <= latest))]
    first, last = sorted((one.position, other.position))
    found = {subject for (subject,) in snapshot.probe(_ABOUT, None, first, last)} if known is None else {*known}
    others = snapshot.probe(_NO_FACTS, None, first, last)
    cited = linked(snapshot, "cites", [stream for sort, stream in others if sort == "source"], latest)
    found |= subjects_of(snapshot, {fact for names in cited.values() for fact in names})
    found |= {stream for sort, stream in others if sort == "subject"}
    return sorted(reached_from(snapshot, found, latest))
