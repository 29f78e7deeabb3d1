"""Answers over HTTP, from real server processes: ours beside what does nothing, and beside SQL written by hand.

All are served by granian, one process each, with the threads of `chronology serve`. Requests to the service carry a
token. Every path is asked once before anything is timed, and its answer checked; then all are pressed in turn, round by
round.
"""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from bench import report
from bench.client import CONNECTIONS, Client, Measured, Refused
from bench.peers.ours import Ours
from bench.peers.ranges import Ranges
from bench.peers.rows import bound
from bench.peers.servers import postgres_named
from bench.reference import NOTHING, Reference
from bench.scale import Workload

MOST = 20_000
"""Facts to serve: what is asked here is about a few of them, and does not depend on how many there are."""
QUESTIONS, PAGES, PAGE, ROUNDS, SECONDS = 200, 40, 50, 7, 1.0
Case = tuple[Client, list[str]]


def measure(facts: int, *, only: str = "", write: bool = False) -> None:  # noqa: ARG001  (peers are not chosen here)
    """Print requests a second, medians and ratios; write them where asked to."""
    workload = Workload(min(facts, MOST))
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        database, ranges = postgres_named("bench_served"), postgres_named("bench_served_ranges")
        head = _filled(workload, Path(folder), database, ranges)
        cases = _cases(
            stack,
            workload,
            head,
            {"sqlite": f"sqlite:///{folder}/chronology.db", "postgres": database, "ranges": ranges},
        )
        measured = {name: Measured() for name in cases}
        for _ in range(ROUNDS):
            for name, (client, paths) in cases.items():
                client.press(paths, SECONDS, measured[name])
    text = _told(workload, measured)
    print(text)
    if write:
        report.put("http", text)


def _filled(workload: Workload, folder: Path, database: str, ranges: str) -> int:
    """Take the workload in, three times; answers with the head of the log."""
    head = 0
    for peer in (Ours(folder), Ours(folder, database), Ranges(folder, ranges)):
        peer.load(workload)
        head = peer.desk.record.head() if isinstance(peer, Ours) else head
        peer.close()
    return head


def _cases(stack: ExitStack, workload: Workload, head: int, databases: dict[str, str]) -> dict[str, Case]:
    """What is pressed, by title, each answer having been checked."""
    clients = {
        "sqlite": stack.enter_context(_served("ours", databases["sqlite"])),
        "postgres": stack.enter_context(_served("ours", databases["postgres"])),
        "ranges": stack.enter_context(_served("ranges", databases["sqlite"], BENCH_RANGES=databases["ranges"])),
        "hello": stack.enter_context(_served("hello", databases["sqlite"])),
    }
    states = _states(workload, head, clients)
    pages = _pages(clients["sqlite"], workload)
    return {
        "nothing, behind the same authentication": (clients["sqlite"], ["/bench/empty"]),
        "one subject at a date and a position, SQLite": (clients["sqlite"], states),
        "one subject at a date and a position, PostgreSQL": (clients["postgres"], states),
        "the same by hand: ranges on PostgreSQL, bare Flask": (clients["ranges"], states),
        "a bare Flask hello": (clients["hello"], ["/"]),
        f"a page of {PAGE} facts, SQLite": (clients["sqlite"], pages),
    }


def _states(workload: Workload, head: int, clients: dict[str, Client]) -> list[str]:
    chance = random.Random(5)
    asked = []
    for _ in range(QUESTIONS):
        at = f"{2018 + chance.randrange(8)}-{1 + chance.randrange(12):02}-11"
        asked.append((chance.choice(workload.names()[workload.hot :]), at, chance.randrange(head // 2, head)))
    reference = Reference(workload, {subject for subject, _, _ in asked})
    paths = []
    for subject, at, position in asked:
        wanted = reference.state(subject, bound(at), position)
        path = f"/api/v1/subjects/{subject}?at={at}&position={position}"
        if wanted == NOTHING:
            continue  # not named by then, so that one answers 404 and the other nothing
        for name in ("sqlite", "postgres"):
            found = json.loads(clients[name].ask(path))
            values = {finding: each["value"] for finding, each in found["fields"].items()}
            _check(path, {"status": found["status"]["value"], "fields": values}, wanted)
        _check(path, json.loads(clients["ranges"].ask(path)), wanted)
        paths.append(path)
    return paths


def _pages(client: Client, workload: Workload) -> list[str]:
    """The first pages of the list of facts, which must hold them all in the order of recording."""
    path, paths, found = f"/api/v1/facts?limit={PAGE}", [], []
    for _ in range(PAGES):
        page = json.loads(client.ask(path))
        found += [fact["id"] for fact in page["facts"]]
        paths.append(path)
        if page["next"] is None:
            break
        path = f"/api/v1/facts?limit={PAGE}&cursor={page['next']}"
    _check("/api/v1/facts", found, [f"fact-{number:09}" for number in range(min(PAGES * PAGE, workload.facts))])
    return paths


def _check(path: str, given: Any, wanted: Any) -> None:
    if given != wanted:
        sys.exit(f"a wrong answer over HTTP: {path}\n  answered {given!s:.500}\n  must be  {wanted!s:.500}")


@contextmanager
def _served(factory: str, database: str, **more: str) -> Iterator[Client]:
    """A server process with an application of `bench.served`, and a client that bears a token of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"CHRONOLOGY_DATABASE": database, "CHRONOLOGY_WORKERS": "1", "CHRONOLOGY_RATE": "0", **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.served", factory, str(port)],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        client = Client(port, _token(database) if factory == "ours" else None)
        _wait(
            client,
            "/bench/empty"
            if factory == "ours"
            else "/"
            if factory == "hello"
            else "/api/v1/subjects/x?at=2020-01-01&position=1",
        )
        yield client
    finally:
        process.terminate()
        process.wait(timeout=30)


def _token(database: str) -> str:
    from service.keyring import Keyring

    keyring = Keyring(database)
    token = keyring.issue("bench", "reader", "bench")[1]
    keyring.close()
    return token


def _wait(client: Client, path: str) -> None:
    deadline = monotonic() + 60
    while True:
        try:
            client.ask(path)
            return
        except (OSError, EOFError, Refused):
            if monotonic() > deadline:
                raise
            sleep(0.2)


def _told(workload: Workload, measured: dict[str, Measured]) -> str:
    empty, hello = (next(each for name, each in measured.items() if part in name) for part in ("nothing", "hello"))
    hand = next(each for name, each in measured.items() if "by hand" in name)
    rows = [
        [
            name,
            f"{each.rate:,.0f}",
            f"{each.middle:.2f}",
            *(f"{each.rate / other.rate:.2f}" for other in (empty, hand, hello)),
        ]
        for name, each in measured.items()
    ]
    packages = {name: version(name) for name in ("granian", "Flask", "psycopg", "eventsourcing", "SQLAlchemy")}
    heading = (
        f"{workload.facts:,} facts; {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS:.0f} s each, in turn. The "
        "last three columns: its rate as a share of that of the empty route, of SQL by hand, and of hello."
    )
    titles = ["", "requests a second", "median, ms", "of empty", "of by hand", "of hello"]
    command = f"python -m bench http --facts {workload.facts} --write"
    return "\n\n".join([report.circumstances(command, packages), heading, report.table(titles, rows)])
