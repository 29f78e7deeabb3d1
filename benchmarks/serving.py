"""Answers over HTTP, from real server processes: ours beside what does nothing, and beside SQL written by hand.

All are served by granian, one process each, with the threads of `chronology serve`. Requests to the service carry a
token. All are pressed in turn, round by round; at the end a sample of all that was asked is asked once more, and
checked: at a position the answer must be what it was.
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

from benchmarks import report
from benchmarks.addresses import PAGE, States, fresh_pages, pages, question_in
from benchmarks.client import CONNECTIONS, Client, Measured, Refused
from benchmarks.peers.ours import Ours
from benchmarks.peers.ranges import Ranges
from benchmarks.peers.servers import postgres_named
from benchmarks.scale import Workload

MOST = 20_000
"""Facts to serve: what is asked here is about a few of them, and does not depend on how many there are."""
LEAST = 2_000
EMPTY, HELLO = "nothing, behind the same authentication", "a bare Flask hello"
BY_HAND = "the same by hand: ranges on PostgreSQL, bare Flask"
DIRECTLY = "the same SQL, asked from Python without a server"
ROUNDS, SECONDS, DIRECT = 7, 1.0, 1_000
Case = tuple[Client, Iterator[str]]


def measure(facts: int, *, write: bool = False, **_: Any) -> None:
    """Print requests a second, medians and ratios; write them where asked to."""
    workload = Workload(max(LEAST, min(facts, MOST)))
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        database, ranges = postgres_named("bench_served"), postgres_named("bench_served_ranges")
        head = _filled(workload, Path(folder), database, ranges)
        states = States(workload, head)
        clients = _clients(stack, f"sqlite:///{folder}/chronology.db", database, ranges)
        cases = _cases(clients, workload, head, states)
        measured = {name: Measured() for name in cases}
        alone = {name: Measured() for name in (*cases, DIRECTLY)}
        direct = stack.enter_context(closing(Ranges(Path(folder), ranges)))
        for _ in range(ROUNDS):
            for name, (client, paths) in cases.items():
                client.press(paths, SECONDS, measured[name])
                replace(client, connections=1).press(paths, SECONDS / 2, alone[name])
            _press_directly(direct, states, alone[DIRECTLY])
        states.check(clients["sqlite"])
        states.check(clients["postgres"])
        states.check(clients["ranges"], by_hand=True)
    text = _told(workload, measured, alone)
    print(text)
    if write:
        report.put("http", text)


def _filled(workload: Workload, folder: Path, database: str, ranges: str) -> int:
    """Take the workload in, three times; answers with the head of the log."""
    head = 0
    for peer in (Ours(folder), Ours(folder, database), Ranges(folder, ranges)):
        peer.load(workload)
        head = peer.chronology.record.head() if isinstance(peer, Ours) else head
        peer.close()
    return head


def _clients(stack: ExitStack, sqlite: str, postgres: str, ranges: str) -> dict[str, Client]:
    """A server of each sort, and who asks it."""
    return {
        "sqlite": stack.enter_context(_served("ours", sqlite)),
        "postgres": stack.enter_context(_served("ours", postgres)),
        "ranges": stack.enter_context(_served("ranges", sqlite, BENCH_RANGES=ranges)),
        "hello": stack.enter_context(_served("hello", sqlite)),
    }


def _cases(clients: dict[str, Client], workload: Workload, head: int, states: States) -> dict[str, Case]:
    """What is pressed, by title."""
    sqlite, postgres = clients["sqlite"], clients["postgres"]
    again = states.some()
    return {
        EMPTY: (sqlite, cycle(["/bench/empty"])),
        "the same on PostgreSQL": (postgres, cycle(["/bench/empty"])),
        "one subject, clocks never asked before, SQLite": (sqlite, states.fresh()),
        "one subject, clocks never asked before, PostgreSQL": (postgres, states.fresh()),
        "one subject, asked again, SQLite": (sqlite, cycle(again)),
        "one subject, asked again, PostgreSQL": (postgres, cycle(again)),
        BY_HAND: (clients["ranges"], states.fresh()),
        HELLO: (clients["hello"], cycle(["/"])),
        f"a page of {PAGE} facts never asked before, SQLite": (sqlite, fresh_pages(head, workload.facts)),
        f"a page of {PAGE} facts, asked again, SQLite": (sqlite, cycle(pages(sqlite, workload))),
        f"a page of {PAGE} facts, asked again, PostgreSQL": (postgres, cycle(pages(postgres, workload))),
    }


def _press_directly(ranges: Ranges, states: States, into: Measured) -> None:
    """Ask the hand-written SQL without any server: one question after the other."""
    start = perf_counter()
    for path in islice(states.fresh(), DIRECT):
        subject, at, position = question_in(path)
        began = perf_counter()
        ranges.state(subject, at, position)
        into.took.append(perf_counter() - began)
    into.seconds += perf_counter() - start


@contextmanager
def _served(factory: str, database: str, **more: str) -> Iterator[Client]:
    """A server process with an application of `benchmarks.served`, and a client that bears a token of it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"CHRONOLOGY_DATABASE": database, "CHRONOLOGY_WORKERS": "1", "CHRONOLOGY_RATE": "0", **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.served", factory, str(port)],
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
    from service.auth.tokens import Keyring

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


def _told(workload: Workload, measured: dict[str, Measured], alone: dict[str, Measured]) -> str:
    empty, hand, hello = alone[EMPTY], alone[DIRECTLY], measured[HELLO]
    rows = [
        [
            name,
            *((f"{pressed.rate:,.0f}", f"{pressed.middle:.2f}") if (pressed := measured.get(name)) else ("", "")),
            f"{single.middle:.2f}",
            f"{single.middle / empty.middle:.2f}",
            f"{single.middle / alone[BY_HAND].middle:.2f}",
            f"{single.middle / hand.middle:.1f}",
            f"{pressed.rate / hello.rate:.2f}" if pressed else "",
        ]
        for name, single in alone.items()
    ]
    packages = {name: version(name) for name in ("granian", "Flask", "psycopg", "eventsourcing", "SQLAlchemy")}
    heading = (
        f"{workload.facts:,} facts; {ROUNDS} rounds, in turn: {SECONDS:.0f} s on {CONNECTIONS} connections, from which "
        f"come requests a second and the first median, and {SECONDS / 2:.1f} s on one, from which comes the median of "
        "who asks alone. The last four columns: the latter as a multiple of that of the empty route, of SQL by hand in "
        "a bare Flask, and of the same SQL from Python without a server; and the rate as a share of that of hello."
    )
    titles = ["", "requests a second", "median, ms", "alone, ms", "/ empty", "/ by hand", "/ SQL alone", "rate / hello"]
    command = f"python -m benchmarks http --facts {workload.facts} --write"
    return "\n\n".join([report.circumstances(command, packages), heading, report.table(titles, rows)])
