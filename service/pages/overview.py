"""The first page: every matter with its state, what changed lately, what is contested, what is due."""

from typing import Any

from events.facts import KINDS
from projections.fold.answer_types import Finding, State
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.timeline import FactFilter, happenings
from projections.queries.subjects.outlines import Outlines, SubjectFilter
from projections.queries.subjects.states import states
from service.pages.history.lately import lately
from service.pages.lists.matter_list import matter_list
from service.pages.matters import findings_of
from service.pages.request import PageRequest
from service.pages.wording.due_wording import due
from service.pages.wording.fact_wording import claim_in_words, fact_in_words, facts_of_claim
from service.wording.phrases import anchor, finding_name, finding_value

MOST_HAPPENED = 50
_MOST_LISTED = 4


def overview_page(page: PageRequest) -> dict[str, Any]:
    """What the overview shows: a page of the list of matters, and beside the first one what is news of all of them."""
    matters = matter_list(page)
    outlines, wanted = matters["outlines"], matters["wanted"]
    return {
        **matters,
        "rows_drawn": len(matters["shown"]) + (matters["following"] is not None),
        "summary": outlines.counts("status", wanted).most_common(),
        "contested": _contested(page, outlines, _beset(wanted, "disputed")),
        "denied": _denied(page, outlines, _beset(wanted, "denied")),
        "due": due(page),
        "lately": lately(page),
        **_happened(page, is_shown=matters["is_first"] and matters["bar"]["unfiltered"] is None),
    }


def _happened(page: PageRequest, *, is_shown: bool) -> dict[str, Any]:
    """The newest happenings of subjects without ladder: what a general chronology is made of."""
    if not is_shown:
        return {"happened": [], "more_happened": False}
    kinds = {name for name, kind in KINDS.items() if kind.about and not kind.about.ladder and not kind.timeless}
    kinds -= {name for name in kinds if (about := KINDS[name].about) and about.title == "actor"}
    wanted = FactFilter(kinds=kinds, come=True)
    found, more = happenings(page.snapshot, page.clocks, wanted, b"", MOST_HAPPENED, newest_first=True)
    views = page.views(each.fact for each in found if not each.fact.retracted)
    page.know(views)
    return {"happened": [fact_in_words(page, view) for view in views], "more_happened": more is not None}


def _beset(wanted: SubjectFilter, flag: str) -> SubjectFilter:
    return wanted._replace(flags=(*wanted.flags, flag))


def _newest(page: PageRequest, outlines: Outlines, wanted: SubjectFilter) -> list[State]:
    """The states of the few matters that pass with the newest reports."""
    return states(page.snapshot, [each.id for each in outlines.first(wanted, "told", None, _MOST_LISTED)], page.clocks)


def _contested(page: PageRequest, outlines: Outlines, disputed: SubjectFilter) -> dict[str, Any]:
    found = [
        (state, name, finding)
        for state in _newest(page, outlines, disputed)
        for name, finding in findings_of(state).items()
        if finding["rivals"]
    ]
    page.know([], {state["id"] for state, _, _ in found})
    return {
        "count": outlines.total(disputed, "disputed"),
        "shown": [_rivals(page, *each) for each in found[:_MOST_LISTED]],
    }


def _rivals(page: PageRequest, state: State, name: str, finding: Finding) -> dict[str, Any]:
    values = (finding["value"], *(rival["value"] for rival in finding["rivals"]))
    return {
        "about": page.named(state["id"]),
        "href": page.link("subject", name=state["id"], _anchor=anchor(name)),
        "name": finding_name(name, page.named, state["kind"]),
        "values": [finding_value(name, value, page.named) for value in values],
        "verdict": finding.get("verdict"),
    }


def _denied(page: PageRequest, outlines: Outlines, denied: SubjectFilter) -> dict[str, Any]:
    found = _newest(page, outlines, denied)
    listed = [each for state in found for each in state["denied"][: 1 if len(found) > 1 else _MOST_LISTED]]
    names = {name for each in listed for name in facts_of_claim(each)}
    views = page.views(facts_named(page.snapshot, names, page.clocks).values())
    page.know(views)
    shown = {view["id"]: fact_in_words(page, view) for view in views}
    return {
        "count": outlines.total(denied, "denied"),
        "shown": [claim_in_words(each, shown) for each in listed],
    }
