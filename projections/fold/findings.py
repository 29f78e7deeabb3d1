"""The findings of a fold: each value, because of which facts, against which rivals. Pure: no database, no clock."""

from collections.abc import Callable, Hashable, Iterable

from events.field_types import Json, JsonObject, canonical
from events.history.fact_as_of import FactAsOf
from projections.fold.answer_types import Finding, Rival
from projections.fold.fold import Fold, differ
from projections.fold.part import Part

STATUS = "status"
Rivalling = tuple[Json, str, str | None]
"""A rival value, what gives it, and by whom it is said."""


def finding_of(known: Fold, name: str) -> Finding:
    """A finding of the fold, or its status."""
    if name in known.whole:
        return known.whole[name]
    if name == STATUS:
        return _status(known)
    winner, settings = known.winners[name], known.settings[name]
    if winner.field in winner.fact.kind.unions:
        return _union(known, name)
    others = [each.fact.id for each in settings if each is not winner and each.form == winner.form]
    rivals = [
        (each.value, each.fact.id, each.fact.by)
        for each in settings
        if each.form != winner.form and known.rivalrous(winner, each) and differ(winner.value, each.value)
    ]
    rivals += rivals_by_dispute(winner.fact, winner.rival_in, lambda rival: differ(winner.value, rival))
    return decided_finding(winner.value, winner.fact, [winner.fact.id, *others], rivals)


def _status(known: Fold) -> Finding:
    decided_by = known.decided_by
    if decided_by is None:
        return {"value": None, "because": [], "since": None, "rivals": []}
    same = _effect(decided_by)
    others = [part.fact.id for part in known.order if part is not decided_by and _effect(part) == same]
    rivals = rivals_by_dispute(decided_by.fact, status_in, lambda value: value != known.status)
    return decided_finding(known.status, decided_by.fact, [decided_by.fact.id, *others], rivals)


def status_in(changes: JsonObject) -> Json:
    """The status that the changes of a dispute have; None where they have none."""
    return changes.get(STATUS)


def _effect(part: Part) -> tuple[int, str | None]:
    """What the fact does to a status, for comparing: its rung or its halt."""
    return (part.rung.step, part.fact.kind.halts)


def _union(known: Fold, name: str) -> Finding:
    *others, last = known.settings[name]
    members, value = known.members(name), known.value_of(name)
    rivals = [(member, fact.id, fact.by) for member in sorted(members.keys() - set(value)) for fact in members[member]]
    for each in (*others, last):
        rivals += rivals_by_dispute(each.fact, each.rival_in, lambda rival: differ(value, rival))
    named_by = {member: [fact.id for fact in members[member]] for member in value}
    because = [last.fact.id, *(each.fact.id for each in others)]
    return {**decided_finding(value, last.fact, because, rivals), "each": named_by}


def decided_finding(value: Json, by: FactAsOf, because: list[str], rivals: Iterable[Rivalling]) -> Finding:
    """A finding that one fact decides; each rival value stands once, with all that give it."""
    grouped: dict[Hashable, Rival] = {}
    for rival, gives, said_by in rivals:
        found = grouped.setdefault(canonical(rival), {"value": rival, "because": [], "by": said_by})
        if gives not in found["because"]:
            found["because"].append(gives)
    return {"value": value, "because": because, "since": by.values.get("occurred"), "rivals": list(grouped.values())}


def rivals_by_dispute(
    fact: FactAsOf, rival_in: Callable[[JsonObject], Json], differs: Callable[[Json], bool]
) -> list[Rivalling]:
    """The rival values of the fact's disputes in force; each is by whom it is attributed to or published."""
    found = []
    for entry in fact.disputes:
        changes, citations = entry.data["changes"], entry.data.get("citations") or [{}]
        rival = rival_in(changes)
        if rival is not None and differs(rival):
            by = changes.get("attributed_to") or fact.publishers.get(citations[0].get("source"))
            found.append((rival, f"{fact.id}#{entry.n}", by))
    return found
