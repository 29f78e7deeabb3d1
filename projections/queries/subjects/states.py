"""States of subjects at any clocks: the row of the current table where nothing is excluded, else history and fold.

The histories of subjects asked for one by one are kept a while: dragging a slider asks one subject at fifty clocks. A
history is gathered whole, whatever the clocks, and is good for every position until an event bears on the subject: the
position of the last one is read in the same snapshot as the history. Nothing outlives a redaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select

from events.errors import NotFound
from projections.clocks import AtClocks, Clocks
from projections.fold.answer_types import State
from projections.fold.subject_history import SubjectHistory
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import FOLDED_AT_ONCE, written_states
from projections.read_models.finished_states import Finished, Resolved
from projections.read_models.histories import subject_histories
from projections.store.cache import Stamp
from projections.store.snapshots import Snapshot, chunks

_AFTER_THE_NAME = b',"status":'
"""Quotes inside of values are escaped, so this stands nowhere before the status itself."""

_TOUCHED = (  # + 0: by type, not from the end backwards
    "SELECT touched, (SELECT max(position + 0) FROM {entries} WHERE sort = 'redaction') FROM {current} WHERE id {among}"
)
"""The last event that bears on a subject, and the last redaction of any."""

_Clocks = tuple[int | None, int, frozenset[str] | None]
"""A reported and a recorded clock, and the voices heard."""

_FACT_BYTES, _EVENT_BYTES = 4_000, 1_000  # measured on the facts of the benchmarks


class StateAtClocks(State, AtClocks):
    """What is known of a subject at the clocks asked."""


def state(snapshot: Snapshot, subject: str, clocks: Clocks) -> StateAtClocks:
    """The state of one subject, with what was asked.

    Raises:
        NotFound: no event up to the position names it.
    """
    return {**_finished_state(snapshot, subject, clocks).read(), **clocks.stated()}


def state_json(snapshot: Snapshot, subject: str, clocks: Clocks) -> bytes:
    """The same as JSON.

    Raises:
        NotFound: no event up to the position names it.
    """
    name, status, rest = _finished_state(snapshot, subject, clocks).state.partition(_AFTER_THE_NAME)
    return b"".join((name, b",", orjson.dumps(clocks.stated())[1:-1], status, rest))


def _finished_state(snapshot: Snapshot, subject: str, clocks: Clocks) -> Finished:
    if clocks.is_current and clocks.position == snapshot.position:
        found = written_states(snapshot, [subject], None, clocks.position).get(subject)
    else:
        history = recent_history(snapshot, subject)
        resolved = None if history is None else history.at(snapshot, clocks)
        found = None if resolved is None else resolved.finish(clocks.at)
    if found is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    return found


class RecentHistory:
    """A subject's whole history, with its facts as they stood at the clocks asked for last."""

    def __init__(self, history: SubjectHistory) -> None:
        self._history = history
        self._touched = history.touched()
        self._last: tuple[_Clocks, Resolved | None] | None = None

    @property
    def weight(self) -> int:
        """About how many bytes it takes."""
        facts = self._history.facts
        return (len(facts) + 1) * _FACT_BYTES + sum(len(each.entries) for each in facts) * _EVENT_BYTES

    def at(self, snapshot: Snapshot, clocks: Clocks) -> Resolved | None:
        """The facts at these clocks, as the voices asked for tell them; None where the subject is not named by then."""
        history, touched, heard = self._history, self._touched, None
        if clocks.voices is not None:
            history, heard = history.told_by(clocks.voices), clocks.voices.at(clocks.reported, clocks.position)
            touched = history.touched()
        asked = clocks.reported, min(clocks.position, touched), heard  # nothing bears on it after that
        last = self._last
        if last is None or last[0] != asked:
            last = self._last = asked, Resolved.of(Texts(snapshot), history, *asked[:2])
        return last[1]


def recent_history(snapshot: Snapshot, subject: str) -> RecentHistory | None:
    """The subject's history up to the snapshot's position; None if nothing names it."""
    rows = snapshot.probe(_TOUCHED, [subject])
    if not rows:
        return None
    stamp, key = Stamp(rows[0][0], rows[0][1] or 0), (snapshot.generation, subject)
    found: RecentHistory | None = snapshot.cache.get(key, stamp)
    if found is None:
        found = RecentHistory(subject_histories(snapshot, [subject])[subject])
        snapshot.cache.put(key, stamp, found, found.weight)
    return found


def states(snapshot: Snapshot, subjects: Sequence[str], clocks: Clocks) -> list[State]:
    """The states of those of the subjects that are named by the position, in the order given.

    The state of a subject merged into another is that one's, and says so.
    """
    return [each.read() for each in finished_states(snapshot, subjects, clocks)]


def finished_states(snapshot: Snapshot, subjects: Sequence[str], clocks: Clocks) -> Iterator[Finished]:
    """The same, each as JSON: as it is written where nothing has touched it since, else folded."""
    if clocks.reported is not None or clocks.asked.reading is not None:
        yield from _folded_states(snapshot, subjects, clocks)
        return
    written = written_states(snapshot, subjects, clocks.at, clocks.position)
    is_head = clocks.at is None and clocks.position == snapshot.position
    others = [] if is_head else [subject for subject in subjects if subject not in written]
    folded = {each.id: each for each in _folded_states(snapshot, others, clocks)} if others else {}
    found = (written.get(subject) or folded.get(subject) for subject in subjects)
    yield from (each for each in found if each is not None)


def is_current_but_for_time(snapshot: Snapshot, clocks: Clocks) -> bool:
    """Whether nothing is asked but how things stand, at a date."""
    return replace(clocks, at=None).is_current and clocks.position == snapshot.position


def _folded_states(snapshot: Snapshot, subjects: Sequence[str], clocks: Clocks) -> Iterator[Finished]:
    for chunk in chunks(subjects, FOLDED_AT_ONCE):
        histories = subject_histories(snapshot, chunk, clocks.position, clocks.voices)
        for history in snapshot.patience.each(histories.values()):
            resolved = Resolved.of(Texts(snapshot), history, clocks.reported, clocks.position)
            if resolved is not None:
                yield resolved.finish(clocks.at)


def kinds_of(snapshot: Snapshot, subjects: Iterable[str], position: int) -> dict[str, str | None]:
    """The kinds of the subjects as known at the position, without those not named by then."""
    table = snapshot.table("subjects")
    kinds: dict[str, str | None] = {}
    for chunk in chunks(list(subjects)):
        for row in snapshot.rows(select(table).where(table.c.id.in_(chunk), table.c.opened <= position)):
            kinds[row.id] = row.kind if row.kind_known is not None and row.kind_known <= position else None
    return kinds


class Label(NamedTuple):
    """A subject's kind and title; the title is made of the id where nobody gave one."""

    kind: str | None
    title: str


def label_of(state: State) -> Label:
    """The label that a state gives its subject."""
    return label(state["id"], state["kind"], {name: finding["value"] for name, finding in state["fields"].items()})


def label(subject: str, kind: str | None, fields: Mapping[str, Any]) -> Label:
    """The label of a subject whose fields have these values."""
    return Label(kind, fields.get("title") or fields.get("name") or spelled(subject))


def spelled(subject: str) -> str:
    """An id as words."""
    words = subject.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
