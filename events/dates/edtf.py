"""Extended Date/Time Format: the text of ISO 8601-2:2019 levels 0 to 2, read into moments.

The text is the truth and is never changed; what is read here is where it begins and ends, in moments of a wall clock
without zone. `events.dates.bounds` places those moments in a zone. Grammar: Library of Congress EDTF specification
(2019). White space is no part of it. A letter-prefixed year (`Y17E7`) or one with significant digits (`1950S2`) stands
alone. An hour, a minute or an instant may also stand at either end of an interval (ISO 8601-1) and in sets.
"""

import re
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from events.dates.calendar import DAY, SECOND
from events.dates.edtf_date import Days, days_of, days_of_year, not_edtf

LONGEST = 128
_FURTHEST = 16 * 3600 * SECOND
"""No zone was ever further from UTC."""

_DATE_TIME = re.compile(
    r"(?P<date>-?[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<hour>[0-9]{2})"
    r"(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,6}))?)?)?"
    r"(?P<shift>Z|[+-][0-9]{2}(?::[0-9]{2})?)?"
)
_SET = re.compile(r"(?P<open>[\[{])(?P<inside>[^\[\]{}]+)(?P<close>[\]}])")


class Moment(NamedTuple):
    """So much later than a moment of a wall clock, in microseconds; its shift from UTC in minutes, None: the zone's."""

    wall: int
    shift: int | None = None
    later: int = 0


class Span(NamedTuple):
    """From the first of some moments until before the last of others; without any there is no such end."""

    firsts: tuple[Moment, ...]
    afters: tuple[Moment, ...]


class Edtf(NamedTuple):
    """What a text says: the hull of all that it names, and the part that it begins with."""

    span: Span
    begins: Span


@lru_cache(maxsize=16_384)
def parse(text: str) -> Edtf:
    """Read EDTF text.

    Raises:
        ValueError: the text is not EDTF of level 0, 1 or 2, names a day that no calendar has, or ends before it begins.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a date of {len(text)} characters is too long (at most {LONGEST})")
    if "/" in text:
        return _interval(text)
    if match := _SET.fullmatch(text):
        span = _set(text, match)
    elif text.startswith("Y") or "S" in text:
        span = _of_days(days_of_year(text))
    else:
        span = _end(text)
    return Edtf(span, span)


def _of_days(days: Days) -> Span:
    return Span((Moment(days.first * DAY),), (Moment(days.after * DAY),))


def _end(text: str, shift: int | None = None) -> Span:
    """A date or a date-time; a time without shift from UTC takes the one given."""
    if "T" not in text:
        return _of_days(days_of(text))
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise not_edtf(text)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{text!r} names a time of day that does not exist")
    lasts = 3600 * SECOND if match["minute"] is None else 60 * SECOND if match["second"] is None else 1
    fraction = int((match["fraction"] or "").ljust(6, "0"))
    wall = days_of(match["date"]).first * DAY + (hour * 3600 + minute * 60 + second) * SECOND + fraction
    own = _shift(text, match["shift"])
    first = Moment(wall, shift if own is None else own)
    return Span((first,), (first._replace(later=lasts),))


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
        raise not_edtf(text)
    span, begins = _from_to(text, left if left != ".." else "", right if right != ".." else "")
    if span.firsts and span.afters and not set("TX") & {*text} and _end(right).firsts[0].wall < span.firsts[0].wall:
        raise ValueError(f"{text!r} ends before it begins")  # an end with fewer digits than the start is its first day
    return Edtf(span, begins)


def _from_to(text: str, left: str, right: str) -> tuple[Span, Span]:
    """What lasts from one end to the other, an empty one being open; and the part that it begins with."""
    first = _end(left) if left else Span((), ())
    last = _end(right, first.firsts[0].shift if left else None) if right else Span((), ())
    if left and right and _is_over(last, first):
        raise ValueError(f"{text!r} ends before it begins")
    return Span(first.firsts, last.afters), first if left else last._replace(firsts=())


def _is_over(last: Span, first: Span) -> bool:
    """Whether what lasts from the one to the other would end before it begins, in whatever zone."""
    [begins], [ends] = first.firsts, last.afters
    slack = 0 if (begins.shift is None) == (ends.shift is None) else _FURTHEST
    return _on_one_clock(ends) + slack <= _on_one_clock(begins)


def _on_one_clock(moment: Moment) -> int:
    return moment.wall + moment.later - 60 * SECOND * (moment.shift or 0)


def _set(text: str, match: re.Match[str]) -> Span:
    if match["open"] + match["close"] not in ("[]", "{}"):
        raise not_edtf(text)
    members = match["inside"].split(",")
    spans = [_member(member, index == 0, index == len(members) - 1) for index, member in enumerate(members)]
    firsts, afters = [span.firsts for span in spans], [span.afters for span in spans]
    return Span(tuple(chain(*firsts)) if all(firsts) else (), tuple(chain(*afters)) if all(afters) else ())


def _member(member: str, is_first: bool, is_last: bool) -> Span:
    """One member of a set: a date, `a..b`, and at the edges `..b` or `a..`."""
    left, dots, right = member.partition("..")
    if not dots:
        return _end(left)
    if not (left or right) or (not left and not is_first) or (not right and not is_last):
        raise not_edtf(member)
    return _from_to(member, left, right)[0]
