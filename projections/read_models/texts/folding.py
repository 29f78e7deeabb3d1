"""Words as they are looked for, without case, accents or alphabet: Умеров is found by Umerov, Türkiye by Turkiye.

Letters are written in Latin (by anyascii), and i, j and y are one letter, as alphabets are written in Latin by several
rules: Zelenskiy, Zelenskyj, Zelensky. In scripts without spaces each character is a word.
"""

import re
import unicodedata
from collections.abc import Iterator, Set
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from events.errors import Invalid

UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_INSIDE = "\u00ad\u200c\u200d" + "".join(
    chr(each) for each in range(0x300, 0x10000) if unicodedata.category(chr(each))[0] == "M"
)
"""What stands inside of words beside letters and digits: marks, soft hyphens, joiners."""
_WORD = re.compile(rf"[{UNSPACED}]|(?:[^\W_{UNSPACED}]|[{_INSIDE}])+")
_PLAIN_WORD = re.compile("[a-z0-9]+")
_OTHER, _ONE_LETTER = re.compile("[^a-z0-9]+"), re.compile("[ijy]+")
_LONGEST_WORD = 64
"""Longer words are found by their beginnings."""
_LONGEST_EXACT = 2
MOST_SOUGHT_WORDS = 20


class Word(NamedTuple):
    """A word of a text: `[start, end)` in characters, and the word folded."""

    start: int
    end: int
    folded: str


def words_in(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for found in _WORD.finditer(text):
        if word := _folded(found[0]):
            yield Word(*found.span(), word)


def folded_words(text: str) -> set[str]:
    """The same folded, each once."""
    if text.isascii():
        return {word[:_LONGEST_WORD] for word in _PLAIN_WORD.findall(_ONE_LETTER.sub("i", text.lower()))}
    return {folded for word in set(_WORD.findall(text)) if (folded := _folded(word))}


@lru_cache(maxsize=65_536)
def _folded(word: str) -> str:
    latin = word if word.isascii() else anyascii(unicodedata.normalize("NFC", word))
    return _ONE_LETTER.sub("i", _OTHER.sub("", latin.lower()))[:_LONGEST_WORD]


class SoughtWord(NamedTuple):
    """A word that is looked for; one of three letters or more is found in every word that begins with it."""

    folded: str
    begins: bool

    def is_in(self, words: Set[str]) -> bool:
        """Whether it stands among folded words."""
        return self.folded in words or (self.begins and any(word.startswith(self.folded) for word in words))

    def is_found_by(self, word: str) -> bool:
        """Whether a folded word is what is looked for."""
        return word == self.folded or (self.begins and word.startswith(self.folded))


class Sought(tuple[SoughtWord, ...]):
    """All that is looked for: what is found holds all these words."""

    __slots__ = ()

    def stand_in(self, words: Set[str]) -> bool:
        """Whether all stand among folded words."""
        return all(each.is_in(words) for each in self)


def sought_in(text: str) -> Sought:
    """The words of a text that somebody looks for.

    Raises:
        Invalid: it has no words, or too many.
    """
    words = sorted(folded_words(text))
    if not words:
        raise Invalid.at("/q", f"{text!r:.80} holds no word to look for")
    if len(words) > MOST_SOUGHT_WORDS:
        raise Invalid.at("/q", f"{len(words)} words are too many to look for (at most {MOST_SOUGHT_WORDS})")
    return Sought(SoughtWord(each, len(each) > _LONGEST_EXACT and not each.isdecimal()) for each in words)
