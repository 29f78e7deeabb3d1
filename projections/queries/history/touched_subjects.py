"""Which subjects can have changed between two sets of clocks."""

from sqlalchemy import select

from projections.clocks import Clocks
from projections.read_models.ledger import linked, subjects_of
from projections.read_models.subject_histories import reached_from
from projections.store.snapshots import Snapshot

_BETWEEN = "entries.position > ? AND entries.position <= ?"
_ABOUT = (  # `IS TRUE`, so that SQLite goes by position
    "SELECT DISTINCT about.subject FROM {entries} AS entries JOIN {about} AS about ON about.fact = entries.stream"
    " WHERE (entries.sort = 'fact') IS TRUE AND " + _BETWEEN
)
_NO_FACTS = "SELECT DISTINCT sort, stream FROM {entries} AS entries WHERE (sort = 'fact') IS FALSE AND " + _BETWEEN


def may_differ(snapshot: Snapshot, one: Clocks, other: Clocks) -> list[str]:
    """The subjects touched between the positions where only these differ; else all that are named by the later one."""
    latest = max(one.position, other.position)
    if (one.at, one.reported, one.asked.reading) != (other.at, other.reported, other.asked.reading):
        subjects = snapshot.table("subjects")
        return [row.id for row in snapshot.rows(select(subjects.c.id).where(subjects.c.opened <= latest))]
    first, last = sorted((one.position, other.position))
    found = {subject for (subject,) in snapshot.probe(_ABOUT, None, first, last)}
    others = snapshot.probe(_NO_FACTS, None, first, last)
    cited = linked(snapshot, "cites", [stream for sort, stream in others if sort == "source"], latest)
    found |= subjects_of(snapshot, {fact for names in cited.values() for fact in names})
    found |= {stream for sort, stream in others if sort == "subject"}
    return sorted(reached_from(snapshot, found, latest))
