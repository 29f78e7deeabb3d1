"""The first page: every matter with its state, what changed lately, what is contested, what is due."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from events.facts import Fact
from events.subject_kinds import SUBJECT_KINDS
from projections.fold.answer_types import Finding, State
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.timeline import latest
from service.pages.history.lately import lately
from service.pages.matters import every_state, findings_of, is_known, matter
from service.pages.request import PageRequest
from service.pages.wording.due_wording import due
from service.pages.wording.fact_wording import claim_in_words, fact_in_words, facts_of_claim
from service.pages.wording.phrases import anchor, finding_name, finding_value

PER_PAGE = 100
_MOST_HAPPENED = 50
_MOST_LISTED = 12


def overview_page(page: PageRequest, number: int) -> dict[str, Any]:
    """What the overview shows; of many matters those of the page of that number, from 1."""
    found, is_cut = _matters(page)
    page.know([], {name for state in found for name in (state["id"], state["part_of"]) if name})
    matters = _in_order([matter(page, state) for state in found])
    counted = Counter(state["status"]["value"] for state in found if state["status"]["value"])
    last = max(1, -(-len(matters) // PER_PAGE))
    number = min(max(number, 1), last)
    return {
        "groups": _grouped(page, matters[PER_PAGE * (number - 1) : PER_PAGE * number]),
        "count": len(matters),
        "rows_drawn": len(matters) + (last > 1),
        "is_cut": is_cut,
        "number": number,
        "last": last,
        "summary": counted.most_common(),
        "contested": _contested(page, found),
        "denied": _denied(page, found),
        "due": due(page, {each["id"]: each["passed"] for each in matters}),
        "lately": lately(page),
        "happened": _happened(page) if number == 1 else [],
    }


def _matters(page: PageRequest) -> tuple[list[State], bool]:
    """The states of subjects whose status climbs a ladder, and whether there are more than are looked at.

    In the past only those of which something was known are among them.
    """
    found: list[State] = []
    is_cut = False
    for kind in [name for name, kind in SUBJECT_KINDS.items() if kind.ladder]:
        some, more = every_state(page, kind=kind)
        found += [state for state in some if page.is_of_today or is_known(state)]
        is_cut = is_cut or more
    return found, is_cut


def _in_order(matters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By what they are part of, those of no whole last, and of one whole those with the newest status first."""
    newest_first = sorted(matters, key=_recency, reverse=True)
    return sorted(newest_first, key=lambda each: (each["part_of"] is None, each["part_of"] or ""))


def _grouped(page: PageRequest, matters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours of one whole together; it heads their group."""
    return [
        {
            "id": whole,
            "title": page.named(whole) if whole else None,
            "href": page.subject_link(whole) if whole else None,
            "matters": [*inside],
        }
        for whole, inside in groupby(matters, key=lambda each: each["part_of"])
    ]


def _happens(kind: type[Fact]) -> bool:
    return kind.about is not None and not kind.about.ladder and kind.about.title != "actor"


def _happened(page: PageRequest) -> list[dict[str, Any]]:
    """The newest happenings of subjects without ladder: what a general chronology is made of."""
    found = latest(page.snapshot, page.clocks, _happens, _MOST_HAPPENED)
    views = page.views(found)
    page.know(views)
    return [fact_in_words(page, view) for view in views]


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
        "verdict": finding.get("verdict"),
    }


def _denied(page: PageRequest, found: Iterable[State]) -> dict[str, Any]:
    denied = [each for state in found for each in state["denied"]]
    listed = denied[:_MOST_LISTED]
    names = {name for each in listed for name in facts_of_claim(each)}
    views = page.views(facts_named(page.snapshot, names, page.clocks).values())
    page.know(views)
    shown = {view["id"]: fact_in_words(page, view) for view in views}
    return {"count": len(denied), "shown": [claim_in_words(each, shown) for each in listed]}
