"""The days of a date as calendars and timelines take them, on its own wall clock."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from events.dates import edtf
from events.dates.bounds import bounds_of
from events.dates.calendar import DAY, EPOCH, civil_date

_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()
_EPOCH_DAY = EPOCH.toordinal()


class Days(NamedTuple):
    """The first day of a date and its last one, as days from 1970-01-01; None where it is open."""

    first: int | None
    last: int | None


def days_of(text: str) -> Days:
    """The days that EDTF text names, on its own wall clock; of several, from the first of them to the last."""
    span = edtf.parse(text).span
    first = min((each.wall // DAY for each in span.firsts), default=None)
    last = max(((each.wall + each.later - 1) // DAY for each in span.afters), default=None)
    return Days(first, last)


def is_of_a_time(text: str) -> bool:
    """Whether the text names times of day, and no choice among them."""
    return "T" in text and text[:1] not in "[{"


def calendar_day(number: int) -> date | None:
    """The day of that number; None outside of the years 1 to 9999."""
    ordinal = number + _EPOCH_DAY
    return date.fromordinal(ordinal) if _FIRST <= ordinal <= _LAST else None


def instants_of(text: str, zone: str) -> tuple[datetime | None, datetime | None]:
    """The first instant of a date and the exclusive last one, in UTC; None where it is open, or no year 1 to 9999."""
    lo, hi = bounds_of(text, zone)
    return _instant(lo), _instant(hi)


def _instant(at: int | None) -> datetime | None:
    if at is None or calendar_day(at // DAY) is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def parts_of(number: int) -> dict[str, int]:
    """Year, month and day of a day of any year."""
    year, month, day = civil_date(number)
    return {"year": year, "month": month, "day": day}
