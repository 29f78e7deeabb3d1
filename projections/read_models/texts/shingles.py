"""Texts that share long passages: a few hashes of each source's text by which they are found, and the passages.

A shingle is a run of eight words that follow each other (Broder 1997). Of each text the smallest hashes of its shingles
are kept, as many for a long text as for a short one: texts that share much share some of them. Words are parted and
composed (NFC) as in quotes; in scripts without spaces each character is one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from heapq import nsmallest
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from events.history.streams import Entry
from projections.read_models.texts.folding import UNSPACED
from projections.store.snapshots import Snapshot

_WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
_RUN = 8
_MOST_WORDS = 50_000
"""Of a longer text only its beginning is looked at."""
_KEPT, _ASKED = 32, 2_000
_SHARING = "SELECT source, count(*) FROM {shingles} WHERE hash {among} GROUP BY source"


class SharedSpan(NamedTuple):
    """Words that stand in both of two texts: `[start, end)` in characters of the first, and how many words."""

    start: int
    end: int
    words: int


class ComparedText:
    """A text as its words, each with its place."""

    def __init__(self, text: str) -> None:
        found = [each.span() for _, each in zip(range(_MOST_WORDS), _WORD.finditer(text), strict=False)]
        self.spans = found
        self.words = [unicodedata.normalize("NFC", text[start:end]) for start, end in found]

    def shingles(self) -> list[tuple[str, ...]]:
        """The runs of words, in order."""
        return list(zip(*(self.words[first:] for first in range(_RUN)), strict=False))

    def smallest_hashes(self, count: int) -> list[int]:
        """The smallest hashes of the shingles, in order."""
        return nsmallest(count, set(map(_hash, self.shingles())))

    def passages(self, other: "ComparedText") -> list[SharedSpan]:
        """The runs of at least eight words that stand in the other text too, in order, each as long as it goes on."""
        return list(self._passages(other))

    def _passages(self, other: "ComparedText") -> Iterator[SharedSpan]:
        places = {shingle: place for place, shingle in reversed([*enumerate(other.shingles())])}
        shingles = self.shingles()
        first = 0
        while first < len(shingles):
            place = places.get(shingles[first])
            if place is None:
                first += 1
                continue
            length = _RUN
            for ours, theirs in zip(self.words[first + _RUN :], other.words[place + _RUN :], strict=False):
                if ours != theirs:
                    break
                length += 1
            yield SharedSpan(self.spans[first][0], self.spans[first + length - 1][1], length)
            first += length


class Shingles:
    """The view of hashes: of the latest text of each source that was followed."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its tables."""
        Table(
            f"{prefix}shingles",
            metadata,
            Column("source", Text, primary_key=True),
            Column("n", Integer, primary_key=True, autoincrement=False),
            Column("version", Integer, nullable=False),
            Column("hash", BigInteger, nullable=False),
            Index(f"{prefix}shingles_hash", "hash", "source"),
        )

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Add the hashes of each source's text; those of a later version take the places of the earlier ones."""
        rows: dict[bool, dict[tuple[str, int], tuple[str, int, int, int]]] = {False: {}, True: {}}
        for entry in batch:
            if "text" in entry.data and "sha256" in entry.data:
                source, version = entry.data["id"], entry.data.get("version", 1)
                for n, each in enumerate(ComparedText(entry.data["text"]).smallest_hashes(_KEPT)):
                    rows[version > 1][source, n] = source, n, version, each
        for replacing, found in rows.items():
            snapshot.pour("shingles", list(found.values()), replacing=replacing)


def sources_sharing(snapshot: Snapshot, text: ComparedText) -> Counter[str]:
    """The sources that have hashes of the text, by how many."""
    found: Counter[str] = Counter()
    for source, count in snapshot.probe(_SHARING, text.smallest_hashes(_ASKED)):
        found[source] += count
    return found


def shared_passages(one: ComparedText, other: ComparedText) -> tuple[list[SharedSpan], float]:
    """The passages that stand in both texts, and what part they are of the shorter one."""
    passages = one.passages(other)
    shorter = min(len(one.words), len(other.words))
    return passages, min(1.0, sum(each.words for each in passages) / shorter) if passages else 0.0


def _hash(shingle: tuple[str, ...]) -> int:
    digest = blake2b(" ".join(shingle).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
