"""The primary killed under load, a replica promoted, and on it goes: what was lost, and who was refused how long.

`chronology serve` writes to whichever of three servers is the primary and reads from the other two; of two followers
one leads. In each round the primary is killed, the replica that is furthest ahead is promoted at once, as something
that watches over them would do, and the other follows it. Then a follower is killed, and the replica that is read from.
"""

import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.survival.faults import token_for
from tests.survival.load import Noting, hold, keep_reading, keep_sending, left, told_since
from tests.survival.logs import Reading, views_equal_a_rebuild
from tests.survival.replicas import Cluster, NotHere, cluster
from tests.survival.servers import PROGRAM, served
from tests.survival.writers import PROCESSES

ROUNDS = 5
WRITERS = 4
READERS = 4
_FOLLOWERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'chronology follower'"
_LOAD_SECONDS = 2.0
_PATIENCE_SECONDS = 90.0


@dataclass
class Outcome:
    """What came of it all.

    Attributes:
        refused: of each round, the seconds between the kill and the first call acknowledged that was begun after it.
        calls: how many writing calls were acknowledged.
        events: how many events the log holds.
        wrong: counts of what must not be.
        reads: how many readings were answered, and how many were not.
        slowest: the seconds of the slowest reading.
        writes_refused: how often each status was the answer to a writing that was then sent again.
        handed_over: of each round, the seconds until another follower had the views go on.
        refused_reads: readings that were refused, and in which words.
        behind: readings without a position that were behind an earlier one, as replicas lag differently.
    """

    refused: list[float] = field(default_factory=list)
    calls: int = 0
    events: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    reads: int = 0
    slowest: float = 0.0
    writes_refused: Counter[int] = field(default_factory=Counter)
    handed_over: list[float] = field(default_factory=list)
    behind: int = 0
    refused_reads: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The figures."""
        wrong = ", ".join(f"{name} {count}" for name, count in self.wrong.items())
        again = ", ".join(f"{status or 'no answer'} {count} times" for status, count in self.writes_refused.items())
        return [
            f"{len(self.refused)} primaries killed, {self.calls:,} calls acknowledged, {self.events:,} events: {wrong}",
            f"writes refused for {_seconds(self.refused)} s of each kill ({again or 'none'}, sent again)",
            f"{self.reads:,} readings, refused {self.wrong['reads refused']}, the slowest {self.slowest:.1f} s, "
            f"{self.behind} of an earlier position than one before",
            f"followers killed: another one went on after {_seconds(self.handed_over)} s",
            *self.refused_reads,
        ]

    @property
    def failed(self) -> bool:
        """Whether anything is as it must not be."""
        return bool(self.wrong.total())


def _seconds(several: list[float]) -> str:
    return ", ".join(f"{each:.1f}" for each in several)


class Followers:
    """Two `chronology follow`, of which one leads."""

    def __init__(self, database: str, folder: Path) -> None:
        self._environment = {**os.environ, "CHRONOLOGY_DATABASE": database}
        self._folder = folder
        self._running = [self._start(), self._start()]

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self._folder / "follow.log").open("ab") as log:
            return subprocess.Popen(
                [str(PROGRAM), "follow"], env=self._environment, stdout=log, stderr=log, cwd=self._folder
            )

    def kill(self, number: int) -> None:
        """SIGKILL to one of them; a new one takes its place."""
        self._running[number].send_signal(signal.SIGKILL)
        self._running[number].wait()
        self._running[number] = self._start()

    def stop(self) -> None:
        """Stop both."""
        for each in self._running:
            each.terminate()
        for each in self._running:
            each.wait(timeout=30)


def fail_over(
    servers: Cluster,
    folder: Path,
    rounds: int,
    clients: int = WRITERS,
    workers: int = 2,
    *,
    primaries_only: bool = False,
) -> Outcome:
    """Rounds of kills under writers and readers, and the log read at the end.

    Args:
        servers: the primary and its replicas.
        folder: where clients and processes leave their notes.
        rounds: how many.
        clients: how many writers, and how many readers.
        workers: how many web processes.
        primaries_only: kill no followers and replicas, and do not let the dead come back.
    """
    outcome, chance = Outcome(), random.Random(6)
    database, token = servers.address(), token_for(servers.address())
    writers = [f"w{number}" for number in range(clients)]
    readers = [f"r{number}" for number in range(clients)]
    settings = {"CHRONOLOGY_READ_DATABASE": database, "CHRONOLOGY_RATE": "0", "CHRONOLOGY_WORKERS": str(workers)}
    followers = Followers(database, folder)
    try:
        with served(database, folder, follow=False, **settings) as port:
            given = [(keep_sending, name) for name in writers] + [(keep_reading, name) for name in readers]
            running = [PROCESSES.Process(target=run, args=(port, token, name, folder)) for run, name in given]
            for each in running:
                each.start()
            try:
                _wait_for_writers(folder, writers, 0.0)
                for _ in range(rounds):
                    time.sleep(_LOAD_SECONDS * chance.random())
                    was = servers.primary
                    outcome.refused.append(_kill_primary(servers, folder, writers))
                    if primaries_only:
                        continue
                    servers.join(was)
                    servers.wait_for_replicas()
                    outcome.handed_over.append(_kill_followers(servers, followers, folder, writers))
                    _kill_replica(servers, folder, writers)
            finally:
                (folder / "stop").touch()
                for each in running:
                    each.join(timeout=_PATIENCE_SECONDS)
                    each.kill()
            _count(outcome, folder, writers, readers)
            _ask_again(outcome, folder, readers, port, token)
    finally:
        followers.stop()
    _examine(outcome, database, folder, writers)
    return outcome


def _kill_primary(servers: Cluster, folder: Path, writers: list[str]) -> float:
    """Kill and promote; answers with the seconds for which no writing was acknowledged that was begun meanwhile."""
    killed = time.monotonic()
    servers.kill_primary()
    servers.promote()
    return _wait_for_writers(folder, writers, killed) - killed


def _kill_followers(servers: Cluster, followers: Followers, folder: Path, writers: list[str]) -> float:
    """Kill one follower after the other: one of them led. Answers with how long it took the views to go on."""
    slowest = 0.0
    for number in range(2):
        _wait_for(servers, _FOLLOWERS, 2)
        killed = time.monotonic()
        followers.kill(number)
        _wait_for_writers(folder, writers, killed)
        wanted = max(position for _, position in told_since(folder, writers, killed).values())
        _wait_for(servers, "SELECT position FROM chronology_views WHERE active", wanted)
        slowest = max(slowest, time.monotonic() - killed)
    _wait_for(servers, _FOLLOWERS, 2)  # one that starts while there is no primary ends, and nobody starts it again
    return slowest


def _wait_for(servers: Cluster, question: str, number: int) -> None:
    """Wait until the primary answers with at least that number."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while servers.servers[servers.primary].ask(question) < number:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{question} is not {number} yet")
        time.sleep(0.01)


