"""JSON-LD of schema.org: each fact a Claim, what it says an Event, and what was corrected a CorrectionComment."""

from collections.abc import Iterator
from typing import Any

from events.kinds.descriptions import field_in_words
from service.formats.offer.days import calendar_day, days_of, instants_of, is_of_a_time
from service.formats.offer.json_pieces import with_list
from service.formats.offer.lists import Address, ExportedList
from service.formats.offer.manifest import Format
from service.formats.offer.told import FactTold, Quote

CONTEXT = "https://schema.org"


def claims(taken: ExportedList) -> Iterator[bytes]:
    """The document: a graph of claims and events."""
    found = (node for told in taken.items for node in nodes_of(told, taken.address))
    return with_list({"@context": CONTEXT}, "@graph", found)


def nodes_of(told: FactTold, address: Address) -> Iterator[dict[str, Any]]:
    """The claim that a fact is, and the event that it tells of; without a date there is no event."""
    view, where = told.view, address.of("facts", told.view["id"])
    subject = {"@type": "Thing", "@id": address.of_subject(view["subject"], told.about.kind), "name": told.about.title}
    dates = _dates(view["occurred"], view["zone"])
    event = {"@type": "Event", "@id": f"{where}#event", "name": told.said, **dates, "about": subject}
    happened = dates and view["modality"] != "denied"
    appearances = [_appearance(each, address) for each in told.quotes]
    reported = view["reported"]
    claim = {
        "@type": "Claim",
        "@id": where,
        "url": where,
        "name": told.said,
        "text": told.said if told.held == "actual" else f"{told.held.capitalize()}: {told.said}",
        "temporalCoverage": view["occurred"],
        "author": {"@type": "Thing", "name": told.by} if view["by"] else None,
        "datePublished": _day(reported["published"]) if reported else None,
        "about": {"@id": f"{where}#event"} if happened else subject,
        "appearance": appearances,
        "firstAppearance": {"@id": address.of("sources", reported["source"])} if reported else None,
        "correction": _corrections(told, where),
    }
    yield {name: value for name, value in claim.items() if value not in (None, [])}
    if happened:
        yield event


def _appearance(quote: Quote, address: Address) -> dict[str, Any]:
    source, exact = quote.source, quote.citation["exact"]
    work = {
        "@type": "Article",
        "@id": address.of("sources", source.id),
        "headline": source.title,
        "url": source.url,
        "datePublished": _day(source.published),
        "inLanguage": source.language,
        "publisher": {"@type": "Organization", "name": quote.citation["publisher"]},
        **({"hasPart": {"@type": "Quotation", "text": exact}} if quote.is_verbatim else {"abstract": exact}),
    }
    return {name: value for name, value in work.items() if value is not None}


def _corrections(told: FactTold, where: str) -> list[dict[str, Any]]:
    """What was corrected of the fact, each with the amendment that did it; and that it was taken back."""
    corrected: dict[str, list[str]] = {}
    for name, amendments in told.view.get("corrected_by", {}).items():
        for each in amendments:
            corrected.setdefault(each, []).append(field_in_words(name, told.view["kind"]) or name)
    found = [
        {
            "@type": "CorrectionComment",
            "@id": f"{where}#{each.partition('#')[2]}",
            "text": f"Corrected: {', '.join(names)}",
        }
        for each, names in corrected.items()
    ]
    if told.view["retracted"]:
        found.append({"@type": "CorrectionComment", "text": "Retracted"})
    return found


def _dates(occurred: str | None, zone: str) -> dict[str, str]:
    """The first and the last day, or instant, on which it can have been; schema.org has no others."""
    if occurred is None:
        return {}
    begins: Any
    ends: Any
    if is_of_a_time(occurred):
        begins, ends = instants_of(occurred, zone)
    else:
        begins, ends = (None if each is None else calendar_day(each) for each in days_of(occurred))
    named = (("startDate", begins), ("endDate", ends))
    return {name: each.isoformat() for name, each in named if each is not None}


def _day(published: str | None) -> str | None:
    """A date of publication, where it is a day or an instant."""
    return published if published and published[:4].isdigit() and not set("/[]{}?~%X.") & {*published} else None


FORMAT = Format(
    name="jsonld",
    title="JSON-LD",
    media_type="application/ld+json",
    suffix="jsonld",
    follows="schema.org",
    loses=(
        "kinds and values of fields, but in the sentence",
        "places of quotes",
        "reasons of amendments",
        "who recorded what when",
    ),
    writes={"facts": claims},
)
