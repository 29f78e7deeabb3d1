"""The state of a subject at three clocks, folded from its facts as they stand there. Pure: no database, no clock."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import attrgetter

from events.dates.bounds import Certainty
from events.facts import SUBJECT_KINDS
from events.field_types import MODALITIES, Json, canonical
from events.history.fact_as_of import FactAsOf
from projections.fold.answer_types import FactIds, Finding, OtherValue, Rival, State
from projections.fold.claims import Answering, listed
from projections.fold.fold import Fold, differ, fold
from projections.fold.part import Part

_Rivalling = tuple[Json, str, str | None]
"""A rival value, what gives it, and by whom it is said."""


class Account:
    """What counts of a subject at a reported and a recorded clock, arranged so as to be read at any `at`.

    Args:
        subject: its id.
        subject_kind: the subject's kind; None while it was only named.
        parts: of its visible facts, in any order; those retracted do not count.
    """

    def __init__(self, subject: str, subject_kind: str | None, parts: Iterable[Part]) -> None:
        self.subject = subject
        self.subject_kind = subject_kind
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
        kind = SUBJECT_KINDS[self.subject_kind] if self.subject_kind else None
        counts = {part: part.certainty(at) for part in actual}
        certain = [part for part in actual if counts[part] is Certainty.CERTAIN]
        known = fold(certain, kind, at)
        readings = [[part for part in by_hi if counts[part] is Certainty.CERTAIN]]
        possible = [part for part in actual if counts[part] is Certainty.POSSIBLE]
        if possible:
            readings += [[part for part in order if counts[part] is not Certainty.NOT_YET] for order in (actual, by_hi)]
        others = [fold(reading, kind, at) for reading in _distinct(certain, readings)]
        fields = {name: _finding(known, name) for name in known.winners}
        answering = Answering(certain, at)
        return {
            "id": self.subject,
            "kind": self.subject_kind,
            "title": _value(fields, "title"),
            "part_of": _value(fields, "part_of"),
            "status": _status(known),
            "fields": fields,
            "possibly": _possibly(known, others),
            "possible": [listed(part) for part in possible],
            "denied": answering.claims(self._beside["denied"]),
            "planned": answering.claims(self._beside["planned"]),
            "alleged": answering.claims(self._beside["alleged"]),
        }


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


def _status(known: Fold) -> Finding:
    decided_by = known.decided_by
    if decided_by is None:
        return {"value": None, "because": [], "since": None, "rivals": []}
    rivals = _disputed([decided_by.fact], "status", lambda value: value != known.status)
    return _decided(known.status, decided_by.fact, _same_effect(known, decided_by), rivals)


def _same_effect(known: Fold, decided_by: Part) -> list[FactAsOf]:
    """The other facts that do to the status what the deciding one does."""
    same = _effect(decided_by)
    return [part.fact for part in known.order if part is not decided_by and _effect(part) == same]


def _effect(part: Part) -> tuple[int, str | None]:
    """What the fact does to a status, for comparing: its rung or its halt."""
    return (part.rung.step, part.fact.kind.halts)


def _finding(known: Fold, name: str) -> Finding:
    winner, settings = known.winners[name], known.settings[name]
    if winner.field in winner.fact.kind.unions:
        return _union(known, name)
    others = [each.fact for each in settings if each is not winner and each.form == winner.form]
    rivals = [
        (each.value, each.fact.id, each.fact.by)
        for each in settings
        if each.form != winner.form and known.rivalrous(winner, each) and differ(winner.value, each.value)
    ]
    rivals += _disputed([winner.fact], winner.field, lambda rival: differ(winner.value, rival))
    return _decided(winner.value, winner.fact, others, rivals)


def _union(known: Fold, name: str) -> Finding:
    *others, last = known.settings[name]
    members, value = known.members(name), known.value_of(name)
    rivals = [(member, fact.id, fact.by) for member in sorted(members.keys() - set(value)) for fact in members[member]]
    facts = [each.fact for each in others]
    rivals += _disputed([*facts, last.fact], last.field, lambda rival: differ(value, rival))
    each = {member: [fact.id for fact in members[member]] for member in value}
    return {**_decided(value, last.fact, facts, rivals), "each": each}


def _decided(value: Json, by: FactAsOf, others: Iterable[FactAsOf], rivals: Iterable[_Rivalling]) -> Finding:
    """A finding that one fact decides, and others confirm; each rival value once, with all that give it."""
    grouped: dict[Hashable, Rival] = {}
    for rival, because, said_by in rivals:
        found = grouped.setdefault(canonical(rival), {"value": rival, "because": [], "by": said_by})
        found["because"].append(because)
    return {
        "value": value,
        "because": _ids([by, *others]),
        "since": by.values.get("occurred"),
        "rivals": list(grouped.values()),
    }


def _disputed(facts: Sequence[FactAsOf], field: str, differs: Callable[[Json], bool]) -> list[_Rivalling]:
    """The rival values of disputes in force of the facts; each is by whom it is attributed to or published."""
    found = []
    for fact in facts:
        for entry in fact.disputes:
            changes, citations = entry.data["changes"], entry.data.get("citations") or [{}]
            if field in changes and differs(changes[field]):
                by = changes.get("attributed_to") or fact.publishers.get(citations[0].get("source"))
                found.append((changes[field], f"{fact.id}#{entry.n}", by))
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
    if name == "status":
        decided_by = known.decided_by
        return [] if decided_by is None else _ids([decided_by.fact, *_same_effect(known, decided_by)])
    winner, settings = known.winners[name], known.settings[name]
    if winner.field in winner.fact.kind.unions:
        members = known.members(name)
        naming = {fact.id for member in known.value_of(name) for fact in members[member]}
        return [each.fact.id for each in settings if each.fact.id in naming]
    return _ids([winner.fact, *(each.fact for each in settings if each is not winner and each.form == winner.form)])


def _ids(facts: Iterable[FactAsOf]) -> FactIds:
    return [fact.id for fact in facts]
