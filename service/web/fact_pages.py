"""Lists of facts: what is asked for, and the page as JSON."""

from dataclasses import dataclass
from typing import Any, TypedDict

from events.dates.bounds import Bounds, bounds_of, clock_bound
from events.errors import Invalid
from projections.clocks import Asked, AskedClocks, Clocks, asked_in
from projections.queries.evidence.fact_views import FactView
from projections.queries.evidence.facts import page_of_facts
from projections.store.snapshots import Snapshot
from service.web.cursors import cursor_after, resumed

FILTERS = ("subject", "kind", "source", "actor", "q")


class FactPage(TypedDict):
    """A page of the facts that are visible at the clocks asked."""

    facts: list[FactView]
    next: str | None
    asked: AskedClocks


@dataclass(frozen=True, slots=True)
class FactsAsked:
    """The question for a page of facts.

    Attributes:
        asked: the clocks.
        filters: what the facts must be like.
        span: the dates between which they occurred, as given.
        within: the same as bounds.
        after: the position behind which to begin.
        limit: how many at the most.
    """

    asked: Asked
    filters: dict[str, str | None]
    span: dict[str, str | None]
    within: Bounds
    after: int
    limit: int


def facts_asked(query: dict[str, Any]) -> FactsAsked:
    """The question that parameters ask.

    Raises:
        Invalid: a date cannot be read, or the cursor belongs elsewhere.
    """
    filters = {name: query.get(name) for name in FILTERS}
    span = {"from": query.get("since"), "to": query.get("until")}
    asked, after = resumed(query.get("cursor"), asked_in(query), filters | span, 0)
    within = Bounds(_day(span, "from", asked, first=True), _day(span, "to", asked, first=False))
    return FactsAsked(asked, filters, span, within, after, query["limit"])


def facts_page(snapshot: Snapshot, wanted: FactsAsked, clocks: Clocks) -> FactPage:
    """The page as it is answered."""
    facts, last = page_of_facts(snapshot, clocks, wanted.filters, wanted.within, wanted.after, wanted.limit)
    following = None if last is None else cursor_after(clocks, last, wanted.filters | wanted.span)
    return {"facts": facts, "next": following, "asked": clocks.repeated()}


def _day(span: dict[str, str | None], name: str, asked: Asked, *, first: bool) -> int | None:
    """The bound of `from` (inclusive: its first moment) or `to` (exclusive: behind its last)."""
    text = span[name]
    if not text:
        return None
    try:
        bound = clock_bound(text, asked.zone)
        return _start(text, asked.zone, bound) if first else bound
    except ValueError as error:
        raise Invalid.at(f"/{name}", str(error)) from None


def _start(text: str, zone: str, bound: int) -> int:
    if "T" in text.upper():
        return bound - 1
    lo = bounds_of(text, zone).lo
    assert lo is not None
    return lo
