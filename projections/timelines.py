"""The values of one subject's findings over the first clock, kept up as facts come, change and go. Pure.

A fact counts from the moment by which it had certainly happened. So the value of most findings is a staircase: from
each moment on, that of the last in order of the facts that count. Counts, unions and the status depend on more than the
last; of these the part behind the earliest moment that changes is folded again.
"""

from bisect import insort
from collections.abc import Iterator

from events.facts import Subject
from projections.folding import Part, climb, passes
from projections.lines import (
    END,
    FIRST,
    STATUS,
    UNDATED,
    Change,
    Counted,
    Gathered,
    Staircase,
    Steps,
    by_moment,
    counted,
    earliest,
    json_of,
    turns_after,
)


class Timelines:
    """All findings of one subject, by its facts as they stand at some point of the other clocks."""

    def __init__(self) -> None:
        self._kind: type[Subject] | None = None
        self._movers: list[Counted] = []
        self._halts: list[Counted] = []
        self._lines: dict[str, Staircase | Gathered] = {}
        self._steps = Steps(STATUS)

    def become(self, kind: type[Subject] | None) -> list[Change]:
        """Take note of what kind the subject is known to be; what changes."""
        self._kind = kind
        return self._steps.renewed(FIRST, self._statuses(FIRST))

    def put(self, before: Part | None, after: Part | None) -> Iterator[Change]:
        """Take a fact out as it stood, and in as it stands; what changes.

        Raises:
            TooFar: it ends beyond what is kept here.
        """
        old, new = (None if part is None else counted(part) for part in (before, after))
        parts = [part for part in (before, after) if part is not None]
        moves, halts = self._move(old, new)
        names = dict.fromkeys(name for part in parts for name in part.settings)
        for name in names:
            yield from self._line(name, new).put(old, new)
        if halts:
            for line in self._lines.values():
                if isinstance(line, Gathered) and line.heeds_halts():
                    yield from line.since(earliest(old, new))
        first = FIRST if self._passing() & names.keys() else earliest(old, new) if moves else END
        if first < END:
            yield from self._steps.renewed(first, self._statuses(first))

    def _move(self, old: Counted | None, new: Counted | None) -> tuple[bool, bool]:
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

    def _line(self, name: str, new: Counted | None) -> Staircase | Gathered:
        setting = new[2].settings.get(name) if new is not None else None
        gathers = setting is not None and (isinstance(setting.value, dict) or setting.field in setting.fact.kind.unions)
        line = self._lines.get(name)
        if line is None or (gathers and isinstance(line, Staircase)):
            known = [] if line is None else sorted((key, moment, part) for moment, key, part in line.all)
            line = self._lines[name] = Gathered(name, self._halts, known) if gathers else Staircase(name)
        return line

    def _passing(self) -> set[str]:
        return {name for name, _ in self._kind.passing.values()} if self._kind else set()

    def _statuses(self, first: int) -> Iterator[tuple[int, bytes | None]]:
        """The statuses from the moment on, each with when it begins."""
        lines = [line for name in self._passing() if isinstance(line := self._lines.get(name), Staircase)]
        passing = (turn for line in lines for turn in line.turns())
        ladder = self._kind.ladder if self._kind else ()
        order = [each for each in self._movers if each[1] <= first]
        later = sorted((each for each in self._movers if each[1] > first), key=by_moment, reverse=True)
        reached = climb((each[2] for each in order), ladder)
        for moment in turns_after(first, later, UNDATED, *passing):
            while later and later[-1][1] <= moment:
                new = later.pop()
                insort(order, new)
                if order[-1] is new:
                    reached = climb([new[2]], ladder, reached)
                else:
                    reached = climb((each[2] for each in order), ladder)
            status = self._passed(reached.status, moment)
            yield moment, None if status is None else json_of(status)

    def _passed(self, status: str | None, moment: int) -> str | None:
        """What has become of the status by the moment, if time alone ends it."""
        if self._kind is None or status not in self._kind.passing or moment == UNDATED:
            return status
        name, then = self._kind.passing[status]
        line = self._lines.get(name)
        ends = line.at(moment) if isinstance(line, Staircase) else None
        over = None if ends is None else passes(ends)
        return then if over is not None and over <= moment else status
