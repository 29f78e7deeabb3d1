"""Which subjects what was recorded between two positions can have touched."""

from sqlalchemy import select

from projections.clocks import Clocks
from projections.grouping import reached_from
from projections.ledger import linked, subjects_of
from projections.store import Snapshot


def may_differ(snapshot: Snapshot, one: Clocks, other: Clocks) -> list[str]:
    """The subjects touched between the positions where only these differ; else all that are named by the later one."""
    latest = max(one.position, other.position)
    subjects = snapshot.table("subjects")
    if (one.at, one.reported, one.asked.reading) != (other.at, other.reported, other.asked.reading):
        return [row.id for row in snapshot.rows(select(subjects.c.id).where(subjects.c.opened <= latest))]
    entries = snapshot.table("entries")
    first, last = sorted((one.position, other.position))
    between = entries.c.position.between(first + 1, last)
    rows = snapshot.rows(select(entries.c.sort, entries.c.stream).where(between).distinct())
    facts = {row.stream for row in rows if row.sort == "fact"}
    cited = linked(snapshot, "cites", [row.stream for row in rows if row.sort == "source"], latest)
    facts |= {fact for names in cited.values() for fact in names}
    named = {row.stream for row in rows if row.sort == "subject"}
    return sorted(reached_from(snapshot, named | subjects_of(snapshot, facts), latest))
