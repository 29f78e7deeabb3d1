"""What words may mean: EDTF with the first and the last date in it; and arithmetic of weeks and months."""

from datetime import date, timedelta
from typing import NamedTuple

from events.dates.calendar import month_length

WEEK = 7


class Reading(NamedTuple):
    """EDTF text, and the first and last date in it."""

    edtf: str
    first: str
    last: str


def at(text: str) -> Reading:
    """A single date, as exact as it is written."""
    return Reading(text, text, text)


def on(day: date) -> Reading:
    """A day."""
    return at(day.isoformat())


def roughly(text: str) -> Reading:
    """A date that is about right."""
    return Reading(f"{text}~", text, text)


def lasts(first: str, last: str) -> Reading:
    """From the one date to the other."""
    return at(first) if first == last else Reading(f"{first}/{last}", first, last)


def one_of(first: str, last: str) -> Reading:
    """One of the days or months between two."""
    return at(first) if first == last else Reading(f"[{first}..{last}]", first, last)


def month_of(year: int, month: int) -> str:
    """A month as EDTF; months before January and after December are those of neighbouring years.

    Raises:
        ValueError: the year is not between 1 and 9999.
    """
    shift, index = divmod(month - 1, 12)
    return date(year + shift, index + 1, 1).isoformat()[:7]


def part_of_month(month: str, part: int) -> Reading:
    """A third (1 to 3) or half (4, 5) of a month."""
    end = month_length(int(month[:4]), int(month[5:]))
    first, last = {1: (1, 10), 2: (11, 20), 3: (21, end), 4: (1, 15), 5: (16, end)}[part]
    return one_of(f"{month}-{first:02}", f"{month}-{last:02}")


def part_of_year(year: int, part: int) -> Reading:
    """A third (1 to 3) or half (4, 5) of a year."""
    first, last = {1: (1, 4), 2: (5, 8), 3: (9, 12), 4: (1, 6), 5: (7, 12)}[part]
    return one_of(f"{year:04}-{first:02}", f"{year:04}-{last:02}")


def week_of(day: date) -> Reading:
    """The days from Monday to Sunday around a day."""
    monday = day - timedelta(day.weekday())
    return one_of(monday.isoformat(), (monday + timedelta(6)).isoformat())


def weekday_until(day: date, weekday: int) -> date:
    """The last day of that name, this day included; Monday is 1."""
    return day - timedelta((day.isoweekday() - weekday) % WEEK)


def weekday_from(day: date, weekday: int) -> date:
    """The first day of that name, this day included."""
    return day + timedelta((weekday - day.isoweekday()) % WEEK)
