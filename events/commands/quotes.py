"""Finding quoted words in a text: the gate that every fact must pass.

Compared in Unicode NFC with white space folded, and without what typesetting adds to words: characters that are not
seen (soft hyphens, marks of direction, variation selectors), ligatures, the shapes of Arabic letters, curly quotation
marks. Places are counted in characters (code points) of the text as it was given, as the W3C TextPositionSelector does;
`exact`, `prefix` and `suffix` are those of the TextQuoteSelector.
"""

import hashlib
import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, product
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache, cached

from events.errors import QuoteAmbiguous, QuoteNotFound

_WORDS = re.compile(r"\S+")
_UNSEEN = "\xad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
"""Default_Ignorable_Code_Point (UAX #44), without the fillers, which take the room of letters."""
_SINGLE_QUOTES, _DOUBLE_QUOTES, _HYPHENS = "\u2018\u2019\u201a\u201b\u02bc", "\u201c\u201d\u201e\u201f", "\u2010\u2011"
_SHAPES = "\ufb00-\ufb06\ufb50-\ufc5d\ufc64-\ufdf9\ufe80-\ufefc"
"""Ligatures, and Arabic letters by their place in the word: what Unicode has for texts of older character sets."""
_TYPESET = re.compile(f"[{_UNSEEN}{_SINGLE_QUOTES}{_DOUBLE_QUOTES}{_HYPHENS}{_SHAPES}]")
_PLAIN = {**dict.fromkeys(_SINGLE_QUOTES, "'"), **dict.fromkeys(_DOUBLE_QUOTES, '"'), **dict.fromkeys(_HYPHENS, "-")}
_IS_UNSEEN = re.compile(f"[{_UNSEEN}]")
_SOFT_HYPHEN = "\xad"
_DIVISION = "\ue000"  # of private use: stands for a soft hyphen where it is not left out
_MOST_PLACES = 20
_MOST_CHARACTERS = 16_000_000


def fold(text: str) -> str:
    """The text as it is compared, with runs of white space folded to one space and none at its ends."""
    return " ".join((text if text.isascii() else _plain(text)).split())


def _plain(text: str) -> str:
    """The text in NFC, without what typesetting adds to its words."""
    return unicodedata.normalize("NFC", _TYPESET.sub(_plain_character, text))


def _plain_character(found: re.Match[str]) -> str:
    character = found[0]
    if _IS_UNSEEN.match(character):
        return ""
    return _PLAIN.get(character) or unicodedata.normalize("NFKC", character)


def says(passage: str, exact: str) -> bool:
    """Whether a passage is the quote; a soft hyphen may stand for a real one, as at the end of a printed line."""
    wanted, at = fold(exact), 0
    for character in fold(passage.replace(_SOFT_HYPHEN, _DIVISION)):
        if character == _DIVISION:
            at += wanted[at : at + 1] == "-"
        elif wanted[at : at + 1] == character:
            at += 1
        else:
            return False
    return at == len(wanted)


def digest(text: str | None) -> str:
    """SHA-256 of the text's UTF-8 bytes, in hexadecimal; of nothing where there is no text."""
    return hashlib.sha256((text or "").encode()).hexdigest()


class TextSpan(NamedTuple):
    """Where a quote stands: `[start, end)` in characters of the text as given."""

    start: int
    end: int


