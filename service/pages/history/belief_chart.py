"""The belief chart of a subject: each version of each fact, by when it happened and when it became known."""

from collections.abc import Sequence
from typing import Any

from events.dates.bounds import UNBOUNDED, bounds_of
from events.dates.calendar import DAY, instant_text
from events.facts import Fact, rung_of
from events.history.fact_as_of import FactAsOf
from projections.queries.history.belief_history import Belief, beliefs_about
from projections.queries.history.moments_of_change import day_of
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words, label_of_fact
from service.wording.causes import EVENTS
from service.wording.clock_wording import reading_in_words
from service.wording.date_wording import in_words

MOST_FACTS = 30
"""Of more facts not each has a column of its own: there is one for each status or type of finding."""
_ENDINGS = {
    "FactRetracted": "retracted",
    "FactCorrected": "corrected",
    "AmendmentWithdrawn": "an amendment was withdrawn",
    "FactReinstated": "reinstated",
    "SourceCorrected": "its source was corrected",
    "FactCorroborated": "an earlier report was found",
}


def belief_chart(page: PageRequest, subject: str, by: str) -> dict[str, Any]:
    """The chart along the clock `by`: its rows for a table, and for the drawing."""
    beliefs = beliefs_about(page.snapshot, subject, page.clocks, by)
    views = page.views(belief.fact for belief in beliefs)
    page.know(views)
    facts = dict.fromkeys(belief.fact.id for belief in beliefs)
    letters = {fact: _letter(place) for place, fact in enumerate(facts)}
    columns = _columns(page, beliefs) if len(facts) > MOST_FACTS else {}
    rows = [
        {
            **_row(page, belief, fact_in_words(page, view)),
            "letter": columns[_says(belief)]["letter"] if columns else letters[belief.fact.id],
        }
        for belief, view in zip(beliefs, views, strict=True)
    ]
    drawn = [] if columns else [_drawn(page, belief, row) for belief, row in zip(beliefs, rows, strict=True)]
    at = None if page.at in (None, "now") else page.clocks.at
    reported = page.clocks.reported if by == "reported" else None
    chart: dict[str, Any] = {
        "by": by,
        "beliefs": drawn,
        "at": milliseconds(at),
        "at_says": "" if page.at is None else "today" if at is None else reading_in_words(page.at),
        "known": milliseconds(reported),
        "known_says": "" if reported is None else reading_in_words(page.kept["reported_until"]),
    }
    if columns:
        chart["columns"] = [_column_drawn(each) for each in columns.values()]
    return {"by": by, "rows": rows, "chart": chart, "columns": [*columns.values()]}


def _letter(place: int) -> str:
    """A to Z, then A1 and so on."""
    return chr(65 + place % 26) + str(place // 26 or "")


def _columns(page: PageRequest, beliefs: Sequence[Belief]) -> dict[str, dict[str, Any]]:
    """The columns by what they say, ladders from low to high first, then by when they begin; each with its letter.

    A column begins with the first version that was known, and ends with the last one where none stands any more.
    """
    gathered: dict[str, list[Belief]] = {}
    for belief in sorted(beliefs, key=_order):
        gathered.setdefault(_says(belief), []).append(belief)
    columns = {}
    for place, (words, some) in enumerate(gathered.items()):
        known = sorted(some, key=lambda each: each.since)
        ends = [each.until for each in some if each.until is not None]
        columns[words] = {
            "letter": _letter(place),
            "says": words,
            "facts": len({each.fact.id for each in some}),
            "since": known[0].since,
            "until": max(ends) if len(ends) == len(some) else None,
            "known": [each.since for each in known],
            "first": _day(page, known[0], known[0].since),
            "last": _day(page, known[-1], known[-1].since),
        }
    return columns


def _column_drawn(column: dict[str, Any]) -> dict[str, Any]:
    facts = f"{column['facts']} {'fact' if column['facts'] == 1 else 'facts'}"
    return {
        "letter": column["letter"],
        "words": f"{column['letter']}: {column['says']}, {facts}, {column['first']} to {column['last']}",
        "since": milliseconds(column["since"]),
        "until": milliseconds(column["until"]),
        "known": [milliseconds(each) for each in column["known"]],
    }


def shape_of(fact: FactAsOf) -> str:
    """`day` for a date as exact as a day, `lasting` for an interval or for all members of a set, else `one-of`."""
    text = str(fact.values.get("occurred") or "")
    if ("/" in text and not fact.kind.begins) or text.startswith("{"):
        return "lasting"
    bounds = bounds_of(text, fact.zone, begins=fact.kind.begins) if text else UNBOUNDED
    is_exact = bounds.lo is not None and bounds.hi is not None and bounds.hi - bounds.lo <= DAY + DAY // 4
    return "day" if is_exact else "one-of"


def milliseconds(instant: int | None) -> float | None:
    """An instant as JavaScript counts it; None stays None."""
    return None if instant is None else instant / 1000


def _row(page: PageRequest, belief: Belief, fact: dict[str, Any]) -> dict[str, Any]:
    return {
        "fact": fact,
        "since": _day(page, belief, belief.since),
        "until": None if belief.until is None else _day(page, belief, belief.until),
        "ended": _ENDINGS.get(belief.ended_by or ""),
        "mark": EVENTS.get(belief.ended_by or "", ("c-corr", "")),
        "notes": [(EVENTS[event][1], _day(page, belief, instant)) for instant, event in belief.notes],
    }


def _day(page: PageRequest, belief: Belief, bound: int) -> str:
    """The day before an exclusive bound, in words.

    That of a report is the day that its source gives, in that source's own zone, else a day of the zone asked for.
    """
    for cited in belief.fact.history.sources():
        zone = page.source(cited).zone
        if any(edition.published_by == bound for edition in page.source(cited).editions):
            return in_words(instant_text(day_of(bound - 1, zone) * DAY).partition("T")[0])
    return in_words(instant_text(day_of(bound - 1, page.clocks.asked.zone) * DAY).partition("T")[0])


def _label(fact: FactAsOf) -> str:
    """The fact in a word or two, beside its block: what it made of the status, else its kind."""
    came = fact.kind.halts or fact.kind.reaches or fact.kind.words[:1].lower() + fact.kind.words[1:]
    return came if fact.modality == "actual" else f"{fact.modality}: {came}"


def _drawn(page: PageRequest, belief: Belief, row: dict[str, Any]) -> dict[str, Any]:
    fact = belief.fact
    return {
        "fact": fact.id,
        "letter": row["letter"],
        "label": _label(fact),
        "href": row["fact"]["href"],
        "says": label_of_fact(page, fact),
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


def _says(belief: Belief) -> str:
    """What the column of a version is called: the status its fact brings, else its kind; and how it is reported."""
    fact = belief.fact
    named = _status(fact.kind) or fact.kind.words
    return named if fact.modality == "actual" else f"{named}, {fact.modality}"


def _status(kind: type[Fact]) -> str | None:
    return kind.reaches or kind.halts


def _order(belief: Belief) -> tuple[bool, bool, int, int]:
    kind = belief.fact.kind
    return belief.fact.modality != "actual", _status(kind) is None, rung_of(kind).order, belief.since
