"""The first page: every matter with its state, what changed lately, what is contested, what is past its date."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from events.dates.bounds import clock_bound
from events.dates.calendar import instant_text
from projections.clocks import Clocks
from projections.fold.answer_types import Finding, State
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.timeline import newest
from projections.queries.subjects.states import states
from service.pages.matters import every_state, findings_of, matter
from service.pages.request import PageRequest
from service.pages.wording.causes import EVENTS, NEW_FACT
from service.pages.wording.fact_wording import fact_in_words
from service.pages.wording.phrases import anchor, finding_name, finding_value
from service.pages.wording.status_ladders import may_pass, passed_by
from service.web.access import chronology

_LATELY = 6
_MOST_LISTED = 12


def overview_page(page: PageRequest) -> dict[str, Any]:
    """What the overview shows."""
    found = [state for state in every_state(page) if state["kind"] != "actor"]
    page.know([], {name for state in found for name in (state["id"], state["part_of"]) if name})
    matters = [matter(page, state) for state in found]
    counted = Counter(state["status"]["value"] for state in found if state["status"]["value"])
    return {
        "groups": _grouped(page, matters),
        "summary": counted.most_common(),
        "contested": _contested(page, found),
        "denied": _denied(page, found),
        "past": _past(page, found),
        "lately": _lately(page),
    }


def _grouped(page: PageRequest, matters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The matters by what they are part of, those with the newest status first; wholes head their group."""
    inside: dict[str | None, list[dict[str, Any]]] = {}
    wholes = {each["part_of"] for each in matters if each["part_of"]}
    for each in matters:
        if each["part_of"] or each["id"] not in wholes:
            inside.setdefault(each["part_of"], []).append(each)
    ordered = sorted(inside, key=lambda whole: (whole is None, whole or ""))
    return [
        {
            "id": whole,
            "title": page.named(whole) if whole else None,
            "href": page.subject_link(whole) if whole else None,
            "matters": sorted(inside[whole], key=_recency, reverse=True),
        }
        for whole in ordered
    ]


def _recency(each: dict[str, Any]) -> str:
    digits = str(each["since"] or "").strip("[{")
    return digits.rpartition("..")[2] if digits.startswith("..") else digits


def _contested(page: PageRequest, found: Iterable[State]) -> dict[str, Any]:
    contested = [
        (state, name, finding) for state in found for name, finding in findings_of(state).items() if finding["rivals"]
    ]
    return {"count": len(contested), "shown": [_rivals(page, *each) for each in contested[:_MOST_LISTED]]}


def _rivals(page: PageRequest, state: State, name: str, finding: Finding) -> dict[str, Any]:
    values = (finding["value"], *(rival["value"] for rival in finding["rivals"]))
    return {
        "about": page.named(state["id"]),
        "href": page.link("subject", name=state["id"], _anchor=anchor(name)),
        "name": finding_name(name, page.named, state["kind"]),
        "values": [finding_value(name, value, page.named) for value in values],
    }


def _denied(page: PageRequest, found: Iterable[State]) -> dict[str, Any]:
    names = [each["fact"] for state in found for each in state["denied"]]
    views = page.views(facts_named(page.snapshot, names[:_MOST_LISTED], page.clocks).values())
    page.know(views)
    return {"count": len(names), "shown": [fact_in_words(page, view) for view in views]}


def _past(page: PageRequest, found: list[State]) -> list[dict[str, Any]]:
    """Matters whose date went by: by the first clock, or by now where none was asked and the answer is not pinned."""
    clocks = page.clocks
    if clocks.at is None and clocks.asked.position is None:
        asked = replace(clocks.asked, at="now").at_instant(chronology().now())
        now = Clocks(asked, clock_bound(str(asked.at), "UTC"), clocks.reported, clocks.position)
        found = states(page.snapshot, [state["id"] for state in found if may_pass(state)], now)
    return [matter(page, state) for state in found if passed_by(state)]


def _lately(page: PageRequest) -> list[dict[str, Any]]:
    found = newest(page.snapshot, page.clocks, _LATELY)
    views = page.views(fact for _, fact in found)
    page.know(views)
    return [
        {
            "mark": EVENTS.get(entry.name, NEW_FACT),
            "recorded_on": instant_text(entry.recorded),
            **fact_in_words(page, view),
        }
        for (entry, _), view in zip(found, views, strict=True)
    ]
