"""One fold of facts in a given order: which status they reach and which fact sets each field.

Pure: no database, no clock. `state` sets several folds side by side. What every fold needs of a fact is worked out
once, in a `Part`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, permutations
from typing import NamedTuple

from events.dates.bounds import bounds_of
from events.field_types import Json, canonical, count_range
from events.history.fact_as_of import FactAsOf
from events.subject_kinds import Subject
from projections.fold.answer_types import Finding
from projections.fold.part import Part, Setting

Passing = Mapping[str, tuple[str, str]]
"""By a status, which date ends it, and what the status is then."""


class Climb(NamedTuple):
    """How far a status has come: the rung, whether it is halted there, and the fact that decided it."""

    level: int = -1
    halted: bool = False
    status: str | None = None
    decided_by: Part | None = None


BELOW = Climb()
"""Before anything has happened."""


def climb(order: Iterable[Part], ladder: tuple[str, ...], reached: Climb = BELOW) -> Climb:
    """The status after facts in order: rungs only rise, a halt holds until a resumption or a rung as high as before it.

    `ladder` are the statuses of the subject's kind; `reached` is how far it had come before these facts.
    """
    level, halted, status, decided_by = reached
    for part in order:
        step, halts, resumes, _ = part.rung
        if halts:
            if level < len(ladder) - 1 or not ladder:
                status, decided_by, halted = part.fact.kind.halts, part, True
        elif resumes:
            if halted or step > level:
                level = max(level, step)
                status, decided_by, halted = (ladder[level] if level >= 0 else None), part, False
        elif step > level or (halted and step >= max(level, 0)):
            level = step
            status, decided_by, halted = ladder[level], part, False
    return Climb(level, halted, status, decided_by)


@dataclass(eq=False)
class Fold:
    """The outcome: the status and the fact that decided it, and for each finding's name its settings in order.

    `whole` are findings that do not follow from their winners alone: those judged by a verdict, and the progress.
    """

    order: list[Part]
    status: str | None
    decided_by: Part | None
    settings: dict[str, list[Setting]]
    winners: dict[str, Setting] = field(default_factory=dict)
    whole: dict[str, Finding] = field(default_factory=dict)

    def value_of(self, name: str) -> Json:
        """The value of a finding; unions are sorted lists of their members."""
        winner = self.winners[name]
        if winner.field not in winner.fact.kind.unions:
            return winner.value
        return sorted(
            member for member, facts in self.members(name).items() if not self.contradicted(name, member, facts)
        )

    def members(self, name: str) -> dict[str, list[FactAsOf]]:
        """Who named each member of a union, in order."""
        named: dict[str, list[FactAsOf]] = {}
        for setting in self.settings[name]:
            for member in setting.value:
                named.setdefault(member, []).append(setting.fact)
        return named

    def contradicted(self, name: str, member: str, named_by: Sequence[FactAsOf]) -> bool:
        """Whether every fact that names the member meets an overlapping full list without it."""
        lists = [each for each in self.settings[name] if each.is_complete and member not in each.value]
        return bool(lists) and all(any(fact.bounds.overlaps(each.fact.bounds) for each in lists) for fact in named_by)

    def rivalrous(self, winner: Setting, other: Setting) -> bool:
        """Whether the two settings of one field would be rivals if their values differed."""
        kind = winner.fact.kind
        if other.fact is winner.fact or other.fact.kind is not kind:
            return False
        if winner.field in kind.acts and not kind.once:
            return False
        return winner.fact.bounds.overlaps(other.fact.bounds) or (
            kind.once and not self._halt_between(winner.fact, other.fact)
        )

    def place(self, fact: FactAsOf) -> int:
        """Where the fact stands in the order."""
        return self._places[fact.id]

    def _halt_between(self, one: FactAsOf, other: FactAsOf) -> bool:
        first, last = sorted((self.place(one), self.place(other)))
        return self._halts[last] > self._halts[first + 1]

    @cached_property
    def _halts(self) -> list[int]:
        """How many halts stand before each place in the order."""
        return list(accumulate((part.rung.halts for part in self.order), initial=0))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {part.fact.id: place for place, part in enumerate(self.order)}


def fold(order: list[Part], kind: type[Subject] | None) -> Fold:
    """Fold facts that are already in order, of a subject of that kind; no time has passed yet."""
    settings: dict[str, list[Setting]] = {}
    for part in order:
        for name, setting in part.settings.items():
            if setting.value is None:
                settings.pop(name, None)
            else:
                settings.setdefault(name, []).append(setting)
    reached = climb(order, kind.ladder if kind else ())
    outcome = Fold(order, reached.status, reached.decided_by, settings)
    outcome.winners = {name: _winner(outcome, each) for name, each in settings.items()}
    return outcome


def value_among(order: list[Part], name: str) -> tuple[Setting | None, Json]:
    """What gives one finding its value, and the value; None where none of the facts sets it.

    `order`: all that set it, and all that halt.
    """
    last = next((part.settings[name] for part in reversed(order) if name in part.settings), None)
    if last is None or last.decides:
        return last, last and last.value
    settings = [part.settings[name] for part in order if name in part.settings]
    outcome = Fold(order, None, None, {name: settings})
    outcome.winners[name] = _winner(outcome, settings)
    return outcome.winners[name], outcome.value_of(name)


def _winner(outcome: Fold, settings: list[Setting]) -> Setting:
    """The last setting; among counts that agree, the narrowest, ties to the later."""
    last = settings[-1]
    if len(settings) == 1 or not isinstance(last.value, dict) or last.decides:
        return last
    narrower = (each for each in reversed(settings) if each.width < last.width and outcome.rivalrous(last, each))
    agreeing = [each for each in narrower if not differ(last.value, each.value)]
    return min([last, *agreeing], key=lambda each: each.width)


def differ(one: Json, other: Json) -> bool:
    """Whether two values of one field contradict each other: counts only where their ranges do not overlap."""
    if isinstance(one, dict) and isinstance(other, dict):
        ranges = count_range(one), count_range(other)
        return any(high is not None and low is not None and high < low for (_, high), (low, _) in permutations(ranges))
    return bool(canonical(one) != canonical(other))


def after_time(
    status: str | None, passing: Passing, at: int | None, setting_of: Callable[[str], Setting | None]
) -> str | None:
    """The status after time has passed: a proposal lapses, talks become overdue, a ceasefire expires.

    `setting_of` gives what sets the date that ends a status.
    """
    if at is None or status is None or status not in passing:
        return status
    name, then = passing[status]
    setting = setting_of(name)
    over = None if setting is None else passes(setting)
    return then if over is not None and over <= at else status


def passes(ends: Setting) -> int | None:
    """When the time that a date field names is certainly over; None where that is open."""
    return bounds_of(ends.value, ends.fact.zone).hi
