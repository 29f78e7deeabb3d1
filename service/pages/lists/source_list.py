"""The list of sources: by publication, of all publishers or of one, page by page."""

from collections import Counter
from typing import Any

from projections.queries.evidence.source_pages import Published, sources_by_publication
from projections.read_models.lists import publication
from service.pages.lists.filter_bar import (
    PER_PAGE,
    Choice,
    Field,
    bar,
    counted,
    day_given,
    given,
    key_given,
    one_of,
    written_key,
)
from service.pages.request import PageRequest, clock_given

MOST_WRITTEN = 2_000
_MOST_COUNTED = 1_000
_ORDERS = {"newest": "the newest", "oldest": "the oldest"}


def source_list(page: PageRequest, most: int = PER_PAGE) -> dict[str, Any]:
    """A page of the list, the newest first unless the address says otherwise, and the form that filters it."""
    publisher, newest_first = given("publisher") or None, one_of("order", _ORDERS) != "oldest"
    found, last = sources_by_publication(
        page.snapshot, page.clocks, _beginning(page, newest_first), most, newest_first=newest_first, publisher=publisher
    )
    return {
        "sources": found,
        "newest_first": newest_first,
        "is_first": not given("after"),
        "following": None if last is None else written_key(last),
        "bar": _bar(page, publisher),
    }


def _beginning(page: PageRequest, newest_first: bool) -> Published | None:
    """Beyond which place the list begins: where the page before ended, else at the day that is jumped to."""
    key = key_given((0, ""))
    if key is not None:
        return int(key[0]), str(key[1])
    if day_given(page, "day") is None:
        return None
    end = publication(clock_given(given("day")))
    return (end + 1, "") if newest_first else (end - 1, "\U0010ffff")


def _bar(page: PageRequest, publisher: str | None) -> dict[str, Any]:
    """The form; publishers are those of the newest 1,000 sources, counted where there are no more."""
    newest, more = sources_by_publication(page.snapshot, page.clocks, None, _MOST_COUNTED)
    counts = counted(Counter(each["publisher"] for each in newest), {}, publisher)
    choices = counts if more is None else [Choice(each.value, each.words) for each in counts]
    fields = [
        Field("day", "Go to the day", given("day"), hint="a day, as 20 May 2025"),
        Field("publisher", "Publisher", publisher or "", choices),
        Field("order", "First", given("order"), [Choice(name, words) for name, words in _ORDERS.items()]),
    ]
    return bar(page, fields)
