"""Suggestions of the reading desk: how long a page of 1,000 words takes with 10,000 known names, through the route.

The names are of invented persons, two words each with an alias; the pages are made of sentences of the sample's texts,
with a name in every second one, and one sentence is marked, so that kinds and similar facts are looked for too.
"""

import random
import re
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.workload import batches, chronology_in, sources, take_in
from service.app import create_app
from service.chronicle.file import chronicle_in
from service.cli.demo import SAMPLE
from service.databases.chronology import Chronology

NAMES, WORDS, PAGES = 10_000, 1_000, 40
MOST_MILLISECONDS = 100
_SENTENCE = re.compile(r"(?<=[.!?”])\s+")
_SYLLABLES = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]


def measure(_: int, *, write: bool = False, **__: Any) -> None:
    """Print how long pages take, and whether the bar is met; write it where asked to."""
    chance = random.Random(7)
    names = sorted({f"{_word(chance, 2)} {_word(chance, 3)}" for _ in range(NAMES + 500)})[:NAMES]
    sentences = [each for text in _texts() for each in _SENTENCE.split(text)]
    with tempfile.TemporaryDirectory() as folder:
        chronology = chronology_in(Path(folder))
        _name(chronology, names)
        took, found = _read(chronology, [_page(chance, sentences, names) for _ in range(PAGES)])
        chronology.close()
    text = "\n".join(
        [
            f"{PAGES} pages of {WORDS:,} words, {len(names):,} known names: "
            f"median {report.shown(statistics.median(took))} ms, slowest {report.shown(max(took))} ms; "
            f"{found} suggestions a page",
            f"- {'met' if statistics.median(took) <= MOST_MILLISECONDS else 'NOT met'}: at most {MOST_MILLISECONDS} ms",
            "",
            report.circumstances("python -m benchmarks reading", {}),
        ]
    )
    print(text)
    if write:
        report.put("reading", text)


def _texts() -> list[str]:
    return [source["text"] for source in chronicle_in(SAMPLE, SAMPLE.read_bytes())["sources"] if source.get("text")]


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choices(_SYLLABLES, k=syllables)).capitalize()


def _name(chronology: Chronology, names: list[str]) -> None:
    """Record the names: a fact each."""
    source = next(iter(sources()))["id"]
    bodies = [
        {
            "kind": "ActorNamed",
            "subject": f"person-{number}",
            "name": name,
            "type": "person",
            "aliases": [f"the {name.split()[1]} of {name.split()[0]}"],
            "citations": [{"source": source, "exact": "Sentence 1 of report 0"}],
        }
        for number, name in enumerate(names)
    ]
    for batch in batches(bodies, 1_000):
        take_in(chronology, batch)
    chronology.follower.catch_up()


def _page(chance: random.Random, sentences: list[str], names: list[str]) -> str:
    """Sentences in any order, with a name before every second one, of so many words."""
    told = (f"{chance.choice(names)} spoke. {chance.choice(sentences)}" for _ in range(WORDS))
    return " ".join(islice((word for sentence in told for word in sentence.split()), WORDS))


def _read(chronology: Chronology, pages: list[str]) -> tuple[list[float], int]:
    """How long each page took, in milliseconds, after one that is not counted; and how much was suggested on one."""
    client, took, found = create_app(chronology).test_client(), [], 0
    for page in pages[:1] + pages:
        end = page.index(".", 40)
        body = {"text": page, "language": "en", "published": "2025-06-02", "marked": [[0, end]]}
        begun = time.perf_counter()
        answer = client.post("/api/v1/suggestions", json=body)
        took.append((time.perf_counter() - begun) * 1_000)
        assert answer.status_code == 200, answer.text
        found = sum(len(answer.get_json()[each]) for each in ("dates", "numbers", "names"))
    return took[1:], found
