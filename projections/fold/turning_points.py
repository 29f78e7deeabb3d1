"""When events come to count: on the recorded clock when they were recorded, on the reported clock when published. Pure.

Every question about how things changed along a clock asks here where on it something may have changed.
"""

from collections.abc import Iterator

from events.facts import KINDS
from events.history.fact_as_of import cited_in, effective_by
from events.history.streams import HEAD, NEVER, Entry, FactHistory, SourceHistory, Sources
from events.sources import SourceCorrected

Event = tuple[str, Entry]
"""An event, with the id of the fact or source that it is recorded of."""

_BESIDE = {"title", "url"}
"""What is noted about a source that is no part of how its facts stand."""

WHOLE = -1
"""The place of an event that counts as a whole, not citation by citation."""


def counts_from(entry: Entry, sources: Sources, position: int) -> list[tuple[int, int]]:
    """From when on an event counts on the reported clock, with its sources as of the position.

    Returns:
        Places of citations, each with the exclusive bound in UTC microseconds by which it counts, of what adds
        citations; of any other event `WHOLE` with its bound. `-NEVER`: at any time, `NEVER`: at none that is known.
    """
    if entry.name in KINDS or entry.name == "FactCorroborated":
        cited = [each.published_by for each in cited_in(entry, sources, position)]
        return list(enumerate(cited)) or [(WHOLE, -NEVER)]
    return [(WHOLE, effective_by(entry, sources, position))]


def turning_points(history: FactHistory, sources: Sources, clock: str, position: int = HEAD) -> dict[int, list[Event]]:
    """The places on a clock at which a fact may come to stand otherwise, in order, with the events that count from it.

    Args:
        history: the fact.
        sources: its sources.
        clock: the clock that moves, `recorded` or `reported`.
        position: up to where the log is read.

    Returns:
        On the recorded clock by position, with events on sources that came after the fact too. On the reported clock by
        exclusive bound in UTC microseconds: `-NEVER` is before all publications, `NEVER` after those with a known end.
    """
    found: dict[int, list[Event]] = {}
    events = [(history.id, entry) for entry in history.entries]
    if clock == "recorded":
        first = history.recording.position
        events += [(source, entry) for source in history.sources() for entry in _turns(sources[source], first)]
    for name, entry in sorted(events, key=lambda each: each[1].position):
        if entry.position <= position:
            counts = {at for _, at in counts_from(entry, sources, position)}
            for moment in [entry.position] if clock == "recorded" else counts:
                found.setdefault(moment, []).append((name, entry))
    return dict(sorted(found.items()))


def turns_of_source(history: SourceHistory, position: int) -> dict[int, list[Event]]:
    """The places on the reported clock from which on a later text of a source, or its withdrawal, counts.

    What rests on the source may then be marked; as of the position, each with its events.
    """
    state = history.at(position)
    found: dict[int, list[Event]] = {}
    if state is not None:
        entries = [entry for entry in history.entries if entry.position <= position]
        revisions = (entry for entry in entries if entry.name == "SourceRevised")
        turns = [(edition.published_by, entry) for edition, entry in zip(state.editions[1:], revisions, strict=True)]
        turns += [(state.withdrawn_by, entry) for entry in entries if entry.name == "SourceWithdrawn"]
        turns += [(-NEVER, entry) for entry in entries if entry.name == "SourceWithdrawalWithdrawn"]  # ours
        for moment, entry in turns:
            found.setdefault(moment, []).append((history.id, entry))
    return found


def never_turns(history: FactHistory, sources: Sources) -> bool:
    """Whether nothing was recorded of the fact or its sources since, as of most: it has one turning point."""
    recording = history.recording
    cited = [sources[citation["source"]] for citation in recording.data.get("citations", ())]
    return len(history.entries) == 1 and not any(True for each in cited for _ in _turns(each, recording.position))


def turns_facts(entry: Entry) -> bool:
    """Whether facts may stand otherwise from an event on their source on: later versions and withdrawals only mark."""
    return entry.name == SourceCorrected.__name__ and not entry.data["changes"].keys() <= _BESIDE


def _turns(source: SourceHistory, after: int) -> Iterator[Entry]:
    """The events on a source after the position from which on facts may stand otherwise."""
    for entry in reversed(source.entries):
        if entry.position <= after:
            return
        if turns_facts(entry):
            yield entry
