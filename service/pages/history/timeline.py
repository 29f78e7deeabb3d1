"""The chronology: every fact in the order in which it happened, as a list and as data for the timeline."""

from typing import Any

from events.dates.bounds import Certainty
from events.dates.calendar import instant_text
from projections.queries.history.timeline import Happening, happenings
from service.pages.error_pages import fault
from service.pages.history.belief_chart import milliseconds
from service.pages.request import Reading
from service.pages.wording.date_shapes import shape_of
from service.pages.wording.fact_views import told, viewed
from service.pages.wording.phrases import plain, sentence

PER_PAGE = 250
_CERTAINTIES = {
    Certainty.CERTAIN: "certain",
    Certainty.POSSIBLE: "possible",
    Certainty.NOT_YET: "not yet",
}


def timeline(reading: Reading, subject: str | None, page: int) -> dict[str, Any]:
    """A page of the list, by year and month; `subject` keeps to one."""
    found = happenings(reading.snapshot, reading.clocks, [subject] if subject else None)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    views = viewed(each.fact for each in shown)
    reading.know(views, [subject] if subject else [])
    rows = [
        {
            **told(reading, view),
            "certainty": _CERTAINTIES[each.certainty],
            "shape": shape_of(each.fact),
            "month": _month(each),
        }
        for each, view in zip(shown, views, strict=True)
    ]
    return {
        "rows": rows,
        "count": len(found),
        "page": page,
        "pages": max(1, -(-len(found) // PER_PAGE)),
        "subject": subject,
        "subject_title": reading.named(subject) if subject else None,
    }


def _month(each: Happening) -> str:
    """The month of the earliest bound as EDTF; empty where that is open."""
    lo = each.fact.bounds.lo
    return "" if lo is None else instant_text(lo).partition("T")[0].rpartition("-")[0]


def page_number(text: str | None) -> int:
    """The page asked for.

    Raises:
        Invalid: it is no number from 1.
    """
    if text is None or not text.strip():
        return 1
    if not text.strip().isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise fault("page", f"{text!r:.80} is not the number of a page")
    return int(text)


def timeline_data(reading: Reading, subject: str | None = None) -> dict[str, Any]:
    """What the timeline draws: groups (one for each subject, in order of the first date), and items.

    An item is [group, lo, hi, shape, modality, retracted, sentence, fact id]; instants are milliseconds, null is open.
    """
    found = happenings(reading.snapshot, reading.clocks, [subject] if subject else None)
    views = [(each, each.fact.values) for each in found]
    reading.know(
        [{"subject": each.subject, "fields": values} for each, values in views],
    )
    groups: dict[str, int] = {}
    items = []
    for each, values in views:
        group = groups.setdefault(each.subject, len(groups))
        said = plain(sentence(each.fact.kind, values, reading.named))
        bounds = [milliseconds(each.fact.bounds.lo), milliseconds(each.fact.bounds.hi)]
        items.append([group, *bounds, shape_of(each.fact), each.fact.modality, each.fact.retracted, said, each.fact.id])
    return {
        "at": milliseconds(reading.clocks.at),
        "groups": [{"title": reading.named(name), "href": reading.subject_link(name)} for name in groups],
        "items": items,
        "fact": reading.link("fact", name="FACT"),
    }
