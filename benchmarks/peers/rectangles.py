"""What hand-written bitemporal tables hold: each value of each finding as a rectangle of two ranges.

A finding of a subject has a value from one instant to another (valid), as known from one position to another. Keeping
these is the work of each write, so it is timed as import; a question is then answered by looking, without any fold.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from benchmarks.peers.histories import fold
from benchmarks.peers.rows import EVER, Change, Row

END = EVER + 1
"""An open end: after every instant, EVER included."""
_FROM = itemgetter(0)


class Rectangle(NamedTuple):
    """A finding's value as JSON, within a range of positions and a range of instants, the ends exclusive."""

    subject: str
    finding: str
    known_from: int
    known_to: int
    valid_from: int
    valid_to: int
    value: str


class Segment(NamedTuple):
    """From an instant on, until the next segment, the finding has the value, as known since the position."""

    valid_from: int
    key: tuple[int, int, int]
    value: str
    known_from: int


class Findings:
    """The findings of one subject as they stand; each change answers with the rectangles that it ends."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.rows: dict[int, Row] = {}
        self.segments: dict[str, list[Segment]] = {}

    def apply(self, change: Change) -> Iterator[Rectangle]:
        """Take in a change of one of the subject's rows."""
        row, at = change.row, change.position
        before = self.rows.pop(row.number, None)
        if change.what != "delete" and row.actual:
            self.rows[row.number] = row
        now = self.rows.get(row.number)
        if before is None and now is not None:
            for finding, value in _settings(now):
                yield from self._insert(finding, _key(now), now.hi, value, at)
        else:
            touched = {finding for each in (before, now) if each for finding, _ in _settings(each)}
            for finding in touched:
                yield from self._replace(finding, self._staircase(finding), at)
        rungs = [each for each in (before, now) if each and each.does]
        if rungs:
            yield from self._replace("status", self._statuses(min(each.hi for each in rungs)), at)

    def _insert(self, finding: str, key: tuple[int, int, int], hi: int, value: str, at: int) -> Iterator[Rectangle]:
        """A value that wins from `hi` on, until one later in the order does."""
        segments = self.segments.setdefault(finding, [])
        first = bisect_right(segments, hi, key=_FROM) - 1
        if first >= 0 and segments[first].key > key:
            return
        last = first + 1
        while last < len(segments) and segments[last].key < key:
            last += 1
        new = Segment(hi, key, value, at)
        if first >= 0 and segments[first].valid_from < hi:
            kept = [segments[first]._replace(known_from=at), new]
        else:
            kept = [new]
        for place in range(max(first, 0), last):
            yield self._ended(finding, segments, place, at)
        segments[max(first, 0) : last] = kept

    def _staircase(self, finding: str) -> list[tuple[int, tuple[int, int, int], str]]:
        """The finding's values over time, from all rows."""
        setting = [
            (row.hi, _key(row), value)
            for row in self.rows.values()
            for name, value in _settings(row)
            if name == finding
        ]
        steps: list[tuple[int, tuple[int, int, int], str]] = []
        for hi, key, value in sorted(setting):
            if not steps or key > steps[-1][1]:
                if steps and steps[-1][0] == hi:
                    steps.pop()
                steps.append((hi, key, value))
        return steps

    def _statuses(self, since: int) -> list[tuple[int, tuple[int, int, int], str]]:
        """The status over time; what was before the instant is taken as it was."""
        rungs = sorted((row for row in self.rows.values() if row.does), key=_key)
        segments = self.segments.get("status", [])
        steps = [(each.valid_from, each.key, each.value) for each in segments if each.valid_from < since]
        for at in sorted({row.hi for row in rungs if row.hi >= since}):
            by_then = ((row.subject, row.step, row.does, row.says, "{}") for row in rungs if row.hi <= at)
            status = json.dumps(fold(by_then)["status"])
            if not steps or steps[-1][2] != status:
                steps.append((at, (0, 0, 0), status))
        return steps

    def _replace(
        self, finding: str, steps: list[tuple[int, tuple[int, int, int], str]], at: int
    ) -> Iterator[Rectangle]:
        """Put new segments in place; those that stay as they were go on."""
        segments = self.segments.get(finding, [])
        ends = [each.valid_from for each in segments[1:]] + [END]
        same = {(each.valid_from, end, each.value): each for each, end in zip(segments, ends, strict=bool(segments))}
        new_ends = [each[0] for each in steps[1:]] + [END]
        kept = []
        for (begins, key, value), end in zip(steps, new_ends, strict=bool(steps)):
            old = same.pop((begins, end, value), None)
            kept.append(Segment(begins, key, value, old.known_from if old else at))
        for (begins, end, value), old in same.items():
            if old.known_from < at:
                yield Rectangle(self.subject, finding, old.known_from, at, begins, end, value)
        self.segments[finding] = kept

    def _ended(self, finding: str, segments: list[Segment], place: int, at: int) -> Rectangle:
        ends = segments[place + 1].valid_from if place + 1 < len(segments) else END
        old = segments[place]
        return Rectangle(self.subject, finding, old.known_from, at, old.valid_from, ends, old.value)

    def standing(self) -> Iterator[Rectangle]:
        """The rectangles that have not ended."""
        for finding, segments in self.segments.items():
            for place in range(len(segments)):
                yield self._ended(finding, segments, place, END)


def rectangles(given: Iterable[Change]) -> Iterator[Rectangle]:
    """All rectangles that the changes come to, ended ones first."""
    subjects: dict[str, Findings] = {}
    for change in given:
        name = change.row.subject
        if name not in subjects:
            subjects[name] = Findings(name)
        yield from subjects[name].apply(change)
    for findings in subjects.values():
        yield from findings.standing()


def _key(row: Row) -> tuple[int, int, int]:
    return row.lo, row.rung, row.number


def _settings(row: Row) -> list[tuple[str, str]]:
    return _read(row.settings)


@lru_cache(maxsize=1 << 18)
def _read(settings: str) -> list[tuple[str, str]]:
    return [(name, json.dumps(value)) for name, value in json.loads(settings).items()]
