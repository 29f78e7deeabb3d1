"""Extended Date/Time Format: the text of ISO 8601-2:2019 levels 0 to 2, read into calendar days.

The text is the truth and is never changed; what is read here is where it begins and ends, in days of a calendar
without zone. `events.dates.bounds` places those days in a zone. Grammar: Library of Congress EDTF specification (2019).
White space is no part of it. A letter-prefixed year (`Y17E7`) or one with significant digits (`1950S2`) stands alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from events.dates.calendar import DAY, SECOND, day_number, month_length

LONGEST = 128
_LARGEST_YEAR = 10**12

_DATE = re.compile(
    r"(?P<qy>[?~%]?)(?P<year>-?[0-9X]{4})(?P<ay>[?~%]?)"
    r"(?:-(?P<qm>[?~%]?)(?P<month>[0-9X]{2})(?P<am>[?~%]?)"
    r"(?:-(?P<qd>[?~%]?)(?P<day>[0-9X]{2})(?P<ad>[?~%]?))?)?"
)
_LONG_YEAR = re.compile(r"Y(?P<digits>-?[1-9][0-9]*)(?:E(?P<power>[1-9][0-9]?))?(?:S(?P<significant>[1-9][0-9]?))?")
_SIGNIFICANT_YEAR = re.compile(r"(?P<digits>-?[0-9]{4})S(?P<significant>[1-9][0-9]?)")
_DATE_TIME = re.compile(
    r"(?P<date>-?[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?P<shift>Z|[+-][0-9]{2}(?::[0-9]{2})?)?"
)
_SET = re.compile(r"(?P<open>[\[{])(?P<inside>[^\[\]{}]+)(?P<close>[\]}])")

# First month and length in months, ISO 8601-2:2019 table of sub-year groupings; 21 to 24 as meteorologists have them.
_SEASONS = {
    21: (3, 3), 22: (6, 3), 23: (9, 3), 24: (12, 3),
    25: (3, 3), 26: (6, 3), 27: (9, 3), 28: (12, 3),
    29: (9, 3), 30: (12, 3), 31: (3, 3), 32: (6, 3),
    33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3),
    37: (1, 4), 38: (5, 4), 39: (9, 4),
    40: (1, 6), 41: (7, 6),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Days:
    """Calendar days `[first, after)`; None where a side has no end."""

    first: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Edtf:
    """What a text says: the hull of its days, and the part that it begins with.

    `instant` is set for date-times only: microseconds on the wall clock, and the shift from UTC in minutes
    (None where the text names none).
    """

    days: Days
    begins: Days
    instant: tuple[int, int | None] | None = None


@lru_cache(maxsize=16_384)
def parse(text: str) -> Edtf:
    """Read EDTF text.

    Raises:
        ValueError: the text is not EDTF of level 0, 1 or 2, names a day that no calendar has, or ends before it begins.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a date of {len(text)} characters is too long (at most {LONGEST})")
    if "T" in text and (match := _DATE_TIME.fullmatch(text)):
        return _date_time(text, match)
    if "/" in text:
        return _interval(text)
    if match := _SET.fullmatch(text):
        days = _set(text, match)
    else:
        days = _long_year(text) if text.startswith("Y") or "S" in text else _date(text)
    return Edtf(days, days)


def _not_edtf(text: str) -> ValueError:
    return ValueError(f"{text!r} is not an EDTF date (ISO 8601-2, levels 0 to 2)")


def _date(text: str) -> Days:
    match = _DATE.fullmatch(text)
    if match is None:
        raise _not_edtf(text)
    year, month, day = match["year"], match["month"], match["day"]
    if year.startswith("-") and year.strip("-0") == "":
        raise ValueError(f"{text!r} names the year -0000, which does not exist")
    if "X" not in text:
        return _plain_days(text, int(year), int(month) if month else None, int(day) if day else None)
    if day is None and month is not None and month.isdigit() and int(month) in _SEASONS:
        first, last = (next(_years(year, latest)) for latest in (False, True))
        season = _SEASONS[int(month)]
        return Days(_months(first, *season).first, _months(last, *season).after)
    return Days(_masked_day(text, match, latest=False), _masked_day(text, match, latest=True) + 1)


def _plain_days(text: str, year: int, month: int | None, day: int | None) -> Days:
    if month is None:
        return Days(day_number(year, 1, 1), day_number(year + 1, 1, 1))
    if day is None and month in _SEASONS:
        return _months(year, *_SEASONS[month])
    if not 1 <= month <= 12:
        raise ValueError(f"{text!r} names a month that does not exist")
    if day is None:
        return _months(year, month, 1)
    if not 1 <= day <= month_length(year, month):
        raise ValueError(f"{text!r} names a day that does not exist")
    number = day_number(year, month, day)
    return Days(number, number + 1)


