"""One fold of facts in a given order: which status they reach and which fact sets each field.

Pure: no database, no clock. `understanding` asks for several folds and sets them side by side. What is asked of a fact
in every fold is worked out once, in a `Part`.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate
from typing import NamedTuple

from events.dates.bounds import Certainty, bounds_of, certainty
from events.facts import Fact, Rung, Subject, own_fields, rung_of
from events.field_types import Json, JsonObject, canonical, count_range
from events.history.fact_as_of import FactAsOf

_EXACT = (0, 0.0)
Place = tuple[bool, int, int, int, str]
"""Where a fact stands in an order: whether it has a bound, the bound, its rung, when it was recorded, its id."""


@dataclass(slots=True, eq=False)
class Setting:
    """A fact that sets a field, and to what; `form` is equal where two values say the same.

    `width` says how wide a count is; of counts by actor, first how many actors they leave out. `gathers` says whether
    its value follows from it together with others: counts, unions. `told` is the finding as a member of a JSON object,
    where that was worked out already.
    """

    fact: FactAsOf
    field: str
    value: Json
    form: Hashable
    width: tuple[int, float]
    gathers: bool
    told: bytes | None = None

    @property
    def decides(self) -> bool:
        """Whether it gives the value where it is the last, whatever the others say."""
        if isinstance(self.value, dict):
            return self.width == _EXACT
        return self.field not in self.fact.kind.unions


@dataclass(slots=True, eq=False)
class Part:
    """A fact as folds take it up: its rung, its places in both orders, and its settings by the names of findings.

    `moves` says whether it bears on the status. The order of section 3.3: earliest bound (unbounded first), rung,
    recorded instant, fact id; the other one goes by the latest bound (unbounded last).
    """

    fact: FactAsOf
    rung: Rung
    moves: bool
    by_lo: Place
    by_hi: Place
    settings: dict[str, Setting]

    @classmethod
    def of(cls, fact: FactAsOf) -> "Part":
        """The part that the fact takes."""
        rung = rung_of(fact.kind)
        lo, hi = fact.bounds
        recorded, name = fact.history.entries[0].recorded, fact.id
        by_lo = (lo is not None, lo or 0, rung.order, recorded, name)  # unbounded first
        by_hi = (hi is None, hi or 0, rung.order, recorded, name)  # unbounded last
        return cls(fact, rung, rung.moves, by_lo, by_hi, settings_of(fact))

    def certainty(self, at: int | None) -> Certainty:
        """Whether the fact had happened by the first clock; what is timeless always had."""
        return Certainty.CERTAIN if self.fact.kind.timeless else certainty(self.fact.bounds, at)


@dataclass(eq=False)
class Fold:
    """The outcome: the status and the fact that decided it, and for each finding's name its settings in order."""

    order: list[Part]
    status: str | None
    decided_by: Part | None
    settings: dict[str, list[Setting]]
    winners: dict[str, Setting] = field(default_factory=dict)

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
        lists = [each for each in self.settings[name] if _is_complete(each.fact) and member not in each.value]
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

    def _halt_between(self, one: FactAsOf, other: FactAsOf) -> bool:
        if not self._halts:
            return False
        first, last = sorted((self._places[one.id], self._places[other.id]))
        return self._halts[last] > self._halts[first + 1]

    @cached_property
    def _halts(self) -> list[int]:
        """How many halts stand before each place in the order; empty where there is none."""
        halts = [part.rung.halts for part in self.order]
        return list(accumulate(halts, initial=0)) if any(halts) else []

    @cached_property
    def _places(self) -> dict[str, int]:
        return {part.fact.id: place for place, part in enumerate(self.order)}


def _is_complete(fact: FactAsOf) -> bool:
    return fact.kind.complete is not None and fact.values.get(fact.kind.complete) is True


def by_lo(fact: FactAsOf) -> Place:
    """Its place in the order of section 3.3."""
    return Part.of(fact).by_lo


def settings_of(fact: FactAsOf) -> dict[str, Setting]:
    """What the fact sets, each under the name of its finding."""
    kind, values = fact.kind, fact.values
    key = ""
    if kind.per:
        if kind.per not in values:
            return {}
        key = f"[{values[kind.per]}]"
    settings: dict[str, Setting] = {}
    for name, finding in _findings_of(kind):
        if name in values:
            value = values[name]
            counts = isinstance(value, dict)
            width = _width(value) if counts else _EXACT
            gathers = counts or name in kind.unions
            settings[finding + key] = Setting(fact, name, value, canonical(value), width, gathers)
    return settings


