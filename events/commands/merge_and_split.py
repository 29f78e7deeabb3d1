"""Merge and split subjects: two ids turn out to be one, one turns out to be two. Always our act, and reversible."""

from collections.abc import Mapping
from typing import Any

from events.amendments import ActOnSubject, RegroupingWithdrawn, SubjectMerged, SubjectSplit
from events.commands.repeats import repeated
from events.errors import Conflict, Fault, Invalid, NotFound
from events.history.fact_as_of import fact_as_of
from events.history.grouping import Grouping
from events.history.streams import Entry
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork


def merge(unit: UnitOfWork, subject: str, body: Mapping[str, Any]) -> Receipt:
    """Merge a subject into another of the same kind; neither may be merged already."""
    if (known := _known(unit, subject, SubjectMerged, body)) is not None:
        return known
    into = body["into"]
    kinds = [_kind(unit, each) for each in (subject, into)]
    if subject == into or kinds[0] != kinds[1]:
        raise Conflict(f"{subject!r} ({kinds[0]}) cannot be merged into {into!r} ({kinds[1]})")
    if _merged(unit, subject) or _merged(unit, into):
        raise Conflict(f"{subject!r} or {into!r} is merged into another subject already")
    return _stage(unit, subject, SubjectMerged, body)


def split(unit: UnitOfWork, subject: str, body: Mapping[str, Any]) -> Receipt:
    """Move facts of a subject to another of the same kind, opened by this where it is new; neither may be merged."""
    if (known := _known(unit, subject, SubjectSplit, body)) is not None:
        return known
    into, kind = body["into"], _kind(unit, subject)
    if into == subject or _merged(unit, subject) or _merged(unit, into):
        raise Conflict(f"{subject!r} cannot be split into {into!r}")
    faults, grouping = [], Grouping(_entries(unit, subject))
    for index, fact in enumerate(body["facts"]):
        history = unit.fact(fact)
        recorded = fact_as_of(history, unit.sources(history.sources()), None) if history.entries else None
        if recorded is None or grouping.subject_of(recorded.subject, fact) != subject:
            faults.append(Fault(f"/facts/{index}", f"fact {fact!r} is not about {subject!r}"))
    if faults:
        raise Invalid.together(faults)
    opens = {into: kind} if unit.subjects.name(into, kind) else {}
    return _stage(unit, subject, SubjectSplit, {**body, "opens": opens})


def withdraw_regrouping(unit: UnitOfWork, subject: str, n: int, body: Mapping[str, Any]) -> Receipt:
    """Undo the subject's merge or split of number `n`."""
    values = {**body, "withdraws": n}
    if (known := _known(unit, subject, RegroupingWithdrawn, values)) is not None:
        return known
    entries = _entries(unit, subject)
    if not any(entry.version == n and "into" in entry.data for entry in entries):
        raise NotFound(f"subject {subject!r} has no merge or split {n}")
    if any(entry.data.get("withdraws") == n for entry in entries):
        raise Conflict(f"merge or split {n} of subject {subject!r} is withdrawn already")
    return _stage(unit, subject, RegroupingWithdrawn, values)


def act_numbered(unit: UnitOfWork, subject: str, named: Any) -> Entry:
    """The merge, split or verdict of the subject with that number or id."""
    for entry in _entries(unit, subject):
        if named in (entry.version, entry.data.get("id")) and not isinstance(named, bool):
            return entry
    raise NotFound(f"subject {subject!r} has no merge, split or verdict {named!r:.80}")


def _entries(unit: UnitOfWork, subject: str) -> list[Entry]:
    return unit.entries("subject", subject)


def _merged(unit: UnitOfWork, subject: str) -> bool:
    return Grouping(_entries(unit, subject)).merged_into(subject) is not None


def _kind(unit: UnitOfWork, subject: str) -> str:
    kind = unit.subjects.kind_of(subject)
    if kind is None:
        raise NotFound(f"no subject {subject!r} of a known kind is recorded")
    return kind


def _known(unit: UnitOfWork, subject: str, make: type[ActOnSubject], body: Mapping[str, Any]) -> Receipt | None:
    """The receipt of what is recorded under the id of the body, if it is the same."""
    what = f"{body.get('id')!r} of subject {subject!r}"
    known = repeated(_entries(unit, subject), make, body, body, what)
    return None if known is None else unit.receipt_of(subject, known)


def _stage(unit: UnitOfWork, subject: str, make: type[ActOnSubject], body: Mapping[str, Any]) -> Receipt:
    return unit.stage("subject", subject, make, {**body, "subject": subject})
