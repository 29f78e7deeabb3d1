"""The status of one subject over the first clock, kept up to date as facts that move it come, change and go. Pure.

Of the facts in the order in which they begin to count, it is noted how far the status had come with each; what comes
after the earliest one that changes is climbed again. Once the top of the ladder is reached nothing moves the status
any more, wherever in order it stands, so nothing is noted of what begins to count after that.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping

from events.subject_kinds import Subject
from projections.bitemporal.finding_timeline import (
    FIRST,
    STATUS,
    UNDATED,
    Change,
    Counted,
    Staircase,
    changes_from,
    in_order,
    json_of,
)
from projections.fold.fold import BELOW, Climb, Passing, after_time, climb


class Statuses:
    """The status over the first clock; `halts` are those of the facts that halt."""

    def __init__(self) -> None:
        self.halts: list[Counted] = []
        self._passing: Passing = {}
        self._ladder: tuple[str, ...] = ()
        self._movers: list[Counted] = []
        self._reached: list[tuple[Climb, Counted]] = []

    def become(self, kind: type[Subject] | None, ends: Mapping[str, Staircase]) -> list[Change]:
        """Note what kind the subject is known to be; return what changes."""
        self._ladder, self._passing = (kind.ladder, kind.passing) if kind else ((), {})
        self._reached.clear()
        return self.since(FIRST, ends)

    def move(self, old: Counted | None, new: Counted | None) -> bool:
        """Replace the old version of a fact that moves the status by the new one; return whether it may move."""
        known = len(self._reached)
        if old is not None:
            place = bisect_left(self._movers, old)
            del self._movers[place], self._reached[place:]
            if old[2].rung.halts:
                self.halts.remove(old)
        if new is not None:
            del self._reached[bisect_left(self._movers, new) :]
            insort(self._movers, new)
            if new[2].rung.halts:
                insort(self.halts, new)
        return len(self._reached) < known or not self._is_at_top()

    def since(self, first: int, ends: Mapping[str, Staircase]) -> list[Change]:
        """The status from the moment `first` on; `ends` are the dates that time can pass, by the names of findings."""
        self._climb()
        movers = self._movers
        turns = {first, *(each[0] for each in movers[bisect_left(movers, (first,)) : len(self._reached)])}
        if ends:
            passing = (turn for line in ends.values() for turn in line.turns())
            turns |= {UNDATED, *(turn for turn in passing if first < turn <= UNDATED)}
        values = []
        for moment in sorted(turns):
            place = min(bisect_left(movers, (moment + 1,)), len(self._reached))
            status = self._reached[place - 1][0].status if place else None
            values.append((moment, json_of(self._passed(status, moment, ends))))
        return list(changes_from(STATUS, values))

    def _climb(self) -> None:
        """Note with each of the facts how far the status has come, and which fact is the last in order by then."""
        for place in range(len(self._reached), len(self._movers)):
            if self._is_at_top():
                return
            new = last = self._movers[place]
            reached = BELOW
            if place:
                reached, last = self._reached[place - 1]
            if last[1] <= new[1]:
                self._reached.append((climb((new[2],), self._ladder, reached), new))
            else:
                order = sorted(self._movers[: place + 1], key=in_order)
                self._reached.append((climb((each[2] for each in order), self._ladder), last))

    def _is_at_top(self) -> bool:
        """Whether the last of the facts noted brought the status to the top of the ladder."""
        return bool(self._reached and self._ladder) and self._reached[-1][0].level == len(self._ladder) - 1

    def _passed(self, status: str | None, moment: int, ends: Mapping[str, Staircase]) -> str | None:
        """What has become of the status by the moment, if time alone ends it."""
        at = None if moment == UNDATED else moment
        return after_time(status, self._passing, at, lambda name: ends[name].at(moment) if name in ends else None)
