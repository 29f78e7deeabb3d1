"""Disk full, disk read-only, database away, clock put back: what is answered meanwhile, and what comes after.

Each fault is put to a running service, and must end without a restart. A fault that this machine does not let one
make is skipped by name.
"""

import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner

from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.survival.seen import Desktop, Outcome, Serve, Skipped, examined, said, token_for, until_refused, until_taken
from tests.survival.servers import PostgresServer, postgres_server, served
from tests.survival.writers import write

HOUR = 3_600_000_000


def mount(folder: Path, *options: str) -> None:
    """Mount a small disk in memory, or change how it is mounted.

    Raises:
        Skipped: this user, or this machine, may not mount.
    """
    words = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Skipped("there is no program to mount a small disk with") from None
    if done.returncode:
        raise Skipped(f"a small disk cannot be mounted here: {done.stderr.strip()}")


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A disk of a few megabytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mount(folder, f"size={megabytes}m", "mode=755")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def disk_full(serve: Serve = served, scale: float = 1) -> Outcome:
    """SQLite's disk fills up under a service, and gets room again."""
    outcome = Outcome()
    with small_disk(6) as disk, tempfile.TemporaryDirectory() as logs:
        database = f"sqlite:///{disk}/chronology.db"
        token = token_for(database)
        with serve(database, Path(logs)) as port:
            desktop = Desktop(port, token)
            status, answer = until_refused(desktop, words=10_000)
            outcome.expect(status == 507 and "full" in answer["detail"], f"writing is answered {said(status, answer)}")
            outcome.expect(desktop.read() == 200, "reading goes on")
            _refused_at_the_terminal(database, "full", outcome)
            mount(disk, "remount", "size=40m")
            begun = time.monotonic()
            status, _ = until_taken(desktop)
            waited = time.monotonic() - begun
            outcome.expect(status == 201, f"with room again it writes after {waited:.1f} s")
            outcome.expect(desktop.read() == 200, "and reads")
        examined(database, desktop.noted, outcome)
    return outcome


def _refused_at_the_terminal(database: str, word: str, outcome: Outcome) -> None:
    """The command line refuses in one sentence, with status 2."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "more.ndjson"
        file.write_text(
            f'{{"source": {{"id": "more", "title": "t", "publisher": "p", "text": "{"long " * 9_000}"}}}}\n'
        )
        done = CliRunner(env={"CHRONOLOGY_DATABASE": database}).invoke(main, ["import", str(file)])
    sentence = done.stderr.strip()
    clear = done.exit_code == 2 and word in sentence and "\n" not in sentence
    outcome.expect(clear, f"the command line ends with {done.exit_code}: {sentence[-200:]}")


def disk_read_only(serve: Serve = served, scale: float = 1) -> Outcome:
    """The disk under SQLite's file can only be read, as after a failure of the disk: questions are answered."""
    outcome = Outcome()
    with small_disk(20) as disk, tempfile.TemporaryDirectory() as logs:
        database = f"sqlite:///{disk}/chronology.db"
        token = token_for(database)
        chronology = Chronology(Settings(database=database), follows=True)
        with serve(database, Path(logs)) as port:
            desktop = Desktop(port, token)
            outcome.expect(desktop.write()[0] == 201, "it writes")
            desktop.read()
            keep = (
                chronology.record.head()
            )  # a connection that stays, so that the log written ahead stays with the file
        subprocess.run(["mount", "--bind", str(disk), str(disk)], check=True)
        try:
            subprocess.run(["mount", "-o", "remount,ro,bind", str(disk)], check=True)
            with serve(database, Path(logs)) as port:
                now = Desktop(port, token)
                status, answer = now.write()
                outcome.expect(status == 503, f"writing is answered {said(status, answer)}")
                outcome.expect(now.read() == 200, "reading goes on")
            _refused_at_the_terminal(database, "only be read", outcome)
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)
        outcome.expect(keep > 0, "the log is there")
        chronology.close()
        examined(database, desktop.noted, outcome)
    return outcome


def database_away(serve: Serve = served, scale: float = 1) -> Outcome:
    """PostgreSQL is stopped under a service of two workers and a follower, and started again."""
    with postgres_server() as server:
        return go_away_and_come_back(server, serve, seconds=max(1.0, 8 * scale))


