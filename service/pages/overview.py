"""The first page: every matter with its state, what changed lately, what is contested, what is due."""

from collections.abc import Mapping
from typing import Any

from events.dates.calendar import DAY, instant_written
from events.facts import KINDS
from projections.fold.answer_types import Finding, State
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.timeline import FactFilter, happenings
from projections.queries.subjects.agenda import Listed, Promise, agenda
from projections.queries.subjects.findings_by_name import findings_of
from projections.queries.subjects.outlines import Outlines, SubjectFilter
from projections.queries.subjects.states import states
from service.pages.history.news import lately
from service.pages.lists.matter_list import matter_list
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import claim_in_words, facts_in_words, facts_of_claim
from service.pages.wording.status_ladders import Passed, passed_by
from service.wording.phrases import anchor, finding_name, finding_value

MOST_HAPPENED = 50
_MOST_LISTED = 4
MOST_PROMISED = 3
_LISTS: dict[Listed, tuple[str, str, str]] = {
    "due": ("Due now", "is due", "are due"),
    "coming": ("Coming", "is to come", "are to come"),
    "overdue": ("Overdue", "is overdue", "are overdue"),
    "lapsed": ("Lapsed", "has lapsed", "have lapsed"),
    "expired": ("Expired", "has expired", "have expired"),
    "unanswered": ("Without an answer", "awaits an answer", "await an answer"),
}
"""The lists as they are shown: their heading, and what one of it does, or several do."""

_SILENCE = {"overdue": "no report says that it was done", "unanswered": "no report tells of an answer"}


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
        "due": _due(page),
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
    shown = facts_in_words(page, (each.fact for each in found if not each.fact.retracted))
    return {"happened": [*shown.values()], "more_happened": more is not None}


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
    shown = facts_in_words(page, facts_named(page.snapshot, names, page.clocks).values())
    return {
        "count": outlines.total(denied, "denied"),
        "shown": [claim_in_words(each, shown) for each in listed],
    }


def _due(page: PageRequest) -> dict[str, Any] | None:
    """The agenda at the clocks, the first few of each list in words; None without a day."""
    if page.clocks.at is None:
        return None
    found = agenda(page.snapshot, page.clocks)
    lists = {name: found[name][:MOST_PROMISED] for name in _LISTS}
    listed = [each for promises in lists.values() for each in promises]
    facts = facts_named(page.snapshot, {each["fact"] for each in listed}, page.clocks)
    subjects = sorted({each["subject"] for each in listed})
    shown = facts_in_words(page, facts.values(), subjects)
    passed = {state["id"]: passed_by(state) for state in states(page.snapshot, subjects, page.clocks)}
    counted = [(name, len(found[name])) for name in _LISTS if found[name]]
    return {
        "lists": [
            {
                "name": _LISTS[name][0],
                "count": count,
                "more": count - len(lists[name]),
                "items": [_item(page, name, each, shown[each["fact"]], passed) for each in lists[name]],
            }
            for name, count in counted
        ],
        "counts": [f"{count:,} {_LISTS[name][1 if count == 1 else 2]}" for name, count in counted],
    }


def _item(
    page: PageRequest, name: Listed, promise: Promise, fact: dict[str, Any], passed: Mapping[str, Passed | None]
) -> dict[str, Any]:
    ended = passed.get(promise["subject"]) if fact["modality"] != "planned" else None
    return {
        "about": page.named(promise["subject"]),
        "href": page.subject_link(promise["subject"]),
        "passed": ended,
        "fact": fact,
        "silence": _SILENCE.get(name),
        "days": _days(name, promise, page.clocks.at or 0),
    }


def _days(name: Listed, promise: Promise, at: int) -> str | None:
    """How far away it is: "in 3 days" where it comes, "3 days left" where it is due."""
    edge = {"coming": promise["from"], "due": promise["until"]}.get(name)
    if edge is None:
        return None
    away = instant_written(edge) - at  # from the end of the day asked for, or from now
    days = away // DAY + 1 if name == "coming" else -(-away // DAY)
    said = "1 day" if days == 1 else f"{days:,} days"
    return f"in {said}" if name == "coming" else f"{said} left"
