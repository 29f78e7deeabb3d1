"""How the understanding of a subject evolved, step by step, and what an event or a cause is called."""

from collections.abc import Iterable
from typing import Any

from events.errors import NotFound
from projections.fold.answer_types import Finding
from projections.queries.history.answer_types import EventView, Step
from projections.queries.history.evolution import understanding
from projections.read_models.ledger import named_in
from service.pages.overview import CAUSES, NEW_FACT
from service.pages.request import Reading
from service.pages.wording.dates import day, in_words
from service.pages.wording.phrases import finding_field, finding_name, finding_value, kind_in_words

HIDDEN = ("title", "part_of", "aliases")
BY_CAUSE = {
    "new_fact": NEW_FACT,
    "late_report": ("c-late", "late report"),
    "time_passed": ("c-time", "time passed"),
    "corroboration": ("c-corro", "corroboration"),
    "dispute": ("c-disp", "dispute"),
    "retraction": ("c-retr", "retraction"),
    "reinstatement": ("c-rein", "reinstatement"),
}


def evolution(reading: Reading, subject: str, by: str) -> list[dict[str, Any]]:
    """The steps of the subject's understanding along the clock `by`, earliest first."""
    try:
        steps = understanding(reading.snapshot, subject, reading.clocks, by)
    except NotFound:
        return []
    reading.know([], named_by_findings(_sides(steps)))
    shown = [_step(reading, step) for step in steps]
    return [step for step in shown if step["changes"]]


def _sides(steps: Iterable[Step]) -> Iterable[tuple[str, Finding | None]]:
    for step in steps:
        for change in step["changes"]:
            yield change["finding"], change["before"]
            yield change["finding"], change["after"]


def named_by_findings(sides: Iterable[tuple[str, Finding | None]]) -> set[str]:
    """The subjects that findings' values name."""
    named: set[str] = set()
    for name, finding in sides:
        if finding is not None:
            values = (finding["value"], *(rival["value"] for rival in finding["rivals"]))
            named |= {each for value in values for each in named_in({finding_field(name): value})}
    return named


def _step(reading: Reading, step: Step) -> dict[str, Any]:
    event = next((each for each in step["events"] if "fact" in each), step["events"][0] if step["events"] else None)
    return {
        "mark": cause_of_event(event),
        "when": _moment(step),
        "more": max(0, len(step["events"]) - 1),
        "href": reading.link("fact", name=event["fact"]) if event and "fact" in event else None,
        "source_href": reading.link("source", name=event["source"]) if event and "source" in event else None,
        "changes": [
            change_shown(reading, each["finding"], each["before"], each["after"])
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


def cause_of_event(event: EventView | None) -> tuple[str, str]:
    """An event's mark and its name: "correction by the source", "retraction by this desk"."""
    if event is not None and event["event"] in CAUSES:
        mark, words = CAUSES[event["event"]]
        by_us = event["kind"] is not None
        return mark, f"{words} by {'this desk' if by_us else 'the source'}" if mark in ("c-corr", "c-retr") else words
    if event is None or "fact" in event:
        return NEW_FACT
    return "c-corr", kind_in_words(event["event"])


def change_shown(reading: Reading, name: str, before: Finding | None, after: Finding | None) -> dict[str, Any]:
    """A finding before and after; where the value is the same, what it rests on is not."""
    return {
        "name": finding_name(name, reading.named),
        "before": side(reading, name, before),
        "after": side(reading, name, after),
        "same": before is not None and after is not None and before["value"] == after["value"],
    }


def side(reading: Reading, name: str, finding: Finding | None) -> dict[str, Any] | None:
    """A finding as a page prints it; None where nothing is known."""
    if finding is None:
        return None
    values = [finding["value"], *(rival["value"] for rival in finding["rivals"])]
    return {
        "values": [finding_value(name, value, reading.named) for value in values],
        "since": in_words(finding["since"]) if finding["since"] else None,
        "facts": len(finding["because"]),
    }
