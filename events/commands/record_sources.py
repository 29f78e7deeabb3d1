"""Record sources: a document taken in, revised, repaired or withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from events.commands.idempotence import repeated, same_content
from events.commands.quotes import digest, searchable
from events.errors import Conflict, Invalid, NotFound
from events.history.streams import Entry
from events.log.originals import description_of
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from events.sources import (
    ORIGINAL,
    PSEUDONYMS,
    TEXTS,
    SourceCorrected,
    SourceEvent,
    SourceRegistered,
    SourceRevised,
    SourceWithdrawalWithdrawn,
    SourceWithdrawn,
)

_SOURCE_FIELDS = (
    *("title", "publisher", "url", "published", "zone", "language", "text", "retrieved_at"),
    *("agency", "derived_from", "text_is", "original"),
)


def register_source(unit: UnitOfWork, body: Mapping[str, Any]) -> Receipt:
    """Take in a document; one recorded under the id with other content is a conflict."""
    name = body["id"]
    values = {"zone": unit.zone, **{each: body[each] for each in _SOURCE_FIELDS if body.get(each) is not None}}
    if values.get("text_is") == ORIGINAL:
        del values["text_is"]
    values |= _described(unit, body)
    sha256 = digest(values.get("text"))
    entries = unit.entries("source", name)
    if entries:
        if not same_content(values, entries[0].data, _SOURCE_FIELDS):
            raise Conflict(
                f"source {name!r} is recorded with other content; a changed text is a revision "
                f"(POST /api/v1/sources/{name}/revisions), a slip of ours a correction"
            )
        receipt = unit.receipt_of(name, entries[0])
    else:
        _check_roots(unit, name, values.get("derived_from", ()), "/derived_from")
        values |= {"id": name, "sha256": sha256, **_pseudonyms(unit, values)}
        receipt = _staged(unit, name, SourceRegistered, values, body)
    receipt.sha256, receipt.edition = sha256, 1
    return receipt


def revise_source(unit: UnitOfWork, source: str, body: Mapping[str, Any]) -> Receipt:
    """Take in a changed text of a document; a version sent again, or the text of the latest, changes nothing.

    Nor does the text of the latest with the same original, or with none; with another original it is a version.
    """
    entries = unit.recorded_entries("source", source)
    texts = [entry for entry in entries if entry.name in TEXTS]
    names = ("text", "retrieved_at", "published", "original")
    sha256, latest = digest(body["text"]), texts[-1].data
    given = {**body, **_described(unit, body)}
    versions = [number for number, entry in enumerate(texts, 1) if same_content(given, entry.data, names)]
    is_latest = given.get("original") in (None, latest.get("original")) and latest.get("text") == body["text"]
    if versions or is_latest:
        version = versions[-1] if versions else len(texts)
        receipt = unit.receipt_of(source, texts[version - 1])
    else:
        version = len(texts) + 1
        values = {"id": source, "version": version, "sha256": sha256, **{name: given.get(name) for name in names}}
        receipt = _staged(unit, source, SourceRevised, values, body)
    receipt.sha256, receipt.edition = sha256, version
    return receipt


def _described(unit: UnitOfWork, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the event says of the original that was sent, if one was."""
    original = body.get("original")
    if original is None:
        return {}
    size, most = len(original["content"]), unit.largest_original
    if size > most:
        raise Invalid.at("/original", f"an original of {size:,} bytes is too large (at most {most:,})")
    return {"original": description_of(original)}


def _staged(
    unit: UnitOfWork, source: str, event: type[SourceEvent], values: Mapping[str, Any], body: Mapping[str, Any]
) -> Receipt:
    receipt = unit.stage("source", source, event, values)
    if "original" in values and body.get("original"):
        unit.keep_original(receipt, body["original"]["content"])
    return receipt


