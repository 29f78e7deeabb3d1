"""The replay of the news: day by day what was reported, with its words, before and after, and the rows that change."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from events.dates.calendar import DAY, instant_text, instant_written
from events.errors import NotFound
from projections.queries.history.evolution import Step, understanding
from projections.queries.history.latest_steps import latest_steps
from projections.queries.history.moments_of_change import day_of
from service.pages.history.evolution import HIDDEN, as_then
from service.pages.history.lately import is_news, steps_in_words
from service.pages.request import PageRequest
from service.wording.date_wording import in_words
from service.wording.phrases import anchor, plain

MOST_STEPS = 100
_MOST_TOLD = 3


def story(page: PageRequest, subject: str | None) -> dict[str, Any]:
    """The days on which reports changed anything, earliest first: of one matter, or the newest of all."""
    steps = [step for step in _steps(page, subject) if step.get("reported_until") not in (None, "..")]
    told = zip(steps, steps_in_words(page, steps), strict=True)
    by_day = groupby(told, key=lambda each: _day(page, each[0]))
    return {"steps": [_told(day, [*each]) for day, each in by_day], "is_cut": len(steps) >= MOST_STEPS}


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


def _told(day: str, steps: list[tuple[Step, dict[str, Any]]]) -> dict[str, Any]:
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
