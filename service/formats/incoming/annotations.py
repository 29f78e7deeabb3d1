"""Web Annotations (W3C) and exports of Hypothesis: marked passages, which wait for a kind; pages that they are on.

What is marked is the quote of a TextQuoteSelector; what was written beside it and its tags become the note. A page is
registered by its address and title, without a text, so that its quotes stand unverified until it is taken in.
Annotations without a quote, as notes on whole pages and replies, are left out.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from events.errors import Invalid
from events.field_types import Json
from service.chronicle.importing import Item
from service.chronicle.json_limits import LinesOf, json_in
from service.chronicle.proposals.incomplete_items import WITHOUT_KIND
from service.formats.offer.manifest import Incoming
from service.formats.tables.names import id_made_from

_LISTS = (("rows",), ("items",), ("first", "items"), ("annotations",))
"""Where lists of annotations stand: in the answers of Hypothesis, in pages and collections of the W3C, in exports."""
_LONGEST_NAME = 60
_AROUND = ("prefix", "suffix")


def items(incoming: Incoming) -> Iterator[Item]:
    """The pages and the passages of a file of annotations; each page comes before its first passage.

    Raises:
        Invalid: it is no JSON, or holds no list of annotations.
    """
    try:
        document = json_in(incoming.content)
    except ValueError as error:
        raise Invalid(f"{incoming.path} is no JSON: {error}") from None
    place, annotations = _list_in(document)
    if annotations is None:
        raise Invalid(f"{incoming.path} holds no list of annotations")
    lines, seen = LinesOf(incoming.content), set[str]()
    for at, annotation in enumerate(annotations):
        pointer = f"{place}/{at}"
        if not isinstance(annotation, dict):
            raise Invalid.at(pointer, f"line {lines.at(pointer)}: an annotation is an object")
        for source, passage in _passages(annotation):
            line = lines.at(pointer)
            if source["id"] not in seen:
                seen.add(str(source["id"]))
                yield Item("sources", source, pointer, lambda _, line=line: line)  # type: ignore[misc]
            yield Item(WITHOUT_KIND, passage, pointer, lambda _, line=line: line)  # type: ignore[misc]


def _list_in(document: Json) -> tuple[str, Sequence[Json] | None]:
    """The list of annotations of a document, and its place; None where there is none."""
    if isinstance(document, list):
        return "", document
    for steps in _LISTS:
        found = document
        for step in steps:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, list):
            return "".join(f"/{step}" for step in steps), found
    is_one = isinstance(document, dict) and "target" in document
    return "", [document] if is_one else None


def _passages(annotation: Mapping[str, Json]) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """What an annotation marks: of each quote its page as a source, and the passage."""
    for target in _each(annotation.get("target")):
        address = target.get("source") or annotation.get("uri")
        address = address.get("id") if isinstance(address, dict) else address
        for selector in _each(target.get("selector")):
            if selector.get("type") == "TextQuoteSelector" and selector.get("exact") and isinstance(address, str):
                source = _source(address, _title(annotation))
                around = {name: selector[name] for name in _AROUND if selector.get(name)}
                passage = {"source": source["id"], "exact": selector["exact"], **around}
                yield source, passage | ({"note": note} if (note := _note(annotation)) else {})


def _each(value: Json) -> list[Mapping[str, Json]]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def _title(annotation: Mapping[str, Json]) -> str:
    document = annotation.get("document")
    title = document.get("title") if isinstance(document, dict) else None
    title = title[0] if isinstance(title, list) and title else title
    return " ".join(title.split()) if isinstance(title, str) else ""


def _source(address: str, title: str) -> dict[str, Json]:
    """A page as a source; its host stands for its publisher."""
    digest = hashlib.sha256(f"{title} {address}".encode()).hexdigest()[:8]
    is_of_web = address.startswith(("https://", "http://"))
    host = _host(address) if is_of_web else address
    name = id_made_from(title or host)[:_LONGEST_NAME].strip("-")
    noted = {"id": f"{name}-{digest}", "title": title or address, "publisher": host}
    return noted | ({"url": address} if is_of_web else {})


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _note(annotation: Mapping[str, Json]) -> str:
    """What was written beside the passage, and its tags."""
    bodies = [each for each in _each(annotation.get("body")) if isinstance(each.get("value"), str)]
    tags = [str(each["value"]) for each in bodies if each.get("purpose") == "tagging"]
    texts = [str(each["value"]) for each in bodies if each.get("purpose") != "tagging"]
    own, own_tags = annotation.get("text"), annotation.get("tags")
    texts += [own] if isinstance(own, str) else []
    tags += [each for each in own_tags if isinstance(each, str)] if isinstance(own_tags, list) else []
    return "\n".join(filter(str.strip, [*texts, ", ".join(tags)]))
