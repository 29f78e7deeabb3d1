"""The versions of facts: when each happened, and from when to when it was believed so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from events.history.fact_as_of import FactAsOf
from events.history.streams import NEVER, Entry, FactHistory, Sources
from projections.clocks import Clocks
from projections.fold.subject_history import counted_under
from projections.fold.turning_points import turning_points
from projections.queries.evidence.facts_as_of import standing_at
from projections.read_models.ledger import facts_and_shelf, linked
from projections.read_models.subject_histories import grouping_at
from projections.store.snapshots import Snapshot

BY = ("reported", "recorded")
_ENDING = ("FactCorrected", "AmendmentWithdrawn", "FactReinstated", "SourceCorrected")


@dataclass(frozen=True, slots=True)
class Belief:
    """One version of a fact: how it stood from the instant `since` until `until`, and why it ended; None: it stands.

    `notes` are corroborations and disputes that came while it stood: (instant, event name).
    """

    fact: FactAsOf
    since: int
    until: int | None
    ended_by: str | None
    notes: tuple[tuple[int, str], ...]


def beliefs_about(snapshot: Snapshot, subject: str, clocks: Clocks, by: str) -> list[Belief]:
    """Every version of every dated fact that counts under the subject, along the clock `by`: reported or recorded.

    The other of the two clocks stands as asked; this one runs to the end of the record.
    """
    grouping = grouping_at(snapshot, clocks.position)
    meant = grouping.merged_into(subject) or subject
    about = linked(snapshot, "about", grouping.gathered(meant), clocks.position)
    names = {fact for facts in about.values() for fact in facts}
    histories, shelf = facts_and_shelf(snapshot, names, clocks.position)
    found = [
        belief
        for history in histories
        for belief in _versions(history, shelf, clocks, by)
        if not belief.fact.kind.timeless and counted_under(grouping, belief.fact) == meant
    ]
    return sorted(found, key=lambda each: (each.since, each.fact.id))


def _versions(history: FactHistory, shelf: Sources, clocks: Clocks, by: str) -> Iterator[Belief]:
    before: tuple[int, FactAsOf] | None = None
    notes: list[tuple[int, str]] = []
    for instant, standing, events in _readings(history, shelf, clocks, by):
        if before is not None and standing is not None and _same(before[1], standing):
            notes += [(instant, event) for event in events if event in ("FactCorroborated", "FactDisputed")]
            continue
        if before is not None:
            yield Belief(before[1], before[0], instant, _cause(standing, events), tuple(notes))
        before, notes = (None, []) if standing is None or standing.retracted else ((instant, standing), [])
    if before is not None:
        yield Belief(before[1], before[0], None, None, tuple(notes))


def _readings(
    history: FactHistory, shelf: Sources, clocks: Clocks, by: str
) -> Iterator[tuple[int, FactAsOf | None, list[str]]]:
    """The fact at each instant at which it may have changed, with the events that came into force then."""
    if by == "reported":
        for moment, found in turning_points(history, shelf, by, clocks.position).items():
            if -NEVER < moment < NEVER:
                standing = standing_at(history, shelf, replace(clocks, reported=moment))
                yield moment, standing, [entry.name for _, entry in found]
        return
    calls: dict[int, list[Entry]] = {}
    for found in turning_points(history, shelf, by, clocks.position).values():
        for _, entry in found:
            calls.setdefault(entry.recorded, []).append(entry)
    for instant, entries in calls.items():
        standing = standing_at(history, shelf, replace(clocks, position=entries[-1].position))
        yield instant, standing, [entry.name for entry in entries]


def _same(one: FactAsOf, other: FactAsOf) -> bool:
    return not other.retracted and _shown(one) == _shown(other)


def _shown(standing: FactAsOf) -> tuple[Any, ...]:
    values = {name: value for name, value in standing.values.items() if name != "opens"}
    return (standing.kind, standing.bounds, repr(sorted(values.items(), key=lambda item: item[0])))


def _cause(after: FactAsOf | None, events: list[str]) -> str:
    if after is None or after.retracted:
        return "FactRetracted"
    named = [event for event in events if event in _ENDING]
    return named[0] if named else "FactCorroborated"
