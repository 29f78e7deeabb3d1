"""Judge a contested finding, and take a verdict back. Always an editor's act, and reversible."""

from collections.abc import Mapping
from typing import Any

from events.amendments import ActOnSubject, VerdictGiven, VerdictWithdrawn
from events.commands.repeats import repeated
from events.errors import Conflict, Invalid, NotFound
from events.history.grouping import Grouping
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork


def judge(unit: UnitOfWork, subject: str, body: Mapping[str, Any]) -> Receipt:
    """Judge a finding of a subject that is contested at the head of the log.

    The body is `{id?, finding, prefers, reason}`; it prefers a fact or dispute behind the value or a rival, or none.
    """
    entries = unit.entries("subject", subject)
    if (known := _known(unit, subject, VerdictGiven, body)) is not None:
        return known
    if unit.subjects.kind_of(subject) is None:
        raise NotFound(f"no subject {subject!r} of a known kind is recorded")
    if Grouping(entries).merged_into(subject) is not None:
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
    values = {**body, "withdraws": n}
    if (known := _known(unit, subject, VerdictWithdrawn, values)) is not None:
        return known
    entries = unit.entries("subject", subject)
    if not any(entry.version == n and entry.name == VerdictGiven.__name__ for entry in entries):
        raise NotFound(f"subject {subject!r} has no verdict {n}")
    if any(entry.data.get("withdraws") == n for entry in entries):
        raise Conflict(f"verdict {n} of subject {subject!r} is withdrawn already")
    return _stage(unit, subject, VerdictWithdrawn, values)


def _known(unit: UnitOfWork, subject: str, make: type[ActOnSubject], body: Mapping[str, Any]) -> Receipt | None:
    """The receipt of what is recorded under the id of the body, if it is the same."""
    what = f"{body.get('id')!r} of subject {subject!r}"
    names = {**body, "prefers": None} if make is VerdictGiven else body
    known = repeated(unit.entries("subject", subject), make, body, names, what)
    return None if known is None else unit.receipt_of(subject, known)


def _stage(unit: UnitOfWork, subject: str, make: type[ActOnSubject], body: Mapping[str, Any]) -> Receipt:
    return unit.stage("subject", subject, make, {**body, "subject": subject})
