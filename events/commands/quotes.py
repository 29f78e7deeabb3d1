"""Finding quoted words in a text: the gate that every fact must pass.

Compared in Unicode NFC with white space folded. Places are counted in characters (code points) of the text as it was
given, as the W3C TextPositionSelector does; `exact`, `prefix` and `suffix` are those of the TextQuoteSelector.
"""

import hashlib
import re
import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache, cached

from events.errors import QuoteAmbiguous, QuoteNotFound

_WORDS = re.compile(r"\S+")
_MOST_PLACES = 20
_MOST_CHARACTERS = 16_000_000


def fold(text: str) -> str:
    """The text in NFC, with runs of white space folded to one space and none at its ends."""
    return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())


def digest(text: str | None) -> str:
    """SHA-256 of the text's UTF-8 bytes, in hexadecimal; of nothing where there is no text."""
    return hashlib.sha256((text or "").encode()).hexdigest()


class Place(NamedTuple):
    """Where a quote stands: `[start, end)` in characters of the text as given."""

    start: int
    end: int


class SearchableText:
    """One version's text, folded once, so that many quotes can be found in it."""

    def __init__(self, text: str) -> None:
        self.given = text
        self.folded, self._origins = _fold_with_origins(text)

    def places(self, exact: str, prefix: str = "", suffix: str = "") -> list[Place]:
        """Every place of the folded quote that stands between the folded prefix and suffix."""
        wanted, before, after = fold(exact), fold(prefix) if prefix else "", fold(suffix) if suffix else ""
        found = []
        start = self.folded.find(wanted) if wanted else -1
        while start >= 0:
            end = start + len(wanted)
            if not (before or after) or self._stands_between(before, start, end, after):
                found.append(Place(self._origins[start], self._end_of(end - 1)))
            start = self.folded.find(wanted, start + 1)
        return found

    def _stands_between(self, before: str, start: int, end: int, after: str) -> bool:
        left = self.folded[max(0, start - len(before) - 1) : start].rstrip() if before else ""
        right = self.folded[end : end + len(after) + 1].lstrip() if after else ""
        return left.endswith(before) and right.startswith(after)

    def _end_of(self, index: int) -> int:
        """Where what the folded character at `index` stands for ends in the text as given."""
        origin, after = self._origins[index], index + 1
        if self.folded[index].isspace():
            return origin + 1
        while after < len(self._origins) and self._origins[after] == origin:
            after += 1
        return self._origins[after] if after < len(self._origins) else len(self.given.rstrip())

    def locate(self, exact: str, prefix: str | None, suffix: str | None) -> Place:
        """The one place of the quote; none and several that prefix and suffix do not tell apart are refused."""
        places = self.places(exact, prefix or "", suffix or "")
        if not places:
            around = " between that prefix and suffix" if prefix or suffix else ""
            raise QuoteNotFound.at("/exact", f"the quote {_shown(exact)} does not stand in the text{around}")
        if len(places) > 1:
            listed = ", ".join(f"{place.start} to {place.end}" for place in places[:_MOST_PLACES])
            raise QuoteAmbiguous.at(
                "/exact",
                f"the quote {_shown(exact)} stands in {len(places)} places (characters {listed}); "
                "a prefix or suffix must choose one",
            )
        return places[0]


@cached(LRUCache(_MOST_CHARACTERS, lambda text: len(text.given)), lock=Lock())
def searchable(text: str) -> SearchableText:
    """The text, folded; of the texts cited lately as many as do not weigh too much are folded once.

    It is found by the text alone: what was erased is in no stream, so nobody can ask for it.
    """
    return SearchableText(text)


def _shown(quote: str) -> str:
    return repr(quote if len(quote) <= 300 else quote[:297] + "...")


def _fold_with_origins(text: str) -> tuple[str, Sequence[int]]:
    """The folded text and, for each of its characters, where its origin stands in the text as given."""
    if fold(text) == text:
        return text, range(len(text))
    folded: list[str] = []
    origins = array("L")
    end = 0
    for word in _WORDS.finditer(text):
        if folded:
            folded.append(" ")
            origins.append(end)  # of the word before
        is_composed = unicodedata.is_normalized("NFC", word[0])
        for start, end in [word.span()] if is_composed else _clusters(text, *word.span()):
            piece = text[start:end] if is_composed else unicodedata.normalize("NFC", text[start:end])
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
    """Whether the character may be composed with the one before it: a mark, or a vowel or final of Hangul."""
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"
