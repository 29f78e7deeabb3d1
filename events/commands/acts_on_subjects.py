"""Our acts on subjects: merge two, split one, judge a contested finding; each numbered, and each can be taken back."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.amendments import (
    ActOnSubject,
    RegroupingWithdrawn,
    SubjectMerged,
    SubjectSplit,
    VerdictGiven,
    VerdictWithdrawn,
)
from events.commands.idempotence import repeated
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
    return _withdraw(unit, subject, RegroupingWithdrawn, {**body, "withdraws": n}, (SubjectMerged, SubjectSplit))


def judge(unit: UnitOfWork, subject: str, body: Mapping[str, Any]) -> Receipt:
    """Judge a finding of a subject that is contested at the head of the log.

    The body is `{id?, finding, prefers, reason}`; it prefers a fact or dispute behind the value or a rival, or none.
    """
    if (known := _known(unit, subject, VerdictGiven, body)) is not None:
        return known
    _kind(unit, subject)
    if _merged(unit, subject):
        raise Conflict(f"{subject!r} is merged into another subject")
    name, prefers = body["finding"], body.get("prefers")
    found = unit.finding_at_head(subject, name)
    if found is not None and not found.is_judged:
        raise Invalid.at(
            "/finding", f"{name!r:.80} follows from other findings or many facts, and is not judged itself"
        )
    if found is None or not found.is_contested:
        raise Conflict(f"{name!r:.80} of {subject!r} is not contested")
    if prefers is not None and prefers not in found.gives:
        raise Invalid.at("/prefers", f"{prefers!r:.80} is behind no value of {name!r:.80} of {subject!r}")
    return _stage(unit, subject, VerdictGiven, body)


def withdraw_verdict(unit: UnitOfWork, subject: str, n: int, body: Mapping[str, Any]) -> Receipt:
    """Undo the subject's verdict of number `n`."""
    return _withdraw(unit, subject, VerdictWithdrawn, {**body, "withdraws": n}, (VerdictGiven,))


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
    known = repeated(_entries(unit, subject), make, body, {*body, "prefers"}, what)
    return None if known is None else unit.receipt_of(subject, known)


def _withdraw(
    unit: UnitOfWork,
    subject: str,
    make: type[ActOnSubject],
    body: Mapping[str, Any],
    undoes: Iterable[type[ActOnSubject]],
) -> Receipt:
    """Take back one of the acts that such an event `undoes`."""
    if (known := _known(unit, subject, make, body)) is not None:
        return known
    n, names = body["withdraws"], {each.__name__ for each in undoes}
    what = "verdict" if make is VerdictWithdrawn else "merge or split"
    entries = _entries(unit, subject)
    if not any(entry.version == n and entry.name in names for entry in entries):
        raise NotFound(f"subject {subject!r} has no {what} {n}")
    if any(entry.data.get("withdraws") == n for entry in entries):
        raise Conflict(f"{what} {n} of subject {subject!r} is withdrawn already")
    return _stage(unit, subject, make, body)


def _stage(unit: UnitOfWork, subject: str, make: type[ActOnSubject], body: Mapping[str, Any]) -> Receipt:
    return unit.stage("subject", subject, make, {**body, "subject": subject})
