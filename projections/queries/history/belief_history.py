"""The versions of facts: when each happened, and from when to when it was believed so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from events.history.fact_as_of import FactAsOf
from events.history.streams import NEVER, FactHistory, Sources
from projections.clocks import Clocks
from projections.fold.subject_history import counted_under
from projections.fold.turning_points import turning_points
from projections.queries.evidence.facts_as_of import fact_at_clocks, may_have_come
from projections.read_models.histories import facts_and_sources, grouping_at, linked
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

    The other of the two clocks stays as asked; this one runs up to where it stands. What was not by the first clock,
    though a report says that it was, is left out.
    """
    grouping = grouping_at(snapshot, clocks.position)
    meant = grouping.merged_into(subject) or subject
    about = linked(snapshot, "about", grouping.gathered(meant), clocks.position)
    names = {fact for facts in about.values() for fact in facts}
    histories, sources = facts_and_sources(snapshot, names, clocks.position)
    found = [
        belief
        for history in snapshot.patience.each(histories)
        for belief in _versions(history, sources, clocks, by)
        if not belief.fact.kind.timeless and counted_under(grouping, belief.fact) == meant
        if may_have_come(belief.fact, clocks.at)
    ]
    return sorted(found, key=lambda each: (each.since, each.fact.id))


def _versions(history: FactHistory, sources: Sources, clocks: Clocks, by: str) -> Iterator[Belief]:
    before: tuple[int, FactAsOf] | None = None
    notes: list[tuple[int, str]] = []
    for instant, fact, events in _readings(history, sources, clocks, by):
        if before is not None and fact is not None and not fact.retracted and _content(before[1]) == _content(fact):
            notes += [(instant, event) for event in events if event in ("FactCorroborated", "FactDisputed")]
            continue
        if before is not None:
            yield Belief(before[1], before[0], instant, _cause(fact, events), tuple(notes))
        before, notes = (None, []) if fact is None or fact.retracted else ((instant, fact), [])
    if before is not None:
        yield Belief(before[1], before[0], None, None, tuple(notes))


def _readings(
    history: FactHistory, sources: Sources, clocks: Clocks, by: str
) -> Iterator[tuple[int, FactAsOf | None, list[str]]]:
    """The fact at each instant at which it may have changed, with the events that came into force then."""
    turns = turning_points(history, sources, by, clocks.position)
    if by == "reported":
        for moment, found in turns.items():
            if -NEVER < moment < NEVER and (clocks.reported is None or moment <= clocks.reported):
                fact = fact_at_clocks(history, sources, replace(clocks, reported=moment))
                yield moment, fact, [entry.name for _, entry in found]
        return
    entries = [entry for found in turns.values() for _, entry in found]
    for instant, call in groupby(entries, key=lambda entry: entry.recorded):
        names = {entry.position: entry.name for entry in call}
        fact = fact_at_clocks(history, sources, replace(clocks, position=max(names)))
        yield instant, fact, [*names.values()]


def _content(fact: FactAsOf) -> tuple[Any, ...]:
    """What makes one version of a fact differ from another."""
    return fact.kind, fact.bounds, fact.values


def _cause(after: FactAsOf | None, events: list[str]) -> str:
    if after is None or after.retracted:
        return "FactRetracted"
    return next((event for event in events if event in _ENDING), "FactCorroborated")
