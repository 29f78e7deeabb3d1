"""Writers: real processes that send arrays of facts over HTTP, and note down what was acknowledged."""

import json
import multiprocessing
import os
import random
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any

from events.commands.record_sources import register_source
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from service.databases.chronology import Chronology
from tests.fixtures.recording import record_facts
from tests.survival.servers import Client

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.survival.writers"])
_KINDS = ("SwapAgreed", "SwapCompleted", "SwapProposed")


def source(name: str) -> dict[str, Any]:
    """A report of one sentence."""
    return {
        "id": name,
        "title": name,
        "publisher": "Gazette",
        "published": "2024-01-02",
        "zone": "UTC",
        "text": f"{name} says so.",
    }


def facts_of(batch: str, size: int, cited: str) -> list[dict[str, Any]]:
    """The facts of one array; each id says of how many it is one."""
    return [
        {
            "id": f"{batch}-{number}-of-{size}",
            "kind": _KINDS[number % len(_KINDS)],
            "subject": f"swap-{hash_of(batch) % 20}",
            "occurred": f"2024-01-0{1 + number % 9}",
            "citations": [{"source": cited, "exact": f"{cited} says so."}],
        }
        for number in range(1, size + 1)
    ]


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return sum(text.encode())


def write(chronology: Chronology, writer: str, number: int, chance: random.Random) -> list[Receipt]:
    """One call: every fifth time a source, else an array of two to six facts with a source of its own."""
    batch = f"{writer}-{number}"
    size = chance.randrange(2, 7)

    def decide(call: UnitOfWork) -> list[Receipt]:
        cited = register_source(call, source(f"report-{batch}"))
        if number % 5 == 0:
            return [cited]
        bodies = facts_of(batch, size, f"report-{batch}")
        return [cited, *record_facts(call, bodies, [f"/{at}" for at in range(size)])]

    return chronology.write(writer, decide)


class Journal:
    """What a writer was told is recorded: one line a call, on the disk before the next call."""

    def __init__(self, path: Path) -> None:
        self._number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, positions: dict[str, int]) -> None:
        """Note down an acknowledged call: the position of each event."""
        os.write(self._number, json.dumps(positions).encode() + b"\n")
        os.fsync(self._number)


def acknowledged(path: Path, offset: int = 0) -> tuple[list[dict[str, int]], int]:
    """The calls noted down after the offset, whole lines only, and the next offset."""
    if not path.exists():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], offset + len(whole)


def keep_writing(port: int, token: str, writer: str, journal: Path) -> None:
    """Send sources and arrays of facts until killed; where no answer comes, or a refusal, go on with the next."""
    chance, noted, client, number = random.Random(writer), Journal(journal), Client(port, token), 0
    while True:
        number += 1
        document = source(f"report-{writer}-{number}")
        facts = facts_of(f"{writer}-{number}", chance.randrange(2, 7), document["id"])
        try:
            for path, body in (("/api/v1/sources", document), ("/api/v1/facts", facts)):
                status, answer = client.post(path, body)
                if status not in (200, 201):
                    raise ConnectionError(status)
                noted.note(
                    {each["id"]: each["position"] for each in (answer if isinstance(answer, list) else [answer])}
                )
        except (OSError, HTTPException):
            time.sleep(0.02)
