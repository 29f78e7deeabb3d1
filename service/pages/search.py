"""Search: facts by words in quotes and values, subjects and actors by name."""

from typing import Any

from events.dates.bounds import UNBOUNDED
from projections.clocks import LARGEST_POSITION
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.subjects.states import states_named
from service.pages.matters import matter
from service.pages.request import PageRequest, number_in_address
from service.pages.wording.fact_wording import fact_in_words

_MOST = 100


def search_page(page: PageRequest, words: str) -> dict[str, Any]:
    """What the search page shows; nothing is looked for without words."""
    if not words:
        return {"q": ""}
    after = number_in_address("after", "an entry of the log", LARGEST_POSITION) or 0
    views, last = page_of_facts(page.snapshot, page.clocks, {"q": words}, UNBOUNDED, after, _MOST)
    named = [] if after else states_named(page.snapshot, words, page.clocks, _MOST + 1)
    page.know(views, [state["id"] for state in named])
    return {
        "q": words,
        "after": after,
        "facts": [fact_in_words(page, view) for view in views],
        "following": last,
        "subjects": [matter(page, state) for state in named[:_MOST]],
        "more": len(named) > _MOST,
    }
