"""Record facts, and descriptions of subjects."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import orjson

from events.commands.citations import cite, whole_citations
from events.commands.idempotence import same_content
from events.errors import ChronologyError, Conflict, Fault, Invalid, all_of
from events.facts import UNJUDGED, Fact, fields_of, kind_named, subjects_named, whole_values
from events.field_types import ID
from events.history.fact_as_of import fact_as_of
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from events.subject_kinds import SUBJECT_KINDS

Answer = TypeVar("Answer")
_APART = frozenset({"id", "kind", "citations", "subject_kind"})
DEFAULTS = {"modality": "actual", "credibility": UNJUDGED}
"""What a fact says that says nothing of it."""


class FactBody(NamedTuple):
    """A fact as it was sent, read: its kind, its values in the form that is stored, and its own id, if it has one."""

    kind: type[Fact]
    values: dict[str, Any]
    own_id: str | None
    pointer: str

    @property
    def id(self) -> str:
        """Its own id, or one made from its content, so that the same fact sent again is the same fact."""
        return self.own_id or self.content_id()

    def content_id(self, *, by_version: bool = False) -> str:
        """An id made from what makes two facts the same; values that go without saying are left out.

        With `by_version` citations of different versions of a source make different facts.
        """
        content = {name: value for name, value in self.values.items() if value != DEFAULTS.get(name)}
        content.pop("subject_kind", None)
        if not by_version and "citations" in content:
            cited = content["citations"]
            content["citations"] = [{name: each[name] for name in each if name != "version"} for each in cited]
        digest = hashlib.sha256(orjson.dumps([self.kind.__name__, content], option=orjson.OPT_SORT_KEYS))
        return f"fact-{digest.hexdigest()[:20]}"

    def as_sent(self) -> dict[str, Any]:
        """The body, to be read again."""
        own = {} if self.own_id is None else {"id": self.own_id}
        return {"kind": self.kind.__name__, **own, **self.values}


def read_facts(bodies: Sequence[Any], pointers: Sequence[str]) -> list[FactBody]:
    """Read the bodies of facts; those that are not whole are refused with all that they lack, below their pointers."""
    read, refusals = read_as_far_as_whole(bodies, pointers)
    if refusals:
        raise all_of(refusals)
    return read


def read_as_far_as_whole(
    bodies: Sequence[Any], pointers: Sequence[str], *, cited: bool = True
) -> tuple[list[FactBody], list[ChronologyError]]:
    """Those of the bodies that are whole, read; and the refusals of the others. `cited`: each needs a citation."""
    read: list[FactBody] = []
    refusals: list[ChronologyError] = []
    for body, pointer in zip(bodies, pointers, strict=True):
        try:
            read.append(_read(body, pointer, cited=cited))
        except Invalid as error:
            refusals.append(error)
    return read, refusals


def describe_subject(unit: UnitOfWork, description: Mapping[str, Any]) -> Receipt:
    """Record a subject's kind, title, place and other names, on our own word."""
    return record_read(unit, [description_as_fact(description, "")])[0]


def description_as_fact(description: Mapping[str, Any], pointer: str) -> FactBody:
    """The description of a subject as the fact that it is recorded as."""
    body = {name: description.get(name) for name in ("title", "part_of", "aliases")}
    body |= {"id": f"subject:{description['id']}", "kind": "SubjectDescribed", "subject": description["id"]}
    return _read(body | {"subject_kind": description["kind"]}, pointer, cited=False)


def look_ahead(unit: UnitOfWork, facts: Sequence[FactBody]) -> None:
    """Read all at once what recording the facts will ask for, where they are many and recorded by and by."""
    unit.read("fact", [fact.id for fact in facts])
    unit.read("source", {citation["source"] for fact in facts for citation in fact.values.get("citations", ())})
    unit.subjects.look_up({subject for fact in facts for subject, _ in subjects_named(fact.kind, fact.values)})


def record_read(unit: UnitOfWork, facts: Sequence[FactBody], refusals: Sequence[ChronologyError] = ()) -> list[Receipt]:
    """Record facts that were read, all or none; `refusals` are those of others, beside which none is recorded.

    What is refused of any of them is refused together.

    Raises:
        Invalid: a quote does not stand in its source, or a new subject is of no known kind.
        Conflict: an id is recorded with other content, or a subject is of another kind.
    """
    refused: dict[int, ChronologyError] = {}
    look_ahead(unit, facts)
    opened = _decided(facts, refused, lambda at: name_all(unit, subjects_named(facts[at].kind, facts[at].values)))
    receipts = _decided(facts, refused, lambda at: _record(unit, facts[at], opened[at]))
    if refused or refusals:
        found = [*refused.values(), *refusals]
        raise all_of(sorted(found, key=lambda each: _place_in_array(each.faults[0].pointer)))
    return list(receipts.values())


