"""The state of a subject at three clocks, folded from its facts as they stand there. Pure: no database, no clock."""

from collections.abc import Iterable, Sequence
from typing import Any

from events.bounds import Certainty, certainty
from events.facts import SUBJECT_KINDS, rung_of
from events.standing import Standing
from events.values import canonical
from projections.folding import Fold, Setting, by_hi, by_lo, differ, fold

Finding = dict[str, Any]
State = dict[str, Any]

NOTHING: Finding = {"value": None, "because": [], "since": None, "rivals": []}


def state_of(subject_kind: str | None, standings: Iterable[Standing], at: int | None) -> State:
    """What is known of a subject.

    Args:
        subject_kind: the subject's kind; None while it was only named.
        standings: its visible facts, retracted ones left out or not.
        at: the exclusive bound of the first clock in UTC microseconds; None: no limit.

    Returns:
        `status`, `fields`, `possibly`, `possible`, `denied`, `planned` and `alleged`, as the API answers them.
    """
    facts = sorted((fact for fact in standings if not fact.retracted), key=by_lo)
    actual = [fact for fact in facts if fact.modality == "actual"]
    certain = [fact for fact in actual if _certainty(fact, at) is Certainty.CERTAIN]
    possible = [fact for fact in actual if _certainty(fact, at) is Certainty.POSSIBLE]
    kind = SUBJECT_KINDS[subject_kind] if subject_kind else None
    known = fold(certain, kind, at)
    either = certain + possible if possible else certain
    readings = [sorted(certain, key=by_hi), sorted(either, key=by_lo), sorted(either, key=by_hi)]
    distinct = {tuple(fact.id for fact in reading): reading for reading in readings}
    distinct.pop(tuple(fact.id for fact in certain), None)
    others = [fold(reading, kind, at) for reading in distinct.values()]
    state: State = {
        "status": _status(known),
        "fields": {name: _finding(known, name) for name in known.winners},
        "possibly": _possibly(known, others),
        "possible": [_beside(fact) for fact in possible],
    }
    for modality in ("denied", "planned", "alleged"):
        state[modality] = [_beside(fact) for fact in facts if fact.modality == modality]
    return state


def _certainty(fact: Standing, at: int | None) -> Certainty:
    return Certainty.CERTAIN if fact.kind.timeless else certainty(fact.bounds, at)


def _beside(fact: Standing) -> dict[str, Any]:
    return {"fact": fact.id, "kind": fact.kind.__name__, "occurred": fact.values.get("occurred"), "by": fact.by}


def _status(known: Fold) -> Finding:
    decided_by = known.decided_by
    if decided_by is None:
        return NOTHING
    same = _does(decided_by)
    others = [fact.id for fact in known.order if fact is not decided_by and _does(fact) == same]
    rivals = _disputed([decided_by], "status", lambda value: value != known.status)
    return {
        "value": known.status,
        "because": [decided_by.id, *others],
        "since": decided_by.values.get("occurred"),
        "rivals": _grouped(rivals),
    }


def _does(fact: Standing) -> tuple[int, str | None]:
    """What the fact does to a status, for comparing: its rung or its halt."""
    return (rung_of(fact.kind).step, fact.kind.halts)


def _finding(known: Fold, name: str) -> Finding:
    winner = known.winners[name]
    settings = known.settings[name]
    if winner.field in winner.fact.kind.unions:
        return _union(known, name)
    value = canonical(winner.value)
    others = [each.fact.id for each in settings if each is not winner and canonical(each.value) == value]
    rivals = [
        (each.value, each.fact.id, each.fact.by)
        for each in settings
        if known.rivalrous(winner, each) and differ(winner.value, each.value)
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


def _disputed(facts: Sequence[Standing], field: str, differs: Any) -> list[tuple[Any, str, str | None]]:
    """The rival values of disputes in force of the facts; each is by whom it is attributed to or published."""
    found = []
    for fact in facts:
        for entry in fact.disputes:
            changes, citations = entry.data["changes"], entry.data.get("citations") or [{}]
            if field in changes and differs(changes[field]):
                by = changes.get("attributed_to") or fact.publishers.get(citations[0].get("source"))
                found.append((changes[field], f"{fact.id}#{entry.n}", by))
    return found


def _grouped(rivals: Iterable[tuple[Any, str, str | None]]) -> list[dict[str, Any]]:
    """Rival values, each once, with the facts behind it and by whom the first of them is said."""
    grouped: dict[Any, dict[str, Any]] = {}
    for value, because, by in rivals:
        rival = grouped.setdefault(canonical(value), {"value": value, "because": [], "by": by})
        rival["because"].append(because)
    return list(grouped.values())


def _possibly(known: Fold, others: list[Fold]) -> dict[str, list[Any]]:
    """Findings that other readings of uncertain dates would give otherwise, each with those other values."""
    differing: dict[str, dict[Any, Any]] = {}
    for other in others:
        if other.status != known.status:
            differing.setdefault("status", {})[other.status] = other.status
        for name in other.winners:
            value = other.value_of(name)
            if name not in known.winners or canonical(value) != canonical(known.value_of(name)):
                differing.setdefault(name, {})[canonical(value)] = value
    return {name: list(values.values()) for name, values in differing.items()}
