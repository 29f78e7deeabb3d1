"""Dates joined by small words: "by", "since", "from ... to", "between ... and", "or", "before", "after", "about"."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from events.dates.in_words.language import Language
from events.dates.in_words.reading import Reading, lasts, one_of
from events.dates.in_words.tokens import Token

_DATE = "Z"


class DateOrToken(NamedTuple):
    """Tokens that are read as one date, or one token that is none (then without readings)."""

    start: int
    end: int
    letter: str
    rule: str = ""
    readings: tuple[Reading, ...] = ()


class Combination(NamedTuple):
    """A pattern over the letters of parts, `Z` for a date; and what becomes of the readings of its dates."""

    rule: str
    pattern: str
    combine: Callable[[Sequence[Reading]], Reading | None]
    after: bool = False


def _until(dates: Sequence[Reading]) -> Reading:
    return Reading(f"../{dates[0].last}", "..", dates[0].last)


def _since(dates: Sequence[Reading]) -> Reading:
    return Reading(f"{dates[0].first}/..", dates[0].first, "..")


def _before(dates: Sequence[Reading]) -> Reading:
    return Reading(f"[..{dates[0].last}]", "..", dates[0].last)


def _after(dates: Sequence[Reading]) -> Reading:
    return Reading(f"[{dates[0].first}..]", dates[0].first, "..")


def _range(dates: Sequence[Reading]) -> Reading | None:
    return lasts(_of_year(dates), dates[1].last) if _of_year(dates) < dates[1].last else None


def _between(dates: Sequence[Reading]) -> Reading | None:
    return one_of(_of_year(dates), dates[1].last) if _of_year(dates) < dates[1].last else None


def _either(dates: Sequence[Reading]) -> Reading | None:
    one, other = dates
    is_plain = one.edtf == one.first and other.edtf == other.first
    return Reading(f"[{one.edtf},{other.edtf}]", one.first, other.last) if is_plain else None


def _about(dates: Sequence[Reading]) -> Reading | None:
    return Reading(f"{dates[0].edtf}~", dates[0].first, dates[0].last) if dates[0].edtf == dates[0].first else None


def _of_year(dates: Sequence[Reading]) -> str:
    """The first date, in the year of the second where it would else come after it."""
    first, last = dates[0].first, dates[1].last
    return last[:4] + first[4:] if first > last else first


COMBINATIONS = (
    Combination("from one date to another", "S[o]*Z[Tb-]o*Z", _range),
    Combination("from one date to another", "Z[T-]o*Z", _range),
    Combination("between two dates", "Wo*Z[cT]o*Z", _between),
    Combination("one date or another", "ZRo*Z", _either),
    Combination("until a date", "bo*Z", _until),
    Combination("since a date", "So*Z", _since),
    Combination("before a date", "<o*Z", _before),
    Combination("after a date", ">o*Z", _after),
    Combination("about a date", "~o*Z", _about),
    Combination("until a date", "Zb", _until, after=True),
    Combination("since a date", "ZS", _since, after=True),
)
_NOT_OF_WEEKDAYS = ("before a date", "after a date", "about a date")
_WEEKDAYS = ("weekday before the report", "weekday after the report")


def combined(parts: list[DateOrToken], language: Language) -> list[DateOrToken]:
    """The parts, with dates that small words join made one; the longest of those that begin at one place."""
    letters = "".join(part.letter for part in parts)
    if _DATE not in letters:
        return parts
    fits = [
        (fit.start(), -fit.end(), number, combination)
        for number, combination in enumerate(COMBINATIONS)
        if combination.after <= language.after
        for fit in re.finditer(combination.pattern, letters)
    ]
    found: list[DateOrToken] = []
    at = 0
    for start, minus_end, _, combination in sorted(fits, key=lambda each: each[:3]):
        whole = _joined(parts[start:-minus_end], combination) if start >= at else None
        if whole is not None:
            found += [*parts[at:start], whole]
            at = -minus_end
    return [*found, *parts[at:]]


def _joined(parts: Sequence[DateOrToken], combination: Combination) -> DateOrToken | None:
    dates = [part for part in parts if part.readings]
    if any(".." in (each.readings[0].first, each.readings[0].last) for each in dates):
        return None
    if combination.rule in _NOT_OF_WEEKDAYS and dates[0].rule in _WEEKDAYS:
        return None
    best = combination.combine([each.readings[0] for each in dates])
    if best is None:
        return None
    return DateOrToken(parts[0].start, parts[-1].end, _DATE, combination.rule, (best,))


def part_of(token: Token) -> DateOrToken:
    """A token that is no date."""
    return DateOrToken(token.start, token.end, token.letter)


def date_part(tokens: Sequence[Token], rule: str, readings: Sequence[Reading]) -> DateOrToken:
    """Tokens that are a date."""
    return DateOrToken(tokens[0].start, tokens[-1].end, _DATE, rule, tuple(readings))
