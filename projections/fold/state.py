"""The state of a subject at three clocks, folded from its facts as they stand there. Pure: no database, no clock."""

from bisect import bisect_left, insort
from collections.abc import Collection, Hashable, Iterable, Mapping
from copy import copy
from operator import attrgetter

from events.dates.bounds import Certainty
from events.field_types import MODALITIES, Json, canonical
from events.history.fact_as_of import FactAsOf
from events.history.streams import Entry
from events.subject_kinds import SUBJECT_KINDS
from projections.fold.answer_types import FactIds, Finding, OtherValue, State
from projections.fold.claims import Answering, listed_fact
from projections.fold.findings import STATUS, finding_of
from projections.fold.fold import Fold, after_time, fold
from projections.fold.part import Part
from projections.fold.progress import PROGRESS, add_progress, adds_up
from projections.fold.verdicts import judge_fields, judge_status


class Account:
    """What counts of a subject at a reported and a recorded clock, arranged so as to be read at any `at`.

    Args:
        subject: its id.
        subject_kind: the subject's kind; None while it was only named.
        parts: of its visible facts, in any order; those retracted do not count.
        verdicts: those in force, by the name of the finding.
    """

    def __init__(
        self, subject: str, subject_kind: str | None, parts: Iterable[Part], verdicts: Mapping[str, Entry]
    ) -> None:
        self.subject = subject
        self.subject_kind = subject_kind
        self._kind = SUBJECT_KINDS[subject_kind] if subject_kind else None
        self._verdicts = verdicts
        self._parts = sorted((part for part in parts if not part.fact.retracted), key=attrgetter("by_lo"))
        by_modality: dict[str, list[Part]] = {modality: [] for modality in MODALITIES}
        for part in self._parts:
            by_modality[part.fact.modality].append(part)
        self._actual = by_modality.pop("actual")
        self._by_hi = sorted(self._actual, key=attrgetter("by_hi"))
        self._beside = by_modality

    @property
    def facts(self) -> list[FactAsOf]:
        """The facts that count."""
        return [part.fact for part in self._parts]

    def claims(self) -> dict[str, Part]:
        """What is denied, planned or alleged, by fact."""
        return {part.fact.id: part for parts in self._beside.values() for part in parts}

    def otherwise(self, before: Iterable[Part], after: Iterable[Part]) -> "Account":
        """The same with the parts `after` in the place of those `before`, which are of the same facts."""
        other = copy(self)
        other._parts, other._actual, other._by_hi = self._parts[:], self._actual[:], self._by_hi[:]
        other._beside = {modality: parts[:] for modality, parts in self._beside.items()}
        for change, parts in ((_remove, before), (_insert, after)):
            for part in parts:
                if not part.fact.retracted:
                    for order, key in other._orders(part):
                        change(order, part, key)
        return other

    def _orders(self, part: Part) -> list[tuple[list[Part], str]]:
        """The orders in which the part has a place, each with what it goes by."""
        modality = part.fact.modality
        if modality == "actual":
            return [(self._parts, "by_lo"), (self._actual, "by_lo"), (self._by_hi, "by_hi")]
        return [(self._parts, "by_lo"), (self._beside[modality], "by_lo")]

    def answering(self, at: int | None) -> Answering:
        """What may answer claims by the first clock."""
        return Answering([part for part in self._actual if part.certainty(at) is Certainty.CERTAIN], at)

    def bears_on(self, part: Part, finding: str) -> bool:
        """Whether a finding, or what else it may be, may depend on the fact: any other stays as it is without it."""
        if part.rung.halts:
            return True
        if finding == STATUS:
            ends = self._kind.passing.values() if self._kind else ()
            return part.rung.moves or any(name in part.settings for name, _ in ends)
        if finding == PROGRESS and self._kind and self._kind.progress:
            return any(adds_up(name, self._kind.progress) for name in part.settings)
        return finding in part.settings

    def state(self, at: int | None, claims: Collection[str] | None = None, *, folds: bool = True) -> State:
        """What is known of the subject at the exclusive bound `at` of the first clock (UTC microseconds).

        Args:
            at: the bound.
            claims: of which facts the claims are wanted; None for all.
            folds: whether anything beside claims is wanted.
        """
        known_by = {} if at is None else {part: part.certainty(at) for part in self._actual}

        def among(order: list[Part], *counted: Certainty) -> list[Part]:
            if at is None:
                return order if Certainty.CERTAIN in counted else []
            return [part for part in order if known_by[part] in counted]

        actual, by_hi = (self._actual, self._by_hi) if folds else ([], [])
        certain = among(self._actual, Certainty.CERTAIN)
        known = self._folded(certain if folds else [], at)
        readings = [among(by_hi, Certainty.CERTAIN)]
        possible = among(actual, Certainty.POSSIBLE)
        if possible:
            readings += [among(order, Certainty.CERTAIN, Certainty.POSSIBLE) for order in (actual, by_hi)]
        others = [self._folded(reading, at) for reading in _distinct(known.order, readings)]
        fields = {name: finding_of(known, name) for name in known.winners}
        answering = Answering(certain, at)
        denied, planned, alleged = (
            answering.claims(part for part in self._beside[modality] if claims is None or part.fact.id in claims)
            for modality in ("denied", "planned", "alleged")
        )
        return {
            "id": self.subject,
            "kind": self.subject_kind,
            "title": _value(fields, "title"),
            "part_of": _value(fields, "part_of"),
            "status": finding_of(known, STATUS),
            "fields": fields,
            "possibly": _possibly(known, others),
            "possible": [listed_fact(part) for part in possible],
            "denied": denied,
            "planned": planned,
            "alleged": alleged,
        }

    def _folded(self, order: list[Part], at: int | None) -> Fold:
        """The fold of facts in order, as verdicts and the passing of time have it."""
        kind, outcome = self._kind, fold(order, self._kind)
        passing = kind.passing if kind else {}

        def passed(status: str | None) -> str | None:
            return after_time(status, passing, at, outcome.winners.get)

        if self._verdicts:
            judge_fields(outcome, self._verdicts)
        outcome.status = passed(outcome.status)
        if self._verdicts:
            judge_status(outcome, self._verdicts, passed)
        if kind is not None and kind.progress is not None and any(each.key for each in outcome.winners.values()):
            add_progress(outcome, *kind.progress)
        return outcome


