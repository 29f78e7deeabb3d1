"""Backup and restore in one command each: a prefix of the log, to the byte, from either database into either."""

import random
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from events.log.proofs.merkle import root_of
from events.log.proofs.verification import verify
from service.chronicle.backup import back_up, restore
from service.chronicle.backup_file import Writer, new_file
from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import api_of
from tests.fixtures.databases import postgres
from tests.fixtures.stories import Ticking
from tests.survival.writers import hash_of, write

QUESTIONS = (f"/subjects/swap-{hash_of('desk-1') % 20}", "/subjects", "/facts", "/sources")


def other(database: str, folder: Path) -> str:
    """An empty database of the other sort."""
    if not database.startswith("sqlite"):
        return f"sqlite:///{folder}/restored.db"
    address = postgres()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored")
        connection.execute("CREATE DATABASE restored")
    moved = address.replace("/postgres?", "/restored?")
    if moved == address:
        pytest.skip("no second database is made beside one that was named")
    return moved


def filled(database: str, calls: int = 5) -> Chronology:
    chronology = Chronology(Settings(database=database), now=Ticking(), follows=True)
    chance = random.Random(1)
    for number in range(1, calls + 1):
        write(chronology, "desk", number, chance)
    return chronology


def log_of(chronology: Chronology) -> list[tuple[Any, ...]]:
    stored = chronology.record.recorder.select_notifications(1, 100_000)
    return [(each.id, each.originator_id, each.originator_version, each.topic, bytes(each.state)) for each in stored]


def answers(chronology: Chronology, position: int, token: str) -> list[bytes]:
    api = api_of(chronology, None)
    api.headers = {"Authorization": f"Bearer {token}"}
    found = [api.get(path, position=position) for path in QUESTIONS]
    assert {each.status_code for each in found} == {200}
    return [each.data for each in found]


def wait_for_head(chronology: Chronology, position: int) -> None:
    while chronology.record.head() < position:
        time.sleep(0.01)


class Busy:
    """Two writers that write until told to stop."""

    def __init__(self, database: str) -> None:
        self._stop = Event()
        self._desks = [Chronology(Settings(database=database)) for _ in range(2)]
        self._threads = [Thread(target=self._run, args=(at, chronology)) for at, chronology in enumerate(self._desks)]

    def _run(self, at: int, chronology: Chronology) -> None:
        chance, number = random.Random(at), 0
        while not self._stop.is_set():
            number += 1
            write(chronology, f"writer-{at}", number, chance)

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for chronology in self._desks:
            chronology.close()


def test_a_backup_taken_while_others_write_restores_to_a_prefix_of_the_log_on_the_other_database(
    database: str, tmp_path: Path
) -> None:
    chronology = filled(database)
    token = chronology.keyring.issue("reader", "reader", "test")[1]
    with Busy(database):
        wait_for_head(chronology, 60)
        back_up(database, tmp_path / "log.backup")
        wait_for_head(chronology, chronology.record.head() + 10)
    restored = Chronology(Settings(database=other(database, tmp_path)), now=Ticking(), follows=True)
    counts = restore(restored.store.engine, tmp_path / "log.backup")
    restored.follower.rebuild()
    whole, kept = log_of(chronology), log_of(restored)

    assert 60 <= len(kept) == counts["chronology_events"] < len(whole)
    assert kept == whole[: len(kept)]
    assert chronology.record.after(kept[-1][0], 1)[0].data["id"].startswith("report-")  # where a call begins
    assert answers(restored, kept[-1][0], token) == answers(chronology, kept[-1][0], token)
    assert write(restored, "desk", 1_000, random.Random(2))[0].position == kept[-1][0] + 1
    chronology.close()
    restored.close()


def test_a_backup_of_what_was_restored_is_the_same_file(database: str, tmp_path: Path) -> None:
    filled(database).close()
    target = other(database, tmp_path)
    back_up(database, tmp_path / "one.backup")
    restored = Chronology(Settings(database=target))
    restore(restored.store.engine, tmp_path / "one.backup")
    restored.close()
    back_up(target, tmp_path / "two.backup")

    assert (tmp_path / "one.backup").read_bytes() == (tmp_path / "two.backup").read_bytes()


