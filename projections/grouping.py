"""The merges and splits of subjects, at a position."""

from collections.abc import Iterable

from sqlalchemy import select

from events.history import Entry
from events.regrouping import Grouping
from projections.ledger import entry_from
from projections.store import Snapshot


def regroupings(snapshot: Snapshot, position: int) -> list[Entry]:
    """Every merge, split and withdrawal of one up to the position, in order."""
    entries = snapshot.table("entries")
    wanted = select(entries).where(entries.c.sort == "subject", entries.c.position <= position)
    return [entry_from(row) for row in snapshot.rows(wanted.order_by(entries.c.position))]


def grouping_at(snapshot: Snapshot, position: int) -> Grouping:
    """The merges and splits in force at the position."""
    return Grouping(regroupings(snapshot, position), position)


def reached_from(snapshot: Snapshot, subjects: Iterable[str], position: int) -> set[str]:
    """The subjects, and those that their facts may count under after any merge or split up to the position."""
    found = set(subjects)
    for entry in regroupings(snapshot, position):
        if entry.data["subject"] in found and "into" in entry.data:
            found.add(entry.data["into"])
    return found
