"""What is seen of a fault: a client that writes and remembers, and what came of it."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.survival.logs import Reading, positions_are_kept_by_the_record, views_equal_a_rebuild
from tests.survival.servers import Client
from tests.survival.writers import facts_of, source

Serve = Callable[[str, Path], AbstractContextManager[int]]
_MOST_WRITES = 2_000


class Skipped(Exception):
    """This machine does not let one make the fault; says why."""


@dataclass
class Outcome:
    """What was seen of one fault; `wrong` names what should not have been."""

    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, sentence: str) -> None:
        """Note what was seen, and whether it is as it should be."""
        (self.seen if holds else self.wrong).append(sentence)


class Desktop:
    """A client that writes, and remembers what was acknowledged."""

    def __init__(self, port: int, token: str) -> None:
        self.client = Client(port, token)
        self.noted: list[dict[str, int]] = []
        self._number = 0

    def write(self, size: int = 2, words: int = 0) -> tuple[int, Any]:
        """A source, and an array of facts from it: status and answer of the last call made."""
        self._number += 1
        name = f"b-{self._number}"
        document = source(f"report-{name}")
        document["text"] += " More." * words
        status, answer = self.client.post("/api/v1/sources", document)
        if status not in (200, 201):
            return status, answer
        self.noted.append({document["id"]: answer["position"]})
        status, answer = self.client.post("/api/v1/facts", facts_of(name, size, document["id"]))
        if status in (200, 201):
            self.noted.append({each["id"]: each["position"] for each in answer})
        return status, answer

    def read(self) -> int:
        """The status of a reading of states."""
        return self.client.get("/api/v1/subjects?kind=swap&limit=5")[0]


def token_for(database: str, role: str = "editor") -> str:
    """A token of a role."""
    chronology = Chronology(Settings(database=database))
    _, token = chronology.keyring.issue(f"survivor {token_hex(4)}", role, "survival")
    chronology.close()
    return token


def examined(database: str, noted: list[dict[str, int]], outcome: Outcome) -> None:
    """Read the log from the start, find what was acknowledged, and compare the views with a rebuild."""
    chronology, reading = Chronology(Settings(database=database)), Reading()
    reading.examine(database)
    reading.go_on(chronology)
    reading.compare(noted)
    if not positions_are_kept_by_the_record(chronology):
        del reading.wrong["gaps"]
    counts = ", ".join(f"{name} {count}" for name, count in reading.wrong.items())
    outcome.expect(not reading.wrong.total(), f"{len(noted)} calls acknowledged: {counts}")
    outcome.expect(views_equal_a_rebuild(chronology), "the views are what a rebuild makes")
    chronology.close()


def said(status: int, answer: Any) -> str:
    """A refusal in short."""
    return f"{status} {str(answer.get('type', '')).rpartition(':')[2] if isinstance(answer, dict) else ''}".strip()


def until_refused(desktop: Desktop, words: int = 0) -> tuple[int, Any]:
    """Write until it is refused: status and answer of the last call made."""
    for _ in range(_MOST_WRITES):
        status, answer = desktop.write(words=words)
        if status != 201:
            return status, answer
    return status, answer


def until_taken(desktop: Desktop, patience_seconds: float = 30) -> tuple[int, Any]:
    """Write until it is taken, or patience is over: status and answer of the last call made."""
    deadline = time.monotonic() + patience_seconds
    while True:
        status, answer = desktop.write()
        if status == 201 or time.monotonic() > deadline:
            return status, answer
        time.sleep(0.05)
