"""iCalendar: what was promised as events of a calendar; an uncertain date is a range of whole days, and says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from events.dates.calendar import instant_written
from service.formats.offer.days import calendar_day, days_of, instants_of, is_of_a_time
from service.formats.offer.lists import Address, ExportedList
from service.formats.offer.manifest import Format
from service.formats.offer.told import PromiseTold

_BEGIN = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//three-clocks//chronology//EN\r\n"
    b"X-WR-CALNAME:Chronology: what was promised\r\n"
)
_END = b"END:VCALENDAR\r\n"
_LISTS = {
    "due": "Due",
    "coming": "Coming",
    "overdue": "Overdue",
    "lapsed": "Lapsed",
    "expired": "Expired",
    "unanswered": "Unanswered",
}
_EXACT = frozenset("0123456789-")


def events(taken: ExportedList) -> Iterator[bytes]:
    """The calendar: an event for each promise with a date."""
    yield _BEGIN
    for told in taken.items:
        times = _times(told)
        if times:
            yield _event(told, times, taken.address)
    yield _END


def _times(told: PromiseTold) -> dict[str, Any]:
    """When the event begins and ends: instants, or days, the end exclusive; nothing where it has no date."""
    if told.date is None:
        return {}
    begins: Any
    ends: Any
    if is_of_a_time(told.date):
        begins, ends = instants_of(told.date, told.fact.view["zone"])
    else:
        first, last = days_of(told.date)
        begins = None if first is None else calendar_day(first)
        ends = None if last is None else calendar_day(last + 1)
    if begins is None and ends is not None:  # it ends on a day, and began nobody says when
        begins = ends - timedelta(days=1)
    return {name: each for name, each in (("dtstart", begins), ("dtend", ends)) if each is not None and begins}


def _event(told: PromiseTold, times: dict[str, Any], address: Address) -> bytes:
    import icalendar  # takes a fifth of a second to load

    view, where = told.fact.view, address.of("facts", told.fact.view["id"])
    event = icalendar.Event()
    event.add("uid", where)
    event.add("dtstamp", datetime.fromtimestamp(instant_written(view["recorded"]) // 1_000_000, UTC))
    for name, value in times.items():
        event.add(name, value)
    is_exact = told.date is not None and (_EXACT.issuperset(told.date) or is_of_a_time(told.date))
    when = "" if is_exact else f" ({told.when})"
    event.add("summary", f"{_LISTS[told.list]}: {told.fact.about.title}: {told.fact.said}{when}")
    quotes = [f"{each.words} ({each.citation['publisher']})" for each in told.fact.quotes]
    event.add("description", "\n".join([told.when, f"according to {told.fact.by}", *quotes]))
    event.add("url", where)
    event.add("status", "TENTATIVE" if view["modality"] == "planned" or not is_exact else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("categories", [told.list])
    event.add("x-edtf", told.date)
    return bytes(event.to_ical())


FORMAT = Format(
    name="ics",
    title="iCalendar",
    media_type="text/calendar",
    suffix="ics",
    follows="RFC 5545",
    loses=(
        "what has no date, or none in the years 1 to 9999",
        "how a date is uncertain, but in words and as X-EDTF",
        "amendments",
        "who recorded what when",
    ),
    writes={"agenda": events},
)
