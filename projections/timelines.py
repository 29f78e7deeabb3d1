"""The values of one subject's findings over the first clock, kept up as facts come, change and go. Pure.

A fact counts from the moment by which it had certainly happened. So the value of most findings is a staircase: from
each moment on, that of the last in order of the facts that count. Counts, unions and the status depend on more than the
last; of these the part behind the earliest moment that changes is folded again.

Moments are exclusive bounds in UTC microseconds. `FIRST` comes before every other, and `UNDATED` stands behind all for
the question without a date, to which everything had happened.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import orjson

from events.facts import Subject
from projections.folding import Part, Setting, climb, passes, value_among

FIRST, UNDATED = -(1 << 62), 1 << 62
END = UNDATED + 1
STATUS = "status"

Change = tuple[str, int, int, bytes | None]
"""A finding's name, from when (in) to when (out) it has a value, and `"name":value` as JSON; None where it has none.

Of the status the value alone is given.
"""

_Counted = tuple[tuple[Any, ...], int, Part]
"""A fact's place in order, from when on it counts, and its part."""


class TooFar(Exception):
    """A fact ends beyond the moments that are kept here (146,000 years from 1970)."""


def _counted(part: Part) -> _Counted:
    """From when on the fact counts.

    Raises:
        TooFar: that is beyond what is kept here.
    """
    hi = part.fact.bounds.hi
    moment = FIRST if part.fact.kind.timeless else UNDATED if hi is None else hi
    if not FIRST <= moment <= UNDATED:
        raise TooFar
    return part.by_lo, moment, part


@dataclass(slots=True)
class _Staircase:
    """A finding whose value is that of the last in order; `steps` are those which are the last from some moment on."""

    name: str
    all: list[_Counted] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    steps: list[_Counted] = field(default_factory=list)

    def put(self, before: _Counted | None, after: _Counted | None) -> Iterator[Change]:
        """Take a fact out as it stood, and in as it stands; what changes."""
        old = before if before is not None and self.name in before[2].settings else None
        new = after if after is not None and self.name in after[2].settings else None
        if old is not None:
            del self.all[bisect_left(self.all, _by_moment(old), key=_by_moment)]
        if old is not None and new is not None and old[:2] == new[:2]:
            insort(self.all, new, key=_by_moment)
            yield from self._exchange(old, new)
            return
        if old is not None:
            yield from self._drop(old)
        if new is not None:
            insort(self.all, new, key=_by_moment)
            yield from self._add(new)

    def at(self, moment: int) -> Setting | None:
        """What gives the value at the moment."""
        place = bisect_right(self.moments, moment) - 1
        return self.steps[place][2].settings[self.name] if place >= 0 else None

    def turns(self) -> Iterator[int]:
        """When it changes, and when the time of one of its dates is over."""
        yield from self.moments
        for _, _, part in self.steps:
            over = passes(part.settings[self.name])
            if over is not None:
                yield over

    def _add(self, new: _Counted) -> Iterator[Change]:
        place = bisect_right(self.moments, new[1])
        if place and self.steps[place - 1][0] > new[0]:
            return
        first = place - 1 if place and self.moments[place - 1] == new[1] else place
        behind = place
        while behind < len(self.steps) and self.steps[behind][0] < new[0]:
            behind += 1
        self.moments[first:behind] = [new[1]]
        self.steps[first:behind] = [new]
        yield self._change(first)

    def _exchange(self, old: _Counted, new: _Counted) -> Iterator[Change]:
        place = bisect_left(self.moments, new[1])
        if place < len(self.steps) and self.steps[place][2] is old[2]:
            self.steps[place] = new
            yield self._change(place)

    def _drop(self, old: _Counted) -> Iterator[Change]:
        """Take out what is gone already from among all; what stood behind it shows."""
        place = bisect_left(self.moments, old[1])
        if place == len(self.steps) or self.steps[place][2] is not old[2]:
            return
        until = self._until(place)
        del self.moments[place], self.steps[place]
        if place:
            yield self._change(place - 1)
        else:
            yield self.name, old[1], until, None
        first, last = (bisect_left(self.all, moment, key=lambda each: each[1]) for moment in (old[1], until))
        for each in self.all[first:last]:
            yield from self._add(each)

    def _until(self, place: int) -> int:
        return self.moments[place + 1] if place + 1 < len(self.moments) else END

    def _change(self, place: int) -> Change:
        _, moment, part = self.steps[place]
        return self.name, moment, self._until(place), _member(self.name, part.settings[self.name].value)


def _by_moment(counted: _Counted) -> tuple[int, tuple[Any, ...]]:
    return counted[1], counted[0]


