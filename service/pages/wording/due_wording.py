"""What was promised, in words: coming, due, overdue, lapsed, expired, unanswered."""

from collections.abc import Mapping
from typing import Any

from events.dates.calendar import DAY, instant_written
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.subjects.agenda import Listed, Promise, agenda
from projections.queries.subjects.states import states
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words
from service.pages.wording.status_ladders import Passed, passed_by

MOST = 3
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


def due(page: PageRequest) -> dict[str, Any] | None:
    """The agenda at the clocks, the first few of each list in words; None without a day."""
    if page.clocks.at is None:
        return None
    found = agenda(page.snapshot, page.clocks)
    lists = {name: found[name][:MOST] for name in _LISTS}
    listed = [each for promises in lists.values() for each in promises]
    views = page.views(facts_named(page.snapshot, {each["fact"] for each in listed}, page.clocks).values())
    subjects = sorted({each["subject"] for each in listed})
    page.know(views, subjects)
    passed = {state["id"]: passed_by(state) for state in states(page.snapshot, subjects, page.clocks)}
    shown = {view["id"]: fact_in_words(page, view) for view in views}
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
