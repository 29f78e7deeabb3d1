"""How long one citation holds the writer: `python -m tests.hostile.turns`; exit 1 where it is longer than wanted.

Texts of the worst shapes are cited by quotes that are found late, in several places, or not at all.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from events.commands.quotes import searchable
from events.commands.record_sources import register_source
from events.errors import QuoteAmbiguous, QuoteNotFound
from events.log.recorders import Log
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.recording import record_facts

WANTED_SECONDS = 0.05
TEXTS = {
    "1 MB of one letter": "a" * 1_000_000,
    "2 MB of one letter": "a" * 2_000_000,
    "5 MB of one letter": "a" * 4_999_999 + "b",
    "5 MB of words": "word and " * 555_555,
    "5 MB of letters with marks": "u\u0308 " * 1_250_000,
    "5 MB of marks, 30 in a row": ("a" + "\u0315\u0300" * 15) * 82_000,
    "1,000,000 spaces between words": "word" + " " * 1_000_000 + "and",
}
_CITATIONS = 5


def quotes_of(text: str) -> Iterator[dict[str, Any]]:
    """Quotes that are dear to look for."""
    around = {"prefix": text[:1_000], "suffix": text[:1_000]}
    yield {"exact": text[:5_000], **around}
    yield {"exact": text[:5_000], **around, "suffix": text[:999] + "?"}
    yield {"exact": "?" + text[:5_000]}
    yield {"exact": text[-5_000:]}
    yield {"exact": text[:1]}


@contextmanager
def timed(log: Log) -> Iterator[list[float]]:
    """How long each writer's turn lasts meanwhile, in seconds."""
    turns: list[float] = []
    writing = log.writing

    @contextmanager
    def turn(now: int) -> Iterator[Any]:
        with writing(now) as transaction:
            began = time.perf_counter()
            try:
                yield transaction
            finally:
                turns.append(time.perf_counter() - began)

    log.writing = turn  # type: ignore[method-assign]
    try:
        yield turns
    finally:
        log.writing = writing  # type: ignore[method-assign]


def measured(database: str) -> bool:
    """Cite each text, print how long the longest turn was, and return whether none was too long."""
    chronology = Chronology(Settings(database=database))
    is_held = True
    for number, (name, text) in enumerate(TEXTS.items()):
        body = {"id": f"text-{number}", "title": name, "publisher": "Gazette", "text": text}
        chronology.write("clerk", lambda unit, body=body: register_source(unit, body))  # type: ignore[misc]
        longest, began = 0.0, time.perf_counter()
        for quote in quotes_of(text):
            searchable.cache_clear()
            cited = [{"source": body["id"], **quote}] * _CITATIONS
            fact = {
                "kind": "SubjectDescribed",
                "subject": "talks",
                "subject_kind": "talks",
                "title": "Talks",
                "citations": cited,
            }
            with timed(chronology.record.recorder) as turns, suppress(QuoteNotFound, QuoteAmbiguous):
                chronology.write("clerk", lambda unit, fact=fact: record_facts(unit, [fact], [""]))  # type: ignore[misc]
            longest = max(longest, *turns)
        is_held &= longest <= WANTED_SECONDS
        print(f"{name:34} longest turn {longest * 1000:6.1f} ms, all {time.perf_counter() - began:5.2f} s", flush=True)
    chronology.close()
    return is_held


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if measured(f"sqlite:///{Path(folder) / 'turns.db'}") else 1)