def correct_source(unit: UnitOfWork, source: str, body: Mapping[str, Any]) -> Receipt:
    """Repair what we noted about a document."""
    entries = unit.recorded_entries("source", source)
    said = {name: body[name] for name in ("kind", "reason", "changes")}
    values = {"id": source, "correction": body.get("id"), **said}
    what = f"correction {body.get('id')!r} of source {source!r}"
    if known := repeated(entries, SourceCorrected, values, said, what, "correction"):
        return unit.receipt_of(source, known)
    for name, value in body["changes"].items():
        if value is None and name in ("title", "publisher", "zone", "text_is"):
            raise Invalid.at(f"/changes/{name}", f"a source cannot be without {name}")
    _check_roots(unit, source, body["changes"].get("derived_from") or (), "/changes/derived_from")
    return unit.stage("source", source, SourceCorrected, values | _pseudonyms(unit, body["changes"]))


def _check_roots(unit: UnitOfWork, source: str, roots: Iterable[str], pointer: str) -> None:
    """Refuse a source that is derived from itself or from what is not recorded; a ring of several does no harm."""
    for at, root in enumerate(roots):
        if root == source:
            raise Invalid.at(f"{pointer}/{at}", f"source {source!r} cannot be derived from itself")
        if not unit.entries("source", root):
            raise Invalid.at(f"{pointer}/{at}", f"no source {root!r} is recorded, from which {source!r} could derive")


def _pseudonyms(unit: UnitOfWork, noted: Mapping[str, Any]) -> dict[str, str]:
    """What stands for the publisher and the agency that are noted."""
    named = {own: noted.get(name) for name, own in PSEUDONYMS.items()}
    return {own: unit.pseudonym(each, own) for own, each in named.items() if each is not None}


def withdraw_source(unit: UnitOfWork, source: str, body: Mapping[str, Any]) -> Receipt:
    """Note that the publisher took the document back; once, unless that is withdrawn."""
    entries = unit.recorded_entries("source", source)
    values = {"id": source, "withdrawal": body.get("id")}
    values |= {"reason": body["reason"], "published": body.get("published")}
    if known := repeated(entries, SourceWithdrawn, values, values, f"an act on source {source!r}", "withdrawal"):
        return unit.receipt_of(source, known)
    undone = {entry.data["withdraws"] for entry in entries if "withdraws" in entry.data}
    if any(entry.name == SourceWithdrawn.__name__ and entry.n not in undone for entry in entries):
        raise Conflict(f"source {source!r} is withdrawn already")
    return unit.stage("source", source, SourceWithdrawn, values)


def withdraw_withdrawal(unit: UnitOfWork, source: str, n: int, body: Mapping[str, Any]) -> Receipt:
    """Take back that the document was withdrawn: the withdrawal numbered n in its stream is undone."""
    entries = unit.recorded_entries("source", source)
    said = {"kind": body["kind"], "reason": body["reason"], "withdraws": n}
    values = {"id": source, "withdrawal": body.get("id"), **said}
    what = f"an act on source {source!r}"
    if known := repeated(entries, SourceWithdrawalWithdrawn, values, said, what, "withdrawal"):
        return unit.receipt_of(source, known)
    withdrawal_numbered(unit, source, n)
    if any(entry.data.get("withdraws") == n for entry in entries):
        raise Conflict(f"withdrawal {n} of source {source!r} is withdrawn already")
    return unit.stage("source", source, SourceWithdrawalWithdrawn, values)


def withdrawal_numbered(unit: UnitOfWork, source: str, named: int | str) -> Entry:
    """The withdrawal of the source with that number or id."""
    for entry in unit.recorded_entries("source", source):
        if entry.name == SourceWithdrawn.__name__ and named in (entry.n, entry.data.get("withdrawal")):
            return entry
    raise NotFound(f"source {source!r} has no withdrawal {named!r:.80}")


def lost_quotes(text: str, citations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The citations whose quote does not stand in the text."""
    revised = searchable(text)
    return [each for each in citations if not revised.holds(each["exact"])]
