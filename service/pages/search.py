"""Search: facts by words in quotes and values, subjects and actors by name."""

from typing import Any

from events.dates.bounds import UNBOUNDED
from projections.fold.answer_types import State
from projections.fold.state import field_value
from projections.queries.evidence.facts import page_of_facts
from service.pages.matters import every_state, matter
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words

_MOST = 100


def search_page(page: PageRequest, words: str) -> dict[str, Any]:
    """What the search page shows; nothing is looked for without words."""
    if not words:
        return {"q": "", "facts": [], "subjects": [], "more": False}
    views, last = page_of_facts(page.snapshot, page.clocks, {"q": words}, UNBOUNDED, 0, _MOST)
    named = [state for state in every_state(page) if _is_named(state, words)]
    page.know(views, [state["id"] for state in named])
    return {
        "q": words,
        "facts": [fact_in_words(page, view) for view in views],
        "subjects": [matter(page, state) for state in named],
        "more": last is not None,
    }


def _is_named(state: State, words: str) -> bool:
    """Whether every word stands in the subject's id, title or other names."""
    names = [state["id"], state["title"] or "", field_value(state, "name") or ""]
    names += field_value(state, "aliases") or []
    text = " ".join(names).casefold()
    return all(word in text for word in words.casefold().split())
