"""A subject's state as JSON, made of its facts as they stand at a reported and a recorded clock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson

from events.history.streams import Sources, states_of_sources
from projections.bitemporal.index import Row, rows_of
from projections.fold.answer_types import State
from projections.fold.origins import Origins, count_reports, documents_of
from projections.fold.part import Part
from projections.fold.state import Account
from projections.fold.subject_history import SubjectHistory
from projections.read_models.citation_warnings import Grounds, Texts, grounds_of, mark
from projections.read_models.fact_places import Row as FactPlace
from projections.read_models.fact_places import fact_places_of
from projections.read_models.lists import EVER, Outline, is_turned_by_time, outline_of, settled


class Finished(NamedTuple):
    """A state as JSON, and what lists filter it by."""

    id: str
    kind: str | None
    status: str | None
    part_of: str | None
    merged_into: str | None
    state: bytes

    def read(self) -> State:
        """The state itself."""
        found: State = orjson.loads(self.state)
        return found


@dataclass(frozen=True, slots=True)
class Resolved:
    """A subject's facts as they stand at a reported and a recorded clock, with their warnings, for any `at`."""

    account: Account
    merged_into: str | None
    grounds: Grounds
    clocks: tuple[Sources, int | None, int]

    @classmethod
    def of(cls, texts: Texts, history: SubjectHistory, reported: int | None, position: int) -> "Resolved | None":
        """The facts at these clocks; None where the subject is not named by then."""
        account = history.account(reported, position)
        if account is None:
            return None
        grounds = grounds_of(texts, account.facts, history.sources, reported, position)
        return cls(account, history.merged_into(position), grounds, (history.sources, reported, position))

    def otherwise(self, texts: Texts, sources: Sources, before: Iterable[Part], after: Sequence[Part]) -> "Resolved":
        """The same with facts, and the sources that they cite, as they would stand in the place of those `before`."""
        account = self.account.otherwise(before, after)
        _, reported, position = self.clocks
        moved = {part.fact.id for part in before}
        grounds = grounds_of(texts, [part.fact for part in after], sources, reported, position)
        marks = {name: each for name, each in self.grounds.marks.items() if name.partition("#")[0] not in moved}
        set_by = {of: each for of, each in self.grounds.corrections.items() if of[0] not in moved}
        return replace(self, account=account, grounds=Grounds(marks | grounds.marks, set_by | grounds.corrections))

    def state(self, at: int | None, claims: Collection[str] | None = None, *, folds: bool = True) -> State:
        """The state by the first clock, with its marks; `claims` and `folds` say what is wanted of it."""
        state = self.account.state(at, claims, folds=folds)
        mark(state, self.grounds)
        if self.merged_into is not None:
            state["merged_into"] = self.merged_into
        return state

    def outline(self, at: int | None) -> Outline:
        """What lists know of the subject by the first clock."""
        return outline_of(self.account.state(at), self.account.facts)

    def finish(self, at: int | None) -> Finished:
        """The state with its reports counted, written."""
        return self.finished(self.state(at))

    def finished(self, state: State) -> Finished:
        """A state of it with its reports counted, written."""
        sources, reported, position = self.clocks
        documents = documents_of(self.account.facts, sources, reported, position)
        count_reports(state, documents, Origins(states_of_sources(sources, position)))
        name, kind, status, part_of = state["id"], state["kind"], state["status"]["value"], state["part_of"]
        return Finished(name, kind, status, part_of, self.merged_into, orjson.dumps(state))


def marked_state(
    texts: Texts, history: SubjectHistory, at: int | None, reported: int | None, position: int
) -> State | None:
    """The state of a subject at the clocks, with its marks; None before it was named."""
    resolved = Resolved.of(texts, history, reported, position)
    return None if resolved is None else resolved.state(at)


class Folded(NamedTuple):
    """A subject's state as known at a position, with everything reported, at no date; and the rows of its indexes.

    `later` is how it reads from the moment `settled` of the first clock on, None where that is the same; `outline` is
    that of this state. `touched` is the position of the last event that it was folded from.
    """

    now: Finished
    later: Finished | None
    settled: int
    outline: Outline
    pages: list[Row]
    places: list[FactPlace]
    touched: int


def fold_for_views(history: SubjectHistory, resolved: Resolved) -> Folded:
    """What is written of a subject whose facts these are."""
    facts, state = resolved.account.facts, resolved.state(None)
    now, later = resolved.finished(state), None
    if is_turned_by_time(facts):
        state = resolved.state(EVER)
        found = resolved.finished(state)
        later = None if found.state == now.state else found
    rows, places = list(rows_of(history)), list(fact_places_of(history))
    return Folded(now, later, settled(facts), outline_of(state, facts), rows, places, history.touched())
