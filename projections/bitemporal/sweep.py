"""The values of one subject's findings over two clocks, as disjoint rectangles: what is so within each. Pure.

One clock is the first; the other is either that of recording (positions in the log) or that of reporting. Along the
other one, facts come, change and go; what they change between two moments of the first clock begins a new rectangle
there and ends the one before (the "as of" tables of Snodgrass, Developing Time-Oriented Database Applications, 2000).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from events.history.streams import HEAD
from events.subject_kinds import SUBJECT_KINDS
from projections.bitemporal.finding_timeline import END, FIRST, STATUS, Change, TooFar
from projections.bitemporal.subject_timeline import Timelines
from projections.fold.part import Part

Values = dict[str, bytes]
"""The findings by name, as `"name":value` in JSON; those without a value are not in it.

The status comes first, as its value alone, and is never left out.
"""

Rectangle = tuple[int, int, int, int, Values | None]
"""What is so from one moment until another of the first clock (`lo`, `hi`), from when until when of the other one.

No values: the subject was not named yet.
"""


class _Sweep:
    """Rectangles as they come to be along the other clock: between any two moments, what is so, and since when."""

    def __init__(self, begins: int) -> None:
        self.done: list[Rectangle] = []
        self.now = begins
        self._moments = [FIRST, END]
        self._since = [begins]
        self._values: list[Values | None] = [None]

    def name(self) -> None:
        """The subject is named from now on."""
        for place, values in enumerate(self._values):
            if values is None:
                self._end(place)
                self._values[place] = {STATUS: b"null"}

    def take(self, changes: Sequence[Change]) -> None:
        """Let what has changed begin now; what changes within the same moments is set together."""
        values: dict[str, bytes | None] = {}
        begins = ends = FIRST
        for name, moment, until, value in changes:
            if (moment, until) != (begins, ends):
                self._set(values, begins, ends)
                values, begins, ends = {}, moment, until
            values[name] = value
        self._set(values, begins, ends)

    def finished(self) -> list[Rectangle]:
        """All rectangles, the last ones without an end."""
        self.now = HEAD
        for place in range(len(self._values)):
            self._end(place)
        return self.done

    def _set(self, values: dict[str, bytes | None], moment: int, until: int) -> None:
        """Set values from a moment until another."""
        moments = self._moments
        place = bisect_right(moments, moment) - 1
        while moment < until:
            end = moments[place + 1]
            before = self._values[place] or {}
            changed = {name: value for name, value in values.items() if before.get(name) != value}
            if changed:
                if moments[place] < moment:
                    self._split(place, moment)
                    place += 1
                if until < end:
                    self._split(place, until)
                self._end(place)
                after = {**before, **changed}
                self._values[place] = {name: value for name, value in after.items() if value is not None}
            moment = end
            place += 1

    def _split(self, place: int, moment: int) -> None:
        self._moments.insert(place + 1, moment)
        self._since.insert(place + 1, self._since[place])
        self._values.insert(place + 1, self._values[place])

    def _end(self, place: int) -> None:
        since, now = self._since[place], self.now
        if since < now:
            self.done.append((self._moments[place], self._moments[place + 1], since, now, self._values[place]))
            self._since[place] = now


Turn = tuple[int, str, Part | None]
"""Where on the other clock a fact begins to stand so; None: it does not count from there on."""


def rectangles(begins: int, turns: Iterable[Turn], kinds: Mapping[int, str | None]) -> list[Rectangle] | None:
    """All rectangles of a subject; None where its facts end beyond what can be kept.

    Args:
        begins: where the other clock begins.
        turns: how its facts stand from when on.
        kinds: from when on the subject was known as what; before the first of these it was not named.
    """
    sweep, timelines, parts = _Sweep(begins), Timelines(), dict[str, Part | None]()
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
                before, parts[fact] = parts.get(fact), part
                if before is not part:
                    sweep.take(timelines.put(before, part))
    except TooFar:
        return None
    return sweep.finished()
