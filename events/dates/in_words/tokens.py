"""A text as the words and numbers of dates, each with the letter of its class.

Beside the classes of words: `n` a number that may be a day, `y` one that may be a year, `#` another, `X` a date in
numbers, `x` any other word, `!` what parts dates; punctuation marks stand for themselves.
"""

import re
from functools import cache
from typing import NamedTuple

from events.dates.in_words.language import Language, Meaning

_LETTER = "[^\\W\\d_]"
_WORD = f"{_LETTER}(?:{_LETTER}|[\u0300-\u036f\u064b-\u065f\u0670\u0640\u00ad])*"
_ORDINAL = r"(?:(?:st|nd|rd|th|er|re|º)\b|-(?:го|ого|му|е|а|ше|ге|те|ге|й)\b)?"
_WHOLE = r"\d{4}-\d{2}-\d{2}|\d{1,2}(?P<mark>[./-])\d{1,2}(?P=mark)\d{4}"
_PUNCTUATION = {"–": "-", "—": "-", "-": "-", "‑": "-", ",": ",", "،": ",", ".": ".", "/": "/"}
_SILENT = "'’\u200e\u200f\u2066\u2067\u2068\u2069"


class Token(NamedTuple):
    """A word or number at `[start, end)`: the letter of its class, its value, and whether it has an ending."""

    start: int
    end: int
    letter: str
    value: int = 0
    ends: bool = False


@cache
def _scanner(language: Language) -> re.Pattern[str]:
    joins = language.code == "uk"
    word = rf"{_WORD}(?:['’ʼ]{_WORD})*" if joins else _WORD
    ending = "" if joins or language.parts_at_apostrophes else rf"(?P<ending>['’]{_WORD})?"
    return re.compile(
        rf"(?:(?P<whole>(?<!\d)(?:{_WHOLE})(?!\d))|(?P<number>\d+{_ORDINAL})|(?P<word>{word})){ending}"
        r"|(?P<gap>\n\s*\n)|(?P<other>\S)"
    )


def tokens_of(text: str, language: Language) -> list[Token]:
    """The tokens of a text, in order; of other words that follow each other only the first."""
    plain = _plain_tokens(text, language)
    found: list[Token] = []
    at = 0
    while at < len(plain):
        token, word = plain[at]
        length, meaning = _phrase(plain, at, language) if word else (1, None)
        if meaning is not None:
            last = plain[at + length - 1][0]
            token = Token(token.start, last.end, meaning[0], meaning[1], last.ends)
        if token.letter != "x" or not found or found[-1].letter != "x":
            found.append(token)
        at += length
    return found


def _phrase(plain: list[tuple[Token, str]], at: int, language: Language) -> tuple[int, Meaning | None]:
    """The longest phrase of the language that begins here."""
    first = plain[at][1]
    for length in range(language.longest.get(first, 0), 0, -1):
        words = tuple(word for _, word in plain[at : at + length])
        if len(words) == length and words in language.phrases:
            return length, language.phrases[words]
    return 1, None


def _plain_tokens(text: str, language: Language) -> list[tuple[Token, str]]:
    """Words that are not looked up yet, and all else."""
    found: list[tuple[Token, str]] = []
    scanner = _scanner(language)
    named = scanner.groupindex
    for match in scanner.finditer(text):
        start, end = match.span()
        ends = "ending" in named and match["ending"] is not None
        if match["word"]:
            found += _words(match["word"], Token(start, end, "x", ends=ends), language)
        elif match["number"]:
            found.append((_number(match["number"], start, end, ends), ""))
        elif match["whole"]:
            found.append((Token(start, end, "X"), ""))
        elif match[0] not in _SILENT:
            letter = _PUNCTUATION.get(match[0], "!")
            found.append((Token(start, end, letter), letter if letter == "-" else ""))
    return found


def _words(word: str, token: Token, language: Language) -> list[tuple[Token, str]]:
    """A word without its ending, and one written together with the word before parted from it."""
    folded = language.folded(word)
    if folded in language.longest:
        return [(token, folded)]
    if language.endings and (split := language.endings.fullmatch(folded)):
        return [(token._replace(ends=True), split[1])]
    if word[0] in language.prefixes and folded[1:] in language.longest:
        middle = token.start + 1
        return [(token._replace(end=middle), folded[0]), (token._replace(start=middle), folded[1:])]
    return [(token, folded)]


def _number(text: str, start: int, end: int, ends: bool) -> Token:
    digits = "".join(each for each in text if each.isdecimal())
    value = int(digits[:9])
    if len(digits) == 4 and 1000 <= value <= 2999:
        return Token(start, end, "y", value, ends)
    return Token(start, end, "n" if 1 <= value <= 31 and len(digits) <= 2 else "#", value, ends)
