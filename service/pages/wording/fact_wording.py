"""Facts in words: a sentence, a date, who says so, and the quotes that it rests on."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.dates.bounds import Certainty
from events.facts import KINDS
from events.history.fact_as_of import FactAsOf
from events.history.streams import StoredCitation
from projections.fold.claims import ANSWERS
from projections.queries.evidence.fact_views import FactView, MarkedCitation
from projections.read_models.citation_warnings import IN_WORDS, TEXT_IN_WORDS
from service.pages.request import PageRequest
from service.wording.date_wording import occurred_in_words
from service.wording.phrases import plain, sentence

_MOST_ANSWERS = 4
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


def fact_in_words(page: PageRequest, view: FactView) -> dict[str, Any]:
    """A fact view with what a page prints of it; `PageRequest.know` looks its names up beforehand."""
    return {
        **view,
        "said": sentence(KINDS[view["kind"]], view["fields"], page.named),
        "href": page.link("fact", name=view["id"]),
        "when": occurred_in_words(view["occurred"], begins=KINDS[view["kind"]].begins),
        "about": page.named(view["subject"]),
        "about_href": page.subject_link(view["subject"]),
        "according_to": view["attributed_to"],
        "quotes": quotes_in_words(page, view["citations"]),
    }


def facts_in_words(
    page: PageRequest, facts: Iterable[FactAsOf], subjects: Iterable[str] = ()
) -> dict[str, dict[str, Any]]:
    """The facts as a page prints them, by id; their names, and those of further subjects, are looked up at once."""
    views = page.views(facts)
    page.know(views, subjects)
    return {view["id"]: fact_in_words(page, view) for view in views}


def claim_in_words(claim: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """A fact beside the state, with what answers it in words; `shown` holds what `facts_of_claim` names."""
    answers = claim.get("answered_by", ())
    more = "more_answers" in claim or len(answers) > _MOST_ANSWERS
    told = [(ANSWERS[each["how"]], shown[each["fact"]]) for each in answers[:_MOST_ANSWERS]]
    return {**shown[claim["fact"]], "answers": told, "more": more, "overdue": "overdue" in claim}


def facts_of_claim(claim: Mapping[str, Any]) -> list[str]:
    """The ids of the facts that tell of a claim: its own, and the first of those that answer it."""
    return [claim["fact"], *(each["fact"] for each in claim.get("answered_by", ())[:_MOST_ANSWERS])]


def has_come(modality: str, by_then: str) -> bool:
    """Whether a fact of this modality and certainty is listed: all but a plan has to be possible by then."""
    return modality == "planned" or by_then != Certainty.NOT_YET.value


def label_of_fact(page: PageRequest, fact: FactAsOf) -> str:
    """The fact as a drawing labels it: its sentence, and before it what a source says of it that is not "it was so"."""
    said = plain(sentence(fact.kind, fact.values, page.named))
    how = "retracted" if fact.retracted else fact.modality
    return said if how == "actual" else f"{how}: {said}"


def quotes_in_words(page: PageRequest, citations: Iterable[MarkedCitation]) -> list[dict[str, Any]]:
    """Citations as pages print them: the words, whose they are, and where they stand in the source."""
    found = []
    for citation in citations:
        source, version = page.source(citation["source"]), citation["version"]
        edition, passage = source.editions[version - 1], passage_id(citation)
        place = {} if passage is None else {"version": version, "_anchor": passage}
        found.append(
            {
                "exact": citation["exact"],
                "translation": citation.get("translation"),
                "is_digest": source.text_is == "digest",
                "text_is": TEXT_IN_WORDS.get(source.text_is),
                "language": source.language,
                "source": source.id,
                "title": source.title,
                "publisher": source.publisher_of(version).name,
                "published": edition.published or (source.published if version == 1 else edition.retrieved_at),
                "version": version if len(source.editions) > 1 else None,
                "marks": [IN_WORDS[mark["mark"]] for mark in citation.get("marks", ())],
                "is_placed": passage is not None,
                "href": page.link("source", name=source.id, **place),
            }
        )
    return found


def passage_id(citation: StoredCitation) -> str | None:
    """The place of a citation in the page of its source's version; None where its words were not looked up."""
    return f"c{citation['start']}-{citation['end']}" if "start" in citation else None


def credibility_in_words(code: str | None) -> str | None:
    """An Admiralty code in words; None where nobody judged."""
    if code is None or code == "F6":
        return None
    return f"{SOURCE_LETTERS[code[0]]}, {INFORMATION_DIGITS[code[1]]} ({code})"
