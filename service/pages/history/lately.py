"""What changed lately, as the newest reports had it: each step with what was believed before and after."""

import re
from typing import Any

from events.dates.calendar import instant_text
from events.history.fact_as_of import FactAsOf
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.evolution import EventView, FindingChange, Step
from projections.queries.history.latest_steps import latest_steps
from service.pages.history.evolution import HIDDEN, as_then, change_shown, named_by_findings
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words, quotes_in_words
from service.wording.causes import event_in_words
from service.wording.date_wording import day, in_words

_MOST = 6
_BESIDE = re.compile(r"(?:denied|planned|alleged|possibly)\[.*\]", re.DOTALL)


def lately(page: PageRequest) -> list[dict[str, Any]]:
    """The newest steps of matters that reports up to the clocks made, the newest first."""
    return steps_in_words(page, latest_steps(page.snapshot, as_then(page), _MOST, is_news))


def steps_in_words(page: PageRequest, steps: list[Step]) -> list[dict[str, Any]]:
    """Steps as the overview tells them, each by its chief change."""
    told = [(step, change := _told(step), _event(step, change)) for step in steps]
    facts = facts_named(
        page.snapshot, {event["fact"] for _, _, event in told if event and "fact" in event}, page.clocks
    )
    views = {view["id"]: view for view in page.views(facts.values())}
    sides = [(change["finding"], change[side]) for _, change, _ in told if change for side in ("before", "after")]
    page.know(views.values(), named_by_findings(sides) | {step["subject"] for step in steps})
    shown = {name: fact_in_words(page, view) for name, view in views.items()}
    return [_in_words(page, *each, facts, shown) for each in told]


def is_news(kind: str | None, finding: str) -> bool:
    """Whether a change of a finding is told: not of people, and not of a name."""
    return kind != "actor" and finding not in HIDDEN


def _told(step: Step) -> FindingChange | None:
    """The change by which a step is told: of another value before one of other grounds, and of the status first.

    What is said beside the state comes last. None where the facts of the step are told without changes.
    """

    def rank(change: FindingChange) -> tuple[bool, bool, bool]:
        before, after = change["before"], change["after"]
        same = before is not None and after is not None and before["value"] == after["value"]
        return same, change["finding"] != "status", bool(_BESIDE.fullmatch(change["finding"]))

    return min(step["changes"], key=rank, default=None)


def _event(step: Step, change: FindingChange | None) -> EventView | None:
    """The event that the change rests on, else the first."""
    finding = change and (change["after"] or change["before"])
    because = {name.partition("#")[0] for name in finding["because"]} if finding else set()
    of_facts = [event for event in step["events"] if "fact" in event]
    return next((event for event in of_facts if event["fact"] in because), next(iter(of_facts or step["events"]), None))


def _in_words(
    page: PageRequest,
    step: Step,
    change: FindingChange | None,
    event: EventView | None,
    facts: dict[str, FactAsOf],
    shown: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    """A step as the overview tells it; its `change` is None where the fact itself tells it better."""
    fact = event.get("fact", "") if event else ""
    report = _report(page, step, facts[fact]) if fact in facts else None
    told = change and change_shown(page, step["subject"], change["finding"], change["before"], change["after"])
    is_status = bool(change and change["finding"] == "status")
    is_change = is_status or bool(change and change["before"] and not _BESIDE.fullmatch(change["finding"]))
    return {
        "about": page.named(step["subject"]),
        "about_href": page.subject_link(step["subject"]),
        "mark": event_in_words(event),
        "when": in_words(report["published"]) if report and report["published"] else day(step.get("reported_until")),
        "report": report,
        "fact": shown.get(fact),
        "is_status": is_status and bool(told and not told["same"]),
        "change": told if is_change or fact not in shown else None,
        "more": max(0, len(step["changes"]) - 1),
    }


def _report(page: PageRequest, step: Step, fact: FactAsOf) -> dict[str, Any] | None:
    """The report of the fact that was published at the moment of the step."""
    moment = step.get("reported_until")
    cited = next((each for each in fact.cited if instant_text(each.published_by - 1) == moment), None)
    return quotes_in_words(page, page.marked([cited.citation]))[0] if cited else None
