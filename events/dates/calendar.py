"""Days and instants without end: proleptic Gregorian days and UTC microseconds as plain integers.

Python's `datetime` ends at the years 1 and 9999; chronicles do not. Days are counted from 1970-01-01,
instants in microseconds from 1970-01-01T00:00:00Z.
"""

import re
from calendar import isleap, monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY = 86_400_000_000
SECOND = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097  # of the Gregorian calendar, a whole number of weeks
_EPOCH_ORDINAL = EPOCH.toordinal()
_FIRST_RULED_DAY = -61_730  # 1800-12-28
_AFTER_RULED_DAYS = 2_786_800  # 9600-01-01
_WRITTEN = re.compile(r"(-?[0-9]{4,100})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{6}))?Z")


def month_length(year: int, month: int) -> int:
    """The number of days of the month; the year is astronomical, 0 is 1 BC."""
    return monthrange(2000 if isleap(year) else 2001, month)[1]


def day_number(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to the date; negative before it. Any year."""
    cycle, year_of_cycle = divmod(year - 1, _CYCLE_YEARS)
    return cycle * _CYCLE_DAYS + date(year_of_cycle + 1, month, day).toordinal() - _EPOCH_ORDINAL


def civil_date(number: int) -> tuple[int, int, int]:
    """Year, month and day of a day number; the inverse of `day_number`."""
    cycle, day_of_cycle = divmod(number + _EPOCH_ORDINAL - 1, _CYCLE_DAYS)
    found = date.fromordinal(day_of_cycle + 1)
    return cycle * _CYCLE_YEARS + found.year, found.month, found.day


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The names of the IANA time zones known here."""
    return frozenset(available_timezones())


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        ValueError: there is no such zone.
    """
    if name not in zone_names():
        raise ValueError(f"{name!r} is not an IANA time zone")
    return ZoneInfo(name)


def local_to_utc(local: int, zone: str) -> int:
    """UTC microseconds of a local time given in microseconds from 1970-01-01T00:00 of the zone's wall clock.

    An ambiguous time is the earlier one, a time that the clocks skipped is read with the offset before the skip.
    Outside the years 1801 to 9599 the zone's rules are those of the same year of a neighbouring 400-year cycle.
    """
    if zone == "UTC":
        return local
    day, in_day = divmod(local, DAY)
    if day < _FIRST_RULED_DAY:
        day = day % _CYCLE_DAYS - 3 * _CYCLE_DAYS  # the years 770 to 1169: local mean time everywhere
    elif day >= _AFTER_RULED_DAYS:
        day = (day - _AFTER_RULED_DAYS) % _CYCLE_DAYS + _AFTER_RULED_DAYS - _CYCLE_DAYS
    wall = _NAIVE_EPOCH + timedelta(days=day, microseconds=in_day)
    offset = zone_named(zone).utcoffset(wall)
    assert offset is not None
    return local - offset // timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """UTC microseconds of an aware instant."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def instant_text(at: int) -> str:
    """An instant as RFC 3339 in UTC, with microseconds only where there are any."""
    day, in_day = divmod(at, DAY)
    year, month, day_of_month = civil_date(day)
    seconds, micro = divmod(in_day, SECOND)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    sign, year = ("-", -year) if year < 0 else ("", year)
    fraction = f".{micro:06}" if micro else ""
    return f"{sign}{year:04}-{month:02}-{day_of_month:02}T{clock}{fraction}Z"


def instant_written(text: str) -> int:
    """The instant that `instant_text` wrote, of any year.

    Raises:
        ValueError: it has not written the text.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not an instant in UTC")
    year, month, day, hours, minutes, seconds, micro = (int(part or 0) for part in found.groups())
    clock = (hours * 60 + minutes) * 60 + seconds
    return day_number(year, month, day) * DAY + clock * SECOND + micro
