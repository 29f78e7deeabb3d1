"""Two readings of the clocks side by side: what differs, and what made the difference."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request

from events.dates.bounds import UNBOUNDED
from events.dates.calendar import instant_text
from events.history.fact_as_of import FactAsOf
from projections.clocks import CLOCKS, SIDES
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.diff import CausingEvent, Difference, diff
from projections.queries.history.timeline import known_facts
from projections.queries.subjects.values import labels, named_subjects
from service.pages.history.differences import MOST_FINDINGS, MOST_MATTERS, sorted_out
from service.pages.history.evolution import HIDDEN, change_shown, named_by_findings
from service.pages.request import PageRequest, asked_in_address, later_at
from service.pages.wording.fact_wording import fact_in_words, quotes_in_words
from service.web.access import chronology
from service.web.addresses.permalinks import NO_LIMIT
from service.wording.causes import LEGEND, cause_in_words
from service.wording.clock_wording import reading_in_words
from service.wording.date_wording import day

_FIRST = "SELECT min(recorded) FROM {entries}"
_MOST_HEARD = 100
_MOST_OFFERED = 200


class TwoPageRequests(NamedTuple):
    """Two requests of one snapshot, A and B, and whether the address asks for them with prefixes."""

    one: PageRequest
    other: PageRequest
    is_asked: bool

    def permalink(self) -> str:
        """The address that always shows this comparison."""
        fixed: dict[str, Any] = {}
        for side, each in zip(SIDES, (self.one, self.other), strict=True):
            at = each.clocks.asked.at or NO_LIMIT
            fixed |= {f"{side}at": at, f"{side}position": each.clocks.position, f"{side}recorded_until": None}
        return self.other.here(**(fixed if self.is_asked else {}))

    def query(self) -> str:
        """Both readings as the query of an API address."""
        sides = zip(SIDES, (self.one, self.other), strict=True)
        asked = [(side + name, text) for side, each in sides for name, text in {**each.kept, "at": each.at}.items()]
        return urlencode([(name, text) for name, text in asked if text])


@contextmanager
def two_page_requests() -> Iterator[TwoPageRequests]:
    """The two requests that the address makes; clocks without prefix are those of B."""
    is_asked = any(name.startswith(SIDES) for name in request.args)
    (asked, kept), (other_asked, other_kept) = (asked_in_address(side if is_asked else "") for side in SIDES)
    if not ({"at", "position"} & {*kept, *other_kept}):
        at = later_at(asked, other_asked)
        asked, other_asked = replace(asked, at=at), replace(other_asked, at=at)
    with chronology().ask_both(asked, other_asked) as (snapshot, one, other):
        first = PageRequest(snapshot, one, kept, asked.at)
        yield TwoPageRequests(first, PageRequest(snapshot, other, other_kept, other_asked.at), is_asked)


def comparison_page(two: TwoPageRequests, subject: str | None, *, is_whole: bool = False) -> dict[str, Any]:
    """What the page of a comparison shows: the differences by subject, each with its causes and their events.

    Of very many it shows the first, unless it is to be whole.
    """
    page = two.other
    found = diff(page.snapshot, two.one.clocks, page.clocks, [subject] if subject else None) if two.is_asked else []
    found = [each for each in found if each["finding"] not in HIDDEN]
    named = {event["fact"] for each in found for event in each["events"] if "fact" in event}
    facts = facts_named(two.one.snapshot, named, two.one.clocks)
    facts |= facts_named(page.snapshot, named, page.clocks)
    sides = [(each["finding"], each[side]) for each in found for side in ("from", "to")]
    page.know(page.views(facts.values()), named_by_findings(sides) | {each["subject"] for each in found})
    by_subject = {name: list(each) for name, each in groupby(found, key=itemgetter("subject"))}
    sorts = sorted_out(two.one, page, by_subject)
    icons = {cause_in_words(name)[0] for each in found for name in each["causes"]}
    most = None if subject or is_whole else MOST_FINDINGS
    return {
        "two": two,
        "sorts": [
            {
                **sort,
                "groups": [
                    {
                        "title": page.named(name),
                        "href": page.subject_link(name),
                        "alone": page.here(subject=name),
                        "count": len(by_subject[name]),
                        "blocks": _blocks(
                            [_difference(page, each, facts) for each in _chief_first(by_subject[name])[:most]]
                        ),
                    }
                    for name in sort["names"][: None if is_whole else MOST_MATTERS]
                ],
            }
            for sort in sorts
        ],
        "between": _between(two),
        "replay": _replay(two),
        "accounts": _accounts(two),
        "causes": [each for each in LEGEND if each[0] in icons],
        "finer": any(set(each.kept) - {"reported_until"} for each in two[:2]),
        "count": len(found),
        "unknown": None if found or not two.is_asked else _unknown(two),
        "silent": [page.named(str(each.clocks.asked.reading)) for each in two[:2] if _is_silent(each)],
        "actors": _actors(page),
        "differs": [name for name in CLOCKS if two.one.kept.get(name) != two.other.kept.get(name)],
    }


def _unknown(two: TwoPageRequests) -> str | None:
    """Why nothing is known at either side, if so."""
    sides = (two.one, two.other)
    if any(known_facts(each.snapshot, each.clocks, 1) for each in sides):
        return None
    first = two.one.snapshot.probe(_FIRST, None)[0][0]
    if first is not None and any(each.clocks.position == 0 for each in sides):
        return f"At neither was anything known: this desk recorded its first entry on {day(instant_text(first))}."
    return "At neither was anything known."


def _actors(page: PageRequest) -> list[str]:
    """Names of actors, to choose whose account is compared."""
    names = next(named_subjects(page.snapshot, page.clocks.position, "actor"), [])[:_MOST_OFFERED]
    return sorted(each.title for each in labels(page.snapshot, names, page.clocks).values())


def _is_silent(page: PageRequest) -> bool:
    """Whether an account is asked for of one for whom nobody has said anything by then."""
    voices = page.clocks.voices
    return voices is not None and not any(
        view["attributed_to"] == voice
        for voice in voices.at(page.clocks.reported, page.clocks.position)
        for view in page_of_facts(page.snapshot, page.clocks, {"actor": voice}, UNBOUNDED, 0, _MOST_HEARD)[0]
    )


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


def _chief_first(found: list[Difference]) -> list[Difference]:
    """The difference of the status first, else as they come: by the first a matter is told."""
    return sorted(found, key=lambda each: each["finding"] != "status")


def _accounts(two: TwoPageRequests) -> list[str] | None:
    """Whose accounts are compared; None where both are the same."""
    readings = [each.clocks.asked.reading for each in two[:2]]
    return [two.other.named(each) if each else "everybody" for each in readings] if len({*readings}) > 1 else None


def _between(two: TwoPageRequests) -> tuple[str, str] | None:
    """The two readings in words, where one clock alone tells them apart or the same pair stands on several."""
    pairs = [(two.one.kept.get(name), two.other.kept.get(name)) for name in ("reported_until", "at", "recorded_until")]
    differing = {(one, other) for one, other in pairs if one != other}
    if two.one.kept.get("reading") != two.other.kept.get("reading") or len(differing) > 1:
        return None
    if differing:
        one, other = differing.pop()
        return reading_in_words(one) if one else "today", reading_in_words(other) if other else "today"
    positions = two.one.clocks.position, two.other.clocks.position
    return None if positions[0] == positions[1] else (f"entry {positions[0]:,}", f"entry {positions[1]:,}")


def _replay(two: TwoPageRequests) -> str | None:
    """Where the news between the two days of reports is replayed, if that is what tells the readings apart."""
    since, until = (each.kept.get("reported_until") for each in two[:2])
    if since is None or since == until or two.one.kept.get("reading") != two.other.kept.get("reading"):
        return None
    subject = request.args.get("subject")
    there = two.one.subject_link(subject) if subject else two.one.link("overview")
    return f"{there}#replay" + (f"-to-{until}" if until else "")


def _blocks(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Neighbours that the same events made, together: their cause is said once."""
    causes = groupby(rows, key=lambda row: ([event["id"] for event in row["events"]], row["alone"]))
    return [list(block) for _, block in causes]
