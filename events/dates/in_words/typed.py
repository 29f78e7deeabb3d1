"""Dates that people type, in EDTF or in words: "20 May", "last Friday", "end of June 2025"."""

from contextlib import suppress
from datetime import date

from events.dates import edtf
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


def edtf_typed(text: str, today: date) -> str:
    """A date as EDTF: as it was typed where it is EDTF, else of its words; what is not understood stays."""
    typed = text.strip()
    with suppress(ValueError):
        edtf.parse(typed)
        return typed
    found = date_typed(typed, today)
    return found.edtf if found else typed
