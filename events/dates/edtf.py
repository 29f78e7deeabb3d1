"""Extended Date/Time Format: the text of ISO 8601-2:2019 levels 0 to 2, read into calendar days.

The text is the truth and is never changed; what is read here is where it begins and ends, in days of a calendar
without zone. `events.dates.bounds` places those days in a zone. Grammar: Library of Congress EDTF specification (2019).
White space is no part of it. A letter-prefixed year (`Y17E7`) or one with significant digits (`1950S2`) stands alone.
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from events.dates.calendar import DAY, SECOND
from events.dates.edtf_days import Days, days_of, long_year, not_edtf

LONGEST = 128


_DATE_TIME = re.compile(
    r"(?P<date>-?[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?P<shift>Z|[+-][0-9]{2}(?::[0-9]{2})?)?"
)
_SET = re.compile(r"(?P<open>[\[{])(?P<inside>[^\[\]{}]+)(?P<close>[\]}])")


class Form(Enum):
    """What the text says of its days: one date, an instant, lasting all of them, on one of them, or on each."""

    DATE = "date"
    INSTANT = "instant"
    INTERVAL = "interval"
    ONE_OF = "one of"
    EACH_OF = "each of"


class End(Enum):
    """An end of an interval that is no date: still open (`..`), or not known (nothing written)."""

    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Edtf:
    """What a text says: its form, the hull of its days, the part it begins with, open and unknown ends, doubt.

    `instant` is set for date-times only: microseconds on the wall clock, and the shift from UTC in minutes
    (None where the text names none).
    """

    text: str
    form: Form
    days: Days
    begins: Days
    start: End | None = None
    end: End | None = None
    uncertain: bool = False
    approximate: bool = False
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
        return _set(text, match)
    days = long_year(text) if text.startswith("Y") or "S" in text else days_of(text)
    return Edtf(text, Form.DATE, days, days, None, None, _uncertain(text), _approximate(text))


def _uncertain(text: str) -> bool:
    return "%" in text or "?" in text


def _approximate(text: str) -> bool:
    return "%" in text or "~" in text


def _date_time(text: str, match: re.Match[str]) -> Edtf:
    day = days_of(match["date"]).first
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{text!r} names a time of day that does not exist")
    assert day is not None
    wall = day * DAY + (hour * 3600 + minute * 60 + second) * SECOND
    days = Days(day, day + 1)
    return Edtf(text, Form.INSTANT, days, days, instant=(wall, _shift(text, match["shift"])))


def _shift(text: str, shift: str | None) -> int | None:
    """Minutes ahead of UTC."""
    if shift is None or shift == "Z":
        return None if shift is None else 0
    hours, _, minutes = shift[1:].partition(":")
    if int(hours) > 23 or int(minutes or 0) > 59:
        raise ValueError(f"{text!r} names a shift from UTC that does not exist")
    total = int(hours) * 60 + int(minutes or 0)
    return -total if shift[0] == "-" else total


def _interval(text: str) -> Edtf:
    left, _, right = text.partition("/")
    if "/" in right or not (left or right):
        raise not_edtf(text)
    ends = {"..": End.OPEN, "": End.UNKNOWN}
    first = Days(None, None) if left in ends else days_of(left)
    last = Days(None, None) if right in ends else days_of(right)
    if first.first is not None and last.first is not None and last.after is not None:
        # An end with masked digits may be any of its days; one with fewer digits is its first.
        comes = last.after - 1 if "X" in right else last.first
        if comes < first.first:
            raise ValueError(f"{text!r} ends before it begins")
    begins = first if left not in ends else Days(None, last.after)
    days = Days(first.first, last.after)
    return Edtf(
        text, Form.INTERVAL, days, begins, ends.get(left), ends.get(right), _uncertain(text), _approximate(text)
    )


def _set(text: str, match: re.Match[str]) -> Edtf:
    if (match["open"], match["close"]) not in (("[", "]"), ("{", "}")):
        raise not_edtf(text)
    members = match["inside"].split(",")
    spans = [_member(member, index == 0, index == len(members) - 1) for index, member in enumerate(members)]
    firsts = [span.first for span in spans]
    afters = [span.after for span in spans]
    first = None if None in firsts else min(number for number in firsts if number is not None)
    after = None if None in afters else max(number for number in afters if number is not None)
    days = Days(first, after)
    start = End.OPEN if first is None else None
    end = End.OPEN if after is None else None
    form = Form.ONE_OF if match["open"] == "[" else Form.EACH_OF
    return Edtf(text, form, days, days, start, end, _uncertain(text), _approximate(text))


def _member(member: str, is_first: bool, is_last: bool) -> Days:
    """One member of a set: a date, `a..b`, and at the edges `..b` or `a..`."""
    left, dots, right = member.partition("..")
    if not dots:
        return days_of(left)
    if not (left or right) or (not left and not is_first) or (not right and not is_last):
        raise not_edtf(member)
    first = days_of(left).first if left else None
    after = days_of(right).after if right else None
    if first is not None and after is not None and after <= first:
        raise ValueError(f"{member!r} ends before it begins")
    return Days(first, after)