def _months(year: int, month: int, count: int) -> Days:
    later_year, later_month = divmod(month - 1 + count, 12)
    return Days(day_number(year, month, 1), day_number(year + later_year, later_month + 1, 1))


def _fill(mask: str, *, latest: bool) -> Iterator[int]:
    """The numbers that a mask of digits and X stands for, in order, latest first if asked."""
    digits = "9876543210" if latest else "0123456789"
    for chosen in product(*(digits if character == "X" else character for character in mask)):
        yield int("".join(chosen))


def _years(mask: str, latest: bool) -> Iterator[int]:
    if mask.startswith("-"):  # the greater the digits, the earlier the year; -0000 does not exist
        return (-year for year in _fill(mask[1:], latest=not latest) if year)
    return _fill(mask, latest=latest)


def _masked_day(text: str, match: re.Match[str], *, latest: bool) -> int:
    """The first or last day that the masked date can stand for."""
    for year in _years(match["year"], latest):
        for month in _fill(match["month"] or "XX", latest=latest):
            if not 1 <= month <= 12:
                continue
            for day in _fill(match["day"] or "XX", latest=latest):
                if 1 <= day <= month_length(year, month):
                    return day_number(year, month, day)
    raise ValueError(f"{text!r} names no day that exists")


def _long_year(text: str) -> Days:
    match = _LONG_YEAR.fullmatch(text) or _SIGNIFICANT_YEAR.fullmatch(text)
    if match is None:
        raise _not_edtf(text)
    parts = match.groupdict()
    year = int(parts["digits"]) * 10 ** int(parts.get("power") or 0)
    if abs(year) > _LARGEST_YEAR:
        raise ValueError(f"{text!r} is beyond a million million years")
    if text.startswith("Y") and abs(year) <= 9999:
        raise ValueError(f"{text!r}: a year of four digits is written without Y")
    first = last = year
    if parts["significant"]:
        step = 10 ** max(len(str(abs(year))) - int(parts["significant"]), 0)
        near, far = abs(year) // step * step, abs(year) // step * step + step - 1
        first, last = (near, far) if year >= 0 else (-far, -near)
    return Days(day_number(first, 1, 1), day_number(last + 1, 1, 1))


def _date_time(text: str, match: re.Match[str]) -> Edtf:
    day = _date(match["date"]).first
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{text!r} names a time of day that does not exist")
    assert day is not None
    wall = day * DAY + (hour * 3600 + minute * 60 + second) * SECOND
    days = Days(day, day + 1)
    return Edtf(days, days, (wall, _shift(text, match["shift"])))


def _shift(text: str, shift: str | None) -> int | None:
    """Minutes ahead of UTC."""
    if shift is None:
        return None
    if shift == "Z":
        return 0
    hours, _, minutes = shift[1:].partition(":")
    if int(hours) > 23 or int(minutes or 0) > 59:
        raise ValueError(f"{text!r} names a shift from UTC that does not exist")
    total = int(hours) * 60 + int(minutes or 0)
    return -total if shift[0] == "-" else total


def _interval(text: str) -> Edtf:
    left, _, right = text.partition("/")
    if "/" in right or not (left or right):
        raise _not_edtf(text)
    first, last = (Days(None, None) if end in ("..", "") else _date(end) for end in (left, right))
    if first.first is not None and last.first is not None and last.after is not None:
        # An end with masked digits may be any of its days; one with fewer digits is its first.
        comes = last.after - 1 if "X" in right else last.first
        if comes < first.first:
            raise ValueError(f"{text!r} ends before it begins")
    begins = Days(None, last.after) if left in ("..", "") else first
    return Edtf(Days(first.first, last.after), begins)


def _set(text: str, match: re.Match[str]) -> Days:
    if match["open"] + match["close"] not in ("[]", "{}"):
        raise _not_edtf(text)
    members = match["inside"].split(",")
    spans = [_member(member, index == 0, index == len(members) - 1) for index, member in enumerate(members)]
    firsts = [span.first for span in spans if span.first is not None]
    afters = [span.after for span in spans if span.after is not None]
    is_open = len(firsts) < len(spans), len(afters) < len(spans)
    return Days(None if is_open[0] else min(firsts), None if is_open[1] else max(afters))


def _member(member: str, is_first: bool, is_last: bool) -> Days:
    """One member of a set: a date, `a..b`, and at the edges `..b` or `a..`."""
    left, dots, right = member.partition("..")
    if not dots:
        return _date(left)
    if not (left or right) or (not left and not is_first) or (not right and not is_last):
        raise _not_edtf(member)
    first = _date(left).first if left else None
    after = _date(right).after if right else None
    if first is not None and after is not None and after <= first:
        raise ValueError(f"{member!r} ends before it begins")
    return Days(first, after)
