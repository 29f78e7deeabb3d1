"""One finding of one subject over the first clock: as a staircase, or folded again from some moment on. Pure.

Moments are exclusive bounds in UTC microseconds. `FIRST` comes before every other, and `UNDATED` comes after all for
the question without a date, to which everything had happened.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson

from projections.fold.fold import passes, value_among
from projections.fold.part import Part, Setting

FIRST, UNDATED = -(1 << 62), 1 << 62
END = UNDATED + 1
STATUS = "status"

Change = tuple[str, int, int, bytes | None]
"""A finding's name, from when (in) to when (out) it has a value, and `"name":value` as JSON; None where it has none.

Of the status the value alone is given.
"""

Counted = tuple[int, tuple[Any, ...], Part]
"""From when on a fact counts, its place in order, and its part: sorted by when facts begin to count."""

_MOMENT, in_order, _PART = itemgetter(0), itemgetter(1), itemgetter(2)


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
    return moment, part.by_lo, part


@dataclass(slots=True)
class Staircase:
    """A finding whose value is that of the last in order; `steps` are those which are the last from some moment on."""

    name: str
    all: list[Counted] = field(default_factory=list)
    moments: list[int] = field(default_factory=list)
    steps: list[Counted] = field(default_factory=list)

    def put(self, old: Counted | None, new: Counted | None, changes: list[Change]) -> None:
        """Replace the old version of a fact that sets it by the new one; append what changes to `changes`."""
        if old is not None:
            del self.all[bisect_left(self.all, old)]
            if new is not None and old[:2] == new[:2]:
                insort(self.all, new)
                self._exchange(new, changes)
                return
            self._drop(old, changes)
        if new is not None:
            insort(self.all, new)
            self._add(new, changes)

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

    def _add(self, new: Counted, changes: list[Change]) -> None:
        moments, steps, (moment, key, _) = self.moments, self.steps, new
        after = place = bisect_right(moments, moment)
        if place:
            if steps[place - 1][1] > key:
                return
            if moments[place - 1] == moment:
                place -= 1
        many = len(steps)
        while after < many and steps[after][1] < key:
            after += 1
        if place == after:
            moments.insert(place, moment)
            steps.insert(place, new)
        else:
            moments[place:after] = [moment]
            steps[place:after] = [new]
        changes.append(self._change(place))

    def _exchange(self, new: Counted, changes: list[Change]) -> None:
        """Replace a fact by one in the same place, so of the same key."""
        place = bisect_left(self.moments, new[0])
        if place < len(self.steps) and self.steps[place][1] == new[1]:
            self.steps[place] = new
            changes.append(self._change(place))

    def _drop(self, old: Counted, changes: list[Change]) -> None:
        """Remove from the steps what is gone already from among all; what it hid shows again."""
        place = bisect_left(self.moments, old[0])
        if place == len(self.steps) or self.steps[place][2] is not old[2]:
            return
        until = self._until(place)
        del self.moments[place], self.steps[place]
        changes.append(self._change(place - 1) if place else (self.name, old[0], until, None))
        first, last = (bisect_left(self.all, (moment,)) for moment in (old[0], until))
        for each in self.all[first:last]:
            self._add(each, changes)

    def _until(self, place: int) -> int:
        return self.moments[place + 1] if place + 1 < len(self.moments) else END

    def _change(self, place: int) -> Change:
        moments, setting = self.moments, self.steps[place][2].settings[self.name]
        if setting.told is None:
            setting.told = member(self.name, setting.value)
        until = moments[place + 1] if place + 1 < len(moments) else END
        return self.name, moments[place], until, setting.told


ByMoment = list[tuple[int, bytes | None]]
"""Values, each with the moment from which on it is so."""


class Steps:
    """The values of a finding that is folded again from the earliest moment that changes."""

    __slots__ = ("moments", "name", "values")

    def __init__(self, name: str, nothing: bytes | None = None) -> None:
        self.name = name
        self.moments = [FIRST]
        self.values = [nothing]

    def renewed(self, new: ByMoment) -> list[Change]:
        """Take these values from the first of them on to the end; return what changes."""
        moments, values, first = self.moments, self.values, new[0][0]
        place = bisect_right(moments, first) - 1
        before, was = moments[place:], values[place:]
        keeps = place + (before[0] < first)
        del moments[keeps:], values[keeps:]
        changes: list[Change] = []
        at = 0
        before.append(END)
        for (moment, value), until in zip(new, [*map(itemgetter(0), new[1:]), END], strict=True):
            if not values or values[-1] != value:
                moments.append(moment)
                values.append(value)
            while moment < until:
                while before[at + 1] <= moment:
                    at += 1
                end = min(before[at + 1], until)
                if was[at] != value:
                    if changes and changes[-1][2] == moment and changes[-1][3] == value:
                        changes[-1] = (self.name, changes[-1][1], end, value)
                    else:
                        changes.append((self.name, moment, end, value))
                moment = end
        return changes


@dataclass(slots=True)
class Gathered:
    """A finding whose value depends on all accounts of it, and on what halts between them: counts, unions."""

    name: str
    halts: Sequence[Counted]
    all: list[Counted] = field(default_factory=list)
    steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        self.steps = Steps(self.name)

    def put(self, old: Counted | None, new: Counted | None, changes: list[Change]) -> None:
        """Replace the old version of a fact that sets it by the new one; append what changes to `changes`."""
        if old is not None:
            self.all.remove(old)
        if new is not None:
            insort(self.all, new)
        changes += self.since(earliest(old, new))

    def heeds_halts(self) -> bool:
        """Whether a halt between two accounts can keep them from being rivals."""
        return any(part.fact.kind.once for _, _, part in self.all)

    def since(self, first: int) -> list[Change]:
        """What changes from the moment on."""
        begun = bisect_right(self.all, first, key=_MOMENT)
        halts = [each for each in self.halts if self.name not in each[2].settings] if self.heeds_halts() else []
        coming = sorted([*self.all[begun:], *(each for each in halts if each[0] > first)])
        known = sorted([*self.all[:begun], *(each for each in halts if each[0] <= first)], key=in_order)
        parts, places = list(map(_PART, known)), list(map(in_order, known))
        values: ByMoment = [(first, member(self.name, value_among(parts, self.name)))]
        for moment, together in groupby(coming, key=_MOMENT):
            for _, key, part in together:
                place = bisect_left(places, key)
                places.insert(place, key)
                parts.insert(place, part)
            values.append((moment, member(self.name, value_among(parts, self.name))))
        return self.steps.renewed(values)


def earliest(old: Counted | None, new: Counted | None) -> int:
    """From when on it makes a difference that a fact stands otherwise."""
    return min(each[0] for each in (old, new) if each is not None)


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
