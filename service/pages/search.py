"""Search: subjects and actors by name, facts and sources by their words, with the words marked."""

from collections.abc import Iterable
from typing import Any

from events.dates.bounds import UNBOUNDED
from projections.clocks import LARGEST_POSITION
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.evidence.passages import Passage, passages_of_facts
from projections.queries.evidence.search import (
    found_subject,
    sources_saying,
    subjects_named,
)
from projections.read_models.texts.folding import folded_words, sought_in
from service.pages.matters import matter
from service.pages.request import PageRequest, number_in_address
from service.pages.wording.fact_wording import fact_in_words

_MOST = 20
_MOST_BESIDE = 8
"""How many subjects and sources are shown beside the facts."""
_IDS = ("id", "subject", "part_of")
_FIELDS = {"id": "id", "attributed_to": "according to"}


def search_page(page: PageRequest, words: str) -> dict[str, Any]:
    """What the search page shows; nothing is looked for without words."""
    if not folded_words(words):
        return {"q": words, "is_asked": False}
    sought = sought_in(words)
    after = number_in_address("after", "an entry of the log", LARGEST_POSITION) or 0
    views, last = page_of_facts(page.snapshot, page.clocks, {"q": words}, UNBOUNDED, after, _MOST)
    facts = passages_of_facts(page.snapshot, views, sought, page.clocks)
    found: dict[str, Any] = {"subjects": [], "sources": [], "more_subjects": False, "more_sources": False}
    if not after:
        named, found["more_subjects"] = subjects_named(page.snapshot, sought, page.clocks, _MOST_BESIDE)
        sources, found["more_sources"] = sources_saying(page.snapshot, sought, page.clocks, _MOST_BESIDE)
        page.know([], [state["id"] for state in named])
        found["subjects"] = [
            {**matter(page, state), "parts": in_parts(found_subject(state, sought)["passages"])} for state in named
        ]
        found["sources"] = [
            {
                **each,
                "href": page.link("source", name=each["source"], **_version(each)),
                "parts": in_parts(each["passages"]),
            }
            for each in sources
        ]
    page.know(views)
    return {
        "q": words,
        "is_asked": True,
        "after": after,
        "facts": [{**fact_in_words(page, view), "parts": in_parts(facts[view["id"]])} for view in views],
        "following": last,
        **found,
    }


def _version(source: Any) -> dict[str, int]:
    return {} if source["is_latest"] else {"version": source["version"]}


def in_parts(passages: Iterable[Passage]) -> list[dict[str, Any]]:
    """Passages as the page prints them: where they stand, and their text in parts, each marked or not.

    Ids are left out where words that people read are found too.
    """
    known = [*passages]
    told = [each for each in known if each["where"] not in _IDS] or known
    return [
        {**each, "label": _FIELDS.get(each["where"], each["where"].replace("_", " ")), "parts": _parts(each)}
        for each in told
    ]


def _parts(passage: Passage) -> list[tuple[str, bool]]:
    text, parts, last = passage["text"], [], 0
    for start, end in passage["marks"]:
        parts += [(text[last:start], False), (text[start:end], True)]
        last = end
    return [(part, is_marked) for part, is_marked in [*parts, (text[last:], False)] if part]
