"""One date of EDTF: a day, month, season or year, qualified, masked or far away, read into calendar days.

Grammar: Library of Congress EDTF specification (2019). A qualifier moves nothing.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from events.dates.calendar import day_number, month_length

_LARGEST_YEAR = 10**12
_DATE = re.compile(
    r"(?P<qy>[?~%]?)(?P<year>-?[0-9X]{4})(?P<ay>[?~%]?)"
    r"(?:-(?P<qm>[?~%]?)(?P<month>[0-9X]{2})(?P<am>[?~%]?)"
    r"(?:-(?P<qd>[?~%]?)(?P<day>[0-9X]{2})(?P<ad>[?~%]?))?)?"
)
_LONG_YEAR = re.compile(r"Y(?P<digits>-?[1-9][0-9]*)(?:E(?P<power>[1-9][0-9]?))?(?:S(?P<significant>[1-9][0-9]?))?")
_SIGNIFICANT_YEAR = re.compile(r"(?P<digits>-?[0-9]{4})S(?P<significant>[1-9][0-9]?)")

# First month and length in months, ISO 8601-2:2019 table of sub-year groupings; 21 to 24 as meteorologists have them.
_SEASONS = {
    21: (3, 3), 22: (6, 3), 23: (9, 3), 24: (12, 3),
    25: (3, 3), 26: (6, 3), 27: (9, 3), 28: (12, 3),
    29: (9, 3), 30: (12, 3), 31: (3, 3), 32: (6, 3),
    33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3),
    37: (1, 4), 38: (5, 4), 39: (9, 4),
    40: (1, 6), 41: (7, 6),
}  # fmt: skip


class Days(NamedTuple):
    """Calendar days `[first, after)`."""

    first: int
    after: int


def not_edtf(text: str) -> ValueError:
    """The refusal of what is no EDTF text."""
    return ValueError(f"{text!r} is not an EDTF date (ISO 8601-2, levels 0 to 2)")


def days_of(text: str) -> Days:
    """The days of a date.

    Raises:
        ValueError: the text is no date, or no calendar has such a day.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise not_edtf(text)
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


def days_of_year(text: str) -> Days:
    """The days of a year with the letter Y or with significant digits; ValueError if the text is none."""
    match = _LONG_YEAR.fullmatch(text) or _SIGNIFICANT_YEAR.fullmatch(text)
    if match is None:
        raise not_edtf(text)
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
