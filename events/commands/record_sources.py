"""Record sources: a document taken in, revised, repaired or withdrawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.amendments import OUR_KINDS
from events.commands.quotes import SearchableText, digest
from events.commands.repeats import repeated, same_content
from events.errors import Conflict, Invalid, NotFound
from events.log.unit_of_work import Receipt, UnitOfWork
from events.sources import REPAIRABLE, TEXTS, SourceCorrected, SourceRegistered, SourceRevised, SourceWithdrawn

_SOURCE_FIELDS = ("title", "publisher", "url", "published", "zone", "language", "text", "retrieved_at")


def register_source(unit: UnitOfWork, given: Mapping[str, Any]) -> Receipt:
    """Take in a document.

    Raises:
        Conflict: the id stands for another document, or for the same with other content.
    """
    name = given["id"]
    values = {"zone": unit.zone, **{each: given[each] for each in _SOURCE_FIELDS if given.get(each) is not None}}
    entries = unit.entries("source", name)
    if entries:
        recorded = entries[0]
        if not same_content(values, recorded.data, _SOURCE_FIELDS):
            raise Conflict(
                f"source {name!r} is recorded with other content; a changed text is a revision "
                f"(POST /api/v1/sources/{name}/revisions), a slip of ours a correction"
            )
        receipt = unit.receipt_of(name, recorded)
    else:
        sha256 = digest(values.get("text"))
        receipt = unit.stage("source", name, SourceRegistered, {"id": name, "sha256": sha256, **values})
    receipt.sha256, receipt.edition = digest(values.get("text")), 1
    return receipt


def revise_source(unit: UnitOfWork, source: str, given: Mapping[str, Any]) -> Receipt:
    """Take in a changed text of a document; a version sent again, or the text of the latest, changes nothing.

    Raises:
        NotFound: there is no such source.
    """
    entries = unit.entries("source", source)
    if not entries:
        raise NotFound(f"no source {source!r} is recorded")
    texts = [entry for entry in entries if entry.name in TEXTS]
    names = ("text", "retrieved_at", "published")
    known = [at for at, entry in enumerate(texts) if same_content(given, entry.data, names)]
    if known or texts[-1].data.get("text") == given["text"]:
        place = known[-1] if known else len(texts) - 1
        receipt = unit.receipt_of(source, texts[place])
        receipt.edition = place + 1
    else:
        sha256 = digest(given["text"])
        values = {name: given.get(name) for name in names}
        values |= {"id": source, "version": len(texts) + 1, "sha256": sha256}
        receipt = unit.stage("source", source, SourceRevised, values)
        receipt.edition = len(texts) + 1
    receipt.sha256 = digest(given["text"])
    return receipt


def correct_source(unit: UnitOfWork, source: str, given: Mapping[str, Any]) -> Receipt:
    """Repair what we noted about a document.

    Raises:
        NotFound: there is no such source.
        Conflict: the id of the correction stands for another.
    """
    entries = unit.entries("source", source)
    if not entries:
        raise NotFound(f"no source {source!r} is recorded")
    values = {
        "id": source,
        "correction": given.get("id"),
        **{name: given[name] for name in ("kind", "reason", "changes")},
    }
    what = f"correction {given.get('id')!r} of source {source!r}"
    if known := repeated(entries, SourceCorrected, values, ("kind", "reason", "changes"), what, "correction"):
        return unit.receipt_of(source, known)
    for name, value in given["changes"].items():
        if value is None and name in ("title", "publisher", "zone"):
            raise Invalid.at(f"/changes/{name}", f"a source cannot be without {name}")
    assert given["kind"] in OUR_KINDS
    assert set(given["changes"]) <= set(REPAIRABLE)
    return unit.stage("source", source, SourceCorrected, values)


def withdraw_source(unit: UnitOfWork, source: str, given: Mapping[str, Any]) -> Receipt:
    """Note that the publisher took the document back.

    Raises:
        NotFound: there is no such source.
        Conflict: it is withdrawn already.
    """
    entries = unit.entries("source", source)
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
            if given.get("id") is None or not same_content(values, entry.data, values):
                raise Conflict(f"source {source!r} is withdrawn already")
            return unit.receipt_of(source, entry)
    return unit.stage("source", source, SourceWithdrawn, values)


def lost_quotes(text: str, citations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The citations whose quote does not stand in the text."""
    searchable = SearchableText(text)
    return [each for each in citations if not searchable.places(each["exact"])]
