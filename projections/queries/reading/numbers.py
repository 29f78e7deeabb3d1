"""Numbers in a text as counts: "1,212", "over 500", "not quite 400", "between 25 and 30", "twenty-five", "dozens"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from projections.queries.reading.number_words import NUMBER_WORDS, Exactness, NumberWords

_DIGITS = r"\d{1,3}(?:[,.\u00a0\u202f\u2009 ]\d{3})+(?!\d)|\d+"
_LONGEST_DIGITS = 12
_WITH_BOUNDS = re.compile(r"([^()]+) \(([^()]+)\)")
_ALONE_NO_NUMBER = 1
"""In words: "one" and its like are articles and pronouns more often than numbers."""


@dataclass(frozen=True, slots=True)
class NumberInWords:
    """A proposal: what stands at `[start, end)` of a text, in characters, as a count, and how exactly it is told."""

    start: int
    end: int
    count: dict[str, int]
    exactness: Exactness


def numbers_in(text: str, language: str | None) -> Iterator[NumberInWords]:
    """The numbers of a text in the order in which they stand, in words as the language has them.

    What is about so many is as exact as its last digit that is not zero: about 300 is 250 to 350.
    """
    code = (language or "").lower().partition("-")[0]
    code = code if code in NUMBER_WORDS else "en"
    for found in _pattern(code).finditer(text):
        number = _number_at(found, NUMBER_WORDS[code])
        if number is not None:
            yield number


def count_typed(text: str, language: str | None = None) -> dict[str, int] | None:
    """What somebody typed, read as one count, in that language or in the first in which all of it is one.

    Beside what texts say, "one", "390 to 400" and "15 (12 to 18)" are understood; None where nothing is.
    """
    typed = " ".join(text.split())
    if parts := _WITH_BOUNDS.fullmatch(typed):
        best, bounds = (count_typed(each, language) for each in parts.groups())
        return {**best, **bounds} if best and bounds and "best" in best and "best" not in bounds else None
    code = (language or "").lower().partition("-")[0]
    for each in (code, *NUMBER_WORDS) if code in NUMBER_WORDS else NUMBER_WORDS:
        found = _pattern(each).fullmatch(typed)
        number = _number_at(found, NUMBER_WORDS[each], is_typed=True) if found else None
        if number is not None and number.end == len(typed):
            return number.count
    return None


def _number_at(found: re.Match[str], words: NumberWords, *, is_typed: bool = False) -> NumberInWords | None:
    if found["many"]:
        return NumberInWords(*found.span("many"), {"low": _meaning(words.many)[_plain(found["many"])]}, "at least")
    times, last_times = (_meaning(words.times).get(_plain(found[each] or ""), 1) for each in ("times", "last_times"))
    first = _value(found["number"], words)
    last = _value(found["last"], words) if found["last"] else None
    told: Exactness = next(
        (each for each in (_told(found["before"], words.before), _told(found["after"], words.after)) if each), "exactly"
    )
    if first is None or (first == _ALONE_NO_NUMBER and not is_typed and not found["number"][0].isdecimal()):
        return None
    if last is not None:
        low, high = first * (last_times if times == 1 else times), last * last_times
        if (told == "between" or found["dash"] or is_typed) and low < high + is_typed:
            return NumberInWords(*found.span(), {"low": low, "high": high}, "between")
    start = found.start("number") if told in ("between", "exactly") else found.start()
    end = found.start("range") if found["range"] else found.end()
    told = "exactly" if told == "between" else told
    return NumberInWords(start, end, count_told(first * times, told), told)


def count_told(number: int, told: Exactness) -> dict[str, int]:
    """The count of a number that is told so exactly."""
    digits = str(number)
    half = 10 ** (len(digits) - len(digits.rstrip("0"))) // 2
    counts: dict[Exactness, dict[str, int]] = {
        "more than": {"low": number + 1},
        "at least": {"low": number},
        "almost": {"low": number - max(half, 1), "high": number - 1},
        "less than": {"high": number - 1},
        "at most": {"high": number},
        "about": {"best": number, "low": number - half, "high": number + half},
    }
    found = counts.get(told, {"best": number})
    return {name: max(end, 0) for name, end in found.items()}


def _value(text: str, words: NumberWords) -> int | None:
    """The number that the digits or words say; None where it is too large."""
    if text[0].isdecimal():
        digits = "".join(each for each in text if each.isdecimal())
        return int(digits) if len(digits) <= _LONGEST_DIGITS else None
    values = _meaning(words.words)
    total = 0
    for word in re.findall(_any(words.words), text, re.IGNORECASE):
        value = values[_plain(word)]
        is_times = (value == 100 and total % 100) or (value == 20 and total == 4)  # two hundred, quatre-vingts
        total = total * value if is_times else total + value
    return total


def _told(text: str | None, words: Mapping[Exactness, str]) -> Exactness | None:
    return next((told for told, phrases in words.items() if text and _plain(text) in phrases.split(",")), None)


@cache
def _meanings(phrases: tuple[tuple[int, str], ...]) -> dict[str, int]:
    return {_plain(each): value for value, some in phrases for each in some.split(",")}


def _meaning(phrases: Mapping[int, str]) -> dict[str, int]:
    return _meanings(tuple(phrases.items()))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("’", "'").lower()).strip()


@cache
def _pattern(code: str) -> re.Pattern[str]:
    """What a number of the language looks like, with the words around it that say how exact it is."""
    words = NUMBER_WORDS[code]
    word = _any(words.words)
    joined = rf"(?:[\s-]+|\s*{words.joins}\s*)" if words.joins else r"[\s-]+"
    spoken = rf"\b{word}(?:{joined}{word})*\b"
    number, times = rf"(?:{_DIGITS}|{spoken})", _any(words.times)
    to = "|".join(words.to.split(","))
    return re.compile(
        rf"(?:\b(?P<before>{_any(words.before)})(?:\s+|(?<=')))?"
        rf"(?<![\w.,-])(?P<number>{number})(?![\w%]|[.,]\d)(?:\s+(?P<times>{times})(?!\w))?"
        rf"(?P<range>(?:\s*(?P<dash>[-–])\s*|\s+(?:{to})\s*)(?P<last>{number})(?![\w%]|[.,]\d)(?:\s+(?P<last_times>{times})(?!\w))?)?"
        rf"(?:\s*['’]?\s*(?P<after>{_any(words.after) if words.after else '(?!)'})\b)?"
        rf"|\b(?P<many>{_any(words.many)})\b",
        re.IGNORECASE,
    )


def _any(phrases: Mapping[Any, str]) -> str:
    """A pattern of any of the phrases, the longest first."""
    all_of = sorted({each for some in phrases.values() for each in some.split(",")} - {"-"}, key=len, reverse=True)
    return "(?:" + "|".join(r"\s+".join(map(re.escape, each.split())) for each in all_of) + ")"
