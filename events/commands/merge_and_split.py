"""Subjects merged and split: two ids turn out to be one, one turns out to be two. Always our act, and reversible."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, field
from typing import Any, ClassVar

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import register_topic

from events.errors import Conflict, Fault, Invalid, NotFound
from events.history.fact_as_of import fact_as_of
from events.history.streams import HEAD, Entry
from events.log.unit_of_work import Receipt, UnitOfWork


class Regrouping(DomainEvent):
    """What merges, splits and their withdrawals share. Its number in the subject's stream is `n`, from 1."""

    TOPIC: ClassVar[str]

    _: KW_ONLY
    subject: str
    recorded_by: str
    kind: str
    reason: str
    id: str | None = None
    opens: dict[str, str | None] = field(default_factory=dict)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.TOPIC = f"subject:{cls.__name__}"
        register_topic(cls.TOPIC, cls)
        REGROUPINGS[cls.__name__] = cls


REGROUPINGS: dict[str, type[Regrouping]] = {}


class SubjectMerged(Regrouping):
    """The subject turned out to be another: its facts are read as being about that one."""

    _: KW_ONLY
    into: str


class SubjectSplit(Regrouping):
    """A part of the subject's facts turned out to be about another subject."""

    _: KW_ONLY
    into: str
    facts: list[str]


class RegroupingWithdrawn(Regrouping):
    """A merge or split, numbered in the subject's stream, is undone."""

    _: KW_ONLY
    withdraws: int


class Grouping:
    """Which subject a fact counts under at a position, after the merges and splits in force there."""

    def __init__(self, entries: list[Entry], position: int = HEAD) -> None:
        recorded = sorted((entry for entry in entries if entry.position <= position), key=lambda each: each.position)
        undone = {(entry.data["subject"], entry.data["withdraws"]) for entry in recorded if "withdraws" in entry.data}
        self.in_force = [
            entry
            for entry in recorded
            if "withdraws" not in entry.data and (entry.data["subject"], entry.version) not in undone
        ]

    def subject_of(self, subject: str, fact: str) -> str:
        """The subject that a fact recorded under `subject` counts under."""
        for entry in self.in_force:
            if entry.data["subject"] == subject and fact in entry.data.get("facts", (fact,)):
                subject = entry.data["into"]
        return subject

    def merged_into(self, subject: str) -> str | None:
        """The subject that this one was merged into; None while it stands by itself."""
        target = subject
        for entry in self.in_force:
            if entry.name == "SubjectMerged" and entry.data["subject"] == target:
                target = entry.data["into"]
        return None if target == subject else target

    def gathered(self, subject: str) -> set[str]:
        """The subjects whose facts may count under this one, itself among them."""
        found = {subject}
        for entry in reversed(self.in_force):
            if entry.data["into"] in found:
                found.add(entry.data["subject"])
        return found


def merge(call: UnitOfWork, subject: str, given: Mapping[str, Any]) -> Receipt:
    """Merge a subject into another.

    Raises:
        NotFound: one of them is not known.
        Conflict: they are the same or of different kinds, or one is merged already.
    """
    if (known := _known(call, subject, given)) is not None:
        return known
    into = given["into"]
    kinds = [_kind(call, each) for each in (subject, into)]
    if subject == into or kinds[0] != kinds[1]:
        raise Conflict(f"{subject!r} ({kinds[0]}) cannot be merged into {into!r} ({kinds[1]})")
    if _merged(call, subject) or _merged(call, into):
        raise Conflict(f"{subject!r} or {into!r} is merged into another subject already")
    return _stage(call, subject, SubjectMerged, given)


def split(call: UnitOfWork, subject: str, given: Mapping[str, Any]) -> Receipt:
    """Move facts of a subject to another one, opened by this where it is new.

    Raises:
        NotFound: the subject is not known.
        Conflict: the other subject is of another kind or the same, or the subject is merged.
        Invalid: one of the facts is not about the subject.
    """
    if (known := _known(call, subject, given)) is not None:
        return known
    into, kind = given["into"], _kind(call, subject)
    if into == subject or _merged(call, subject):
        raise Conflict(f"{subject!r} cannot be split into {into!r}")
    faults = []
    for index, fact in enumerate(given["facts"]):
        history = call.fact(fact)
        standing = fact_as_of(history, call.shelf(history.sources()), None) if history.entries else None
        if standing is None or Grouping(_entries(call, subject)).subject_of(standing.subject, fact) != subject:
            faults.append(Fault(f"/facts/{index}", f"fact {fact!r} is not about {subject!r}"))
    if faults:
        raise Invalid.together(faults)
    opens = {into: kind} if call.name(into, kind) else {}
    return _stage(call, subject, SubjectSplit, {**given, "opens": opens})


def withdraw_regrouping(call: UnitOfWork, subject: str, n: int, given: Mapping[str, Any]) -> Receipt:
    """Undo a merge or split.

    Raises:
        NotFound: the subject has none of that number.
        Conflict: it is undone already.
    """
    values = {**given, "withdraws": n}
    if (known := _known(call, subject, values)) is not None:
        return known
    entries = _entries(call, subject)
    if not any(entry.version == n and "withdraws" not in entry.data for entry in entries):
        raise NotFound(f"subject {subject!r} has no merge or split {n}")
    if any(entry.data.get("withdraws") == n for entry in entries):
        raise Conflict(f"merge or split {n} of subject {subject!r} is withdrawn already")
    return _stage(call, subject, RegroupingWithdrawn, values)


def regrouping_numbered(call: UnitOfWork, subject: str, named: Any) -> Entry:
    """The merge or split of the subject with that number or id.

    Raises:
        NotFound: there is none.
    """
    for entry in _entries(call, subject):
        if named in (entry.version, entry.data.get("id")) and not isinstance(named, bool):
            return entry
    raise NotFound(f"subject {subject!r} has no merge or split {named!r:.80}")


def _entries(call: UnitOfWork, subject: str) -> list[Entry]:
    return call.entries("subject", subject)


def _merged(call: UnitOfWork, subject: str) -> bool:
    return Grouping(_entries(call, subject)).merged_into(subject) is not None


def _kind(call: UnitOfWork, subject: str) -> str:
    kind = call.kind_of(subject)
    if kind is None:
        raise NotFound(f"no subject {subject!r} of a known kind is recorded")
    return kind


def _known(call: UnitOfWork, subject: str, given: Mapping[str, Any]) -> Receipt | None:
    """The receipt of what is recorded under the id given, if it is the same."""
    for entry in _entries(call, subject):
        if given.get("id") and entry.data.get("id") == given["id"]:
            if any(entry.data.get(name) != value for name, value in given.items()):
                raise Conflict(f"{given['id']!r} of subject {subject!r} is recorded with other content")
            return call.receipt_of("subject", subject, entry)
    return None


def _stage(call: UnitOfWork, subject: str, make: type[Regrouping], given: Mapping[str, Any]) -> Receipt:
    return call.stage("subject", subject, make, {**given, "subject": subject})
