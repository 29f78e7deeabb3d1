"""A subject's state as JSON, made of its facts as they stand at a reported and a recorded clock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import orjson

from events.history.streams import Sources, noted_at
from projections.fold.answer_types import State
from projections.fold.origins import Origins, count_reports, documents_of
from projections.fold.part import Part
from projections.fold.state import Account
from projections.fold.subject_history import SubjectHistory
from projections.read_models.citation_warnings import Grounds, Texts, grounds_of, mark


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

    def finish(self, at: int | None) -> Finished:
        """The same with its reports counted, written."""
        state = self.state(at)
        sources, reported, position = self.clocks
        documents = documents_of(self.account.facts, sources, reported, position)
        count_reports(state, documents, Origins(noted_at(sources, position)))
        name, kind, status, part_of = state["id"], state["kind"], state["status"]["value"], state["part_of"]
        return Finished(name, kind, status, part_of, self.merged_into, orjson.dumps(state))


def marked_state(
    texts: Texts, history: SubjectHistory, at: int | None, reported: int | None, position: int
) -> State | None:
    """The state of a subject at the clocks, with its marks; None before it was named."""
    resolved = Resolved.of(texts, history, reported, position)
    return None if resolved is None else resolved.state(at)
