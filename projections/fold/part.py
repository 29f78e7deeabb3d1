"""A fact as folds take it up: its places in their orders, and what it sets. Pure: no database, no clock."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache

from events.dates.bounds import Certainty, certainty
from events.facts import Fact, Rung, own_fields, rung_of
from events.field_types import Json, JsonObject, canonical, count_range
from events.history.fact_as_of import FactAsOf

_EXACT = 0.0
Place = tuple[bool, int, int, int, str]
"""Where a fact stands in an order: whether it has a bound, the bound, its rung, when it was recorded, its id."""


@dataclass(slots=True, eq=False)
class Setting:
    """A fact that sets a field, of a map one key, and to what; None where it brings the field to an end.

    `form` is equal where two values say the same, `width` says how wide a count is.
    """

    fact: FactAsOf
    field: str
    value: Json
    key: str | None = None
    form: Hashable = None
    width: float = _EXACT

    @classmethod
    def of(cls, fact: FactAsOf, field: str, value: Json, key: str | None = None) -> "Setting":
        """The setting of a value, with its form and width."""
        low, high = count_range(value) if isinstance(value, dict) else (0, 0)
        width = float("inf") if low is None or high is None else high - low
        return cls(fact, field, value, key, canonical(value), width)

    def rival_in(self, changes: JsonObject) -> Json:
        """The value that the changes of a dispute have for it; None where they have none."""
        value = changes.get(self.field)
        return value if value is None or self.key is None else value.get(self.key)

    @property
    def gathers(self) -> bool:
        """Whether the finding's value follows from it together with others: counts, unions."""
        return isinstance(self.value, dict) or self.field in self.fact.kind.unions

    @property
    def is_complete(self) -> bool:
        """Whether its fact says that its list leaves nobody out."""
        return self.fact.kind.complete is not None and self.fact.values.get(self.fact.kind.complete) is True

    @property
    def is_total(self) -> bool:
        """Whether its fact says that the count stands in place of the sum so far."""
        return self.fact.kind.totals is not None and self.fact.values.get(self.fact.kind.totals) is True

    @property
    def decides(self) -> bool:
        """Whether it gives the value where it is the last, whatever the others say."""
        return self.width == _EXACT if isinstance(self.value, dict) else not self.gathers


@dataclass(slots=True, eq=False)
class Part:
    """A fact as folds take it up: its rung, its places in both orders, and its settings by the names of findings.

    The order of section 3.3: earliest bound (unbounded first), rung, recorded instant, fact id; the other one goes by
    the latest bound (unbounded last).
    """

    fact: FactAsOf
    rung: Rung
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
        return cls(fact, rung, by_lo, by_hi, _settings_of(fact))

    def certainty(self, at: int | None) -> Certainty:
        """Whether the fact had happened by the first clock; what is timeless always had."""
        return Certainty.CERTAIN if self.fact.kind.timeless else certainty(self.fact.bounds, at)


def by_lo(fact: FactAsOf) -> Place:
    """Its place in the order of section 3.3."""
    return Part.of(fact).by_lo


def _settings_of(fact: FactAsOf) -> dict[str, Setting]:
    """What the fact sets, each under the name of its finding."""
    kind, values = fact.kind, fact.values
    key = ""
    if kind.per:
        if kind.per not in values:
            return {}
        key = f"[{values[kind.per]}]"
    settings: dict[str, Setting] = {}
    for name, finding, keyed in _findings_of(kind):
        if name in values and keyed:
            settings.update(
                (f"{finding}{key}[{each}]", Setting.of(fact, name, value, each)) for each, value in values[name].items()
            )
        elif name in values:
            settings[finding + key] = Setting.of(fact, name, values[name])
    for name, value in kind.sets.items():
        settings[name + key] = Setting.of(fact, name, value)
    for name in kind.closes:
        settings[name + key] = Setting(fact, name, None)
    return settings


@cache
def _findings_of(kind: type[Fact]) -> tuple[tuple[str, str, bool], ...]:
    """The kind's fields that set a finding, each with the finding's name (before its keys), and whether it is a map."""
    named = ((name, of) for name, of in own_fields(kind).items() if name != kind.per)
    return tuple((name, f"{kind.__name__}.{name}" if name in kind.acts else name, of.keyed) for name, of in named)


def field_of(finding: str) -> str:
    """The field of a fact that sets a finding of that name: `status` is set by the kind."""
    return "kind" if finding == "status" else finding.partition("[")[0].rpartition(".")[2]
