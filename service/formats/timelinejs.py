"""TimelineJS: facts as slides, with their words; a range of days where the date is uncertain."""

from collections.abc import Iterator
from html import escape
from typing import Any

from events.dates import edtf
from events.dates.calendar import DAY
from service.formats.incoming.slides import items
from service.formats.offer.days import days_of, is_of_a_time, parts_of
from service.formats.offer.json_pieces import with_list
from service.formats.offer.lists import Address, ExportedList
from service.formats.offer.manifest import Format
from service.formats.offer.told import FactTold, Quote

_FURTHEST_YEAR = 250_000
"""Beyond that TimelineJS counts in another scale, which has no months."""


def slides(taken: ExportedList) -> Iterator[bytes]:
    """The document: a slide for each fact with a date."""
    title = {"text": {"headline": "Chronology", "text": ""}}
    found = (_slide(told, taken.address) for told in taken.items)
    return with_list({"title": title, "scale": "human"}, "events", (each for each in found if each))


def _slide(told: FactTold, address: Address) -> dict[str, Any] | None:
    """A slide of a fact; None where it has no date."""
    dates = _dates(told.view["occurred"])
    if not dates:
        return None
    held = "" if told.held == "actual" else f"{told.held.capitalize()}: "
    quotes = "".join(_quote(each, address) for each in told.quotes)
    by = f"<p>According to {escape(told.by)}</p>" if told.by else ""
    return {
        **dates,
        "display_date": told.when,
        "text": {"headline": escape(f"{held}{told.said}"), "text": quotes + by},
        "group": escape(told.about.title),
        "unique_id": f"fact-{told.view['id']}",
        "autolink": False,
    }


def _quote(quote: Quote, address: Address) -> str:
    source, exact = quote.source, escape(quote.citation["exact"])
    link = escape(source.url or address.of("sources", source.id))
    words = f"<blockquote>{exact}</blockquote>" if quote.is_verbatim else f"<p>{exact}</p>"
    return f'{words}<p><a href="{link}">{escape(source.title)}</a></p>'


def _dates(occurred: str | None) -> dict[str, Any]:
    """From the first day that a date can mean to the last; where one is open, the other alone."""
    if occurred is None:
        return {}
    first, last = days_of(occurred)
    first, last = (last if first is None else first), (first if last is None else last)
    if first is None or last is None:
        return {}
    start, end = parts_of(first), parts_of(last)
    if max(abs(start["year"]), abs(end["year"])) > _FURTHEST_YEAR:
        return {}
    if is_of_a_time(occurred):
        start |= _time(occurred)
    return {"start_date": start} | ({"end_date": end} if last > first else {})


def _time(occurred: str) -> dict[str, int]:
    wall = min((each.wall for each in edtf.parse(occurred).span.firsts), default=0) % DAY
    return {"hour": wall // 3_600_000_000, "minute": wall // 60_000_000 % 60}


FORMAT = Format(
    name="timelinejs",
    title="TimelineJS",
    media_type='application/json;profile="https://timeline.knightlab.com/docs/json-format.html"',
    suffix="timeline.json",
    follows="JSON of TimelineJS 3",
    loses=(
        "facts without a date, or beyond 250,000 years",
        "how a date is uncertain, but in words",
        "values of fields, but in the sentence",
        "amendments and who recorded what when",
        "read again, each slide waits for the words of a source",
    ),
    writes={"facts": slides},
    reads=items,
)
