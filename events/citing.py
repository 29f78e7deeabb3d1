"""Citations: each names a source version and words that must stand in its text."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.errors import Invalid
from events.writing import Call

FIELDS = ("source", "version", "exact", "prefix", "suffix")
MOST = 100


def cite(call: Call, citations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The citations as they are stored: with their version, and the place of the quote in its text.

    A citation of a version without text is marked unverified.

    Raises:
        Invalid: a source or version is unknown, or a quote does not stand where it says; the pointer starts at
            `/citations`.
    """
    if len(citations) > MOST:
        raise Invalid.at("/citations", f"{len(citations)} citations are too many (at most {MOST})")
    call.shelf(citation["source"] for citation in citations)
    found = []
    for index, citation in enumerate(citations):
        try:
            found.append(_place(call, citation))
        except Invalid as error:
            raise error.under(f"/citations/{index}") from None
    return found


def _place(call: Call, citation: Mapping[str, Any]) -> dict[str, Any]:
    source = citation["source"]
    entries = [entry for entry in call.entries("source", source) if entry.name != "SourceCorrected"]
    if not entries:
        raise Invalid.at("/source", f"no source {source!r} is recorded")
    version = citation.get("version") or len(entries)
    if version > len(entries):
        raise Invalid.at("/version", f"source {source!r} has no version {version}")
    noted = entries[version - 1].data
    stored = {name: citation[name] for name in FIELDS if citation.get(name) is not None}
    stored["version"] = version
    text = noted.get("text")
    if text is None:
        return stored | {"verified": False}
    place = call.texts.of(noted["sha256"], text).locate(
        citation["exact"], citation.get("prefix"), citation.get("suffix")
    )
    return stored | {"verified": True, "start": place.start, "end": place.end}


def same_citations(given: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the citations given are those stored; one given without version is the same at any version."""
    if len(given) != len(stored):
        return False
    return all(
        all(ours.get(name) == theirs.get(name) for name in FIELDS if name != "version" or ours.get(name) is not None)
        for ours, theirs in zip(given, stored, strict=True)
    )
