"""Facts as pages tell them: a sentence, a date, by whom, and the words that carry it."""

from collections.abc import Iterable
from typing import Any

from events.facts import KINDS
from events.history.fact_as_of import FactAsOf
from events.history.streams import StoredCitation
from projections.queries.evidence.answer_types import FactView
from projections.queries.evidence.facts import fact_view
from service.pages.request import PageRequest
from service.pages.wording.date_wording import in_words
from service.pages.wording.phrases import sentence

SOURCE_LETTERS = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "reliability not judged",
}
INFORMATION_DIGITS = {
    "1": "confirmed by others",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "truth not judged",
}


def fact_views(standings: Iterable[FactAsOf]) -> list[FactView]:
    """The facts as the API shows them."""
    return [fact_view(standing) for standing in standings]


def fact_in_words(page: PageRequest, view: FactView) -> dict[str, Any]:
    """A fact view with what a page prints of it; its names are looked up beforehand with `PageRequest.know`."""
    return {
        **view,
        "said": sentence(KINDS[view["kind"]], view["fields"], page.named),
        "href": page.link("fact", name=view["id"]),
        "when": in_words(view["occurred"]),
        "about": page.named(view["subject"]),
        "about_href": page.subject_link(view["subject"]),
        "according_to": view["attributed_to"],
        "quotes": quotes_in_words(page, view["citations"]),
    }


def quotes_in_words(page: PageRequest, citations: Iterable[StoredCitation]) -> list[dict[str, Any]]:
    """Citations as pages print them: the words, whose they are, and where they stand in the source."""
    found = []
    for citation in citations:
        source = page.source(citation["source"])
        version = citation["version"]
        edition = source.editions[version - 1]
        passage = passage_id(citation)
        href = page.link("source", name=source.id, version=version, _anchor=passage)
        found.append(
            {
                "exact": citation["exact"],
                "language": source.language,
                "source": source.id,
                "title": source.title,
                "publisher": source.publisher_of(version),
                "published": edition.published or (source.published if version == 1 else edition.retrieved_at),
                "version": version if len(source.editions) > 1 else None,
                "verified": citation.get("verified", False),
                "href": href if citation.get("verified") else page.link("source", name=source.id),
            }
        )
    return found


def passage_id(citation: StoredCitation) -> str | None:
    """The place of a citation in its source's page."""
    return f"c{citation['start']}-{citation['end']}" if citation.get("verified") else None


def credibility_in_words(code: str | None) -> str | None:
    """An Admiralty code in words; None where nobody judged."""
    if code is None or code == "F6":
        return None
    return f"{SOURCE_LETTERS[code[0]]}, {INFORMATION_DIGITS[code[1]]} ({code})"
