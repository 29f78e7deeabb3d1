"""The values of one subject's findings over two clocks, as disjoint rectangles: what is so within each. Pure.

One clock is the first; the other is either that of recording (positions in the log) or that of reporting. Along the
other one, facts come, change and go; what they change between two moments of the first clock begins a new rectangle
there and ends the one before (the "as of" tables of Snodgrass, Developing Time-Oriented Database Applications, 2000).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from events.facts import SUBJECT_KINDS
from events.history import HEAD, NEVER, FactHistory
from events.standing import cited_in
from projections.folding import Part
from projections.stories import Story
from projections.timelines import END, FIRST, Change, Timelines, TooFar

Values = dict[str, bytes]
"""The findings' values as JSON, by name; those without a value are not in it."""


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

    def __init__(self, begins: int, *, named: bool) -> None:
        self.done: list[Rectangle] = []
        self.now = begins
        self._moments = [FIRST]
        self._since = [begins]
        self._values: list[Values | None] = [{} if named else None]

    def name(self) -> None:
        """The subject is named from now on."""
        for place, values in enumerate(self._values):
            if values is None:
                self._end(place)
                self._values[place] = {}

    def take(self, changes: Iterable[Change]) -> None:
        """Let what has changed begin now."""
        for name, first, until, value in changes:
            moment = max(first, FIRST)
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


_Turn = tuple[int, str, Part | None]
"""Where on the other clock a fact begins to stand so; None: it does not count from there on."""


def by_recording(story: Story) -> list[Rectangle] | None:
    """Over positions in the log, with everything reported; None where the subject cannot be kept in rectangles."""
    turns = [turn for history in story.facts for turn in _recorded(story, history)]
    return _swept(_Sweep(0, named=False), turns, dict(story.kinds))


def by_reporting(story: Story) -> list[Rectangle] | None:
    """Over reported bounds, with everything recorded; None where the subject cannot be kept in rectangles."""
    turns = [turn for history in story.facts for turn in _reported(story, history)]
    return _swept(_Sweep(FIRST, named=True), turns, {FIRST: story.kinds[-1][1]})


def _swept(sweep: _Sweep, turns: list[_Turn], kinds: dict[int, str | None]) -> list[Rectangle] | None:
    timelines, standing = Timelines(), dict[str, Part]()
    together: dict[int, list[_Turn]] = {position: [] for position in kinds}
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


def _recorded(story: Story, history: FactHistory) -> Iterator[_Turn]:
    first = history.recording.position
    turns = {entry.position for entry in history.entries}
    for source in history.sources():
        turns.update(entry.position for entry in story.shelf[source].entries if entry.position > first)
    return ((turn, history.id, _part(story, history, None, turn)) for turn in sorted(turns))


def _reported(story: Story, history: FactHistory) -> Iterator[_Turn]:
    turns = {each.published_by for entry in history.entries for each in cited_in(entry, story.shelf, HEAD)}
    if not history.recording.data.get("citations"):
        turns.add(FIRST)
    return ((turn, history.id, _part(story, history, turn, HEAD)) for turn in sorted(turns) if turn < NEVER)


def _part(story: Story, history: FactHistory, reported: int | None, position: int) -> Part | None:
    standing = story.standing(history, reported, position)
    if standing is None or standing.retracted or standing.modality != "actual" or standing.subject != story.subject:
        return None
    return story.part(standing)
