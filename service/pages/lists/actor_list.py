"""The list of people and parties: by name or by the newest report, page by page."""

from typing import Any

from events.dates.bounds import UNBOUNDED
from projections.fold.answer_types import State
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.evidence.search import subjects_named
from projections.queries.subjects.outline_pages import page_of_outlines
from projections.queries.subjects.outlines import Key, Outlines, SubjectFilter
from projections.queries.subjects.states import label_of, states
from projections.read_models.texts.folding import folded_words, sought_in
from service.pages.actor import described
from service.pages.lists.filter_bar import PER_PAGE, Choice, Field, bar, given, key_given, one_of, written_key
from service.pages.request import PageRequest

MOST_WRITTEN = 2_000
_SORTS = {"id": "in order of their ids", "told": "newest report"}
_PLACES: dict[str, Key] = {"id": ("",), "told": (0, 0, "")}
"""What a place in the list looks like."""


def actor_list(page: PageRequest, most: int = PER_PAGE) -> dict[str, Any]:
    """A page of the list, in the order of ids unless the address says otherwise, and the form that filters it."""
    sort = one_of("sort", _SORTS) or "id"
    outlines, words = Outlines(page.snapshot, page.clocks, ["actor"]), given("q")
    wanted = SubjectFilter()
    if folded_words(words):
        named, _ = subjects_named(page.snapshot, sought_in(words), page.clocks, MOST_WRITTEN)
        wanted = SubjectFilter(among={state["id"] for state in named})
    after = key_given(_PLACES[sort])
    found, is_more = page_of_outlines(outlines, wanted, sort, after, most)
    shown = [each.id for _, each in found]
    heard = [state for state in states(page.snapshot, shown, page.clocks) if _is_heard_of(page, state)]
    return {
        "actors": [
            {"title": label_of(state).title, "href": page.link("actor", name=state["id"]), **described(state)}
            for state in heard
        ],
        "count": outlines.total(wanted),
        "is_cut": outlines.is_cut,
        "is_first": after is None,
        "following": written_key(found[-1][0]) if is_more else None,
        "bar": bar(
            page,
            [
                Field("q", "Words in the name", words),
                Field("sort", "First", sort, [Choice(name, said) for name, said in _SORTS.items()]),
            ],
        ),
    }


def _is_heard_of(page: PageRequest, state: State) -> bool:
    """Whether anything that names the actor was reported by then."""
    if page.is_of_today or state["fields"]:
        return True
    return bool(page_of_facts(page.snapshot, page.clocks, {"actor": state["id"]}, UNBOUNDED, 0, 1)[0])
