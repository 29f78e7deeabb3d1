"""Two readings of the clocks side by side: what differs, and what made the difference."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request

from events.history.fact_as_of import FactAsOf
from projections.clocks import CLOCKS, SIDES
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.diff import CausingEvent, Difference, diff
from service.pages.history.evolution import HIDDEN, change_shown, named_by_findings
from service.pages.request import PageRequest, asked_in_address
from service.pages.wording.causes import cause_in_words
from service.pages.wording.fact_wording import fact_in_words, quotes_in_words
from service.web.access import chronology


class TwoPageRequests(NamedTuple):
    """Two requests of one snapshot, A and B, and whether the address asks for them with prefixes."""

    one: PageRequest
    other: PageRequest
    is_asked: bool

    def query(self) -> str:
        """Both readings as the query of an API address."""
        sides = zip(SIDES, (self.one, self.other), strict=True)
        return urlencode({side + name: text for side, each in sides for name, text in each.kept.items()})


@contextmanager
def two_page_requests() -> Iterator[TwoPageRequests]:
    """The two requests that the address makes; clocks without prefix are those of B."""
    is_asked = any(name.startswith(SIDES) for name in request.args)
    (asked, kept), (other_asked, other_kept) = (asked_in_address(side if is_asked else "") for side in SIDES)
    with chronology().ask_both(asked, other_asked) as (snapshot, one, other):
        yield TwoPageRequests(PageRequest(snapshot, one, kept), PageRequest(snapshot, other, other_kept), is_asked)


def comparison_page(two: TwoPageRequests, subject: str | None) -> dict[str, Any]:
    """What the page of a comparison shows: the differences by subject, each with its causes and their events."""
    page = two.other
    found = diff(page.snapshot, two.one.clocks, page.clocks, [subject] if subject else None) if two.is_asked else []
    found = [each for each in found if each["finding"] not in HIDDEN]
    named = {event["fact"] for each in found for event in each["events"] if "fact" in event}
    facts = facts_named(two.one.snapshot, named, two.one.clocks)
    facts |= facts_named(page.snapshot, named, page.clocks)
    sides = [(each["finding"], each[side]) for each in found for side in ("from", "to")]
    page.know(page.views(facts.values()), named_by_findings(sides) | {each["subject"] for each in found})
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        groups.setdefault(each["subject"], []).append(_difference(page, each, facts))
    return {
        "two": two,
        "groups": [
            {"title": page.named(name), "href": page.subject_link(name), "blocks": _blocks(rows)}
            for name, rows in groups.items()
        ],
        "count": len(found),
        "differs": [name for name in CLOCKS if two.one.kept.get(name) != two.other.kept.get(name)],
    }


def _difference(page: PageRequest, each: Difference, facts: dict[str, FactAsOf]) -> dict[str, Any]:
    """A finding at A and at B, the events that made the difference, and causes without any event."""
    events = [_event(page, event, facts.get(event.get("fact", ""))) for event in each["events"]]
    of_events = {event["cause"] for event in each["events"]}
    alone = [cause_in_words(name) for name in each["causes"] if name not in of_events]
    return {
        **change_shown(page, each["subject"], each["finding"], each["from"], each["to"]),
        "events": events,
        "alone": alone,
    }


def _event(page: PageRequest, event: CausingEvent, fact: FactAsOf | None) -> dict[str, Any]:
    """An event with its fact in words and its own quote; of a repair of a source only its id."""
    shown: dict[str, Any] = {"id": event["id"], "mark": cause_in_words(event["cause"]), "fact": None, "quotes": []}
    if fact is None:
        return shown
    citations = page.marked(fact.history.entries[event["n"]].data.get("citations", ()))
    view = page.views([fact])[0]
    return shown | {"fact": fact_in_words(page, view), "quotes": quotes_in_words(page, citations)[:1]}


def _blocks(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Neighbours that the same events made, together: their cause is said once."""
    causes = groupby(rows, key=lambda row: ([event["id"] for event in row["events"]], row["alone"]))
    return [list(block) for _, block in causes]
