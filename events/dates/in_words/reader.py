"""Reads dates in words: those of a text, told from the day of its report, and those that somebody types."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from events.dates import edtf
from events.dates.bounds import bounds_of
from events.dates.calendar import DAY, civil_date
from events.dates.in_words.combinations import DateOrToken, combined, date_part, part_of
from events.dates.in_words.language import Language
from events.dates.in_words.languages.arabic import ARABIC
from events.dates.in_words.languages.english import ENGLISH
from events.dates.in_words.languages.french import FRENCH
from events.dates.in_words.languages.russian import RUSSIAN
from events.dates.in_words.languages.turkish import TURKISH
from events.dates.in_words.languages.ukrainian import UKRAINIAN
from events.dates.in_words.place import Place
from events.dates.in_words.reading import Reading
from events.dates.in_words.rules import Rule, rules_of
from events.dates.in_words.tokens import tokens_of

_SHORT, _MOST_SHORT = 20, 1_000
_NOWHERE = re.compile("").match("")
LANGUAGES = {each.code: each for each in (ENGLISH, UKRAINIAN, RUSSIAN, TURKISH, FRENCH, ARABIC)}


@dataclass(frozen=True, slots=True)
class DateInWords:
    """A proposal: what stands at `[start, end)` of a text, in characters, read as EDTF by a rule.

    `others` are other readings that are as honest, the likeliest first.
    """

    start: int
    end: int
    edtf: str
    rule: str
    others: tuple[str, ...] = ()


def dates_in(text: str, language: str | None, published: date) -> list[DateInWords]:
    """The dates of a text in the order in which they stand, told from the day of its report.

    In a text of an unknown language those words count in which most dates are found.
    """
    known = LANGUAGES.get((language or "").lower().partition("-")[0])
    if known is not None:
        return _dates(text, known, published)
    return max((_dates(text, each, published) for each in LANGUAGES.values()), key=len)


def date_typed(text: str, today: date) -> DateInWords | None:
    """What somebody typed, read as one date by the first language in which all of it is one; None if none is."""
    typed = text.strip()
    for language in LANGUAGES.values():
        for each in _dates(typed, language, today):
            if each.start == 0 and each.end == len(typed):
                return each
    return None


def _dates(text: str, language: Language, published: date) -> list[DateInWords]:
    parts = combined(_parts(text, language, published), language)
    return [_proposal(part) for part in parts if part.readings]


def _proposal(part: DateOrToken) -> DateInWords:
    edtf, *others = dict.fromkeys(each.edtf for each in part.readings)
    return DateInWords(part.start, part.end, edtf, part.rule, tuple(others))


def _parts(text: str, language: Language, published: date) -> list[DateOrToken]:
    """The text as dates, each by the rule that fits the most words, and as the tokens between them."""
    assert _NOWHERE is not None
    tokens = tokens_of(text, language)
    letters = "".join(token.letter for token in tokens)
    found: list[DateOrToken] = []
    at, told = 0, None
    for place, rule in _places(letters, Place(tokens, _NOWHERE, text, language, published)):
        start, end = place.fit.span()
        readings = _readings(replace(place, told=told), rule) if start >= at else []
        if readings:
            found += [
                *map(part_of, tokens[at:start]),
                date_part(tokens[start:end], rule.name_of(readings, published), readings),
            ]
            at, told = end, _single_day(readings) or told
    return [*found, *map(part_of, tokens[at:])]


def _places(letters: str, nowhere: Place) -> Iterator[tuple[Place, Rule]]:
    """All places that a rule fits: from left to right, the longest first, then in the order of the rules."""
    fits = _fits_of_short if len(letters) <= _SHORT else _fits
    for *_, fit, rule in fits(letters, nowhere.language):
        yield replace(nowhere, fit=fit), rule


def _fits(letters: str, language: Language) -> list[tuple[int, int, int, re.Match[str], Rule]]:
    fits = [
        (fit.start(), -fit.end(), number, fit, rule)
        for number, (rule, pattern) in enumerate(rules_of(language))
        for fit in pattern.finditer(letters)
    ]
    return sorted(fits, key=lambda each: each[:3])


_fits_of_short = lru_cache(_MOST_SHORT)(_fits)
"""Cells of a column are dates of a few shapes: what fits the letters of each is found once."""


def _readings(place: Place, rule: Rule) -> list[Reading]:
    try:
        return rule.read(place)
    except (ValueError, OverflowError):  # there is no such day, or no such year
        return []


def _single_day(readings: Sequence[Reading]) -> date | None:
    first, last = readings[0].first, readings[0].last
    return date.fromisoformat(first) if first == last and len(first) == len("2025-06-02") else None


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
