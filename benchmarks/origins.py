"""Suggested origins: whether who registers a reprint is told what it repeats, and nobody is told so of other texts.

1,000 reprints of the sample's texts and of invented ones, of which up to 40 % of the words are replaced in blocks
(sentences dropped, added, written anew) under a headline of their own, are registered by `POST /sources`, one after
the other. A suggestion is right where it names the original, or another reprint of the same. Then 10,000 pairs of texts
that have nothing to do with each other are compared as the receipt compares them; one invented text in five quotes a
statement that others quote too.
"""

import random
import re
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.workload import chronology_in
from projections.queries.evidence.reprints import LEAST_SHARE
from projections.read_models.texts.shingles import ComparedText, shared_passages
from service.app import create_app
from service.chronicle.file import chronicle_in
from service.cli.demo import SAMPLE

REPRINTS, INVENTED, PAIRS = 1_000, 300, 10_000
MOST_REPLACED = 0.4
LEAST_PRECISION, LEAST_RECALL, MOST_FALSE = 0.98, 0.95, 2
_SENTENCE = re.compile(r"(?<=[.!?”]) +")
_SYLLABLES = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]
_COMMON = ("the", "of", "and", "to", "in", "a", "that", "it", "was", "for", "on", "with", "as", "by", "at", "who")


class Writer:
    """Writes texts: a third of their words are common ones, the others of a vocabulary of 5,000, few of them often."""

    def __init__(self, seed: int) -> None:
        self._chance = chance = random.Random(seed)
        self._words = sorted({"".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(5_000)})
        self._weights = [1 / rank for rank in range(1, len(self._words) + 1)]
        chance.shuffle(self._words)
        self._quoted = [self.sentence() for _ in range(10)]

    def sentence(self) -> str:
        """A sentence of 6 to 24 words."""
        rare = self._chance.choices(self._words, self._weights, k=24)
        words = [self._chance.choice(_COMMON) if self._chance.random() < 1 / 3 else word for word in rare]
        length = self._chance.randint(6, 24)
        return f"{' '.join(words[:length]).capitalize()}."

    def text(self) -> str:
        """A text of 4 to 40 sentences; one in five quotes a statement."""
        sentences = [self.sentence() for _ in range(self._chance.randint(4, 40))]
        if self._chance.random() < 1 / 5:
            sentences[self._chance.randrange(len(sentences))] = self._chance.choice(self._quoted)
        return " ".join(sentences)

    def reprint(self, text: str, replaced: float) -> str:
        """The text with that part of its words replaced in blocks of one to three sentences, each block in one way."""
        sentences = _SENTENCE.split(text)
        total, left = sum(map(_length, sentences)), set(range(len(sentences)))
        written = {place: [each] for place, each in enumerate(sentences)}
        gone = 0
        while left:
            first, length = self._chance.choice(sorted(left)), self._chance.randint(1, 3)
            block = [place for place in range(first, first + length) if place in left]
            left -= set(block)
            if gone + sum(_length(sentences[place]) for place in block) > replaced * total:
                continue
            gone += sum(_length(sentences[place]) for place in block)
            way = self._chance.choice(("dropped", "added", "rewritten"))
            for place in block:
                written[place] = [] if way == "dropped" else [self.sentence()]
            if way == "added":
                written[block[0]].append(self.sentence())
        return " ".join([self.sentence(), *(each for place in sorted(written) for each in written[place])])


def _length(sentence: str) -> int:
    return len(sentence.split())


def measure(_: int, *, write: bool = False, **__: Any) -> None:
    """Print precision, recall and false suggestions, and whether the bars are met; write them where asked to."""
    chance, writer = random.Random(11), Writer(12)
    told = [source["text"] for source in chronicle_in(SAMPLE, SAMPLE.read_bytes())["sources"] if source.get("text")]
    originals = told + [writer.text() for _ in range(INVENTED)]
    reprinted = [number % len(originals) for number in range(REPRINTS)]
    reprints = [writer.reprint(originals[n], chance.uniform(0, MOST_REPLACED)) for n in reprinted]
    right, wrong, recalled = _registered(originals, list(zip(reprinted, reprints, strict=True)))
    false = _false_among_pairs(originals + reprints, [*range(len(originals)), *reprinted], chance)
    text = "\n".join(
        [
            f"{len(told)} texts of the sample, {INVENTED} invented ones, {REPRINTS:,} reprints of them, "
            f"{right + wrong:,} suggestions, {wrong} of them wrong; {false} of {PAIRS:,} unrelated pairs suggested",
            report.bar("precision", right / max(1, right + wrong), LEAST_PRECISION),
            report.bar("recall", recalled / REPRINTS, LEAST_RECALL),
            f"- {'met' if false <= MOST_FALSE else 'NOT met'}: false suggestions: {false}, at most {MOST_FALSE}",
            "",
            report.circumstances("python -m benchmarks origins", {}),
        ]
    )
    print(text)
    if write:
        report.put("origins", text)


def _registered(originals: list[str], reprints: list[tuple[int, str]]) -> tuple[int, int, int]:
    """How many suggestions are right and wrong, and of how many reprints the original is named."""
    with tempfile.TemporaryDirectory() as folder:
        chronology = chronology_in(Path(folder))
        client = create_app(chronology).test_client()
        token = chronology.keyring.issue("desk", "recorder", "benchmark")[1]

        def suggested(name: str, text: str) -> list[str]:
            body = {"id": name, "title": name, "publisher": name, "text": text}
            answer = client.post("/api/v1/sources", json=body, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 201, answer.text
            chronology.follower.catch_up()
            return [each["source"] for each in answer.get_json()["repeats"]]

        origin = {}
        right = wrong = recalled = 0
        for number, text in enumerate(originals):
            origin[f"original-{number}"] = number
            wrong += len(suggested(f"original-{number}", text))
        for count, (number, text) in enumerate(reprints):
            found = suggested(f"reprint-{count}", text)
            origin[f"reprint-{count}"] = number
            right += sum(origin[name] == number for name in found)
            wrong += sum(origin[name] != number for name in found)
            recalled += f"original-{number}" in found
        chronology.close()
    return right, wrong, recalled


def _false_among_pairs(texts: list[str], origins: list[int], chance: random.Random) -> int:
    compared = [ComparedText(text) for text in texts]
    false = pairs = 0
    while pairs < PAIRS:
        one, other = chance.randrange(len(texts)), chance.randrange(len(texts))
        if origins[one] != origins[other]:
            pairs += 1
            false += shared_passages(compared[one], compared[other])[1] >= LEAST_SHARE
    return false
