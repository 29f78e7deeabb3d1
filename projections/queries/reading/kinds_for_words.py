"""Which kinds of facts marked words may be: ranked by the verbs beside each kind; a suggestion, never a choice."""

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from events.facts import KINDS, Fact

SUGGESTED = 3
_VERB, _NOUN, _SOME_VERB = 3.0, 2.0, 1.0
_MARKS = re.compile("[\u064b-\u065f\u0670\u0640\u00ad]")
_ANY_LANGUAGE = "en"


class KindForWords(NamedTuple):
    """A kind with its name in words, and the beginnings of words because of which it is suggested."""

    kind: str
    words: str
    because: tuple[str, ...]


def kinds_for(text: str, language: str | None, most: int = SUGGESTED) -> list[KindForWords]:
    """The kinds whose verbs stand in the words: first those whose subjects are named too, then by length of the verbs.

    Without verbs there is no suggestion.
    """
    code = (language or _ANY_LANGUAGE).lower().partition("-")[0]
    plain = _MARKS.sub("", text).replace("’", "'").lower()
    ranked = []
    for order, kind in enumerate(KINDS.values()):
        verbs, nouns = _found(kind.verbs.get(code, ()), plain), _found(_nouns(kind, code), plain)
        if verbs:
            score = _VERB + _SOME_VERB * (len(verbs) - 1) + max(map(len, verbs)) / 10 + (_NOUN if nouns else 0)
            ranked.append((-score, order, KindForWords(kind.__name__, kind.words, (*verbs, *nouns))))
    return [found for _, _, found in sorted(ranked)[:most]]


def _nouns(kind: type[Fact], code: str) -> tuple[str, ...]:
    return kind.about.nouns.get(code, ()) if kind.about else ()


def _found(stems: Iterable[str], text: str) -> list[str]:
    return [stem for stem in stems if _begins(stem).search(text)]


@cache
def _begins(stem: str) -> re.Pattern[str]:
    """The stem at the beginning of a word; Arabic writes small words together with the next."""
    return re.compile(re.escape(stem) if "\u0600" <= stem[0] <= "\u06ff" else rf"(?<!\w){re.escape(stem)}")