@dataclass(slots=True)
class _Gathered:
    """A finding whose value depends on all accounts of it, and on what halts between them: counts, unions."""

    name: str
    halts: list[_Counted]
    all: list[_Counted] = field(default_factory=list)

    def put(self, before: _Counted | None, after: _Counted | None) -> Iterator[Change]:
        """Take a fact out as it stood, and in as it stands; what changes."""
        if before is not None and self.name in before[2].settings:
            self.all.remove(before)
        if after is not None and self.name in after[2].settings:
            insort(self.all, after)
        return self.since(_earliest(before, after))

    def heeds_halts(self) -> bool:
        """Whether a halt between two accounts can keep them from being rivals."""
        return any(part.fact.kind.once for _, _, part in self.all)

    def since(self, first: int) -> Iterator[Change]:
        """What is so from the moment on."""
        order = sorted({*self.all, *self.halts}) if self.halts else self.all
        for moment, until in _between(first, (each[1] for each in order)):
            value = value_among([part for _, counts_from, part in order if counts_from <= moment], self.name)
            yield self.name, moment, until, _member(self.name, value)


class Timelines:
    """All findings of one subject, by its facts as they stand at some point of the other clocks."""

    def __init__(self) -> None:
        self._kind: type[Subject] | None = None
        self._movers: list[_Counted] = []
        self._halts: list[_Counted] = []
        self._lines: dict[str, _Staircase | _Gathered] = {}

    def become(self, kind: type[Subject] | None) -> Iterator[Change]:
        """Take note of what kind the subject is known to be; what changes."""
        self._kind = kind
        return self._statuses(FIRST)

    def put(self, before: Part | None, after: Part | None) -> Iterator[Change]:
        """Take a fact out as it stood, and in as it stands; what changes.

        Raises:
            TooFar: it ends beyond what is kept here.
        """
        old, new = (None if part is None else _counted(part) for part in (before, after))
        parts = [part for part in (before, after) if part is not None]
        moves, halts = self._move(old, new)
        names = dict.fromkeys(name for part in parts for name in part.settings)
        for name in names:
            yield from self._line(name, new).put(old, new)
        if halts:
            for line in self._lines.values():
                if isinstance(line, _Gathered) and line.heeds_halts():
                    yield from line.since(_earliest(old, new))
        if moves:
            yield from self._statuses(_earliest(old, new))
        if self._passing() & names.keys():
            yield from self._statuses(FIRST)

    def _move(self, old: _Counted | None, new: _Counted | None) -> tuple[bool, bool]:
        """Keep up what moves the status; whether something of it changes, and whether a halt is among it."""
        moves = halts = False
        for each, is_new in ((old, False), (new, True)):
            if each is not None and each[2].moves:
                moves, halts = True, halts or each[2].rung.halts
                for movers in (self._movers, self._halts) if each[2].rung.halts else (self._movers,):
                    if is_new:
                        insort(movers, each)
                    else:
                        movers.remove(each)
        return moves, halts

    def _line(self, name: str, new: _Counted | None) -> _Staircase | _Gathered:
        setting = new[2].settings.get(name) if new is not None else None
        gathers = setting is not None and (isinstance(setting.value, dict) or setting.field in setting.fact.kind.unions)
        line = self._lines.get(name)
        if line is None or (gathers and isinstance(line, _Staircase)):
            known = [] if line is None else sorted(line.all)
            line = self._lines[name] = _Gathered(name, self._halts, known) if gathers else _Staircase(name)
        return line

    def _passing(self) -> set[str]:
        return {name for name, _ in self._kind.passing.values()} if self._kind else set()

    def _statuses(self, first: int) -> Iterator[Change]:
        """The status from the moment on."""
        lines = [line for name in self._passing() if isinstance(line := self._lines.get(name), _Staircase)]
        turns = [*(each[1] for each in self._movers), *(turn for line in lines for turn in line.turns()), UNDATED]
        ladder = self._kind.ladder if self._kind else ()
        order = [each for each in self._movers if each[1] <= first]
        later = sorted((each for each in self._movers if each[1] > first), key=_by_moment, reverse=True)
        reached = climb((each[2] for each in order), ladder)
        for moment, until in _between(first, turns):
            while later and later[-1][1] <= moment:
                new = later.pop()
                insort(order, new)
                if order[-1] is new:
                    reached = climb([new[2]], ladder, reached)
                else:
                    reached = climb((each[2] for each in order), ladder)
            status = self._passed(reached.status, moment)
            yield STATUS, moment, until, None if status is None else json_of(status)

    def _passed(self, status: str | None, moment: int) -> str | None:
        """What has become of the status by the moment, if time alone ends it."""
        if self._kind is None or status not in self._kind.passing or moment == UNDATED:
            return status
        name, then = self._kind.passing[status]
        line = self._lines.get(name)
        ends = line.at(moment) if isinstance(line, _Staircase) else None
        over = None if ends is None else passes(ends)
        return then if over is not None and over <= moment else status


def _earliest(old: _Counted | None, new: _Counted | None) -> int:
    return min(each[1] for each in (old, new) if each is not None)


def _between(first: int, turns: Iterable[int]) -> Iterator[tuple[int, int]]:
    """From the moment on, each stretch between two turns."""
    return pairwise([*sorted({first, *(turn for turn in turns if first < turn < END)}), END])


def _member(name: str, value: Any) -> bytes | None:
    return None if value is None else b"%b:%b" % (quoted(name), json_of(value))


@lru_cache(maxsize=4_096)
def quoted(name: str) -> bytes:
    """A name as JSON."""
    return orjson.dumps(name)


def json_of(value: Any) -> bytes:
    """A value as JSON, the same bytes whenever it is the same."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
