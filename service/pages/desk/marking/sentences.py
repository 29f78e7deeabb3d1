"""A text cut into paragraphs and sentences, and these into stretches that are cited or not."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

Span = tuple[int, int]
"""`[start, end)` in characters of the text."""

_PARAGRAPH = re.compile(r"[^\n]*[^\s][^\n]*")
_END = re.compile(r"[.!?…؟\u06d4]+[\"'”»\u2019)\]]*\s+")
_SHORT = re.compile(r"(?:\b\w|\b(?:Mr|Mrs|Ms|Dr|St|Gen|Col|Lt|Sen|Rep|No|vs|Sn|Prof|Doç|ім|вул|ул|им))\.\s+$")


class Stretch(NamedTuple):
    """Words of a sentence that are cited throughout, or not at all."""

    start: int
    text: str
    is_cited: bool


class Sentence(NamedTuple):
    """A sentence with its number in the text, from 1 on."""

    number: int
    start: int
    end: int
    stretches: Sequence[Stretch]

    @property
    def is_cited(self) -> bool:
        """Whether any of its words is."""
        return any(each.is_cited for each in self.stretches)


def paragraphs_of(text: str, cited: Iterable[Span]) -> list[list[Sentence]]:
    """The sentences of a text, paragraph by paragraph."""
    spans, paragraphs, number = sorted(cited), [], 0
    for paragraph in _PARAGRAPH.finditer(text):
        sentences = []
        for start, end in _sentences(paragraph[0]):
            number += 1
            place = (paragraph.start() + start, paragraph.start() + end)
            sentences.append(Sentence(number, *place, list(_stretches(text, place, spans))))
        paragraphs.append(sentences)
    return paragraphs


def sentence_around(text: str, place: Span) -> Span:
    """The sentences in which the words of a place stand."""
    touched = [
        (each.start, each.end)
        for paragraph in paragraphs_of(text, ())
        for each in paragraph
        if each.start < place[1] and place[0] < each.end
    ]
    return (touched[0][0], touched[-1][1]) if touched else place


def _sentences(paragraph: str) -> Iterator[Span]:
    start = len(paragraph) - len(paragraph.lstrip())
    whole = len(paragraph.rstrip())
    for found in _END.finditer(paragraph, start):
        if found.end() < whole and not paragraph[found.end()].islower() and not _SHORT.search(paragraph[: found.end()]):
            yield start, start + len(paragraph[start : found.end()].rstrip())
            start = found.end()
    yield start, whole


def _stretches(text: str, place: Span, cited: Sequence[Span]) -> Iterator[Stretch]:
    begin, end = place
    within = [each for each in cited if each[0] < end and begin < each[1]]
    cuts = {begin, end} | {cut for each in within for cut in each if begin < cut < end}
    for start, stop in pairwise(sorted(cuts)):
        yield Stretch(start, text[start:stop], any(a <= start and stop <= b for a, b in within))
