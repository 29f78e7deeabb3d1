"""What the events between two positions touched: of each subject the strands of facts on which they bear."""

from collections.abc import Sequence

from events.facts import KINDS
from events.history.strands import Strands, strands_of
from events.history.streams import Entry, FactHistory
from projections.clocks import Clocks
from projections.read_models.current_states import facts_touched, touched_through, touching
from projections.read_models.histories import alike, connected, entries_between, histories, regroupings, subjects_of
from projections.read_models.ledger import place
from projections.store.snapshots import Snapshot


def touched_strands(snapshot: Snapshot, one: Clocks, other: Clocks) -> dict[str, Strands] | None:
    """By subject the strands that were touched between the positions; None where more than these differs."""
    if one.voices is not None or other.voices is not None or (one.at, one.reported) != (other.at, other.reported):
        return None
    first, last = sorted((one.position, other.position))
    found: dict[str, Strands] = {}
    for entries in entries_between(snapshot, first, last):
        for subject, strands in _touched(snapshot, entries).items():
            known = found.get(subject, frozenset())
            found[subject] = None if strands is None or known is None else known | strands
    return found


def _touched(snapshot: Snapshot, entries: Sequence[Entry]) -> dict[str, Strands]:
    position, last = entries[-1].position, touching(entries)
    regrouped = regroupings(snapshot, position)
    amended = histories(snapshot, "fact", facts_touched(snapshot, last, regrouped, position), position)
    recorded = {entry.data["id"]: [entry] for entry in entries if entry.name in KINDS}
    facts, actors = recorded | amended, alike(regrouped)
    found: dict[str, Strands] = dict.fromkeys(touched_through(snapshot, last, position), frozenset())
    for fact, subject in subjects_of(snapshot, facts):
        known, strands = found.get(subject, frozenset()), strands_of(FactHistory(fact, facts[fact]), actors)
        found[subject] = None if known is None or strands is None else known | strands
    acts = {entry.data["subject"] for entry in entries if place(entry)[0] == "subject"}
    acts |= {entry.data["id"] for entry in entries if place(entry)[0] == "redaction"}
    whole = {name for subject in acts for name in connected(regrouped, subject)} | actors.keys()
    return found | dict.fromkeys(whole & found.keys())