def test_a_restored_log_proves_to_be_the_same_log(database: str, tmp_path: Path) -> None:
    chronology = filled(database)
    with chronology.record.reading() as reader:
        tree = reader.tree()
    chronology.close()
    target = other(database, tmp_path)
    back_up(database, tmp_path / "one.backup")
    restored = Chronology(Settings(database=target), follows=True)
    restore(restored.store.engine, tmp_path / "one.backup")

    verdict = verify(restored.record, {tree.size: root_of(tree.frontier)})
    assert (verdict.flaws, verdict.size, verdict.redacted) == ([], tree.size, 0)
    write(restored, "desk", 6, random.Random(6))
    assert verify(restored.record, {tree.size: root_of(tree.frontier)}).flaws == []
    restored.close()


def run(database: str, *words: Any) -> Result:
    return CliRunner(env={"CHRONOLOGY_DATABASE": database}).invoke(main, [str(word) for word in words])


def refusal(database: str, *words: Any) -> str:
    result = run(database, *words)
    assert result.exit_code == 2, result.output
    return result.stderr


def test_backup_and_restore_are_one_command_each(database: str, tmp_path: Path) -> None:
    chronology = filled(database)
    file, target = tmp_path / "log.backup", other(database, tmp_path)
    made = run(database, "backup", file)
    taken = run(target, "restore", file)

    assert made.exit_code == 0, made.output
    assert f"{chronology.record.head()} rows of chronology_events" in made.stdout
    assert f"the views are built up to position {chronology.record.head()}" in taken.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []
    chronology.close()


def test_nothing_is_overwritten_and_nothing_is_mixed(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/log.db"
    filled(database).close()
    run(database, "backup", tmp_path / "log.backup")

    assert "is there already" in refusal(database, "backup", tmp_path / "log.backup")
    assert "into an empty database only" in refusal(database, "restore", tmp_path / "log.backup")
    assert "there is no database" in refusal(f"sqlite:///{tmp_path}/none.db", "backup", tmp_path / "none.backup")
    assert not (tmp_path / "none.db").exists()
    assert "cannot be written" in refusal(database, "backup", tmp_path / "no-folder" / "log.backup")


def test_a_flipped_byte_or_a_missing_end_is_refused_and_leaves_the_database_empty(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/log.db"
    filled(database).close()
    back_up(database, tmp_path / "log.backup")
    content = (tmp_path / "log.backup").read_bytes()
    chance = random.Random(3)
    places = [0, len(content) - 1, len(content) - 5, len(content) - 70, *chance.choices(range(len(content)), k=40)]
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/empty.db"))

    for place in places:
        damaged = bytes([*content[:place], content[place] ^ 1 << chance.randrange(8), *content[place + 1 :]])
        _refuse(chronology, tmp_path, damaged)
    for end in (0, 1, len(content) // 2, len(content) - 1, content.rindex(b"\n", 0, -1) + 1):
        _refuse(chronology, tmp_path, content[:end])
    assert chronology.record.head() == 0
    chronology.close()


def _refuse(chronology: Chronology, folder: Path, content: bytes) -> None:
    (folder / "damaged").write_bytes(content)
    with pytest.raises(Exception, match=r"is not a whole backup|not a backup of a version"):
        restore(chronology.store.engine, folder / "damaged")


def test_what_the_program_has_no_place_for_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with new_file(tmp_path / "newer.backup") as file:
        writer = Writer(file)
        writer.table("chronology_subjects", ["id", "kind"], [["swap", "swap"]])
        writer.table("chronology_dreams", ["id"], [["one"]])
        writer.end()

    assert "chronology_dreams" in refusal(f"sqlite:///{tmp_path}/log.db", "restore", tmp_path / "newer.backup")
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/log.db"))
    with chronology.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM chronology_subjects").scalar_one() == 0
    chronology.close()