def _place_in_array(pointer: str) -> tuple[int, ...]:
    return tuple(int(step) for step in pointer.split("/") if step.isdecimal())


def _decided(
    facts: Sequence[FactBody], refused: dict[int, ChronologyError], decide: Callable[[int], Answer]
) -> dict[int, Answer]:
    """What is decided of each fact that is not refused, by its place; refusals point below that of their fact."""
    found: dict[int, Answer] = {}
    for at, fact in enumerate(facts):
        if at not in refused:
            try:
                found[at] = decide(at)
            except (Invalid, Conflict) as error:
                refused[at] = error.under(fact.pointer)
    return found


def _read(body: Any, pointer: str, *, cited: bool) -> FactBody:
    if not isinstance(body, dict):
        raise Invalid.at(pointer, f"a fact is an object, not {type(body).__name__}")
    try:
        kind = kind_named(body.get("kind"))
        values, faults = whole_values(kind, body, apart=_APART)
        citations, flaws = whole_citations(body.get("citations"), cited=cited)
        faults += flaws + _subject_kind_faults(kind, body.get("subject_kind"))
        try:
            own_id = None if body.get("id") is None else ID.read(body["id"])
        except Invalid as error:
            faults += error.under("/id").faults
        if faults:
            raise Invalid.together(faults)
    except Invalid as error:
        raise error.under(pointer) from None
    if citations:
        values["citations"] = citations
    if body.get("subject_kind") is not None:
        values["subject_kind"] = body["subject_kind"]
    return FactBody(kind, values, own_id, pointer)


def _subject_kind_faults(kind: type[Fact], said: Any) -> list[Fault]:
    if said is None:
        return []
    if not isinstance(said, str) or said not in SUBJECT_KINDS:
        return [Fault("/subject_kind", f"{said!r:.80} is not a kind of subject")]
    if kind.about is not None and kind.about.title != said:
        return [Fault("/subject_kind", f"{kind.__name__} is about {kind.about.title}, not {said}")]
    return []


def name_all(unit: UnitOfWork, named: Sequence[tuple[str, str | None]]) -> dict[str, str | None]:
    """Open or check every subject that is named; returns those of which the naming says something new.

    Raises:
        Conflict: one of them is of another kind.
    """
    return {subject: gives for subject, gives in named if unit.subjects.name(subject, gives)}


def _record(unit: UnitOfWork, fact: FactBody, opens: dict[str, str | None]) -> Receipt:
    name, subject = fact.id, fact.values["subject"]
    if unit.subjects.kind_of(subject) is None:
        raise Invalid.at("/subject_kind", f"{subject!r} is new: its first fact must carry subject_kind")
    entries = unit.entries("fact", name)
    if entries and fact.own_id is None and not _is_same(fact, entries[0].name, entries[0].data):
        name = fact.content_id(by_version=True)  # the same words of another version are another fact
        entries = unit.entries("fact", name)
    if entries:
        if not _is_same(fact, entries[0].name, entries[0].data):
            raise Conflict(f"fact {name!r} is recorded with other content; what was wrong in it is amended")
        return unit.receipt_of(name, entries[0])
    citations = cite(unit, fact.values.get("citations", ()))
    values = {**DEFAULTS, **fact.values, "id": name, "citations": citations, "opens": opens}
    return with_warnings(unit, unit.stage("fact", name, fact.kind, values))


def with_warnings(unit: UnitOfWork, receipt: Receipt) -> Receipt:
    """The receipt of what was recorded of a fact, with what may be wrong in the fact as it stands now."""
    history = unit.fact(receipt.id)
    fact = fact_as_of(history, unit.sources(history.sources()), None)
    if fact is not None and fact.reported_before_occurred:
        sentence = f"{history.id!r} is dated after its first report: check occurred, modality and the source's date"
        receipt.warnings["reported_before_occurred"] = sentence
    for citation in history.entries[-1].data.get("citations", ()):
        if not citation["verified"]:
            sentence = f"the text of source {citation['source']!r} is not held: the quote was not looked up"
            receipt.warnings["unverified"] = sentence
    return receipt


def _is_same(fact: FactBody, kind: str, recorded: Mapping[str, Any]) -> bool:
    given = DEFAULTS | fact.values
    return kind == fact.kind.__name__ and same_content(given, recorded, (*fields_of(fact.kind), "citations"))
