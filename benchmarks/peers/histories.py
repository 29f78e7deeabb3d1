"""Answers made by the peers' users: the rows as of a position are fetched, and folded in order.

The fold is as small as the workload allows: a ladder with halts, and the last value of each field.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from benchmarks.peers.rows import EVER, bound
from benchmarks.reference import NOTHING, Answer, differences
from benchmarks.scale import Workload

Found = tuple[str, int, str, str, str]
"""What is fetched of a row: subject, step, does, says, settings; in the order of the fold."""


def fold(rows: Iterable[Found]) -> Answer:
    """Status and fields after the rows, which are in order."""
    level, held, status, halted = -1, None, None, False
    fields: dict[str, Any] = {}
    for _, step, does, says, settings in rows:
        if settings != "{}":
            fields.update(json.loads(settings))
        if does == "u" and (step > level or (halted and step >= level)):
            level, held, status, halted = step, says, says, False
        elif does == "h" and level < step:
            status, halted = says, True
        elif does == "r" and (halted or step > level):
            level, held = (step, says) if step > level else (level, held)
            status, halted = held, False
    return {"status": status, "fields": fields}


class Histories(ABC):
    """A peer that keeps a history of rows; the table says its `name`, and the versions of its `packages`."""

    name: str
    packages: tuple[str, ...] = ()

    @abstractmethod
    def load(self, workload: Workload) -> dict[str, float]:
        """Store the workload; answers with seconds by what they were spent on."""

    @abstractmethod
    def rows(self, subjects: Sequence[str] | None, at: int, recorded: int) -> Iterable[Found]:
        """The rows of subjects (None: all) as of the position `recorded`, of what happened by `at`, in order."""

    @abstractmethod
    def reported(self, subject: str, at: int, reported: int) -> Iterable[Found]:
        """The rows of a subject as they stand, of what happened by `at` and was published by `reported`, in order."""

    @abstractmethod
    def touched(self, first: int, last: int) -> list[str]:
        """The subjects of rows that changed after the position `first`, up to `last`."""

    def state(self, subject: str, at: str | None, recorded: int) -> Answer:
        """The state of a subject at a date, as of a position."""
        return fold(self.rows([subject], bound(at), recorded))

    def state_reported(self, subject: str, at: str | None, reported: str) -> Answer:
        """The state of a subject at a date, as reported by another."""
        return fold(self.reported(subject, bound(at), bound(reported)))

    def whole(self, at: str | None, recorded: int) -> dict[str, Answer]:
        """The states of all subjects that have one."""
        return _by_subject(self.rows(None, bound(at), recorded))

    def diff(self, first: int, last: int) -> list[list[Any]]:
        """Each finding that differs between two positions."""
        touched = self.touched(first, last)
        before, after = (_by_subject(self.rows(touched, EVER, position)) for position in (first, last))
        return differences(before, after)

    def close(self) -> None:  # noqa: B027  (most hold nothing)
        """Let go of what is held."""


def _by_subject(rows: Iterable[Found]) -> dict[str, Answer]:
    found = {subject: fold(group) for subject, group in groupby(rows, key=lambda row: row[0])}
    return {subject: answer for subject, answer in found.items() if answer != NOTHING}
