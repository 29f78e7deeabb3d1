"""From EDTF text to half-open bounds in UTC microseconds, and what a clock reading says of them.

A bound is a plain integer of any size; None is unbounded. Half-open: `lo` is in, `hi` is not.
"""

import re
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from events.dates import edtf
from events.dates.calendar import DAY, SECOND, local_to_utc, microseconds, zone_named
from events.dates.edtf_date import days_of

_DAY_READING = re.compile(r"-?[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT_READING = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class Bounds(NamedTuple):
    """The time in which something happened: `[lo, hi)` in UTC microseconds."""

    lo: int | None
    hi: int | None

    def overlaps(self, other: "Bounds") -> bool:
        """Whether some instant lies within both."""
        return (self.lo is None or other.hi is None or self.lo < other.hi) and (
            other.lo is None or self.hi is None or other.lo < self.hi
        )


UNBOUNDED = Bounds(None, None)


class Certainty(Enum):
    """What a clock reading says of something: it had happened, may have, or had not."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    NOT_YET = "not yet"


@lru_cache(maxsize=32_768)
def bounds_of(text: str, zone: str, begins: bool = False) -> Bounds:
    """The bounds of EDTF text whose days, and times without offset, are those of the IANA `zone`.

    With `begins` the text dates a beginning: an interval `a/b` counts as `a`, and `../b` as some time until b.

    Raises:
        ValueError: the text is not EDTF, or the zone does not exist.
    """
    date = edtf.parse(text)
    span = date.begins if begins else date.span
    lo = min([_utc(each, zone) for each in span.firsts], default=None)
    hi = max([_utc(each, zone) for each in span.afters], default=None)
    return Bounds(lo, hi if lo is None or hi is None else _after(lo, hi))


def _after(lo: int, hi: int) -> int:
    """The end, but for a day that the zone's clocks skipped whole (Apia, 2011-12-30)."""
    return max(hi, lo + 1)


def _utc(moment: edtf.Moment, zone: str) -> int:
    shift = moment.shift
    at = local_to_utc(moment.wall, zone) if shift is None else moment.wall - shift * 60 * SECOND
    return at + moment.later


def certainty(bounds: Bounds, reading: int | None) -> Certainty:
    """Whether something within `bounds` had happened by the exclusive clock bound `reading` (None: no limit)."""
    if reading is None or (bounds.hi is not None and bounds.hi <= reading):
        return Certainty.CERTAIN
    if bounds.lo is None or bounds.lo < reading:
        return Certainty.POSSIBLE
    return Certainty.NOT_YET


def instant(text: str) -> int:
    """UTC microseconds of an RFC 3339 instant.

    Raises:
        ValueError: the text is no such instant.
    """
    if not _INSTANT_READING.fullmatch(text):
        raise ValueError(f"{text!r} is not an RFC 3339 instant")
    try:
        return microseconds(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not an RFC 3339 instant") from None


@lru_cache(maxsize=32_768)
def clock_bound(text: str, zone: str) -> int:
    """The exclusive UTC bound of a clock reading: the end of that day in `zone`, or the instant and a microsecond.

    Raises:
        ValueError: the text is neither a date nor an RFC 3339 instant, or the zone does not exist.
    """
    zone_named(zone)
    if _DAY_READING.fullmatch(text):
        lo, hi = (local_to_utc(day * DAY, zone) for day in days_of(text))
        return _after(lo, hi)
    if not _INSTANT_READING.fullmatch(text):
        raise ValueError(f"{text!r} is neither a date (2025-06-02) nor an instant (2025-06-02T14:00:00Z)")
    return instant(text) + 1
