"""The chronology: every fact in the order in which it happened, as a list and as data for the timeline."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from events.dates.calendar import instant_text
from events.errors import Invalid
from projections.queries.history.timeline import happenings
from service.pages.history.belief_chart import milliseconds, shape_of
from service.pages.request import PageRequest
from service.pages.wording.fact_wording import fact_in_words
from service.pages.wording.phrases import plain, sentence

PER_PAGE = 250
MOST_DRAWN = 5_000
"""More facts than that are not drawn at once; the list goes on by pages, and the drawing with it."""


def timeline_page(page: PageRequest, subject: str | None, after: bytes) -> dict[str, Any]:
    """A page of the list from after a place in order, by year and month; of one `subject` only, if given."""
    found, last = happenings(page.snapshot, page.clocks, after, PER_PAGE, subject)
    views = page.views(each.fact for each in found)
    page.know(views, [subject] if subject else [])
    rows = [
        {
            **fact_in_words(page, view),
            "shape": shape_of(each.fact),
            "month": "" if each.fact.bounds.lo is None else instant_text(each.fact.bounds.lo).rpartition("-")[0],
        }
        for each, view in zip(found, views, strict=True)
    ]
    return {
        "rows": rows,
        "after": place_text(after),
        "following": None if last is None else place_text(last),
        "subject": subject,
        "subject_title": page.named(subject) if subject else None,
    }


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

    An item is [group, lo, hi, shape, modality, retracted, sentence, fact id]; instants are milliseconds, null is open.
    No more than `MOST_DRAWN` facts are drawn, from after a place in order.
    """
    found, _ = happenings(page.snapshot, page.clocks, after, MOST_DRAWN, subject)
    page.know([{"subject": each.subject, "fields": each.fact.values} for each in found])
    groups: dict[str, int] = {}
    items = []
    for each in found:
        fact, group = each.fact, groups.setdefault(each.subject, len(groups))
        said = plain(sentence(fact.kind, fact.values, page.named))
        bounds = [milliseconds(fact.bounds.lo), milliseconds(fact.bounds.hi)]
        items.append([group, *bounds, shape_of(fact), fact.modality, fact.retracted, said, fact.id])
    return {
        "at": milliseconds(page.clocks.at),
        "groups": [{"title": page.named(name), "href": page.subject_link(name)} for name in groups],
        "items": items,
        "fact": page.link("fact", name="FACT"),
    }
