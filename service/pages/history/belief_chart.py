"""The belief chart of a subject: each version of each fact, across when it happened, up when it became known."""

from typing import Any

from events.dates.calendar import instant_text
from projections.queries.history.belief_history import Belief, beliefs_about
from service.pages.request import PageRequest
from service.pages.wording.causes import EVENTS
from service.pages.wording.date_shapes import shape_of
from service.pages.wording.date_wording import in_words
from service.pages.wording.fact_wording import fact_in_words
from service.pages.wording.phrases import plain

_ENDINGS = {
    "FactRetracted": "retracted",
    "FactCorrected": "corrected",
    "AmendmentWithdrawn": "an amendment was withdrawn",
    "FactReinstated": "reinstated",
    "SourceCorrected": "its source was corrected",
    "FactCorroborated": "an earlier report was found",
}


def belief_chart(page: PageRequest, subject: str, by: str) -> dict[str, Any]:
    """The chart along the clock `by`: its rows as a table tells them and as the drawing takes them."""
    beliefs = beliefs_about(page.snapshot, subject, page.clocks, by)
    views = page.views(belief.fact for belief in beliefs)
    page.know(views)
    letters = _letters([belief.fact.id for belief in beliefs])
    rows = [
        {**_row(belief, fact_in_words(page, view)), "letter": letters[belief.fact.id]}
        for belief, view in zip(beliefs, views, strict=True)
    ]
    drawn = [_drawn(belief, row) for belief, row in zip(beliefs, rows, strict=True)]
    clocks = page.clocks
    chart = {"by": by, "beliefs": drawn, "at": milliseconds(clocks.at), "known": milliseconds(clocks.reported)}
    if by == "recorded":
        chart["known"] = None
    return {"by": by, "rows": rows, "chart": chart}


def _letters(facts: list[str]) -> dict[str, str]:
    """A letter for each fact, by which the drawing and the table name it: A to Z, then A1 and on."""
    distinct = list(dict.fromkeys(facts))
    return {
        fact: chr(65 + place % 26) + (str(place // 26) if place >= 26 else "") for place, fact in enumerate(distinct)
    }


def milliseconds(instant: int | None) -> float | None:
    """An instant as JavaScript counts it; None stays None."""
    return None if instant is None else instant / 1000


def _row(belief: Belief, fact: dict[str, Any]) -> dict[str, Any]:
    return {
        "fact": fact,
        "since": in_words(day(belief.since - 1)),
        "until": in_words(day(belief.until - 1)) if belief.until is not None else None,
        "ended": _ENDINGS.get(belief.ended_by or ""),
        "mark": EVENTS.get(belief.ended_by or "", ("c-corr", "")),
        "notes": [(EVENTS[event][1], in_words(day(instant - 1))) for instant, event in belief.notes],
    }


def day(instant: int) -> str:
    """The day in UTC of an instant."""
    return instant_text(instant).partition("T")[0]


def _drawn(belief: Belief, row: dict[str, Any]) -> dict[str, Any]:
    fact = belief.fact
    return {
        "fact": fact.id,
        "letter": row["letter"],
        "href": row["fact"]["href"],
        "says": plain(row["fact"]["said"]),
        "when": row["fact"]["when"],
        "lo": milliseconds(fact.bounds.lo),
        "hi": milliseconds(fact.bounds.hi),
        "shape": shape_of(fact),
        "modality": fact.modality,
        "since": milliseconds(belief.since),
        "until": milliseconds(belief.until),
        "ended": row["ended"],
        "notes": [[milliseconds(instant), event] for instant, event in belief.notes],
    }
