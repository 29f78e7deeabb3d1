"""Two readings of the clocks side by side: what differs, and what made the difference."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request

from events.history.fact_as_of import FactAsOf
from projections.clocks import CLOCKS, SIDES
from projections.queries.evidence.facts import fact_view
from projections.queries.evidence.facts_as_of import standings_named
from projections.queries.history.answer_types import CausingEvent, Difference
from projections.queries.history.diff import diff
from service.pages.history.evolution import BY_CAUSE, HIDDEN, change_shown, named_by_findings
from service.pages.request import Reading, asked_in_address
from service.pages.wording.fact_views import quoted, told, viewed
from service.web.access import chronology


class Two(NamedTuple):
    """Two readings of one snapshot: A, B, and the parameters by which the address gives them."""

    one: Reading
    other: Reading
    is_asked: bool

    def query(self) -> str:
        """Both readings as the query of an API address."""
        sides = zip(SIDES, (self.one, self.other), strict=True)
        return urlencode({side + name: text for side, each in sides for name, text in each.kept.items()})


@contextmanager
def two_readings() -> Iterator[Two]:
    """The two readings that the address asks for; clocks without prefix are those of B.

    Raises:
        ChronologyError: a clock of one of them cannot be read.
    """
    is_asked = any(name.startswith(SIDES) for name in request.args)
    (asked, kept), (other_asked, other_kept) = (asked_in_address(side if is_asked else "") for side in SIDES)
    with chronology().ask_both(asked, other_asked) as (snapshot, one, other):
        yield Two(Reading(snapshot, one, kept), Reading(snapshot, other, other_kept), is_asked)


def compare(two: Two, subject: str | None) -> dict[str, Any]:
    """What the page of a comparison shows: the differences by subject, each with its causes and their events."""
    reading = two.other
    found = (
        diff(reading.snapshot, two.one.clocks, reading.clocks, [subject] if subject else None) if two.is_asked else []
    )
    found = [each for each in found if each["finding"] not in HIDDEN]
    named = {event["fact"] for each in found for event in each["events"] if "fact" in event}
    standings = standings_named(two.one.snapshot, named, two.one.clocks)
    standings |= standings_named(reading.snapshot, named, reading.clocks)
    sides = [(each["finding"], each[side]) for each in found for side in ("from", "to")]
    reading.know(viewed(standings.values()), named_by_findings(sides) | {each["subject"] for each in found})
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        groups.setdefault(each["subject"], []).append(_difference(reading, each, standings))
    return {
        "two": two,
        "groups": [
            {"title": reading.named(name), "href": reading.subject_link(name), "blocks": _blocks(rows)}
            for name, rows in groups.items()
        ],
        "count": len(found),
        "differs": [name for name in CLOCKS if two.one.kept.get(name) != two.other.kept.get(name)],
    }


def _difference(reading: Reading, each: Difference, standings: dict[str, FactAsOf]) -> dict[str, Any]:
    """A finding at A and at B, the events that made the difference, and causes without any event."""
    events = [_event(reading, event, standings.get(event.get("fact", ""))) for event in each["events"]]
    alone = [cause(name) for name in each["causes"] if name not in {event["cause"] for event in each["events"]}]
    return {**change_shown(reading, each["finding"], each["from"], each["to"]), "events": events, "alone": alone}


def _event(reading: Reading, event: CausingEvent, standing: FactAsOf | None) -> dict[str, Any]:
    """An event with its fact as told and its own words; of a repair of a source only its id."""
    shown: dict[str, Any] = {"id": event["id"], "mark": cause(event["cause"]), "fact": None, "quotes": []}
    if standing is None:
        return shown
    citations = standing.history.entries[event["n"]].data.get("citations", ())
    reading.know_sources(citation["source"] for citation in citations)
    return shown | {"fact": told(reading, fact_view(standing)), "quotes": quoted(reading, citations)[:1]}


def _blocks(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Neighbours that the same events made, together: their cause is said once."""
    return [list(block) for _, block in groupby(rows, key=_causes)]


def _causes(row: dict[str, Any]) -> tuple[Any, ...]:
    return ([event["id"] for event in row["events"]], row["alone"])


def cause(name: str) -> tuple[str, str]:
    """A cause's mark and its words: `correction:source` is "correction by the source"."""
    if name in BY_CAUSE:
        return BY_CAUSE[name]
    sort, _, kind = name.partition(":")
    said = "by the source" if kind == "source" else f"({kind.replace('_', ' ')})" if kind else ""
    return "c-corr", f"{sort.replace('_', ' ')} {said}".strip()
