"""The values of one subject's findings over the first clock, kept up to date as facts come, change and go. Pure.

A fact counts from the moment by which it had certainly happened. So the value of most findings is a staircase: from
each moment on, that of the last in order of the facts that count. Counts, unions and the status depend on more than the
last; of these the part after the earliest moment that changes is folded again.
"""

from events.subject_kinds import Subject
from projections.bitemporal.finding_timeline import FIRST, Change, Counted, Gathered, Staircase, counted, earliest
from projections.bitemporal.progress_timeline import progress_since
from projections.bitemporal.status_timeline import Statuses
from projections.fold.part import Part, Setting
from projections.fold.progress import adds_up


class Timelines:
    """All findings of one subject, by its facts as they stand at some point of the other clocks."""

    def __init__(self) -> None:
        self._lines: dict[str, Staircase | Gathered] = {}
        self._statuses = Statuses()
        self._passing: frozenset[str] = frozenset()
        self._progress: tuple[str, str] | None = None

    def become(self, kind: type[Subject] | None) -> list[Change]:
        """Note what kind the subject is known to be; return what changes."""
        self._passing = frozenset(name for name, _ in kind.passing.values()) if kind else frozenset()
        self._progress = kind.progress if kind else None
        changes = self._statuses.become(kind, self._ends())
        return [*changes, *progress_since(FIRST, self._lines, self._progress)]

    def put(self, before: Part | None, after: Part | None) -> list[Change]:
        """Replace the old version of a fact by the new one; return what changes.

        Raises:
            TooFar: it ends beyond what is kept here.
        """
        old, new = (None if part is None else counted(part) for part in (before, after))
        old_settings, new_settings = ({} if part is None else part.settings for part in (before, after))
        changes: list[Change] = []
        for name, setting in new_settings.items():
            changes += self._line(name, setting).put(old if name in old_settings else None, new)
        for name in old_settings:
            if name not in new_settings:
                changes += self._lines[name].put(old, None)
        moves = self._move(old, new, changes)
        if self._progress is not None and any(adds_up(each[0], self._progress) for each in changes):
            changes += progress_since(min(each[1] for each in changes), self._lines, self._progress)
        if not self._passing.isdisjoint((*old_settings, *new_settings)):
            changes += self._statuses.since(FIRST, self._ends())
        elif moves:
            changes += self._statuses.since(earliest(old, new), self._ends())
        return changes

    def _line(self, name: str, setting: Setting) -> Staircase | Gathered:
        """The line of a finding; a new one where there is none, or one that cannot hold the setting."""
        line = self._lines.get(name)
        if line is None or (setting.gathers and isinstance(line, Staircase)):
            known = [] if line is None else line.all
            line = Gathered(name, self._statuses.halts, known) if setting.gathers else Staircase(name)
            self._lines[name] = line
        return line

    def _move(self, old: Counted | None, new: Counted | None, changes: list[Change]) -> bool:
        """Replace a fact that may move the status; return whether it does, and append what else changes."""
        was, becomes = (each if each is not None and each[2].rung.moves else None for each in (old, new))
        if was is None and becomes is None:
            return False
        moves = self._statuses.move(was, becomes)
        if any(each is not None and each[2].rung.halts for each in (was, becomes)):
            for line in self._lines.values():
                if isinstance(line, Gathered) and line.heeds_halts():
                    changes += line.since(earliest(was, becomes))
        return moves

    def _ends(self) -> dict[str, Staircase]:
        """The dates that time can pass."""
        lines = ((name, self._lines.get(name)) for name in self._passing)
        return {name: line for name, line in lines if isinstance(line, Staircase)}
