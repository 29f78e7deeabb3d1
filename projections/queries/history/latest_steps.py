"""The newest steps of all subjects on the reported clock: what changed lately, each finding before and after."""

from collections.abc import Callable
from itertools import pairwise

from events.history.streams import NEVER
from projections.clocks import Clocks
from projections.fold.answer_types import State
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import Event
from projections.queries.history.evolution import FindingChange, Step, publications, reported_step
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import touched_by
from projections.read_models.fact_places import ends_of
from projections.read_models.finished_states import marked_state
from projections.read_models.ledger import entries_between
from projections.read_models.subject_histories import grouping_at, subject_histories
from projections.store.snapshots import Snapshot

_FIRST_REPORTS = (
    "SELECT place, subject FROM {fact_places} WHERE place > ? AND place < ? AND position <= ?"
    " ORDER BY place DESC LIMIT ?"
)
_REPORTS = 60
_ENTRIES = 60
_MOST_SUBJECTS = 40
_MOST_TRIED = 6

IsNews = Callable[[State, FindingChange], bool]
"""Whether a change of a finding is news; given the state after it."""


def latest_steps(snapshot: Snapshot, clocks: Clocks, limit: int, is_news: IsNews) -> list[Step]:
    """The newest steps on the reported clock that change what is news, the newest first, with those changes alone.

    Looked at are the subjects of the newest first reports and those of the newest entries, no more than 40, and of all
    their moments no more than six for each step asked for. What was published at no known time is none of them.
    """
    texts = Texts(snapshot)
    found = subject_histories(snapshot, _subjects(snapshot, clocks), clocks.position, clocks.voices)
    turns = [
        (moment, history.subject, before, events)
        for history in found.values()
        for before, moment, events in _turns(history, clocks)
    ]
    steps: list[Step] = []
    newest_first = sorted(turns, key=lambda turn: turn[:2], reverse=True)
    for moment, subject, earlier, events in newest_first[: limit * _MOST_TRIED]:
        snapshot.patience.check()
        before, after = (
            marked_state(texts, found[subject], clocks.at, reported, clocks.position) for reported in (earlier, moment)
        )
        step = reported_step(subject, moment, events, before, after)
        if step is not None and after is not None:
            step["changes"] = [change for change in step["changes"] if is_news(after, change)]
            steps += [step] if step["changes"] else []
        if len(steps) == limit:
            break
    return steps


def _turns(history: SubjectHistory, clocks: Clocks) -> list[tuple[int, int, list[Event]]]:
    """The moments of the subject's own history with their events, each after the moment before it."""
    moments = [*publications(history, clocks).items()]
    pairs = pairwise(moments)
    return [(before, moment, events) for (before, _), (moment, events) in pairs if moment != NEVER]


def _subjects(snapshot: Snapshot, clocks: Clocks) -> list[str]:
    """The subjects of the newest first reports that count at the clocks, and of the newest entries of the log."""
    until = NEVER if clocks.reported is None else clocks.reported + 1
    rows = snapshot.probe(_FIRST_REPORTS, None, *ends_of("reported", until), clocks.position, _REPORTS)
    names = dict.fromkeys(subject for _, subject in rows)
    for entries in entries_between(snapshot, max(0, clocks.position - _ENTRIES), clocks.position):
        touched = touched_by(snapshot, entries)
        names |= dict.fromkeys(sorted(touched, key=lambda name: touched[name], reverse=True)[:_MOST_SUBJECTS])
    grouping = grouping_at(snapshot, clocks.position)
    return list(dict.fromkeys(grouping.merged_into(name) or name for name in names))[:_MOST_SUBJECTS]
