"""One finding of one subject over the first clock: as a staircase, or folded again from some moment on. Pure.

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

from projections.folding import Part, Setting, passes, value_among

FIRST, UNDATED = -(1 << 62), 1 << 62
END = UNDATED + 1
STATUS = "status"

Change = tuple[str, int, int, bytes | None]
"""A finding's name, from when (in) to when (out) it has a value, and `"name":value` as JSON; None where it has none.

Of the status the value alone is given.
"""

Counted = tuple[tuple[Any, ...], int, Part]
"""A fact's place in order, from when on it counts, and its part."""
ByMoment = tuple[int, tuple[Any, ...], Part]


class TooFar(Exception):
    """A fact ends beyond the moments that are kept here (146,000 years from 1970)."""


def counted(part: Part) -> Counted:
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
class Staircase:
    """A finding whose value is that of the last in order; `steps` are those which are the last from some moment on."""

    name: str
    all: list[ByMoment] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    steps: list[Counted] = field(default_factory=list)

    def put(self, before: Counted | None, after: Counted | None) -> Iterator[Change]:
        """Take a fact out as it stood, and in as it stands; what changes."""
        old = before if before is not None and self.name in before[2].settings else None
        new = after if after is not None and self.name in after[2].settings else None
        if old is not None:
            del self.all[bisect_left(self.all, by_moment(old))]
        if old is not None and new is not None and old[:2] == new[:2]:
            insort(self.all, by_moment(new))
            yield from self._exchange(old, new)
            return
        if old is not None:
            yield from self._drop(old)
        if new is not None:
            insort(self.all, by_moment(new))
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

    def _add(self, new: Counted) -> Iterator[Change]:
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

    def _exchange(self, old: Counted, new: Counted) -> Iterator[Change]:
        place = bisect_left(self.moments, new[1])
        if place < len(self.steps) and self.steps[place][2] is old[2]:
            self.steps[place] = new
            yield self._change(place)

    def _drop(self, old: Counted) -> Iterator[Change]:
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
        first, last = (bisect_left(self.all, (moment,)) for moment in (old[1], until))
        for counts_from, key, part in self.all[first:last]:
            yield from self._add((key, counts_from, part))

    def _until(self, place: int) -> int:
        return self.moments[place + 1] if place + 1 < len(self.moments) else END

    def _change(self, place: int) -> Change:
        _, moment, part = self.steps[place]
        return self.name, moment, self._until(place), member(self.name, part.settings[self.name].value)


def by_moment(counted: Counted) -> ByMoment:
    """In the order of when facts begin to count."""
    return counted[1], counted[0], counted[2]


@dataclass(slots=True)
class Steps:
    """The values of a finding that is folded again behind the earliest moment that changes."""

    name: str
    moments: list[int] = field(default_factory=lambda: [FIRST])
    values: list[bytes | None] = field(default_factory=lambda: [None])

    def renewed(self, first: int, told: Iterable[tuple[int, bytes | None]]) -> list[Change]:
        """What changes where from the moment on the values are those told, each with when it begins."""
        place = bisect_right(self.moments, first) - 1
        old = dict(zip(self.moments[place:], self.values[place:], strict=True))
        new = dict(told)
        changes: list[Change] = []
        before = value = old[self.moments[place]]
        keeps = self.moments[place] < first
        del self.moments[place + keeps :], self.values[place + keeps :]
        turns = sorted({*new, *(moment for moment in old if moment > first)})
        for moment, until in pairwise([*turns, END]):
            before, value = old.get(moment, before), new.get(moment, value)
            if not self.values or self.values[-1] != value:
                self.moments.append(moment)
                self.values.append(value)
            if before != value:
                changes.append((self.name, moment, until, value))
        return changes


@dataclass(slots=True)
class Gathered:
    """A finding whose value depends on all accounts of it, and on what halts between them: counts, unions."""

    name: str
    halts: list[Counted]
    all: list[Counted] = field(default_factory=list)
    steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        self.steps = Steps(self.name)

    def put(self, before: Counted | None, after: Counted | None) -> Iterable[Change]:
        """Take a fact out as it stood, and in as it stands; what changes."""
        if before is not None and self.name in before[2].settings:
            self.all.remove(before)
        if after is not None and self.name in after[2].settings:
            insort(self.all, after)
        return self.since(earliest(before, after))

    def heeds_halts(self) -> bool:
        """Whether a halt between two accounts can keep them from being rivals."""
        return any(part.fact.kind.once for _, _, part in self.all)

    def since(self, first: int) -> Iterable[Change]:
        """What changes from the moment on."""
        return self.steps.renewed(first, self._told(first))

    def _told(self, first: int) -> Iterator[tuple[int, bytes | None]]:
        order = sorted({*self.all, *self.halts}) if self.halts else self.all
        for moment in turns_after(first, order):
            parts = [part for _, counts_from, part in order if counts_from <= moment]
            yield moment, member(self.name, value_among(parts, self.name))


def earliest(old: Counted | None, new: Counted | None) -> int:
    """From when on it makes a difference that a fact stands otherwise."""
    return min(each[1] for each in (old, new) if each is not None)


def turns_after(first: int, counted: Iterable[Counted], *others: int) -> list[int]:
    """The moment, and all later ones at which one of the facts begins to count, or that are among the others."""
    return sorted({first, *(turn for turn in (*(each[1] for each in counted), *others) if first < turn < END)})


def member(name: str, value: Any) -> bytes | None:
    """A finding as a member of a JSON object; None where it has no value."""
    return None if value is None else b"%b:%b" % (quoted(name), json_of(value))


@lru_cache(maxsize=4_096)
def quoted(name: str) -> bytes:
    """A name as JSON."""
    return orjson.dumps(name)


def json_of(value: Any) -> bytes:
    """A value as JSON, the same bytes whenever it is the same."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
