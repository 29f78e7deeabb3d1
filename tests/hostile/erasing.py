"""Redactions under readers, of the service as it is run: `python -m tests.hostile.erasing [sqlite|postgres] [FACTS]`.

Words are planted in every field. While slow clients take streams and somebody keeps reading the database as a backup
does, all of them are redacted and others go on writing; then the readers leave, and the disk is searched.
"""

import contextlib
import json
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.planted import PLANTED, Planted, reading
from tests.fixtures.servers import Served, serving

WANTED_SECONDS = 60.0
"""Of the slowest writer, and from the readers' end until nothing is left."""
_STREAMS = ("/replay", "/replay?by=reported", "/events")
_BYTES = 8_192
_PAUSE_SECONDS = 0.1


@dataclass
class Found:
    """What redactions were answered, which words were found on the disk and in answers, and how long it took."""

    statuses: set[int] = field(default_factory=set)
    left_under_readers: set[str] = field(default_factory=set)
    answered: list[str] = field(default_factory=list)
    seconds_of_redactions: float = 0
    slowest_write: float = 0
    seconds_until_gone: float = 0
    left: set[str] = field(default_factory=set)


def erase_under_readers(sort: str, facts: int) -> Found:
    """Plant, read slowly, redact, and search."""
    with serving(sort) as served:
        key = str(served.log.parent / "signing-key")
        chronology = Chronology(Settings(database=served.database, signing_key=key, rate=0), follows=True)
        try:
            planted = Planted(chronology)
            _many(planted, facts)
            served.caught_up()
            found = Found()
            with slow_clients(served), reading(chronology), writing(served, found):
                begun = time.monotonic()
                found.statuses = _redacted_at_once(served, planted.redactions())
                found.seconds_of_redactions = time.monotonic() - begun
                found.left_under_readers = planted.found()
            begun = time.monotonic()
            while _ready(served)["erasure"] and time.monotonic() - begun < WANTED_SECONDS:
                time.sleep(_PAUSE_SECONDS)
            found.seconds_until_gone = time.monotonic() - begun
            answers = planted.answers()
            found.answered = [word for word in PLANTED if word in answers]
            found.left = planted.found()
        finally:
            chronology.close()
    return found


def _redacted_at_once(served: Served, paths: list[str]) -> set[int]:
    """The statuses of all redactions, which wait for the readers side by side."""
    with ThreadPoolExecutor(len(paths)) as clerks:
        return set(clerks.map(lambda path: _post(served, path, {"reason": "asked"}), paths))


def _many(planted: Planted, facts: int) -> None:
    said = {"kind": "StatementMade", "by": "other", "occurred": "2024-01-01", "citations": [planted.plain]}
    for begin in range(0, facts, 500):
        bodies = [
            {**said, "id": f"said-{n}", "subject": f"speaker-{n}", "subject_kind": "actor", "gist": "So. " * 200}
            for n in range(begin, min(facts, begin + 500))
        ]
        planted.api.posted("/facts", bodies)


@contextmanager
def slow_clients(served: Served) -> Iterator[None]:
    """Clients that take a stream each, at 80 KB a second."""
    over, clients = Event(), []

    def take(path: str) -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", served.port)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BYTES)
            client.sendall(f"GET /api/v1{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            while not over.wait(_PAUSE_SECONDS) and client.recv(_BYTES):
                pass

    for path in _STREAMS:
        clients.append(Thread(target=take, args=(path,)))
        clients[-1].start()
    time.sleep(1)
    try:
        yield
    finally:
        over.set()
        for each in clients:
            each.join()


@contextmanager
def writing(served: Served, found: Found) -> Iterator[None]:
    """Somebody who goes on recording; the slowest call is noted."""
    over = Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            begun = time.monotonic()
            _post(served, "/sources", {"id": f"new-{number}", "title": "New", "publisher": "P", "text": "So."})
            found.slowest_write = max(found.slowest_write, time.monotonic() - begun)
            number += 1
            over.wait(_PAUSE_SECONDS)

    writer = Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def _post(served: Served, path: str, body: Any) -> int:
    headers = {"Authorization": f"Bearer {served.tokens['admin']}", "Content-Type": "application/json"}
    sent = urllib.request.Request(f"{served.address}/api/v1{path}", json.dumps(body).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(sent, timeout=120) as answer:  # noqa: S310
        return int(answer.status)


def _ready(served: Served) -> dict[str, Any]:
    with urllib.request.urlopen(f"{served.address}/readyz", timeout=10) as answer:  # noqa: S310
        return json.load(answer)  # type: ignore[no-any-return]


if __name__ == "__main__":
    sort, facts = sys.argv[1] if len(sys.argv) > 1 else "sqlite", int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    outcome = erase_under_readers(sort, facts)
    print(f"{sort}, {facts} facts: {outcome}")
    fails = outcome.left or outcome.answered or (outcome.left_under_readers and 201 in outcome.statuses)
    sys.exit(bool(fails) or max(outcome.slowest_write, outcome.seconds_until_gone) > WANTED_SECONDS)
