"""Decisions that record: a source taken in, revised or repaired, and facts."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import orjson

from events.amendments import OUR_KINDS
from events.commands.citations import cite, same_citations, whole_citations
from events.commands.quotes import SearchableText, digest
from events.errors import Conflict, Fault, Invalid, NotFound
from events.facts import SUBJECT_KINDS, UNJUDGED, Fact, fields_of, kind_named, subjects_named, whole_values
from events.field_types import identifier
from events.kinds.vocabulary import KINDS
from events.log.encryption import same_words
from events.log.unit_of_work import Receipt, UnitOfWork
from events.sources import REPAIRABLE, TEXTS, SourceCorrected, SourceRegistered, SourceRevised, SourceWithdrawn

Answer = TypeVar("Answer")
_APART = frozenset({"id", "kind", "citations", "subject_kind"})
_DEFAULTS = {"modality": "actual", "credibility": UNJUDGED}
_SOURCE_FIELDS = ("title", "publisher", "url", "published", "zone", "language", "text", "retrieved_at")


def register_source(call: UnitOfWork, given: Mapping[str, Any]) -> Receipt:
    """Take in a document.

    Raises:
        Conflict: the id stands for another document, or for the same with other content.
    """
    name = given["id"]
    values = {"zone": call.zone, **{each: given[each] for each in _SOURCE_FIELDS if given.get(each) is not None}}
    entries = call.entries("source", name)
    if entries:
        recorded = entries[0]
        if not all(same_words(values.get(each), recorded.data.get(each), recorded.data) for each in _SOURCE_FIELDS):
            raise Conflict(
                f"source {name!r} is recorded with other content; a changed text is a revision "
                f"(POST /api/v1/sources/{name}/revisions), a slip of ours a correction"
            )
        receipt = call.receipt_of("source", name, recorded)
    else:
        sha256 = digest(values.get("text"))
        receipt = call.stage("source", name, SourceRegistered, {"id": name, "sha256": sha256, **values})
    receipt.sha256, receipt.edition = digest(values.get("text")), 1
    return receipt


def revise_source(call: UnitOfWork, source: str, given: Mapping[str, Any]) -> Receipt:
    """Take in a changed text of a document; a version sent again, or the text of the latest, changes nothing.

    Raises:
        NotFound: there is no such source.
    """
    entries = call.entries("source", source)
    if not entries:
        raise NotFound(f"no source {source!r} is recorded")
    texts = [entry for entry in entries if entry.name in TEXTS]
    names = ("text", "retrieved_at", "published")
    known = [
        at
        for at, entry in enumerate(texts)
        if all(same_words(given.get(name), entry.data.get(name), entry.data) for name in names)
    ]
    if known or texts[-1].data.get("text") == given["text"]:
        place = known[-1] if known else len(texts) - 1
        receipt = call.receipt_of("source", source, texts[place])
        receipt.edition = place + 1
    else:
        sha256 = digest(given["text"])
        values = {name: given.get(name) for name in names}
        values |= {"id": source, "version": len(texts) + 1, "sha256": sha256}
        receipt = call.stage("source", source, SourceRevised, values)
        receipt.edition = len(texts) + 1
    receipt.sha256 = digest(given["text"])
    return receipt


def correct_source(call: UnitOfWork, source: str, given: Mapping[str, Any]) -> Receipt:
    """Repair what we noted about a document.

    Raises:
        NotFound: there is no such source.
        Conflict: the id of the correction stands for another.
    """
    entries = call.entries("source", source)
    if not entries:
        raise NotFound(f"no source {source!r} is recorded")
    values = {
        "id": source,
        "correction": given.get("id"),
        **{name: given[name] for name in ("kind", "reason", "changes")},
    }
    if given.get("id"):
        for entry in entries:
            if entry.data.get("correction") == given["id"]:
                if any(entry.data.get(name) != values[name] for name in ("kind", "reason", "changes")):
                    raise Conflict(f"correction {given['id']!r} of source {source!r} is recorded with other content")
                return call.receipt_of("source", source, entry)
    for name, value in given["changes"].items():
        if value is None and name in ("title", "publisher", "zone"):
            raise Invalid.at(f"/changes/{name}", f"a source cannot be without {name}")
    assert given["kind"] in OUR_KINDS
    assert set(given["changes"]) <= set(REPAIRABLE)
    return call.stage("source", source, SourceCorrected, values)


def withdraw_source(call: UnitOfWork, source: str, given: Mapping[str, Any]) -> Receipt:
    """Note that the publisher took the document back.

    Raises:
        NotFound: there is no such source.
        Conflict: it is withdrawn already.
    """
    entries = call.entries("source", source)
    if not entries:
        raise NotFound(f"no source {source!r} is recorded")
    values = {
        "id": source,
        "reason": given["reason"],
        "published": given.get("published"),
        "withdrawal": given.get("id"),
    }
    for entry in entries:
        if entry.name == SourceWithdrawn.__name__:
            if given.get("id") is None or any(entry.data.get(name) != value for name, value in values.items()):
                raise Conflict(f"source {source!r} is withdrawn already")
            return call.receipt_of("source", source, entry)
    return call.stage("source", source, SourceWithdrawn, values)


def describe_subject(call: UnitOfWork, given: Mapping[str, Any]) -> Receipt:
    """Record a subject's kind, title, place and other names, on our own word.

    Raises:
        Conflict: the subject is of another kind, or was described otherwise.
    """
    body = {name: given.get(name) for name in ("title", "part_of", "aliases")}
    body |= {"id": f"subject:{given['id']}", "kind": "SubjectDescribed", "subject": given["id"]}
    return _record_all(call, [body | {"subject_kind": given["kind"]}], cited=False)[0]


def record_facts(call: UnitOfWork, bodies: Sequence[Mapping[str, Any]], pointers: Sequence[str]) -> list[Receipt]:
    """Record facts, all or none; each refusal points into its own body by the pointer given for it.

    Raises:
        Invalid: a fact is not whole, or a quote does not stand in its source.
        Conflict: an id is recorded with other content, or a subject is of another kind.
    """
    return _record_all(call, bodies, cited=True, pointers=pointers)


def _record_all(
    call: UnitOfWork, bodies: Sequence[Mapping[str, Any]], *, cited: bool, pointers: Sequence[str] = ("",)
) -> list[Receipt]:
    wholes = _located(pointers, (_whole(body, cited) for body in bodies))
    call.read("fact", [whole["id"] for _, whole in wholes])
    call.read("source", {citation["source"] for _, whole in wholes for citation in whole.get("citations", ())})
    named = [subjects_named(kind, whole) for kind, whole in wholes]
    call.look_up({subject for names in named for subject, _ in names})
    opened = _located(
        pointers,
        (
            _name_all(call, kind, whole.get("subject_kind"), names)
            for (kind, whole), names in zip(wholes, named, strict=True)
        ),
    )
    recorded = (_record(call, kind, whole, opens) for (kind, whole), opens in zip(wholes, opened, strict=True))
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


def name_all(call: UnitOfWork, kind: type[Fact], values: Mapping[str, Any]) -> dict[str, str | None]:
    """Open or check every subject that the fact names; answers with those of which it said something new.

    Raises:
        Conflict: one of them is of another kind.
        Invalid: the kind that it is said to be does not exist, or contradicts the kind of fact.
    """
    return _name_all(call, kind, values.get("subject_kind"), subjects_named(kind, values))


def _name_all(
    call: UnitOfWork, kind: type[Fact], said: Any, names: Sequence[tuple[str, str | None]]
) -> dict[str, str | None]:
    if said is not None:
        if said not in SUBJECT_KINDS:
            raise Invalid.at("/subject_kind", f"{said!r:.80} is not a kind of subject")
        if kind.about is not None and kind.about.title != said:
            raise Invalid.at("/subject_kind", f"{kind.__name__} is about {kind.about.title}, not {said}")
    known = call.says_nothing_new
    return {subject: gives for subject, gives in names if not known(subject, gives) and call.name(subject, gives)}


def _record(call: UnitOfWork, kind: type[Fact], whole: dict[str, Any], opens: dict[str, str | None]) -> Receipt:
    name = whole["id"]
    if call.kind_of(whole["subject"]) is None:
        raise Invalid.at("/subject_kind", f"{whole['subject']!r} is new: its first fact must carry subject_kind")
    entries = call.entries("fact", name)
    if entries:
        if not _same_fact(kind, whole, entries[0].name, entries[0].data):
            raise Conflict(f"fact {name!r} is recorded with other content; what was wrong in it is amended")
        return call.receipt_of("fact", name, entries[0])
    citations = cite(call, whole.get("citations", ()))
    return call.stage("fact", name, kind, {**_DEFAULTS, **whole, "citations": citations, "opens": opens})


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


def lost_quotes(text: str, citations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The citations whose quote does not stand in the text."""
    searchable = SearchableText(text)
    return [each for each in citations if not searchable.places(each["exact"])]
