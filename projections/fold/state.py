"""The state of a subject at three clocks, folded from its facts as they stand there. Pure: no database, no clock."""

from collections.abc import Hashable, Iterable, Mapping
from operator import attrgetter

from events.dates.bounds import Certainty
from events.field_types import MODALITIES, Json, canonical
from events.history.fact_as_of import FactAsOf
from events.history.streams import Entry
from events.subject_kinds import SUBJECT_KINDS
from projections.fold.answer_types import FactIds, Finding, OtherValue, State
from projections.fold.claims import Answering, listed
from projections.fold.findings import STATUS, finding_of
from projections.fold.fold import Fold, after_time, fold
from projections.fold.part import Part
from projections.fold.progress import add_progress
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

    def state(self, at: int | None) -> State:
        """What is known of the subject at the exclusive bound `at` of the first clock (UTC microseconds)."""
        actual, by_hi = self._actual, self._by_hi
        counts = {part: part.certainty(at) for part in actual}
        certain = [part for part in actual if counts[part] is Certainty.CERTAIN]
        known = self._folded(certain, at)
        readings = [[part for part in by_hi if counts[part] is Certainty.CERTAIN]]
        possible = [part for part in actual if counts[part] is Certainty.POSSIBLE]
        if possible:
            readings += [[part for part in order if counts[part] is not Certainty.NOT_YET] for order in (actual, by_hi)]
        others = [self._folded(reading, at) for reading in _distinct(certain, readings)]
        fields = {name: finding_of(known, name) for name in known.winners}
        answering = Answering(certain, at)
        return {
            "id": self.subject,
            "kind": self.subject_kind,
            "title": _value(fields, "title"),
            "part_of": _value(fields, "part_of"),
            "status": finding_of(known, STATUS),
            "fields": fields,
            "possibly": _possibly(known, others),
            "possible": [listed(part) for part in possible],
            "denied": answering.claims(self._beside["denied"]),
            "planned": answering.claims(self._beside["planned"]),
            "alleged": answering.claims(self._beside["alleged"]),
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
