"""The values of one subject's findings over two clocks, as disjoint rectangles: what is so within each. Pure.

One clock is the first; the other is either that of recording (positions in the log) or that of reporting. Along the
other one, facts come, change and go; what they change between two moments of the first clock begins a new rectangle
there and ends the one before (the "as of" tables of Snodgrass, Developing Time-Oriented Database Applications, 2000).
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from events.facts import SUBJECT_KINDS
from events.history import HEAD
from projections.folding import Part
from projections.timelines import END, FIRST, STATUS, Change, Timelines, TooFar

_NULL = b"null"
Values = dict[str, bytes]
"""The findings as JSON, by name, as `timelines` gives them; those without a value are not in it.

The status comes first, and is never left out.
"""


class Rectangle(NamedTuple):
    """What is so from `lo` until `hi` of the first clock and from `since` until `until` of the other.

    `values` is None where the subject was not named yet.
    """

    lo: int
    hi: int
    since: int
    until: int
    values: Values | None


class _Sweep:
    """Rectangles as they come to be along the other clock."""

    def __init__(self, begins: int) -> None:
        self.done: list[Rectangle] = []
        self.now = begins
        self._moments = [FIRST]
        self._since = [begins]
        self._values: list[Values | None] = [None]

    def name(self) -> None:
        """The subject is named from now on."""
        for place, values in enumerate(self._values):
            if values is None:
                self._end(place)
                self._values[place] = {STATUS: _NULL}

    def take(self, changes: Iterable[Change]) -> None:
        """Let what has changed begin now."""
        for name, first, until, found in changes:
            moment, value = first, _NULL if found is None and name == STATUS else found
            while moment < until:
                moment = self._set(name, moment, until, value)

    def finished(self) -> list[Rectangle]:
        """All rectangles, the last ones without an end."""
        self.now = HEAD
        for place in range(len(self._moments)):
            self._end(place)
        return self.done

    def _set(self, name: str, moment: int, until: int, value: bytes | None) -> int:
        """Set a value from a moment until the end of the stretch that it lies in; answers with that end."""
        place = bisect_right(self._moments, moment) - 1
        end = self._moments[place + 1] if place + 1 < len(self._moments) else END
        values = self._values[place]
        if values is not None and values.get(name) == value:
            return end
        if self._moments[place] < moment:
            self._split(place, moment)
            place += 1
        if until < end:
            self._split(place, until)
            end = until
        self._end(place)
        kept = dict(values or {})
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value
        self._values[place] = kept
        return end

    def _split(self, place: int, moment: int) -> None:
        self._moments.insert(place + 1, moment)
        self._since.insert(place + 1, self._since[place])
        self._values.insert(place + 1, self._values[place])

    def _end(self, place: int) -> None:
        since = self._since[place]
        if since < self.now:
            hi = self._moments[place + 1] if place + 1 < len(self._moments) else END
            self.done.append(Rectangle(self._moments[place], hi, since, self.now, self._values[place]))
            self._since[place] = self.now


Turn = tuple[int, str, Part | None]
"""Where on the other clock a fact begins to stand so; None: it does not count from there on."""


def rectangles(begins: int, turns: Iterable[Turn], kinds: dict[int, str | None]) -> list[Rectangle] | None:
    """All rectangles of a subject; None where its facts end beyond what can be kept.

    Args:
        begins: where the other clock begins.
        turns: how its facts stand from when on.
        kinds: from when on the subject was known as what; before the first of these it was not named.
    """
    sweep, timelines, standing = _Sweep(begins), Timelines(), dict[str, Part]()
    together: dict[int, list[Turn]] = {position: [] for position in kinds}
    for turn in turns:
        together.setdefault(turn[0], []).append(turn)
    if not all(FIRST <= now < HEAD for now in together):
        return None
    try:
        for now, changed in sorted(together.items()):
            sweep.now = now
            if now in kinds:
                kind = kinds[now]
                sweep.name()
                sweep.take(timelines.become(SUBJECT_KINDS[kind] if kind else None))
            for _, fact, part in changed:
                before = standing.pop(fact, None)
                if part is not None:
                    standing[fact] = part
                if before is not part:
                    sweep.take(timelines.put(before, part))
    except TooFar:
        return None
    return sweep.finished()
