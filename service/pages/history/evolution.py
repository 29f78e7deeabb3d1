"""How the understanding of a subject evolved, step by step."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from events.errors import NotFound
from projections.clocks import Clocks
from projections.fold.answer_types import Finding
from projections.queries.history.evolution import Step, understanding
from projections.read_models.citation_warnings import IN_WORDS
from service.pages.request import PageRequest
from service.pages.wording.status_ladders import status_when
from service.wording.causes import event_in_words
from service.wording.date_wording import day, since_in_words
from service.wording.phrases import finding_name, finding_value, named_by_finding

HIDDEN = ("title", "part_of", "aliases")


def evolution(page: PageRequest, subject: str, by: str) -> list[dict[str, Any]]:
    """The steps of the subject's understanding along the clock `by`, earliest first."""
    try:
        steps = understanding(page.snapshot, subject, as_then(page), by)
    except NotFound:
        return []
    changes = [change for step in steps for change in step["changes"]]
    sides = [(change["finding"], change[side]) for change in changes for side in ("before", "after")]
    page.know([], named_by_findings(sides))
    shown = [_step(page, step) for step in steps]
    return [step for step in shown if step["changes"]]


def as_then(page: PageRequest) -> Clocks:
    """The clocks of steps: what time alone has done by now was no part of what a report said on its day."""
    return replace(page.clocks, at=None) if page.at == "now" else page.clocks


def named_by_findings(sides: Iterable[tuple[str, Finding | None]]) -> set[str]:
    """The subjects that findings' values name."""
    named: set[str] = set()
    for name, finding in sides:
        if finding is not None:
            values = (finding["value"], *(rival["value"] for rival in finding["rivals"]))
            named |= {each for value in values for each in named_by_finding(name, value)}
    return named


def _step(page: PageRequest, step: Step) -> dict[str, Any]:
    event = next((each for each in step["events"] if "fact" in each), step["events"][0] if step["events"] else None)
    return {
        "mark": event_in_words(event),
        "when": _moment(step),
        "more": max(0, len(step["events"]) - 1),
        "href": page.link("fact", name=event["fact"]) if event and "fact" in event else None,
        "source_href": page.link("source", name=event["source"]) if event and "source" in event else None,
        "changes": [
            change_shown(page, step["subject"], each["finding"], each["before"], each["after"])
            for each in step["changes"]
            if each["finding"] not in HIDDEN
        ],
    }


def _moment(step: Step) -> str:
    """When the step was taken: the day recorded or reported; without a source nothing was reported."""
    if "reported_until" not in step:
        return day(step["recorded"])
    reported = step["reported_until"]
    return "at first" if reported is None else "at an open time" if reported == ".." else day(reported)


def change_shown(
    page: PageRequest, subject: str, name: str, before: Finding | None, after: Finding | None
) -> dict[str, Any]:
    """A finding before and after; where the value is the same, what it rests on is not."""
    return {
        "name": finding_name(name, page.named, page.label(subject).kind),
        "before": _side(page, subject, name, before),
        "after": _side(page, subject, name, after),
        "same": before is not None and after is not None and before["value"] == after["value"],
    }


def _since(page: PageRequest, subject: str, name: str, finding: Finding) -> str | None:
    if name == "status":
        return status_when(finding["value"], finding["since"], page.label(subject).kind)
    return since_in_words(finding["since"]) if finding["since"] else None


def _side(page: PageRequest, subject: str, name: str, finding: Finding | None) -> dict[str, Any] | None:
    """A finding as a page prints it; None where nothing is known."""
    if finding is None:
        return None
    values = [finding["value"], *(rival["value"] for rival in finding["rivals"])]
    return {
        "values": [finding_value(name, value, page.named) for value in values],
        "since": _since(page, subject, name, finding),
        "facts": len(finding["because"]),
        "reports": finding.get("reports"),
        "marks": sorted({IN_WORDS[mark["mark"]] for mark in finding.get("marks", ())}),
    }
