"""News as reports had them: what changed lately, before and after, and the replay of that day by day."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from events.dates.calendar import DAY, instant_text, instant_written
from events.errors import NotFound
from events.history.fact_as_of import FactAsOf
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.evolution import EventView, FindingChange, Step, understanding
from projections.queries.history.latest_steps import latest_steps
from projections.queries.history.moments_of_change import day_of
from service.pages.history.evolution import HIDDEN, as_then, change_shown, named_by_findings
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import facts_in_words, quotes_in_words
from service.wording.causes import event_in_words
from service.wording.date_wording import day, in_words
from service.wording.phrases import anchor, plain

_MOST = 6
MOST_STEPS = 100
"""Of the replay; of a day its first few are told."""
_MOST_TOLD = 3
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
    sides = [(change["finding"], change[side]) for _, change, _ in told if change for side in ("before", "after")]
    shown = facts_in_words(page, facts.values(), named_by_findings(sides) | {step["subject"] for step in steps})
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


def story(page: PageRequest, subject: str | None) -> dict[str, Any]:
    """The days on which reports changed anything, earliest first: of one matter, or the newest of all."""
    steps = [step for step in _steps(page, subject) if step.get("reported_until") not in (None, "..")]
    told = zip(steps, steps_in_words(page, steps), strict=True)
    by_day = groupby(told, key=lambda each: _day(page, each[0]))
    return {"steps": [_of_day(day, [*each]) for day, each in by_day], "is_cut": len(steps) >= MOST_STEPS}


def _steps(page: PageRequest, subject: str | None) -> list[Step]:
    if subject is None:
        return latest_steps(page.snapshot, as_then(page), MOST_STEPS, is_news)[::-1]
    try:
        steps = understanding(page.snapshot, subject, as_then(page), "reported")
    except NotFound:
        return []
    seen = ({**step, "changes": [each for each in step["changes"] if each["finding"] not in HIDDEN]} for step in steps)
    return [step for step in seen if step["changes"]]  # type: ignore[misc]


def _day(page: PageRequest, step: Step) -> str:
    """The day of the step in the zone asked for: the reported clock that shows it."""
    moment = day_of(instant_written(str(step["reported_until"])), page.clocks.asked.zone)
    return instant_text(moment * DAY).partition("T")[0]


def _of_day(day: str, steps: list[tuple[Step, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "until": day,
        "when": in_words(day),
        "told": [_caption(each) for _, each in steps[:_MOST_TOLD]],
        "more": max(0, len(steps) - _MOST_TOLD),
        "findings": [anchor(change["finding"]) for step, _ in steps for change in step["changes"]],
        "matters": sorted({step["subject"] for step, _ in steps}),
    }


def _caption(each: dict[str, Any]) -> dict[str, Any]:
    """A step in words: about what, before and after, in whose words."""
    report, change = each["report"], each["change"]
    words = plain(each["fact"]["said"]) if each["fact"] else each["mark"][1]
    return {
        "about": each["about"],
        "cause": each["mark"][1],
        "fact": words,
        "name": change["name"] if change else None,
        "before": _values(change["before"]) if change else None,
        "after": _values(change["after"]) if change else None,
        "publisher": report["publisher"] if report else None,
        "words": report["exact"] if report else None,
        "is_digest": bool(report and report["is_digest"]),
        "language": report["language"] if report else None,
    }


def _values(side: dict[str, Any] | None) -> str:
    values: Iterable[Any] = side["values"] if side else ()
    return " or ".join(map(plain, values)) or "nothing known"
