"""The chronology: every fact in the order in which it happened, as a list and as data for the timeline."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from events.dates.calendar import DAY, instant_text
from events.errors import Invalid
from events.facts import rung_of
from events.history.fact_as_of import FactAsOf
from projections.queries.history.moments import day_of
from projections.queries.history.timeline import Happening, happenings
from service.pages.history.belief_chart import milliseconds, shape_of
from service.pages.request import PageRequest
from service.pages.wording.clock_wording import reading_in_words
from service.pages.wording.date_wording import in_words
from service.pages.wording.fact_wording import fact_in_words, has_come, label_of_fact

PER_PAGE = 250
MOST_DRAWN = 5_000
"""More facts than that are not drawn at once; the list goes on by pages, and the drawing with it."""


def timeline_page(page: PageRequest, subject: str | None, after: bytes) -> dict[str, Any]:
    """A page of the list from after a place in order, by year and month; of one `subject` only, if given."""
    found, last = happenings(page.snapshot, page.clocks, after, PER_PAGE, subject)
    found = _come(found)
    views = page.views(each.fact for each in found)
    page.know(views, [subject] if subject else [])
    rows = [
        {
            **fact_in_words(page, view),
            "shape": shape_of(each.fact),
            "month": _month(each.fact),
        }
        for each, view in zip(found, views, strict=True)
    ]
    return {
        "rows": rows,
        "rows_drawn": len({each.subject for each in found}),
        "after": place_text(after),
        "following": None if last is None else place_text(last),
        "subject": subject,
        "subject_title": page.named(subject) if subject else None,
    }


def _come(found: list[Happening]) -> list[Happening]:
    """Those that the first clock does not leave out."""
    return [each for each in found if has_come(each.fact.modality, each.certainty.value)]


def _month(fact: FactAsOf) -> str:
    """The month of the earliest day on which the fact can have happened, in its own zone; empty where that is open."""
    lo = fact.bounds.lo
    return "" if lo is None else instant_text(day_of(lo, fact.zone) * DAY).partition("T")[0].rpartition("-")[0]


def place_in(text: str | None) -> bytes:
    """The place in order that the address names as `after`; the beginning where it names none."""
    try:
        return urlsafe_b64decode((text or "").strip().encode("ascii") + b"==")
    except ValueError:
        raise Invalid.at("/after", f"{text!r:.80} is not a place in the chronology") from None


def place_text(place: bytes) -> str:
    """A place in order as an address names it."""
    return urlsafe_b64encode(place).rstrip(b"=").decode()


def timeline_data(page: PageRequest, subject: str | None, after: bytes) -> dict[str, Any]:
    """What the timeline draws: groups (one for each subject, in order of the first date), and items.

    An item is [group, lo, hi, shape, modality, retracted, label, fact id, date in words, how far it brought its
    subject (-1: nowhere, -2: it does not count)]; instants are milliseconds, null is open. Bounds place a mark, and are
    never read out: the days of a fact are days of its own zone. No more than `MOST_DRAWN` facts are drawn, from after a
    place in order.
    """
    found = _come(happenings(page.snapshot, page.clocks, after, MOST_DRAWN, subject)[0])
    page.know([{"subject": each.subject, "fields": each.fact.values} for each in found])
    groups: dict[str, int] = {}
    items = []
    for each in found:
        fact, group = each.fact, groups.setdefault(each.subject, len(groups))
        bounds = [milliseconds(fact.bounds.lo), milliseconds(fact.bounds.hi)]
        words = [label_of_fact(page, fact), fact.id, in_words(fact.values.get("occurred"))]
        counts = fact.modality == "actual" and not fact.retracted
        rank = rung_of(fact.kind).order if counts else -2
        items.append([group, *bounds, shape_of(fact), fact.modality, fact.retracted, *words, rank])
    return {
        "at": milliseconds(page.clocks.at),
        "at_says": page.at and reading_in_words(page.at),
        "groups": [{"title": page.named(name), "href": page.subject_link(name)} for name in groups],
        "items": items,
        "fact": page.link("fact", name="FACT"),
    }