class SearchableText:
    """One version's text, folded once, so that many quotes can be found in it."""

    def __init__(self, text: str) -> None:
        self.given = text
        self.folded, self._origins = _fold_with_origins(text)

    @cached_property
    def _unhyphened(self) -> "SearchableText | None":
        """The text without any hyphens; None where none of them is soft."""
        return SearchableText(self.given.replace("-", _SOFT_HYPHEN)) if _SOFT_HYPHEN in self.given else None

    def holds(self, exact: str) -> bool:
        """Whether the folded quote stands anywhere."""
        wanted = fold(exact)
        return bool(wanted) and (wanted in self.folded or bool(self._divided(exact, "", "")))

    def places(self, exact: str, prefix: str = "", suffix: str = "") -> list[TextSpan]:
        """The places of the folded quote that stands between the folded prefix and suffix, the first 20 at the most.

        They are looked for together, as one run of words with or without a space between them.
        """
        wanted, before, after = fold(exact), fold(prefix), fold(suffix)
        heads = (before, f"{before} ") if before else ("",)
        tails = (after, f" {after}") if after else ("",)
        starts = [
            start + len(head)
            for head, tail in product(heads, tails)
            for start in islice(self._starts(f"{head}{wanted}{tail}"), _MOST_PLACES)
            if wanted
        ]
        if not starts:
            return self._divided(exact, prefix, suffix)
        return [
            TextSpan(self._origins[start], self._end_of(start + len(wanted) - 1))
            for start in sorted(starts)[:_MOST_PLACES]
        ]

    def _divided(self, exact: str, prefix: str, suffix: str) -> list[TextSpan]:
        """The places of a quote whose hyphens are soft ones in the text."""
        if "-" not in exact or self._unhyphened is None:
            return []
        found = self._unhyphened.places(*(fold(each).replace("-", "") for each in (exact, prefix, suffix)))
        return [place for place in found if says(self.given[place.start : place.end], exact)]

    def _starts(self, words: str) -> Iterator[int]:
        start = self.folded.find(words)
        while start >= 0:
            yield start
            start = self.folded.find(words, start + 1)

    def _end_of(self, index: int) -> int:
        """Where what the folded character at `index` stands for ends in the text as given."""
        origin = self._origins[index]
        if self.folded[index].isspace():
            return origin + 1
        after = bisect_right(self._origins, origin, index)
        return self._origins[after] if after < len(self._origins) else len(self.given.rstrip())

    def locate(self, exact: str, prefix: str | None, suffix: str | None) -> TextSpan:
        """The one place of the quote; none and several that prefix and suffix do not tell apart are refused."""
        places = self.places(exact, prefix or "", suffix or "")
        if not places:
            around = " between that prefix and suffix" if prefix or suffix else ""
            raise QuoteNotFound.at("/exact", f"the quote {shown(exact)} does not stand in the text{around}")
        if len(places) > 1:
            count = f"{_MOST_PLACES} places or more" if len(places) == _MOST_PLACES else f"{len(places)} places"
            listed = ", ".join(f"{place.start} to {place.end}" for place in places)
            where = f"stands in {count} (characters {listed})"
            raise QuoteAmbiguous.at("/exact", f"the quote {shown(exact)} {where}; a prefix or suffix must choose one")
        return places[0]


@cached(LRUCache(_MOST_CHARACTERS, lambda text: len(text.given)), lock=Lock())
def searchable(text: str) -> SearchableText:
    """The text, folded; of the texts cited lately as many as do not weigh too much are folded once.

    It is found by the text alone: what was erased is in no stream, so nobody can ask for it.
    """
    return SearchableText(text)


def shown(quote: str) -> str:
    """A quote as refusals show it."""
    return repr(quote if len(quote) <= 300 else quote[:297] + "...")


def _fold_with_origins(text: str) -> tuple[str, Sequence[int]]:
    """The folded text and, for each of its characters, where its origin stands in the text as given."""
    if fold(text) == text:
        return text, range(len(text))
    folded: list[str] = []
    origins = array("L")
    end = 0
    for word in _WORDS.finditer(text):
        plain = _plain(word[0])
        if not plain:
            continue
        if folded:
            folded.append(" ")
            origins.append(end)  # of the word before
        is_plain = plain == word[0]
        for start, end in [word.span()] if is_plain else _clusters(text, *word.span()):
            piece = text[start:end] if is_plain else _plain(text[start:end])
            folded.append(piece)
            origins.extend(range(start, end) if len(piece) == end - start else [start] * len(piece))
    return "".join(folded), origins


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of the characters of a word, each with those that may be composed with it."""
    for index in range(start + 1, end):
        if not _continues(text[index]):
            yield start, index
            start = index
    yield start, end


def _continues(character: str) -> bool:
    """Whether the character belongs to the one before it: a mark, a vowel or final of Hangul, or what is not seen."""
    is_hangul = "\u1160" <= character <= "\u11ff"
    return is_hangul or unicodedata.category(character).startswith("M") or bool(_IS_UNSEEN.match(character))