def _kill_replica(servers: Cluster, folder: Path, writers: list[str]) -> None:
    """Kill the replica that is read from most, and start it again."""
    clients = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    name = max(servers.replicas, key=lambda each: servers.servers[each].ask(clients))
    killed = time.monotonic()
    servers.servers[name].kill()
    _wait_for_writers(folder, writers, killed)
    time.sleep(_LOAD_SECONDS / 2)
    servers.servers[name].start()
    servers.wait_for_replicas()


def _wait_for_writers(folder: Path, writers: list[str], moment: float) -> float:
    """Wait until each writer has had a call acknowledged that it began after the moment; when the first of them had."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while len(told := told_since(folder, writers, moment)) < len(writers):
        if time.monotonic() > deadline:
            raise TimeoutError("a writer does not go on")
        time.sleep(0.02)
    return min(ended for ended, _ in told.values())


def _count(outcome: Outcome, folder: Path, writers: list[str], readers: list[str]) -> None:
    """What the clients were answered."""
    for name in writers:
        answers = left(folder / f"{name}.json")
        outcome.calls += len(answers.acknowledged)
        outcome.writes_refused.update({each: n for each, n in answers.statuses.items() if each not in (200, 201)})
    for name in readers:
        answers = left(folder / f"{name}.json")
        outcome.reads += answers.statuses.total()
        outcome.wrong["reads refused"] += sum(n for each, n in answers.statuses.items() if each not in (200, 404))
        outcome.wrong["permalinks changed"] += len(answers.changed)
        outcome.refused_reads += answers.refused
        outcome.slowest = max(outcome.slowest, answers.slowest)
        outcome.behind += answers.behind


def _ask_again(outcome: Outcome, folder: Path, readers: list[str], port: int, token: str) -> None:
    """What was answered at a position before a kill is answered so after it, by another server."""
    again = Noting(port, token)
    for name in readers:
        again.answers.permalinks |= left(folder / f"{name}.json").permalinks
    for path in list(again.answers.permalinks):
        hold(again.answers, path, *again.ask("GET", path))
    again.client.close()
    outcome.wrong["permalinks changed"] += len(again.answers.changed)


def _examine(outcome: Outcome, database: str, folder: Path, writers: list[str]) -> None:
    """Read the log of the last primary from its start, and find in it what was acknowledged."""
    chronology, reading = Chronology(Settings(database=database)), Reading()
    reading.go_on(chronology)
    for name in writers:
        reading.compare([made for _, _, made in left(folder / f"{name}.json").acknowledged])
    outcome.wrong.update(reading.wrong)
    outcome.wrong["views that differ from a rebuild"] += not views_equal_a_rebuild(chronology)
    outcome.events = reading.position
    chronology.close()


def show(scale: float) -> int:
    """Print the figures; answers with 1 where anything went wrong."""
    begun = time.monotonic()
    try:
        with cluster() as servers, tempfile.TemporaryDirectory() as name:
            outcome = fail_over(servers, Path(name), max(1, round(ROUNDS * scale)))
    except NotHere as reason:
        print(f"skipped, {reason}")
        return 0
    for line in outcome.lines():
        print(line, flush=True)
    print(f"{time.monotonic() - begun:.0f} s")
    return int(outcome.failed)
