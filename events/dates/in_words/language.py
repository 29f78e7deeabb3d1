"""What a language says of dates: names from CLDR (by Babel), and a table of the words that CLDR has not."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from babel.dates import get_day_names, get_month_names

CLASSES = {
    "month": "m",
    "weekday": "w",
    "season": "s",
    "season time": "z",
    "day": "D",
    "week": "K",
    "month unit": "M",
    "year": "Y",
    "weekend": "E",
    "part": "p",
    "last": "l",
    "this": "t",
    "next": "f",
    "last year": "G",
    "filler": "o",
    "in": "i",
    "until": "b",
    "since": "S",
    "to": "T",
    "between": "W",
    "and": "c",
    "or": "R",
    "before": "<",
    "after": ">",
    "about": "~",
    "ago": "A",
    "later": "+",
    "earlier": "^",
    "relative day": "r",
    "day told before": "=",
    "night": "N",
    "time of day": "e",
    "count": "q",
    "ordinal": "O",
}
"""The classes of words and the letter that stands for each in the patterns of `rules`."""

Words = Mapping[str, Mapping[int, str]]
Meaning = tuple[str, int]
"""The letter of a class, and a value: the number of a month or weekday, how many days from the report."""

_ALIKE = str.maketrans("éèêëâûùôîïçёأإآٱى’ʼ", "eeeeauuoiicеااااي''")
_MARKS = re.compile("[\u00ad\u0300-\u036f\u064b-\u065f\u0670\u0640]")


@dataclass(frozen=True, eq=False)
class Language:
    """How a language writes dates.

    Attributes:
        words: for each class of words the values, each with its words and phrases, parted by commas.
        future, said: patterns of words after which a weekday is one to come, or is one gone by.
        locales: those of CLDR whose names of months are read.
        suffixes: a pattern of endings that months and weekdays may take.
        prefixes: letters that are written together with the next word.
        month_first: a month may stand before its day.
        adjectives_follow: "last" and "next" stand after their noun.
        after: "until", "since" and "end of" stand after their noun.
        bare_weekdays: a weekday needs no word before it.
        parts_at_apostrophes: an apostrophe parts two words.
    """

    code: str
    words: Words
    future: str
    said: str
    locales: tuple[str, ...] = ()
    suffixes: str = ""
    prefixes: str = ""
    month_first: bool = False
    adjectives_follow: bool = False
    after: bool = False
    bare_weekdays: bool = False
    parts_at_apostrophes: bool = False

    def folded(self, word: str) -> str:
        """A word as it is looked up: without case, and without the marks that writers leave out."""
        return _folded(word.replace("İ", "i").replace("I", "ı") if self.code == "tr" else word)

    @cached_property
    def phrases(self) -> dict[tuple[str, ...], Meaning]:
        """Each phrase of the language, as folded words, and what it means."""
        found: dict[tuple[str, ...], Meaning] = {}
        for locale in self.locales or (self.code,):
            for context in ("format", "stand-alone"):
                months, days = (get(width="wide", context=context, locale=locale) for get in _NAMES)
                found.update({self._key(name): ("m", number) for number, name in months.items()})
                found.update({self._key(name): ("w", number + 1) for number, name in days.items()})
        for name, values in self.words.items():
            for value, phrases in values.items():
                found.update({self._key(each): (CLASSES[name], value) for each in phrases.split(", ")})
        return found

    @cached_property
    def longest(self) -> dict[str, int]:
        """For each word that begins phrases, how many words the longest of them has."""
        found: dict[str, int] = {}
        for phrase in self.phrases:
            found[phrase[0]] = max(len(phrase), found.get(phrase[0], 0))
        return found

    @cached_property
    def endings(self) -> re.Pattern[str] | None:
        """Months and weekdays with their endings, where the language has such."""
        if not self.suffixes:
            return None
        names = sorted((words[0] for words, (of, _) in self.phrases.items() if of in "mw"), key=len, reverse=True)
        return re.compile(rf"({'|'.join(names)})({self.suffixes})")

    def _key(self, phrase: str) -> tuple[str, ...]:
        return tuple(self.folded(word.rstrip(".")) for word in re.findall(r"[^\s-]+|-", phrase))


@lru_cache(maxsize=32_768)
def _folded(word: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFC", word.lower()).translate(_ALIKE))


_NAMES = (get_month_names, get_day_names)