def field_value(state: State, name: str) -> Json:
    """The value of a field; None where the state has no such field."""
    return _value(state["fields"], name)


def _value(fields: dict[str, Finding], name: str) -> Json:
    return fields[name]["value"] if name in fields else None


def _remove(order: list[Part], part: Part, key: str) -> None:
    place = attrgetter(key)
    del order[bisect_left(order, place(part), key=place)]


def _insert(order: list[Part], part: Part, key: str) -> None:
    insort(order, part, key=attrgetter(key))


def _distinct(known: list[Part], readings: list[list[Part]]) -> list[list[Part]]:
    """The readings in other orders than the one known, each once."""
    found: list[list[Part]] = []
    for reading in readings:
        if reading != known and reading not in found:
            found.append(reading)
    return found


def _possibly(known: Fold, others: list[Fold]) -> dict[str, list[OtherValue]]:
    """Findings that other readings of uncertain dates would give otherwise, each with those other values."""
    differing: dict[str, dict[Hashable, OtherValue]] = {}

    def note(name: str, value: Json, other: Fold) -> None:
        found = differing.setdefault(name, {})
        if canonical(value) not in found:
            found[canonical(value)] = {"value": value, "because": _grounds(other, name)}

    for other in others:
        if other.status != known.status:
            note("status", other.status, other)
        for name, winner in other.winners.items():
            if winner is known.winners.get(name) and winner.field not in winner.fact.kind.unions:
                continue
            value = other.value_of(name)
            if name not in known.winners or canonical(value) != canonical(known.value_of(name)):
                note(name, value, other)
    return {name: list(values.values()) for name, values in differing.items()}


def _grounds(known: Fold, name: str) -> FactIds:
    """The facts that give a value, the deciding one first; of a union, those that name its members, in order."""
    found = finding_of(known, name)
    if "each" not in found:
        return found["because"]
    naming = set().union(*found["each"].values())
    return [setting.fact.id for setting in known.settings[name] if setting.fact.id in naming]
