"""Readings of clocks that people type in words: "20 May", "last Friday", "end of June 2025"."""

from datetime import date

from events.dates.bounds import bounds_of
from events.dates.calendar import DAY, civil_date
from events.dates.in_words.reader import date_typed


def clock_typed(text: str, today: date) -> str:
    """A clock reading as the service takes it: of a date in words its last day; what is not understood stays."""
    typed = text.strip()
    if typed.lower() in ("now", "today"):
        return "now"
    found = date_typed(typed, today)
    hi = bounds_of(found.edtf, "UTC").hi if found else None
    if hi is None:
        return typed
    year, month, day = civil_date(hi // DAY - 1)
    return date(year, month, day).isoformat()
