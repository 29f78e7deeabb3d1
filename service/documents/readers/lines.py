"""Printed lines joined to paragraphs, and words that were divided at the end of a line."""

import re
from collections.abc import Iterable, Sequence

_DIVIDED = re.compile("([^\\W_]+)[-\u2010\xad]$")
_NEXT = re.compile(r"[^\W_]+")
_ENDS_SENTENCE = re.compile("[.!?:\u2026\u061f\u06d4][\"'\u201d\u2019\xbb)]*$")
_SHORT = 0.8
"""A line that ends a sentence and is shorter than this part of the longest ends a paragraph."""


def paragraphs(pages: Iterable[Sequence[str]]) -> str:
    """The text of printed pages: a paragraph a line, an empty line between them.

    A paragraph goes on over the end of a page where no sentence ends there.
    """
    lines = [[line.strip() for line in page] for page in pages]
    words = set(re.findall(r"[^\W_]+(?:-[^\W_]+)*", "\n".join(line for page in lines for line in page).lower()))
    found: list[str] = [""]
    for page in lines:
        longest = max(map(len, page), default=0)
        for line in page:
            if not line:
                found.append("")
                continue
            found[-1] = _joined(found[-1], line, words)
            if _ENDS_SENTENCE.search(line) and len(line) < _SHORT * longest:
                found.append("")
        if found[-1] and _ENDS_SENTENCE.search(found[-1]):
            found.append("")
    return "\n\n".join(filter(None, found))


def _joined(before: str, line: str, words: set[str]) -> str:
    """A line joined to what stands before it.

    A hyphen that divides a word becomes a soft one, which no quote needs to have; it stays where what it joins stands
    with it elsewhere in the document, or is no word in small letters.
    """
    divided, following = _DIVIDED.search(before), _NEXT.match(line)
    if not divided or not following:
        return f"{before} {line}".strip()
    first, second = divided[1].lower(), following[0].lower()
    is_hyphened = f"{first}-{second}" in words and first + second not in words
    is_word = following[0].islower() and not first[-1].isdigit()
    return before[: divided.end(1)] + ("\xad" if is_word and not is_hyphened else "-") + line