def go_away_and_come_back(server: PostgresServer, serve: Serve, seconds: float) -> Outcome:
    """The server is away for so many seconds, comes back, and may only be read for a while."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory() as logs:
        token = token_for(server.address)
        with serve(server.address, Path(logs)) as port:
            desktop = Desktop(port, token)
            for _ in range(4):
                desktop.write()
            _go_away(server, desktop, outcome, seconds)
            _only_read(server, desktop, outcome)
        examined(server.address, desktop.noted, outcome)
    return outcome


def _go_away(server: PostgresServer, desktop: Desktop, outcome: Outcome, seconds: float) -> None:
    server.stop()
    refused: dict[str, int] = {}
    slowest, deadline = 0.0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        for call in (desktop.write, lambda: (desktop.read(), {})):
            begun = time.monotonic()
            status, answer = call()
            slowest = max(slowest, time.monotonic() - begun)
            shown = f"{'writing' if answer else 'reading'} {said(status, answer)}"
            refused[shown] = refused.get(shown, 0) + 1
        time.sleep(0.02)
    clear = all(" 503" in each for each in refused)
    counted = ", ".join(f"{name} ({count} times)" for name, count in refused.items())
    outcome.expect(clear, f"away for {seconds:.0f} s: {counted}, the slowest after {slowest:.1f} s")
    server.start()
    begun = time.monotonic()
    status, answer = until_taken(desktop)
    outcome.expect(status == 201, f"back, it writes after {time.monotonic() - begun:.1f} s ({said(status, answer)})")
    statuses = {desktop.read() for _ in range(20)} | {desktop.write()[0] for _ in range(20)}
    outcome.expect(statuses == {200, 201}, f"then {', '.join(map(str, sorted(statuses)))} only")


def _only_read(server: PostgresServer, desktop: Desktop, outcome: Outcome) -> None:
    """The whole server may only be read for a while, as a standby may."""
    server.say("ALTER SYSTEM SET default_transaction_read_only = on")
    server.say("SELECT pg_reload_conf()")
    time.sleep(0.5)
    status, answer = desktop.write()
    outcome.expect(status == 503, f"set to be read only: writing is answered {said(status, answer)}")
    outcome.expect(desktop.read() == 200, "reading goes on")
    server.say("ALTER SYSTEM RESET default_transaction_read_only")
    server.say("SELECT pg_reload_conf()")
    outcome.expect(until_taken(desktop)[0] == 201, "then it writes again")


def clock_back(serve: Serve = served, scale: float = 1) -> Outcome:
    """The clock is put back by an hour, on either database."""
    with tempfile.TemporaryDirectory() as name, postgres_server() as server:
        both = [put_back(database) for database in (f"sqlite:///{name}/chronology.db", server.address)]
    return Outcome([each for one in both for each in one.seen], [each for one in both for each in one.wrong])


def put_back(database: str) -> Outcome:
    """The clock is put back by an hour under a writer; the log's instants stand still until it has caught up."""
    outcome, clock = Outcome(), Shifted()
    chronology = Chronology(Settings(database=database), now=clock, follows=True)
    before = chronology.record.head()
    noted = _written(chronology, "before", 5)
    clock.shift = -HOUR
    noted += _written(chronology, "after", 5)
    instants = [entry.recorded for entry in chronology.record.after(before, 1_000)]
    still = instants == sorted(instants) and len(set(instants)) <= 1 + len(noted) // 2
    outcome.expect(still, f"{chronology.store.engine.dialect.name}: recorded instants stand still and never decrease")
    chronology.close()
    examined(database, noted, outcome)
    return outcome


class Shifted:
    """The machine's clock, shifted by so many microseconds."""

    def __init__(self) -> None:
        self.shift = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000 + self.shift


def _written(chronology: Chronology, writer: str, calls: int) -> list[dict[str, int]]:
    chance = random.Random(writer)
    return [
        {receipt.id: receipt.position for receipt in write(chronology, writer, number, chance)}
        for number in range(1, calls + 1)
    ]


FAULTS: dict[str, Callable[..., Outcome]] = {
    "disk full": disk_full,
    "disk read-only": disk_read_only,
    "database away": database_away,
    "clock put back": clock_back,
}


def show(scale: float) -> int:
    """Print what was seen of each fault; answers with how many went wrong."""
    failed = 0
    for name, fault in FAULTS.items():
        begun = time.monotonic()
        try:
            outcome = fault(scale=scale)
        except Skipped as reason:
            print(f"{name}: skipped, {reason}", flush=True)
            continue
        failed += bool(outcome.wrong)
        for sentence in outcome.seen:
            print(f"{name}: {sentence}", flush=True)
        print(f"{name}: {time.monotonic() - begun:.0f} s")
        for sentence in outcome.wrong:
            print(f"{name}: WRONG: {sentence}", flush=True)
    return failed
