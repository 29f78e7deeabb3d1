"""The values of one subject's findings over the first clock, kept up as facts come, change and go. Pure.

A fact counts from the moment by which it had certainly happened. So the value of most findings is a staircase: from
each moment on, that of the last in order of the facts that count. Counts, unions and the status depend on more than the
last; of these the part after the earliest moment that changes is folded again.
"""

from events.facts import Subject
from projections.bitemporal.finding_timeline import FIRST, Change, Counted, Gathered, Staircase, counted, earliest
from projections.bitemporal.status_timeline import Statuses
from projections.fold.part import Part, Setting


class Timelines:
    """All findings of one subject, by its facts as they stand at some point of the other clocks."""

    def __init__(self) -> None:
        self._lines: dict[str, Staircase | Gathered] = {}
        self._statuses = Statuses()
        self._passing: frozenset[str] = frozenset()

    def become(self, kind: type[Subject] | None) -> list[Change]:
        """Note what kind the subject is known to be; return what changes."""
        self._passing = frozenset(name for name, _ in kind.passing.values()) if kind else frozenset()
        return self._statuses.become(kind, self._ends())

    def put(self, before: Part | None, after: Part | None) -> list[Change]:
        """Replace the old version of a fact by the new one; return what changes.

        Raises:
            TooFar: it ends beyond what is kept here.
        """
        old = None if before is None else counted(before)
        new = None if after is None else counted(after)
        old_settings = before.settings if before is not None else {}
        new_settings = after.settings if after is not None else {}
        changes: list[Change] = []
        for name, setting in new_settings.items():
            line = self._lines.get(name)
            if line is None or (setting.gathers and type(line) is Staircase):
                line = self._new(name, line, setting)
            line.put(old if name in old_settings else None, new, changes)
        for name in old_settings:
            if name not in new_settings:
                self._lines[name].put(old, None, changes)
        moves = False
        if (before is not None and before.moves) or (after is not None and after.moves):
            moves = self._move(
                old if before and before.moves else None, new if after and after.moves else None, changes
            )
        if self._passing and not self._passing.isdisjoint((*old_settings, *new_settings)):
            changes += self._statuses.since(FIRST, self._ends())
        elif moves:
            changes += self._statuses.since(earliest(old, new), self._ends())
        return changes

    def _new(self, name: str, line: Staircase | Gathered | None, setting: Setting) -> Staircase | Gathered:
        """A line for a finding, in the place of one that could not hold the setting, if any."""
        known = [] if line is None else line.all
        found = Gathered(name, self._statuses.halts, known) if setting.gathers else Staircase(name)
        self._lines[name] = found
        return found

    def _move(self, was: Counted | None, becomes: Counted | None, changes: list[Change]) -> bool:
        """Replace a fact that moves the status; return whether it may move, and append what else changes."""
        moves = self._statuses.move(was, becomes)
        if any(each is not None and each[2].rung.halts for each in (was, becomes)):
            changes += self._after_halts(earliest(was, becomes))
        return moves

    def _after_halts(self, first: int) -> list[Change]:
        """What changes where something halts from the moment on, or does not any more."""
        gathered = (line for line in self._lines.values() if isinstance(line, Gathered) and line.heeds_halts())
        return [change for line in gathered for change in line.since(first)]

    def _ends(self) -> dict[str, Staircase]:
        """The dates that time can pass."""
        lines = ((name, self._lines.get(name)) for name in self._passing)
        return {name: line for name, line in lines if isinstance(line, Staircase)}
