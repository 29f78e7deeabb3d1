"""What is asked over HTTP: states of subjects at any clocks, pages of facts; and whether the answers are right."""

import json
import random
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

from benchmarks.client import Client
from benchmarks.peers.rows import bound
from benchmarks.reference import Reference
from benchmarks.scale import Workload

SUBJECTS, QUESTIONS, PAGES, PAGE = 200, 200, 40, 50
_CHECKED = 300

Question = tuple[str, str, int]


class States:
    """Questions for the state of one subject at a date and a position, drawn at random, none of them twice.

    Args:
        workload: what they are about.
        head: where the log ends.
    """

    def __init__(self, workload: Workload, head: int) -> None:
        chance = random.Random(5)
        early = [workload.fact(number)["subject"] for number in chance.sample(range(workload.facts // 4), SUBJECTS * 2)]
        ordinary = set(workload.names()[workload.hot :])
        self.subjects = sorted(ordinary.intersection(early))[:SUBJECTS]
        self._first, self._head = head - workload.facts // 2, head
        self._reference = Reference(workload, set(self.subjects))
        self._asked: set[Question] = set()
        self._chance = chance

    def fresh(self) -> Iterator[str]:
        """Addresses without end, each for a question that was not asked before."""
        while True:
            chance = self._chance
            at = f"{2015 + chance.randrange(11)}-{1 + chance.randrange(12):02}-{1 + chance.randrange(28):02}"
            question = (chance.choice(self.subjects), at, chance.randrange(self._first, self._head + 1))
            if question not in self._asked:
                self._asked.add(question)
                yield _address(question)

    def some(self) -> list[str]:
        """A few of them, to be asked again and again."""
        return list(islice(self.fresh(), QUESTIONS))

    def check(self, client: Client, *, by_hand: bool = False) -> None:
        """Ask again for a sample of what was asked, and compare: at a position the answer must be what it was."""
        for question in sorted(self._asked)[:: max(1, len(self._asked) // _CHECKED)]:
            subject, at, position = question
            found = json.loads(client.ask(_address(question)))
            check(_address(question), found if by_hand else values_in(found), self.wanted(subject, at, position))

    def wanted(self, subject: str, at: str, position: int) -> Any:
        """What must be answered."""
        return self._reference.state(subject, bound(at), position)


def _address(question: Question) -> str:
    subject, at, position = question
    return f"/api/v1/subjects/{subject}?at={at}&position={position}"


def question_in(address: str) -> Question:
    """The question that an address asks."""
    subject, _, query = address.removeprefix("/api/v1/subjects/").partition("?at=")
    at, _, position = query.partition("&position=")
    return subject, at, int(position)


def values_in(found: Any) -> Any:
    """A state's values alone."""
    return {
        "status": found["status"]["value"],
        "fields": {finding: each["value"] for finding, each in found["fields"].items()},
    }


def pages(client: Client, workload: Workload) -> list[str]:
    """The first pages of the list of facts, which must hold them all in the order of recording."""
    path, paths, found = f"/api/v1/facts?limit={PAGE}", [], []
    for _ in range(PAGES):
        page = json.loads(client.ask(path))
        found += [fact["id"] for fact in page["facts"]]
        paths.append(path)
        if page["next"] is None:
            break
        path = f"/api/v1/facts?limit={PAGE}&cursor={page['next']}"
    check("/api/v1/facts", found, [f"fact-{number:09}" for number in range(min(PAGES * PAGE, workload.facts))])
    return paths


def fresh_pages(head: int, facts: int) -> Iterator[str]:
    """Pages of facts without end, each asked for the first time: at another position, as occurred until another day."""
    number = 0
    while True:
        year, day = 3000 + number // 300, 1 + number % 28
        yield f"/api/v1/facts?limit={PAGE}&position={head - number % (facts // 4)}&to={year}-01-{day:02}"
        number += 1


def check(path: str, given: Any, wanted: Any) -> None:
    """End the run where an answer is wrong."""
    if given != wanted:
        sys.exit(f"a wrong answer over HTTP: {path}\n  answered {given!s:.500}\n  must be  {wanted!s:.500}")
