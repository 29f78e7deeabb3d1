"""Citations: each names a source version and words that must stand in its text."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from events.commands.near_misses import nearest
from events.commands.quotes import TextSpan, fold, searchable, shown
from events.errors import Fault, Invalid, QuoteNotFound
from events.field_types import AROUND, ID, TEXT, VERSION, FieldType, escaped
from events.log.encryption import REDACTED
from events.log.unit_of_work import UnitOfWork
from events.sources import TEXTS


def _language(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(_TAG, value):
        raise Invalid.at("", f"{value!r:.80} is not a language tag (BCP 47), as uk or zh-Hans")
    return value


def _translation(value: Any) -> dict[str, str]:
    """Cited words in another language: `{language, text}`, both needed."""
    if not isinstance(value, dict):
        raise Invalid.at("", "a translation is an object with language and text")
    for name in value:
        if name not in _TRANSLATION:
            raise Invalid.at(f"/{escaped(str(name))}", f"a translation has no {name!r:.80}")
    read = {}
    for name, of in _TRANSLATION.items():
        try:
            read[name] = of.read(value.get(name))
        except Invalid as error:
            raise error.under(f"/{name}") from None
    return read


_TAG = "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}"
_LANGUAGE = FieldType("language", _language, {"type": "string", "pattern": f"^{_TAG}$"})
_TRANSLATION = {"language": _LANGUAGE, "text": TEXT}
_TRANSLATION_SCHEMA = {
    "type": "object",
    "description": "Ours: shown beside the words, never looked for in the source",
    "properties": {name: dict(of.schema) for name, of in _TRANSLATION.items()},
    "required": [*_TRANSLATION],
    "additionalProperties": False,
}
CITATION: dict[str, FieldType] = {
    "source": ID,
    "version": VERSION,
    "exact": TEXT,
    "prefix": AROUND,
    "suffix": AROUND,
    "translation": FieldType("translation", _translation, _TRANSLATION_SCHEMA),
}
"""What a citation says, and how it is read."""
MOST_CITATIONS = 100
_LONG_TEXT = 50_000
"""Characters of a text in which quotes are looked for outside of the writer's turn."""


def whole_citations(given: Any, *, cited: bool) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The citations of a body without what is null, and what keeps them from being citations."""
    if given is None or given == []:
        return [], [Fault("/citations", "a fact needs at least one citation")] if cited else []
    if not isinstance(given, list) or len(given) > MOST_CITATIONS:
        return [], [Fault("/citations", f"citations are a list of 1 to {MOST_CITATIONS}")]
    whole: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for index, citation in enumerate(given):
        if not isinstance(citation, dict):
            faults.append(Fault(f"/citations/{index}", "a citation is an object"))
            continue
        read: dict[str, Any] = {}
        for name, value in citation.items():
            pointer = f"/citations/{index}/{escaped(str(name))}"
            if value is not None and name not in CITATION:
                faults.append(Fault(pointer, f"a citation has no {name!r:.80}"))
            elif value is not None:
                try:
                    read[name] = CITATION[name].read(value)
                except Invalid as error:
                    faults += error.under(pointer).faults
        for name in ("source", "exact"):
            if citation.get(name) is None:
                faults.append(Fault(f"/citations/{index}/{name}", f"{name} is needed"))
        whole.append(read)
    return whole, faults


def cite(unit: UnitOfWork, citations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The citations as they are stored: with their version, and the place of the quote in its text.

    A citation of a version without text is marked unverified.

    Raises:
        Invalid: a source or version is unknown, or a quote does not stand where it says; the pointer starts at
            `/citations`.
    """
    found: list[dict[str, Any]] = []
    try:
        for citation in citations:
            found.append(_place(unit, citation))
    except Invalid as error:
        raise error.under(f"/citations/{len(found)}") from None
    return found


def _place(unit: UnitOfWork, citation: Mapping[str, Any]) -> dict[str, Any]:
    source = citation["source"]
    texts = [entry.data for entry in unit.entries("source", source) if entry.name in TEXTS]
    if not texts:
        raise Invalid.at("/source", f"no source {source!r} is recorded")
    version = citation.get("version") or len(texts)
    if version > len(texts):
        raise Invalid.at("/version", f"source {source!r} has no version {version}")
    noted = texts[version - 1]
    if noted.get(REDACTED):
        raise Invalid.at("/source", f"version {version} of source {source!r} is redacted: no words of it can be cited")
    if not noted.get("text"):
        return {**citation, "version": version, "verified": False}
    text: str = noted["text"]
    quote = citation["exact"], citation.get("prefix"), citation.get("suffix")
    try:
        place = unit.work.result(
            (noted["sha256"], *quote),
            lambda: searchable(text).locate(*quote),
            meanwhile=TextSpan(0, 0),
            is_long=len(text) > _LONG_TEXT,
        )
    except QuoteNotFound as error:
        key = "nearest", noted["sha256"], quote[0]
        near = unit.work.hint(key, lambda: nearest(searchable(text).folded, fold(quote[0])))
        if near is None:
            raise
        raise QuoteNotFound.at("/exact", f"{error.sentence}; the text has: {shown(near)}") from None
    return {**citation, "version": version, "verified": True, "start": place.start, "end": place.end}
