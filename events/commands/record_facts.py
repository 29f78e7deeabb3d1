"""Record facts, and descriptions of subjects."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import orjson

from events.commands.citations import cite, same_citations, whole_citations
from events.errors import Conflict, Fault, Invalid
from events.facts import SUBJECT_KINDS, UNJUDGED, Fact, fields_of, kind_named, subjects_named, whole_values
from events.field_types import identifier
from events.kinds.vocabulary import KINDS
from events.log.encryption import same_words
from events.log.unit_of_work import Receipt, UnitOfWork

Answer = TypeVar("Answer")
_APART = frozenset({"id", "kind", "citations", "subject_kind"})
_DEFAULTS = {"modality": "actual", "credibility": UNJUDGED}


def describe_subject(unit: UnitOfWork, given: Mapping[str, Any]) -> Receipt:
    """Record a subject's kind, title, place and other names, on our own word.

    Raises:
        Conflict: the subject is of another kind, or was described otherwise.
    """
    body = {name: given.get(name) for name in ("title", "part_of", "aliases")}
    body |= {"id": f"subject:{given['id']}", "kind": "SubjectDescribed", "subject": given["id"]}
    return _record_all(unit, [body | {"subject_kind": given["kind"]}], cited=False)[0]


def record_facts(unit: UnitOfWork, bodies: Sequence[Mapping[str, Any]], pointers: Sequence[str]) -> list[Receipt]:
    """Record facts, all or none; each refusal points into its own body by the pointer given for it.

    Raises:
        Invalid: a fact is not whole, or a quote does not stand in its source.
        Conflict: an id is recorded with other content, or a subject is of another kind.
    """
    return _record_all(unit, bodies, cited=True, pointers=pointers)


def _record_all(
    unit: UnitOfWork, bodies: Sequence[Mapping[str, Any]], *, cited: bool, pointers: Sequence[str] = ("",)
) -> list[Receipt]:
    wholes = _located(pointers, (_whole(body, cited) for body in bodies))
    unit.read("fact", [whole["id"] for _, whole in wholes])
    unit.read("source", {citation["source"] for _, whole in wholes for citation in whole.get("citations", ())})
    named = [subjects_named(kind, whole) for kind, whole in wholes]
    unit.look_up({subject for names in named for subject, _ in names})
    opened = _located(
        pointers,
        (
            _name_all(unit, kind, whole.get("subject_kind"), names)
            for (kind, whole), names in zip(wholes, named, strict=True)
        ),
    )
    recorded = (_record(unit, kind, whole, opens) for (kind, whole), opens in zip(wholes, opened, strict=True))
    return _located(pointers, recorded)


def _located(pointers: Sequence[str], decided: Iterable[Answer]) -> list[Answer]:
    """All that is decided, one for each pointer; a refusal points below that of its own."""
    found: list[Answer] = []
    try:
        for each in decided:
            found.append(each)
    except Invalid as error:
        raise error.under(pointers[len(found)]) from None
    except Conflict as error:
        raise Conflict(error.sentence, Fault(pointers[len(found)], error.sentence)) from None
    return found


def _whole(body: Mapping[str, Any], cited: bool) -> tuple[type[Fact], dict[str, Any]]:
    """The kind, and the body with its values in the form that is stored."""
    kind = kind_named(body.get("kind"))
    whole, faults = whole_values(kind, body, apart=_APART)
    citations, flaws = whole_citations(body.get("citations"), cited=cited)
    if faults or flaws:
        raise Invalid.together(faults + flaws)
    if citations:
        whole["citations"] = citations
    if body.get("subject_kind") is not None:
        whole["subject_kind"] = body["subject_kind"]
    whole["id"] = _id_from(kind, whole) if body.get("id") is None else _given_id(body["id"])
    return kind, whole


def _given_id(value: Any) -> str:
    try:
        return identifier(value)
    except Invalid as error:
        raise error.under("/id") from None


def _id_from(kind: type[Fact], whole: Mapping[str, Any]) -> str:
    """The id of a fact sent without one: made from its content, so that the same fact sent again is the same fact."""
    content = orjson.dumps([kind.__name__, whole], option=orjson.OPT_SORT_KEYS)
    return f"fact-{hashlib.sha256(content).hexdigest()[:20]}"


def name_all(unit: UnitOfWork, kind: type[Fact], values: Mapping[str, Any]) -> dict[str, str | None]:
    """Open or check every subject that the fact names; answers with those of which it said something new.

    Raises:
        Conflict: one of them is of another kind.
        Invalid: the kind that it is said to be does not exist, or contradicts the kind of fact.
    """
    return _name_all(unit, kind, values.get("subject_kind"), subjects_named(kind, values))


def _name_all(
    unit: UnitOfWork, kind: type[Fact], said: Any, names: Sequence[tuple[str, str | None]]
) -> dict[str, str | None]:
    if said is not None:
        if said not in SUBJECT_KINDS:
            raise Invalid.at("/subject_kind", f"{said!r:.80} is not a kind of subject")
        if kind.about is not None and kind.about.title != said:
            raise Invalid.at("/subject_kind", f"{kind.__name__} is about {kind.about.title}, not {said}")
    known = unit.says_nothing_new
    return {subject: gives for subject, gives in names if not known(subject, gives) and unit.name(subject, gives)}


def _record(unit: UnitOfWork, kind: type[Fact], whole: dict[str, Any], opens: dict[str, str | None]) -> Receipt:
    name = whole["id"]
    if unit.kind_of(whole["subject"]) is None:
        raise Invalid.at("/subject_kind", f"{whole['subject']!r} is new: its first fact must carry subject_kind")
    entries = unit.entries("fact", name)
    if entries:
        if not _same_fact(kind, whole, entries[0].name, entries[0].data):
            raise Conflict(f"fact {name!r} is recorded with other content; what was wrong in it is amended")
        return unit.receipt_of("fact", name, entries[0])
    citations = cite(unit, whole.get("citations", ()))
    return unit.stage("fact", name, kind, {**_DEFAULTS, **whole, "citations": citations, "opens": opens})


def _same_fact(kind: type[Fact], whole: Mapping[str, Any], kind_name: str, recorded: Mapping[str, Any]) -> bool:
    return (
        kind is KINDS[kind_name]
        and _same_values(fields_of(kind), whole, recorded)
        and same_citations(whole.get("citations", ()), recorded.get("citations", ()))
    )


def _same_values(names: Collection[str], whole: Mapping[str, Any], recorded: Mapping[str, Any]) -> bool:
    given = {**_DEFAULTS, **{name: value for name, value in whole.items() if name in names}}
    if given == {name: value for name, value in recorded.items() if name in names}:
        return True
    return all(same_words(given.get(name), recorded.get(name), recorded) for name in names)
