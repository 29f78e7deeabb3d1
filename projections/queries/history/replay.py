"""A replay of the steps of all subjects, and where it goes on: each step's name, and the place that a name says."""

from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import orjson

from events.dates.calendar import instant_written
from events.history.streams import NEVER, Entry
from projections.clocks import LARGEST_POSITION, Asked, Clocks, whole_number
from projections.fold.subject_history import SubjectHistory
from projections.queries.history.evolution import Step, recorded_step, reported_steps
from projections.queries.subjects.values import named_subjects
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import touched_by
from projections.read_models.erasure import last_redaction
from projections.read_models.finished_states import marked_state
from projections.read_models.histories import entries_between, grouping_at, subject_histories
from projections.read_models.ledger import stream_of_entry
from projections.read_models.voices import spoken_of
from projections.store.snapshots import Snapshot

_LAST = chr(0x10FFFF)
_PAGE = 500

Ask = Callable[[Asked], AbstractContextManager[tuple[Snapshot, Clocks]]]
"""Opens a snapshot that has reached the position asked."""


class StepPlace(NamedTuple):
    """Where a replay goes on: after the step of the subject at a position, or a moment of publication."""

    moment: int
    subject: str


BEGINNING = StepPlace(-NEVER - 1, _LAST)


def replay(ask: Ask, asked: Asked, by: str, after: StepPlace = BEGINNING) -> Iterator[Step]:
    """The steps of all subjects after a place, up to where the clocks stand on the clock `by`: recorded or reported.

    Each page of them is read in a snapshot of its own, all at one position: whoever takes them slowly keeps no older
    state of the database in being. What is redacted meanwhile is redacted in the pages that follow.
    """
    steps: Iterator[Step] = iter(())
    redacted, is_over = -1, False
    while not is_over:
        with ask(asked) as (snapshot, clocks):
            asked = replace(clocks.asked, position=clocks.position, recorded_until=None)
            if by == "recorded" or redacted != last_redaction(snapshot):
                redacted, steps = last_redaction(snapshot), _steps(snapshot, clocks, by, after)
            page = list(islice(steps, _PAGE))
        yield from page
        is_over = len(page) < _PAGE
        after = after if is_over else place_named(place_name(page[-1]), by)


def _steps(snapshot: Snapshot, clocks: Clocks, by: str, after: StepPlace) -> Iterator[Step]:
    return _by_recorded(snapshot, clocks, after) if by == "recorded" else _by_reported(snapshot, clocks, after)


def _by_recorded(snapshot: Snapshot, clocks: Clocks, begin: StepPlace) -> Iterator[Step]:
    """Entry by entry: only the subjects that one touches are folded, before it and after it."""
    for entries in entries_between(snapshot, max(0, begin.moment - 1), clocks.position):
        for each in recorded_steps(snapshot, clocks, entries):
            if StepPlace(each.entry.position, each.history.subject) > begin:
                yield each.step


class StepOfEntry(NamedTuple):
    """A step with the entry that made it, and what bears on its subject."""

    step: Step
    entry: Entry
    history: SubjectHistory


def recorded_steps(
    snapshot: Snapshot,
    clocks: Clocks,
    entries: Sequence[Entry],
    only: str | None = None,
    passes: Callable[[Entry, SubjectHistory], bool] = lambda *_: True,
) -> Iterator[StepOfEntry]:
    """The steps that entries make, in their order and by subject: of those that pass, and of one subject if asked."""
    grouping = grouping_at(snapshot, clocks.position)
    touched = {
        entry.position: {each for each in _touched(snapshot, entry, clocks) if grouping.merged_into(each) is None}
        for entry in entries
    }
    names = sorted(each for each in set().union(*touched.values()) if only is None or each == only)
    histories = subject_histories(snapshot, names, clocks.position, clocks.voices)
    texts = Texts(snapshot)
    for entry in entries:
        for subject in snapshot.patience.each(sorted(touched[entry.position] & histories.keys())):
            if not passes(entry, histories[subject]):
                continue
            before, after = (
                marked_state(texts, histories[subject], clocks.at, clocks.reported, position)
                for position in (entry.position - 1, entry.position)
            )
            for step in recorded_step(subject, stream_of_entry(entry)[1], entry, before, after):
                yield StepOfEntry(step, entry, histories[subject])


def _touched(snapshot: Snapshot, entry: Entry, clocks: Clocks) -> Set[str]:
    """The subjects that the entry touches; in an account also those of which somebody speaks whom it gives a voice."""
    touched = touched_by(snapshot, [entry]).keys()
    if clocks.voices is None or touched.isdisjoint(actor.subject for actor in clocks.voices.actors):
        return touched
    before, after = (clocks.voices.at(clocks.reported, position) for position in (entry.position - 1, entry.position))
    return touched | spoken_of(snapshot, before ^ after, clocks.position)


def _by_reported(snapshot: Snapshot, clocks: Clocks, begin: StepPlace) -> Iterator[Step]:
    """Moment by moment; the steps of every subject are found first, then put in order, meanwhile kept as JSON."""
    steps: list[tuple[int, str, bytes]] = []
    for names in named_subjects(snapshot, clocks.position):
        texts = Texts(snapshot)
        for history in subject_histories(snapshot, names, clocks.position, clocks.voices).values():
            steps += (
                (moment, history.subject, orjson.dumps(step))
                for moment, step in reported_steps(snapshot.patience, texts, history, clocks)
                if (moment, history.subject) > begin
            )
    for _, _, step in sorted(steps, key=lambda each: each[:2]):
        yield orjson.loads(step)


def place_name(step: Step) -> str:
    """What names a step: `41/swap`, `2025-05-16T23:59:59.999999Z/swap`, `/swap` where nothing was reported."""
    moment = step["position"] if "position" in step else step["reported_until"] or ""
    return f"{moment}/{step['subject']}"


def place_named(name: str, by: str) -> StepPlace:
    """The place that a step's name says; without a subject, the last of that moment.

    Raises:
        ValueError: no step of a replay on the clock `by` is named so.
    """
    text, slash, subject = name.partition("/")
    if by == "recorded":
        moment = whole_number(text, LARGEST_POSITION)
        if moment is None:
            raise ValueError(f"{text!r:.80} is not a position in the log")
    else:
        moment = {"": -NEVER, "..": NEVER}.get(text) or instant_written(text) + 1
    return StepPlace(moment, subject if slash else _LAST)
