"""Web Annotation: each quote of a fact as an annotation of its source, found again by its words and by its place."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from service.formats.incoming.annotations import items
from service.formats.offer.json_pieces import with_list
from service.formats.offer.lists import Address, ExportedList
from service.formats.offer.manifest import Format
from service.formats.offer.told import FactTold, Quote

CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def annotations(taken: ExportedList) -> Iterator[bytes]:
    """The document: a page of annotations, one for each quote."""
    found = (each for told in taken.items for each in _annotations_of(told, taken.address))
    return with_list({"@context": CONTEXT, "type": "AnnotationPage"}, "items", found)


def _annotations_of(told: FactTold, address: Address) -> Iterator[dict[str, Any]]:
    where = address.of("facts", told.view["id"])
    for number, each in enumerate(told.quotes, start=1):
        body = {"type": "TextualBody", "value": told.said, "format": "text/plain", "purpose": "describing"}
        yield {
            "id": f"{where}#quote-{number}",
            "type": "Annotation",
            "motivation": "describing",
            "created": told.view["recorded"],
            "body": [body, {"id": where, "type": "Dataset"}],
            "target": _targets(each, address),
        }


def _targets(cited: Quote, address: Address) -> list[dict[str, Any]]:
    """The source where it was published, if these are its words, and its text here, in which places are counted."""
    source, citation = cited.source, cited.citation
    words = {name: words for name in ("exact", "prefix", "suffix") if (words := citation.get(name))}
    by_words = {"type": "TextQuoteSelector", **words}
    kept = f"{address.base}/api/v1/sources/{quote(source.id, safe='')}/text?version={citation['version']}"
    selectors: list[dict[str, Any]] = [by_words]
    if "start" in citation:
        selectors.append({"type": "TextPositionSelector", "start": citation["start"], "end": citation["end"]})
    targets = [{"type": "SpecificResource", "source": kept, "selector": selectors}]
    if source.url and cited.is_verbatim:
        targets.insert(0, {"type": "SpecificResource", "source": source.url, "selector": [by_words]})
    return targets


FORMAT = Format(
    name="webannotation",
    title="Web Annotation",
    media_type='application/ld+json;profile="http://www.w3.org/ns/anno.jsonld"',
    suffix="annotations.jsonld",
    follows="W3C Web Annotation Data Model",
    loses=(
        "facts without quotes",
        "kinds and values of fields, but in the sentence",
        "amendments and who recorded what when",
        "read again, each passage waits until somebody says what kind of fact it tells",
    ),
    writes={"facts": annotations},
    reads=items,
)
