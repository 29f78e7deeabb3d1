"""Which subjects what was recorded between two positions can have touched."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from projections.clocks import Clocks
from projections.queries.subjects.values import HIT
from projections.read_models.grouping import reached_from
from projections.read_models.ledger import linked, subjects_of
from projections.store.snapshots import Snapshot

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


def by_position_alone(one: Clocks, other: Clocks) -> bool:
    """Whether the two readings differ in nothing but the position."""
    return (one.at, one.reported, one.asked.reading) == (other.at, other.reported, other.asked.reading)


def leaves_of_touched(snapshot: Snapshot, one: Clocks, other: Clocks, bounds: Sequence[int]) -> dict[str, bytes | None]:
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
