"""The merges and splits of subjects, at a position."""

from collections.abc import Iterable

from events.history.fact_as_of import FactAsOf
from events.history.grouping import Grouping
from events.history.streams import Entry
from projections.read_models.ledger import ENTRY, entry_of_row
from projections.store.snapshots import Snapshot

_REGROUPINGS = (
    "SELECT " + ENTRY + " FROM {entries} AS entries WHERE sort = 'subject' AND position <= ? ORDER BY position"
)


def regroupings(snapshot: Snapshot, position: int) -> list[Entry]:
    """Every merge, split and withdrawal of one up to the position, in order."""
    return [entry_of_row(row) for row in snapshot.probe(_REGROUPINGS, None, position)]


def grouping_at(snapshot: Snapshot, position: int) -> Grouping:
    """The merges and splits in force at the position."""
    return Grouping(regroupings(snapshot, position), position)


def counted_under(grouping: Grouping, standing: FactAsOf) -> str:
    """The subject that a fact counts under; what only names or describes a subject stays with it."""
    return standing.subject if standing.kind.timeless else grouping.subject_of(standing.subject, standing.id)


def connected(regrouped: Iterable[Entry], subject: str) -> set[str]:
    """The subjects that were ever merged with this one or split from it, whether or not that is still in force."""
    found = {subject}
    for _ in regrouped:
        for entry in regrouped:
            pair = {entry.data["subject"], entry.data.get("into", entry.data["subject"])}
            if pair & found:
                found |= pair
    return found


def reached_from(snapshot: Snapshot, subjects: Iterable[str], position: int) -> set[str]:
    """The subjects, and those that were merged with them or split from them by the position."""
    regrouped = regroupings(snapshot, position)
    if not regrouped:
        return {*subjects}
    return {each for subject in subjects for each in connected(regrouped, subject)}