@cache
def _findings_of(kind: type[Fact]) -> tuple[tuple[str, str], ...]:
    """The kind's fields that set a finding, each with the finding's name (before its `per` key)."""
    named = (name for name in own_fields(kind) if name != kind.per)
    return tuple((name, f"{kind.__name__}.{name}" if name in kind.acts else name) for name in named)


def fold(order: list[Part], kind: type[Subject] | None, at: int | None) -> Fold:
    """Fold facts that are already in order.

    Args:
        order: the facts, in order.
        kind: the subject's kind; None where it is not known yet.
        at: the exclusive bound of the first clock; None where it was not given and no time passes.
    """
    settings: dict[str, list[Setting]] = {}
    for part in order:
        for name, setting in part.settings.items():
            if name in settings:
                settings[name].append(setting)
            else:
                settings[name] = [setting]
    reached = climb(order, kind.ladder if kind else ())
    outcome = Fold(order, reached.status, reached.decided_by, settings)
    outcome.winners = {name: _winner(outcome, each) for name, each in settings.items()}
    outcome.status = _after_time(outcome, kind, at)
    return outcome


def value_among(order: list[Part], name: str) -> Json:
    """The value of one finding; None where none of the facts sets it.

    Args:
        order: in order, all facts that set it, and all that halt.
        name: the finding.
    """
    last = next((part.settings[name] for part in reversed(order) if name in part.settings), None)
    if last is None or last.decides:
        return last and last.value
    settings = [part.settings[name] for part in order if name in part.settings]
    outcome = Fold(order, None, None, {name: settings})
    outcome.winners[name] = _winner(outcome, settings)
    return outcome.value_of(name)


class Climb(NamedTuple):
    """How far a status has come: the rung, whether it is halted there, and the fact that decided it."""

    level: int = -1
    halted: bool = False
    status: str | None = None
    decided_by: Part | None = None


BELOW = Climb()
"""Before anything has happened."""


def climb(order: Iterable[Part], ladder: tuple[str, ...], reached: Climb = BELOW) -> Climb:
    """The ladder: rungs only rise, a halt holds until a resumption or a rung as high as the one before it.

    Args:
        order: the facts, in order.
        ladder: the statuses of the subject's kind.
        reached: how far it had come before these.
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


def _winner(outcome: Fold, settings: list[Setting]) -> Setting:
    """The last setting; among counts that agree, the narrowest, ties to the later."""
    last = settings[-1]
    if len(settings) == 1 or not isinstance(last.value, dict) or last.decides:
        return last
    agreeing = [
        each
        for each in settings
        if each.width < last.width and outcome.rivalrous(last, each) and not differ(last.value, each.value)
    ]
    return min([last, *reversed(agreeing)], key=lambda each: each.width)


def _width(value: JsonObject) -> tuple[int, float]:
    if value.keys() <= {"best", "low", "high"}:
        low, high = count_range(value)
        return (0, float("inf") if low is None or high is None else high - low)
    return (-len(value), sum(_width(each)[1] for each in value.values()))


def differ(one: Json, other: Json) -> bool:
    """Whether two values of one field contradict each other: counts only where their ranges do not overlap."""
    if isinstance(one, dict) and isinstance(other, dict):
        parts = {"best", "low", "high"}
        if one.keys() <= parts and other.keys() <= parts:
            (low, high), (other_low, other_high) = count_range(one), count_range(other)
            return _below(high, other_low) or _below(other_high, low)
        return any(differ(one[actor], other[actor]) for actor in one.keys() & other.keys())
    return bool(canonical(one) != canonical(other))


def _below(high: int | None, low: int | None) -> bool:
    return high is not None and low is not None and high < low


def _after_time(outcome: Fold, kind: type[Subject] | None, at: int | None) -> str | None:
    """The status after time has passed: a proposal lapses, talks become overdue, a ceasefire expires."""
    if at is None or kind is None or outcome.status not in kind.passing:
        return outcome.status
    name, then = kind.passing[outcome.status]
    ends = outcome.winners.get(name)
    if ends is None:
        return outcome.status
    hi = passes(ends)
    return then if hi is not None and hi <= at else outcome.status


def passes(ends: Setting) -> int | None:
    """When the time that a date field names is certainly over; None where that is open."""
    return bounds_of(ends.value, ends.fact.zone).hi
