"""The workload of the comparisons: any number of facts about 10,000 subjects, made up, the same at every run.

Each fact follows from its number alone, so nothing is kept in memory, and an amendment can make the fact that it amends
once more. One subject in a hundred is hot: a fifth of all facts is about these. Five subjects have 200 facts each. Two
are like timetables: 2,000 and 20,000 facts, each an instant of its own. Some reports come years late, a fifth of the
dates is uncertain, some facts are denials, some are corrected long after, some are retracted.

What is left out, because the peers have no word for it: disputes, corroborations, withdrawn amendments, what sources
take back or repair, and dates that let a status lapse.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

FIRST_REPORT = date(2015, 1, 1)
FIRST_DEPARTURE = datetime(2000, 1, 1)
DAYS = 4_000
ZONE = "Europe/Istanbul"
EXACTLY = 200
BATCH = 500
_PRIME = 7_919
_SAID = "They met on that day and agreed to let people go home"


class Told(NamedTuple):
    """One call: `facts`, `corrections` or `retractions`, the fact's number, and the body as the API takes it."""

    call: str
    number: int
    body: dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """So many facts; corrections and retractions come on top."""

    facts: int
    subjects: int = 10_000
    seed: int = 7

    @property
    def hot(self) -> int:
        """How many subjects are hot."""
        return self.subjects // 100

    @property
    def source_count(self) -> int:
        """How many documents the facts are cited from; their events come first in the log."""
        return max(100, self.facts // 20)

    @cached_property
    def probes(self) -> dict[str, int]:
        """The subjects with so many facts exactly: timetables and those of 200; fewer where there are few facts."""
        probes = {"timetable-2000": min(2_000, self.facts // 50), "timetable-20000": min(20_000, self.facts // 5)}
        return probes | {f"swap-probe-{number}": min(EXACTLY, self.facts // 100) for number in range(5)}

    @cached_property
    def _places(self) -> list[tuple[int, str]]:
        """From which place among the facts about probes each probe begins."""
        begins, found = 0, []
        for name, count in self.probes.items():
            found.append((begins, name))
            begins += count
        return [*found, (begins, "")]

    def names(self) -> list[str]:
        """The subjects, without the probes: hot ones first."""
        return [_named(number) for number in range(self.subjects)]

    def sources(self) -> Iterator[dict[str, Any]]:
        """The documents, in the order of publication."""
        for number in range(self.source_count):
            yield {
                "id": f"source-{number}",
                "title": f"Report {number}",
                "publisher": f"Gazette {number % 7}",
                "published": self.published(number).isoformat(),
                "zone": ZONE,
                "text": " ".join(f"Sentence {line} of report {number}: {_SAID}." for line in range(20)),
            }

    def published(self, source: int) -> date:
        """The day on which a source was published."""
        return FIRST_REPORT + timedelta(days=source * DAYS // self.source_count)

    def calls(self) -> Iterator[Told]:
        """All calls in the order of recording: after each so many facts the amendments that came up meanwhile."""
        late: list[Told] = []
        for number in range(self.facts):
            yield Told("facts", number, self.fact(number))
            if number % 40 == 0 and number:
                late += self._amended("corrections", number // 2, number)
            if number % 100 == 50:
                late += self._amended("retractions", number * 3 // 4, number)
            if number % BATCH == BATCH - 1 or number == self.facts - 1:
                yield from late
                late = []

    def _amended(self, call: str, number: int, late: int) -> Iterator[Told]:
        fact = self.fact(number)
        if "probe" in fact["subject"]:
            return
        body: dict[str, Any] = {"kind": "transcription_error", "reason": f"we misread it, as we saw at number {late}"}
        if call == "corrections":
            body["changes"] = _repaired(fact, late)
        yield Told(call, number, body)

    def fact(self, number: int) -> dict[str, Any]:
        """The fact of that number; ids sort as numbers do."""
        chance = random.Random(self.seed * 1_000_003 + number)
        recently = number * self.source_count // self.facts
        source = recently if chance.random() < 0.85 else chance.randrange(recently + 1)
        subject, place = self._subject(number, chance)
        if subject.startswith("timetable"):
            about = self._departure(subject, place)
        else:
            about = _happening(subject, number, chance, busy=place is None)
            about["occurred"] = self._occurred(source, chance)
        if chance.random() < 0.03:
            about["modality"] = "denied"
        line = chance.randrange(20)
        return {
            "id": f"fact-{number:09}",
            "subject": subject,
            **about,
            "citations": [{"source": f"source-{source}", "exact": f"Sentence {line} of report {source}: They met"}],
        }

    def _subject(self, number: int, chance: random.Random) -> tuple[str, int | None]:
        """The subject, and for a probe the place of the fact among that probe's; -1 for ordinary, None for hot ones."""
        total = self._places[-1][0]
        place = number * total // self.facts
        if place != (number + 1) * total // self.facts:
            place = place * _PRIME % total
            begins, name = max(each for each in self._places[:-1] if each[0] <= place)
            return name, place - begins
        if chance.random() < 0.2:
            return _named(chance.randrange(self.hot)), None
        return _named(chance.randrange(self.hot, self.subjects)), -1

    def _departure(self, subject: str, place: int | None) -> dict[str, Any]:
        assert place is not None
        count = self.probes[subject]
        at = FIRST_DEPARTURE + place * _PRIME % count * (timedelta(days=DAYS) / count)
        named = {"kind": "Occurred", "subject_kind": "occurrence"}
        return {**named, "what": f"departure {place}", "occurred": f"{at:%Y-%m-%dT%H:%M:%S}Z"}

    def _occurred(self, source: int, chance: random.Random) -> str:
        lag = chance.randrange(20) if chance.random() < 0.9 else chance.randrange(1_500)
        day = self.published(source) - timedelta(days=lag)
        shapes = ("{0}", "{0}", "{0}", "{0}", "{0}", "{0}", "{0}T10:00:00Z", "{0}~", "{1}", "[..{0}]", "{0}/{2}")
        return chance.choice(shapes).format(day, f"{day:%Y-%m}", day + timedelta(days=30))


def _named(number: int) -> str:
    return f"{('swap', 'talks', 'demand')[number % 3]}-{number}"


def _repaired(fact: dict[str, Any], late: int) -> dict[str, Any]:
    """What a correction changes: some words, or the date."""
    if "gist" in fact and late % 80 == 0:
        return {"gist": f"{fact['gist']}, as it should read"}
    if fact["subject"].startswith("timetable"):
        return {"what": f"{fact['what']}, as it should read"}
    day = FIRST_REPORT + timedelta(days=late % DAYS)
    return {"occurred": day.isoformat()}


def _happening(subject: str, number: int, chance: random.Random, *, busy: bool) -> dict[str, Any]:
    """Something about a swap, talks or a demand. Of hot subjects mostly statements are reported."""
    sort = subject.partition("-")[0]
    if chance.random() < (0.9 if busy else 0.4):
        by = f"actor-{chance.randrange(20)}"
        return {"kind": "StatementMade", "subject_kind": sort, "by": by, "gist": f"statement {number}"}
    kind, values = chance.choice(_KINDS[sort])
    made = {name: value(chance) if callable(value) else value for name, value in values.items()}
    return {"kind": kind, "subject_kind": sort, **made}


def _count(chance: random.Random) -> dict[str, int]:
    return {"best": chance.randrange(100, 110)}


_PARTIES = ["arvenia", "belmark"]
_KINDS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "swap": [
        ("SwapProposed", {"by": "arvenia", "parties": _PARTIES}),
        ("SwapAgreed", {"parties": _PARTIES, "count_each": _count}),
        ("ReleasePrepared", {"by": "belmark"}),
        (
            "SwapStageCompleted",
            {
                "stage": lambda chance: chance.randrange(1, 5),
                "counts": lambda chance: {"arvenia": _count(chance), "belmark": _count(chance)},
            },
        ),
        ("SwapPostponed", {"by": "corland", "reason": lambda chance: f"reason {chance.randrange(9)}"}),
        ("SwapCompleted", {"count_each": _count, "announced_by": ["arvenia"]}),
    ],
    "talks": [
        (
            "MeetingProposed",
            {"by": "arvenia", "to": ["belmark"], "place": lambda chance: f"hall {chance.randrange(9)}"},
        ),
        ("MeetingAccepted", {"by": "belmark"}),
        ("TalksBegan", {"parties": _PARTIES, "venue": lambda chance: f"hall {chance.randrange(9)}"}),
        ("DelegationNamed", {"side": "arvenia", "head": lambda chance: f"envoy-{chance.randrange(9)}"}),
        ("TalksSuspended", {"reason": lambda chance: f"reason {chance.randrange(9)}"}),
        ("TalksResumed", {}),
        ("OutcomeCharacterised", {"by": lambda chance: f"actor-{chance.randrange(5)}", "characterisation": "useful"}),
        ("TalksConcluded", {"outcome": lambda chance: f"outcome {chance.randrange(9)}"}),
    ],
    "demand": [
        ("ReturnDemanded", {"by": "arvenia", "of": "belmark", "persons": "children", "count": _count}),
        ("DemandReiterated", {"by": "arvenia"}),
        ("DemandAcknowledged", {"by": "belmark"}),
        ("DemandPartlyMet", {"count": _count}),
        ("DemandRefused", {"by": "belmark", "reason": lambda chance: f"reason {chance.randrange(9)}"}),
        ("DemandMet", {}),
    ],
}
