"""What a text has in the place of a quote that does not stand in it: shown with the refusal.

Words are compared without case and punctuation. Only windows around the quote's rarest words are looked at, a bounded
number of bounded size, so that it takes little time whatever text and quote.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches

_MOST_WORDS = 60
_ANCHORS, _PLACES = 6, 8
_LEAST_SHARE = 0.5
_LOOKED_THROUGH = 200_000
_EDGES = re.compile(r"^\W+|\W+$")


def nearest(text: str, quote: str) -> str | None:
    """The words of a text that are most like those of the quote; None where no more than half of them are the same.

    Args:
        text: the text, with white space folded.
        quote: the quote, folded too; of a long one the first words are looked for.
    """
    wanted = quote.split()[:_MOST_WORDS]
    best, share = None, _LEAST_SHARE
    for window in _windows(text, wanted):
        found = window.split()
        matcher = SequenceMatcher(None, list(map(_bare, wanted)), list(map(_bare, found)), autojunk=False)
        *blocks, _ = matcher.get_matching_blocks()
        same = sum(block.size for block in blocks) / len(wanted)
        if blocks and same > share:
            first, last = blocks[0], blocks[-1]
            end = last.b + len(wanted) - last.a
            best, share = " ".join(found[max(0, first.b - first.a) : end]), same
    return best or _like_one_word(text, wanted)


def _bare(word: str) -> str:
    return _EDGES.sub("", word).casefold() or word


def _windows(text: str, wanted: list[str]) -> Iterator[str]:
    """Pieces of the text in which the rarest words of the quote stand where they stand in the quote."""
    words = {_EDGES.sub("", word): index for index, word in reversed(list(enumerate(wanted)))}
    longest = sorted(filter(None, words), key=len, reverse=True)[: 2 * _ANCHORS]
    counted = sorted((count, word) for word in longest if (count := text.count(word)))
    length = len(" ".join(wanted))
    for _, word in counted[:_ANCHORS]:
        before = len(" ".join(wanted[: words[word]]))
        place = -1
        for _ in range(_PLACES):
            place = text.find(word, place + 1)
            if place < 0:
                break
            slack = length // 4 + 20
            start = text.rfind(" ", 0, max(0, place - before - slack)) + 1
            end = text.find(" ", place - before + length + slack)
            yield text[start : end if end > 0 else len(text)][: 4 * length + 200]


def _like_one_word(text: str, wanted: list[str]) -> str | None:
    """Of a quote of one word, the word of the text that is spelled most like it."""
    if len(wanted) != 1:
        return None
    close = get_close_matches(wanted[0], set(text[:_LOOKED_THROUGH].split()), 1, 0.75)
    return close[0] if close else None
