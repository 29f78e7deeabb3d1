"""The histories of subjects that were asked for lately: dragging a slider asks one subject at fifty clocks.

A history is gathered whole, whatever the clocks, and is good for every position until an event bears on the subject:
the position of the last one is read in the same snapshot as the history. Nothing outlives a redaction.
"""

from projections.fold.subject_history import SubjectHistory
from projections.read_models.current_states import stamp_of
from projections.read_models.finished_states import Resolved
from projections.read_models.subject_histories import subject_histories
from projections.store.snapshots import Snapshot

_FACT_BYTES, _EVENT_BYTES = 4_000, 1_000  # measured on the facts of the benchmarks


class RecentHistory:
    """A subject's whole history, with its facts as they stood at the clocks asked for last."""

    def __init__(self, history: SubjectHistory) -> None:
        self._history = history
        self._touched = history.touched()
        self._last: tuple[tuple[int | None, int], Resolved | None] | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        facts = self._history.facts
        return (len(facts) + 1) * _FACT_BYTES + sum(len(each.entries) for each in facts) * _EVENT_BYTES

    def at(self, snapshot: Snapshot, reported: int | None, position: int) -> Resolved | None:
        """The facts at these clocks; None where the subject is not named by then."""
        clocks = reported, min(position, self._touched)  # nothing bears on it after that
        last = self._last
        if last is None or last[0] != clocks:
            last = self._last = clocks, Resolved.of(snapshot, self._history, *clocks)
        return last[1]


def recent_history(snapshot: Snapshot, subject: str, reading: str | None) -> RecentHistory | None:
    """The subject's history up to the snapshot's position, as the party would have it; None if nothing names it."""
    stamp = stamp_of(snapshot, subject)
    if stamp is None:
        return None
    key = snapshot.generation, subject, reading
    found: RecentHistory | None = snapshot.cache.get(key, stamp)
    if found is None:
        found = RecentHistory(subject_histories(snapshot, [subject], reading=reading)[subject])
        snapshot.cache.put(key, stamp, found, found.weight)
    return found
