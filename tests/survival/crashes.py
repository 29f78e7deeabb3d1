"""Services and databases killed at random moments: what was acknowledged over HTTP is there, nothing is there by half."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.survival.logs import Reading, positions_are_kept_by_the_record, views_equal_a_rebuild
from tests.survival.seen import token_for
from tests.survival.servers import Service, postgres_server, served
from tests.survival.writers import PROCESSES, acknowledged, keep_writing

KILLS_OF_SERVICE = 200
KILLS_OF_POSTGRES = 20
WRITERS = 4
_LONGEST_SECONDS = 0.4
_WHILE_WRITING = 0.75  # the others are killed at any moment from their birth
_NOTING_SECONDS = 0.1  # in which a writer notes down what it was answered before the kill
_REBUILDS = 5


class Outcome:
    """What came of it all."""

    def __init__(self) -> None:
        self.kills = 0
        self.calls = 0
        self.events = 0
        self.views_differ = 0
        self.wrong: dict[str, int] = {}
        self.gaps_expected = False

    def line(self) -> str:
        """The figures, in one line."""
        wrong = ", ".join(f"{name} {count}" for name, count in self.wrong.items())
        gaps = " (gaps are those of the database's sequence)" if self.gaps_expected else ""
        return (
            f"{self.kills} kills, {self.calls:,} calls acknowledged, {self.events:,} events: {wrong}, "
            f"views that differ from a rebuild {self.views_differ}{gaps}"
        )

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        counted = {name: count for name, count in self.wrong.items() if not (name == "gaps" and self.gaps_expected)}
        return bool(sum(counted.values()) + self.views_differ)


def kill_service(database: str, folder: Path, kills: int, seed: int = 1) -> Outcome:
    """Kill the service under writers that go on when it is back, again and again, and read the log after each kill."""
    chance, outcome, reading = random.Random(seed), Outcome(), Reading()
    service = Service(database, folder)
    token = token_for(database)
    with _writing(service.port, token, folder, f"s{seed}") as journals:
        offsets = [0] * WRITERS
        for kill in range(1, kills + 1):
            service.start()
            if kill == 1 or chance.random() < _WHILE_WRITING:
                _wait_for_more(journals, offsets)
            time.sleep(chance.uniform(0, _LONGEST_SECONDS))
            service.kill()
            time.sleep(_NOTING_SECONDS)
            noted, offsets = _noted(journals, offsets)
            outcome.calls += len(noted)
            _examine(database, reading, noted, outcome, rebuilt=kill % max(1, kills // _REBUILDS) == 0)
    outcome.kills, outcome.events, outcome.wrong = kills, reading.position, dict(reading.wrong)
    return outcome


@contextmanager
def _writing(port: int, token: str, folder: Path, name: str) -> Iterator[list[Path]]:
    """Writers that send to the port, each with its journal, killed at the end."""
    journals = [folder / f"journal-{number}" for number in range(WRITERS)]
    writers = [
        PROCESSES.Process(target=keep_writing, args=(port, token, f"{name}-{number}", journal))
        for number, journal in enumerate(journals)
    ]
    for writer in writers:
        writer.start()
    try:
        yield journals
    finally:
        for writer in writers:
            writer.kill()
            writer.join()


def _wait_for_more(journals: list[Path], offsets: list[int]) -> None:
    deadline = time.monotonic() + 60
    while not all(each.exists() and each.stat().st_size > at for each, at in zip(journals, offsets, strict=True)):
        if time.monotonic() > deadline:
            raise TimeoutError("a writer does not go on")
        time.sleep(0.005)


def _examine(database: str, reading: Reading, noted: Any, outcome: Outcome, *, rebuilt: bool) -> None:
    """Start anew, as after a crash: file, log, and now and then the views."""
    chronology = Chronology(Settings(database=database))
    try:
        reading.examine(database)
        reading.go_on(chronology)
        reading.compare(noted)
        if rebuilt:
            outcome.views_differ += not views_equal_a_rebuild(chronology)
        outcome.gaps_expected = not positions_are_kept_by_the_record(chronology)
    finally:
        chronology.close()


def kill_postgres(server: Any, folder: Path, kills: int, seed: int = 2) -> Outcome:
    """Kill the postmaster under a service, its follower and its writers, which all go on by themselves when it is back."""
    chance, reading, outcome = random.Random(seed), Reading(), Outcome()
    token = token_for(server.address)
    with served(server.address, folder) as port, _writing(port, token, folder, f"s{seed}") as journals:
        offsets = [0] * WRITERS
        for kill in range(1, kills + 1):
            _wait_for_more(journals, offsets)
            time.sleep(chance.uniform(0, _LONGEST_SECONDS))
            server.kill()
            time.sleep(_NOTING_SECONDS)
            noted, offsets = _noted(journals, offsets)
            server.start()
            outcome.calls += len(noted)
            _examine(server.address, reading, noted, outcome, rebuilt=False)
            outcome.kills = kill
        _wait_for_more(journals, offsets)
    noted, _ = _noted(journals, offsets)
    outcome.calls += len(noted)
    _examine(server.address, reading, noted, outcome, rebuilt=True)
    outcome.events, outcome.wrong = reading.position, dict(reading.wrong)
    return outcome


def _noted(journals: list[Path], offsets: list[int]) -> tuple[list[dict[str, int]], list[int]]:
    read = [acknowledged(journal, offset) for journal, offset in zip(journals, offsets, strict=True)]
    return [call for calls, _ in read for call in calls], [offset for _, offset in read]


def show(scale: float) -> int:
    """Print the figures of both; answers with how many failed."""
    with tempfile.TemporaryDirectory() as name, postgres_server() as server:
        folders = [Path(name, each) for each in ("sqlite", "service", "postgres")]
        for folder in folders:
            folder.mkdir()
        kills, kills_of_postgres = (max(1, round(each * scale)) for each in (KILLS_OF_SERVICE, KILLS_OF_POSTGRES))
        kept = ", ".join(f"{each} {server.setting(each)}" for each in ("fsync", "synchronous_commit"))
        failed = 0
        for words, run in (
            (
                "the service killed, on SQLite",
                lambda: kill_service(f"sqlite:///{folders[0]}/log.db", folders[0], kills),
            ),
            ("the service killed, on PostgreSQL", lambda: kill_service(server.address, folders[1], kills_of_postgres)),
            (f"PostgreSQL killed ({kept})", lambda: kill_postgres(server, folders[2], kills_of_postgres)),
        ):
            begun = time.monotonic()
            outcome = run()
            failed += outcome.failed
            print(f"{words}, under {WRITERS} writers: {outcome.line()}; {time.monotonic() - begun:.0f} s", flush=True)
    return failed
