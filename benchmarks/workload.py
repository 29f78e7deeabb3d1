"""Facts to measure with: made up, of many shapes, the same at every run."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from events.commands.record_facts import read_facts, record_read
from events.commands.record_sources import register_source
from service.databases.chronology import Chronology
from service.settings import Settings

BATCH = 500
WORDS = "They met on that day and agreed to let people go home"
SOURCES = 50


def sources() -> list[dict[str, Any]]:
    """Documents of a few hundred words, each sentence numbered so that every quote has one place."""
    return [
        {
            "id": f"source-{number}",
            "title": f"Report {number}",
            "publisher": f"Gazette {number % 5}",
            "published": f"2024-{1 + number % 12:02}-28",
            "zone": "Europe/Istanbul",
            "text": " ".join(f"Sentence {line} of report {number}: {WORDS}." for line in range(40)),
        }
        for number in range(SOURCES)
    ]


def facts(count: int, subjects: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Facts of several kinds about swaps, talks and demands, with certain and uncertain dates."""
    chance = random.Random(seed)
    for number in range(count):
        subject, source = chance.randrange(subjects), chance.randrange(SOURCES)
        day = f"2024-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
        kind, about, values = _KINDS[chance.randrange(len(_KINDS))]
        yield {
            "id": f"fact-{seed}-{number}",
            "kind": kind,
            "subject": f"{about}-{subject}",
            "occurred": chance.choice((day, day, day[:7], f"[..{day}]", f"{day}/2024-12-31")),
            "attributed_to": f"actor-{chance.randrange(20)}",
            "note": f"{WORDS}, says number {number}",
            "citations": [
                {"source": f"source-{source}", "exact": f"Sentence {chance.randrange(40)} of report {source}: They met"}
            ],
            **values,
        }


_KINDS: list[tuple[str, str, dict[str, Any]]] = [
    ("SwapAgreed", "swap", {"parties": ["arvenia", "belmark"], "count_each": {"best": 100, "low": 90}}),
    ("SwapStageCompleted", "swap", {"stage": 1, "counts": {"arvenia": {"best": 50}, "belmark": {"best": 50}}}),
    ("SwapCompleted", "swap", {"announced_by": ["arvenia"]}),
    ("MeetingProposed", "talks", {"by": "arvenia", "to": ["belmark"], "proposed_for": "2024-06"}),
    ("DelegationNamed", "talks", {"side": "arvenia", "head": "ada", "members": ["ada", "ben", "cleo"]}),
    ("TalksConcluded", "talks", {"outcome": "nothing was signed"}),
    ("ReturnDemanded", "demand", {"by": "arvenia", "of": "belmark", "persons": "children", "count": {"best": 339}}),
    ("DemandReiterated", "demand", {"by": "arvenia"}),
]


def chronology_in(folder: Path) -> Chronology:
    """A chronology on SQLite in the folder, with the sources taken in."""
    chronology = Chronology(Settings(database=f"sqlite:///{folder}/chronology.db"))
    for source in sources():
        chronology.write("bench", lambda unit, source=source: register_source(unit, source))
    return chronology


def take_in(chronology: Chronology, bodies: Sequence[dict[str, Any]]) -> None:
    """Check and record facts in one call, as an import does."""
    facts = read_facts(bodies, [f"/{place}" for place in range(len(bodies))])
    chronology.write("bench", lambda unit: record_read(unit, facts))


def batches(bodies: list[dict[str, Any]], size: int = BATCH) -> Iterator[list[dict[str, Any]]]:
    """The bodies in arrays of one call each."""
    return (bodies[start : start + size] for start in range(0, len(bodies), size))
