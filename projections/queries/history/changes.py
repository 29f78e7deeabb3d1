"""The events that count at one of two sets of clocks and not at the other, and histories without one of them. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from events.history.streams import NEVER, Entry, FactHistory, SourceHistory, Sources
from projections.clocks import Clocks
from projections.fold.subject_history import SubjectHistory, Voices
from projections.fold.turning_points import WHOLE, counts_from, turns_of_source

MARKING = ("SourceRevised", "SourceWithdrawn", "SourceWithdrawalWithdrawn")
"""Events that change no value, but mark what rests on their source."""


class Change(NamedTuple):
    """An event of which something counts on one side only: at which clocks; the places of its citations, or `WHOLE`.

    `whole`: nothing of it counts on the other side.
    """

    name: str
    entry: Entry
    gained: bool
    counts: set[int]
    whole: bool
    clocks: Clocks


def changes_between(history: SubjectHistory, one: Clocks, other: Clocks) -> Iterator[Change]:
    """The events that count on one side and not on the other, in the order of the log."""
    bearing = [history, *(actor for clocks in (one, other) if clocks.voices for actor in clocks.voices.actors)]
    sources = {name: source for each in bearing for name, source in each.sources.items()}
    is_all_reported = one.reported is None and other.reported is None
    first = min(one.position, other.position) if is_all_reported else 0  # what was recorded by then counts on both
    events = {
        entry.position: (name, entry) for each in bearing for name, entry in each.entries() if entry.position > first
    }
    for _, (name, entry) in sorted(events.items()):
        for clocks, against, gained in ((other, one, True), (one, other, False)):
            counting = _counting(sources, name, entry, clocks)
            added = counting - _counting(sources, name, entry, against)
            if added:
                yield Change(name, entry, gained, added, added == counting, clocks)


def _counting(sources: Sources, name: str, entry: Entry, clocks: Clocks) -> set[int]:
    """What of an event counts at the clocks: the places of its citations that count, or `WHOLE`."""
    if entry.position > clocks.position:
        return set()
    limit = NEVER if clocks.reported is None else clocks.reported
    if entry.name in MARKING:
        turns = turns_of_source(sources[name], clocks.position).items()
        return {WHOLE for moment, events in turns if moment <= limit and (name, entry) in events}
    return {place for place, moment in counts_from(entry, sources, clocks.position) if moment <= limit}


def without(history: SubjectHistory, change: Change) -> tuple[SubjectHistory, Clocks]:
    """The history without what the event adds, and the clocks at which that counts, with voices that lack it too."""
    voices = change.clocks.voices
    if voices is not None:
        actors = [_less(actor, change) for actor in voices.actors]
        voices = Voices(voices.party, actors, _but(voices.regroupings, change))
    return _less(history, change), replace(change.clocks, voices=voices)


def _less(history: SubjectHistory, change: Change) -> SubjectHistory:
    name = change.name
    facts = [_fact_less(each, change) if each.id == name else each for each in history.facts]
    sources = dict(history.sources)
    moved = {name}
    if name in sources:
        sources[name] = SourceHistory(name, _but(sources[name].entries, change))
        moved |= {each.id for each in facts if name in each.sources()}
    acts = _but(history.acts, change)
    return history.otherwise([each for each in facts if each.entries], sources, acts, moved)


def _fact_less(history: FactHistory, change: Change) -> FactHistory:
    """The history without the event, or without those of its citations; without its recording nothing is left."""
    entry = change.entry
    if change.whole and entry.version == 1:
        return FactHistory(history.id, [])
    entries = _but(history.entries, change)
    if not change.whole:
        citations = [each for place, each in enumerate(entry.data["citations"]) if place not in change.counts]
        less = entry._replace(data={**entry.data, "citations": citations})
        entries = sorted([*entries, less], key=lambda each: each.version)
    return FactHistory(history.id, entries)


def _but(entries: list[Entry], change: Change) -> list[Entry]:
    return [each for each in entries if each.position != change.entry.position]
