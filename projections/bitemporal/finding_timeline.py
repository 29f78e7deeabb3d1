"""One finding of one subject over the first clock, kept up to date as facts come, change and go. Pure.

Moments are exclusive bounds in UTC microseconds. `FIRST` comes before every other, and `UNDATED` comes after all for
the question without a date, to which everything had happened.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

import orjson

from projections.fold.fold import passes, value_among
from projections.fold.part import Part, Place, Setting

FIRST, UNDATED = -(1 << 62), 1 << 62
END = UNDATED + 1
STATUS = "status"

Change = tuple[str, int, int, bytes | None]
"""A finding's name, from when (in) to when (out) it has a value, and `"name":value` as JSON; None where it has none.

Of the status only the value. What is listed as a change may also be as it was before.
"""

Counted = tuple[int, Place, Part]
"""From when on a fact counts, its place in order, and its part: sorted by when facts begin to count."""

_moment, in_order = itemgetter(0), itemgetter(1)


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
    steps: list[Counted] = field(default_factory=list)

    def put(self, old: Counted | None, new: Counted | None) -> list[Change]:
        """Replace the old version of a fact that sets it by the new one; return what changes."""
        spans = []
        if old is not None:
            del self.all[bisect_left(self.all, old)]
            spans += self._drop(old)
        if new is not None:
            insort(self.all, new)
            spans += self._add(new)
        return list(self._between(min(spans)[0], max(end for _, end in spans))) if spans else []

    def at(self, moment: int) -> Setting | None:
        """What gives the value at the moment."""
        place = bisect_left(self.steps, (moment + 1,))
        return self.steps[place - 1][2].settings[self.name] if place else None

    def given_since(self, first: int) -> Iterator[tuple[int, Counted | None]]:
        """From when on which fact gives the value: from the moment `first` on."""
        place = bisect_left(self.steps, (first + 1,))
        yield first, self.steps[place - 1] if place else None
        yield from ((each[0], each) for each in self.steps[place:])

    def turns(self) -> Iterator[int]:
        """When it changes, and when the time of one of its dates is over."""
        for moment, _, part in self.steps:
            yield moment
            over = passes(part.settings[self.name])
            if over is not None:
                yield over

    def _add(self, new: Counted) -> list[tuple[int, int]]:
        """Make a fact a step, unless one that is later in order counts by then; return from when to when it is one."""
        steps, (moment, key, _) = self.steps, new
        place = end = bisect_left(steps, (moment,))
        if place and steps[place - 1][1] > key:
            return []
        while end < len(steps) and steps[end][1] < key:
            end += 1
        if place == end < len(steps) and steps[place][0] == moment:
            return []
        steps[place:end] = [new]
        return [(moment, self._until(place))]

    def _drop(self, old: Counted) -> list[tuple[int, int]]:
        """Remove a step, so that what it hid shows again; return from when to when it was one."""
        place = bisect_left(self.steps, (old[0],))
        if place == len(self.steps) or self.steps[place][2] is not old[2]:
            return []
        until = self._until(place)
        del self.steps[place]
        first, last = (bisect_left(self.all, (moment,)) for moment in (old[0], until))
        for each in self.all[first:last]:
            self._add(each)
        return [(old[0], until)]

    def _between(self, moment: int, end: int) -> Iterator[Change]:
        place = bisect_left(self.steps, (moment + 1,))
        while moment < end:
            until = min(self._until(place - 1), end)
            value = self.steps[place - 1][2].settings[self.name].value if place else None
            yield self.name, moment, until, member(self.name, value)
            moment, place = until, place + 1

    def _until(self, place: int) -> int:
        return self.steps[place + 1][0] if place + 1 < len(self.steps) else END


@dataclass(slots=True)
class Gathered:
    """A finding whose value depends on all accounts of it, and on what halts between them: counts, unions.

    `given` says from when on which fact gives the value.
    """

    name: str
    halts: Sequence[Counted]
    all: list[Counted]
    given: list[tuple[int, Counted | None]] = field(default_factory=list)

    def put(self, old: Counted | None, new: Counted | None) -> list[Change]:
        """Replace the old version of a fact that sets it by the new one; return what changes."""
        if old is not None:
            self.all.remove(old)
        if new is not None:
            insort(self.all, new)
        return self.since(earliest(old, new))

    def heeds_halts(self) -> bool:
        """Whether a halt between two accounts can keep them from being rivals."""
        return any(part.fact.kind.once for _, _, part in self.all)

    def since(self, first: int) -> list[Change]:
        """The values from the moment on."""
        halts = [each for each in self.halts if self.name not in each[2].settings] if self.heeds_halts() else []
        everything = sorted([*self.all, *halts], key=_moment)
        begun = bisect_right(everything, first, key=_moment)
        known = sorted(everything[:begun], key=in_order)
        del self.given[bisect_left(self.given, first, key=_moment) :]
        values = [(first, self._value(first, known))]
        for moment, together in groupby(everything[begun:], key=_moment):
            for each in together:
                insort(known, each, key=in_order)
            values.append((moment, self._value(moment, known)))
        return list(changes_from(self.name, values))

    def given_since(self, first: int) -> Iterator[tuple[int, Counted | None]]:
        """From when on which fact gives the value: from the moment `first` on."""
        place = bisect_right(self.given, first, key=_moment)
        yield first, self.given[place - 1][1] if place else None
        yield from self.given[place:]

    def _value(self, moment: int, known: list[Counted]) -> bytes | None:
        setting, value = value_among([part for _, _, part in known], self.name)
        gives = (each for each in known if setting is not None and each[2].settings.get(self.name) is setting)
        self.given.append((moment, next(gives, None)))
        return member(self.name, value)


def changes_from(name: str, values: Iterable[tuple[int, bytes | None]]) -> Iterator[Change]:
    """The values of a finding, each from its moment until the next that is another; the last one has no end."""
    others = [next(same) for _, same in groupby(values, key=itemgetter(1))]
    for (moment, value), (until, _) in pairwise([*others, (END, None)]):
        yield name, moment, until, value


def earliest(old: Counted | None, new: Counted | None) -> int:
    """From when on it makes a difference that a fact stands otherwise."""
    return min(each[0] for each in (old, new) if each is not None)


def member(name: str, value: Any) -> bytes | None:
    """A finding as a member of a JSON object; None where it has no value."""
    return None if value is None else b"%b:%b" % (json_of(name), json_of(value))


def json_of(value: Any) -> bytes:
    """A value as JSON, the same bytes whenever it is the same."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
