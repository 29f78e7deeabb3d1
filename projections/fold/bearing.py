"""Which of a subject's facts can bear on its state at a date, found without looking at all of them.

Of many accounts of plain kinds (no rung, no union, no count, not `once`) that set one finding, only a few bear on it:
those that give the value of the last certain one, and those that end after it began. Nothing else can be its rival, be
last in another order of uncertain dates, or be possible still. Pure: no database, no clock.
"""

from bisect import bisect_left
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from events.dates.bounds import Certainty
from events.history.streams import NEVER
from projections.fold.fold import Part


@dataclass(slots=True)
class _Line:
    """All accounts of one finding in order, when each began and ended, and which of them say the same."""

    is_plain: bool = True
    parts: list[Part] = field(default_factory=list)
    los: list[int] = field(default_factory=list)
    his: list[int] = field(default_factory=list)
    furthest: list[int] = field(default_factory=list)
    forms: list[Any] = field(default_factory=list)
    same: dict[Any, list[Part]] = field(default_factory=dict)

    def add(self, part: Part, form: Any, value: Any) -> None:
        lo, hi = part.fact.bounds
        self.is_plain = self.is_plain and _is_plain(part) and not isinstance(value, dict)
        self.parts.append(part)
        self.los.append(-NEVER if lo is None else lo)
        self.his.append(NEVER if hi is None else hi)
        self.furthest.append(max(self.his[-1], self.furthest[-1] if self.furthest else -NEVER))
        self.forms.append(form)
        self.same.setdefault(form, []).append(part)

    def bearing(self, at: int | None) -> Iterable[Part]:
        """The accounts that can bear on the finding by the bound `at`."""
        if not self.is_plain:
            return self.parts
        end = len(self.los) if at is None else bisect_left(self.los, at)
        certain = (each for each in reversed(range(end)) if self.parts[each].certainty(at) is Certainty.CERTAIN)
        last = next(certain, None)
        if last is None:
            return self.parts[:end]
        found = self.same[self.forms[last]].copy()
        for each in reversed(range(end)):
            if self.furthest[each] <= self.los[last]:
                break
            if self.his[each] > self.los[last]:
                found.append(self.parts[each])
        return found


def _is_plain(part: Part) -> bool:
    kind = part.fact.kind
    return not (part.moves or kind.once or kind.unions or kind.timeless)


class Bearing:
    """The facts of a subject, in the order of their earliest bounds, to be asked which bear on a date.

    Args:
        parts: the facts, in order.
        before: the same of all of them but a few.
        changed: the names of the findings on which those few bear.
    """

    def __init__(self, parts: list[Part], before: "Bearing | None" = None, changed: Set[str] = frozenset()) -> None:
        self._always = [part for part in parts if not part.settings]
        self._lines: dict[str, _Line] = {}
        if before is not None:
            self._lines = {name: line for name, line in before._lines.items() if name not in changed}
        known = frozenset(self._lines)
        for part in parts:
            for name, setting in part.settings.items():
                if name not in known:
                    self._lines.setdefault(name, _Line()).add(part, setting.form, setting.value)

    def on(self, at: int | None) -> list[Part]:
        """Those that can bear on the state by the bound, in order."""
        found = {id(part): part for line in self._lines.values() for part in line.bearing(at)}
        return sorted([*found.values(), *self._always], key=attrgetter("by_lo"))
