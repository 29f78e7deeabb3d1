"""The state of a subject at three clocks, folded from its facts as they stand there. Pure: no database, no clock."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import attrgetter

from events.dates.bounds import Certainty
from events.facts import SUBJECT_KINDS
from events.field_types import MODALITIES, Json, canonical
from events.history.fact_as_of import FactAsOf
from projections.fold.answer_types import Claim, Finding, Outcome, Rival
from projections.fold.fold import Fold, differ, fold
from projections.fold.part import Part, Setting

_BESIDE = MODALITIES[1:]
_Rivalling = tuple[Json, str, str | None]
"""A rival value, what gives it, and by whom it is said."""

NOTHING: Finding = {"value": None, "because": [], "since": None, "rivals": []}


class Account:
    """What counts of a subject at a reported and a recorded clock, arranged so as to be read at any `at`.

    Args:
        subject_kind: the subject's kind; None while it was only named.
        parts: of its visible facts that are not retracted, in any order.
    """

    def __init__(self, subject_kind: str | None, parts: Iterable[Part]) -> None:
        self.subject_kind = subject_kind
        self.kind = SUBJECT_KINDS[subject_kind] if subject_kind else None
        told: dict[str, list[Part]] = {modality: [] for modality in MODALITIES}
        for part in sorted(parts, key=attrgetter("by_lo")):
            told[part.fact.modality].append(part)
        self.actual = told["actual"]
        self._by_hi = sorted(self.actual, key=attrgetter("by_hi"))
        self.beside = {modality: list(map(_beside, told[modality])) for modality in _BESIDE}

    def state(self, at: int | None) -> Outcome:
        """What is known of the subject at the exclusive bound `at` of the first clock (UTC microseconds).

        Returns:
            `status`, `fields`, `possibly`, `possible`, `denied`, `planned` and `alleged`, as the API answers them.
        """
        actual, by_hi = self.actual, self._by_hi
        counts = {part: part.certainty(at) for part in actual}
        certain = [part for part in actual if counts[part] is Certainty.CERTAIN]
        known = fold(certain, self.kind, at)
        readings = [[part for part in by_hi if counts[part] is Certainty.CERTAIN]]
        possible = [part for part in actual if counts[part] is Certainty.POSSIBLE]
        if possible:
            readings += [[part for part in order if counts[part] is not Certainty.NOT_YET] for order in (actual, by_hi)]
        others = [fold(reading, self.kind, at) for reading in _distinct(certain, readings)]
        return {
            "status": _status(known),
            "fields": {name: _finding(known, name) for name in known.winners},
            "possibly": _possibly(known, others),
            "possible": [_beside(part) for part in possible],
            "denied": self.beside["denied"].copy(),
            "planned": self.beside["planned"].copy(),
            "alleged": self.beside["alleged"].copy(),
        }


def field_value(state: Outcome, name: str) -> Json:
    """The value of a field; None where the state has no such field."""
    finding = state["fields"].get(name)
    return None if finding is None else finding["value"]


def _distinct(known: list[Part], readings: list[list[Part]]) -> list[list[Part]]:
    """The readings in other orders than the one known, each once."""
    found: list[list[Part]] = []
    for reading in readings:
        if reading != known and reading not in found:
            found.append(reading)
    return found


def _beside(part: Part) -> Claim:
    fact = part.fact
    return {"fact": fact.id, "kind": fact.kind.__name__, "occurred": fact.values.get("occurred"), "by": fact.by}


def _status(known: Fold) -> Finding:
    decided_by = known.decided_by
    if decided_by is None:
        return NOTHING
    same = _does(decided_by)
    others = [part.fact.id for part in known.order if part is not decided_by and _does(part) == same]
    rivals = _disputed([decided_by.fact], "status", lambda value: value != known.status)
    return {
        "value": known.status,
        "because": [decided_by.fact.id, *others],
        "since": decided_by.fact.values.get("occurred"),
        "rivals": _grouped(rivals),
    }


def _does(part: Part) -> tuple[int, str | None]:
    """What the fact does to a status, for comparing: its rung or its halt."""
    return (part.rung.step, part.fact.kind.halts)


def _finding(known: Fold, name: str) -> Finding:
    winner = known.winners[name]
    settings = known.settings[name]
    if winner.field in winner.fact.kind.unions:
        return _union(known, name)
    others = [each.fact.id for each in settings if each is not winner and each.form == winner.form]
    rivals = [
        (each.value, each.fact.id, each.fact.by)
        for each in settings
        if each.form != winner.form and known.rivalrous(winner, each) and differ(winner.value, each.value)
    ]
    rivals += _disputed([winner.fact], winner.field, lambda rival: differ(winner.value, rival))
    return {
        "value": winner.value,
        "because": [winner.fact.id, *others],
        "since": winner.fact.values.get("occurred"),
        "rivals": _grouped(rivals),
    }


def _union(known: Fold, name: str) -> Finding:
    settings: Sequence[Setting] = known.settings[name]
    last = settings[-1]
    members = known.members(name)
    value = known.value_of(name)
    rivals = [(member, fact.id, fact.by) for member in sorted(members.keys() - set(value)) for fact in members[member]]
    rivals += _disputed([each.fact for each in settings], last.field, lambda rival: differ(value, rival))
    return {
        "value": value,
        "because": [last.fact.id, *(each.fact.id for each in settings if each is not last)],
        "since": last.fact.values.get("occurred"),
        "each": {member: [fact.id for fact in members[member]] for member in value},
        "rivals": _grouped(rivals),
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


def _grouped(rivals: Iterable[_Rivalling]) -> list[Rival]:
    """Rival values, each once, with the facts behind it and by whom the first of them is said."""
    grouped: dict[Hashable, Rival] = {}
    for value, because, by in rivals:
        rival = grouped.setdefault(canonical(value), {"value": value, "because": [], "by": by})
        rival["because"].append(because)
    return list(grouped.values())


def _possibly(known: Fold, others: list[Fold]) -> dict[str, list[Json]]:
    """Findings that other readings of uncertain dates would give otherwise, each with those other values."""
    differing: dict[str, dict[Hashable, Json]] = {}
    for other in others:
        if other.status != known.status:
            differing.setdefault("status", {})[other.status] = other.status
        for name, winner in other.winners.items():
            if winner is known.winners.get(name) and winner.field not in winner.fact.kind.unions:
                continue
            value = other.value_of(name)
            if name not in known.winners or canonical(value) != canonical(known.value_of(name)):
                differing.setdefault(name, {})[canonical(value)] = value
    return {name: list(values.values()) for name, values in differing.items()}
