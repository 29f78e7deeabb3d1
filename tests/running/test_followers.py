"""The follower: each event once, whoever follows, and whatever kills it."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import inspect, select

from events.commands.record_sources import register_source
from events.errors import NotYet
from projections.clocks import Asked
from projections.follow import follower as follow
from projections.follow import rebuild as rebuilding
from projections.follow.follower import Follower
from projections.follow.leader_lock import Lead
from projections.store.generations import Store
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import on
from tests.fixtures.recording import record_facts
from tests.fixtures.stories import Ticking

SOURCE = {"id": "paper", "title": "Paper", "publisher": "Gazette", "published": "2024-01-02", "text": "Done."}


def fill(chronology: Chronology, count: int) -> None:
    chronology.write("clerk", lambda call: register_source(call, SOURCE))
    kinds = ("SwapAgreed", "SwapCompleted")
    citations = [{"source": "paper", "exact": "Done."}]
    bodies: list[dict[str, Any]] = [
        {
            "id": f"f{n}",
            "kind": kinds[n % 2],
            "subject": f"swap-{n % 50}",
            "occurred": "2024-01-01",
            "citations": citations,
        }
        for n in range(count)
    ]
    for start in range(0, count, 500):
        chunk = bodies[start : start + 500]
        chronology.write("clerk", lambda call, chunk=chunk: record_facts(call, chunk, [""] * len(chunk)))


def rows(chronology: Chronology) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view, in order."""
    with chronology.store.reading() as snapshot:
        prefix = f"view_{snapshot.generation}_"
        return {
            name.removeprefix(prefix): sorted(map(tuple, snapshot.rows(select(table))), key=repr)
            for name, table in snapshot.metadata.tables.items()
        }


def rows_after_rebuild(chronology: Chronology) -> dict[str, list[tuple[Any, ...]]]:
    chronology.follower.rebuild()
    return rows(chronology)


def test_two_followers_at_once_apply_each_event_exactly_once(database: str) -> None:
    chronology = Chronology(Settings(database=database), now=Ticking())
    fill(chronology, 400)
    others = [Follower(chronology.record, chronology.store, batch=37) for _ in range(2)]
    threads = [Thread(target=follower.catch_up) for follower in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    followed = rows(chronology)
    assert len(followed["entries"]) == 401
    assert followed == rows_after_rebuild(chronology)
    chronology.close()


def follow_in_small_batches(database: str) -> None:
    chronology = Chronology(Settings(database=database), now=Ticking())
    Follower(chronology.record, chronology.store, batch=5).run(Event(), Event())


@pytest.mark.parametrize("sort", ["sqlite", "postgres"])
def test_a_follower_killed_in_the_middle_ends_after_restart_as_a_rebuild_does(sort: str, tmp_path: Path) -> None:
    database = on(sort, tmp_path)
    chronology = Chronology(Settings(database=database), now=Ticking())
    fill(chronology, 600)
    spawn = multiprocessing.get_context("spawn")
    for _ in range(2):
        victim = spawn.Process(target=follow_in_small_batches, args=(database,))
        victim.start()
        start = position(chronology)
        while position(chronology) < start + 20:
            time.sleep(0.005)
        assert victim.pid is not None
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()

    assert 0 < position(chronology) < 601
    chronology.follower.catch_up()
    assert rows(chronology) == rows_after_rebuild(chronology)
    chronology.close()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def position(chronology: Chronology) -> int:
    with chronology.store.reading() as snapshot:
        return snapshot.position


def test_readers_see_the_old_views_until_the_rebuilt_ones_are_swapped_in(chronology: Chronology) -> None:
    fill(chronology, 20)
    chronology.follower.catch_up()
    with chronology.store.reading() as snapshot:
        before = snapshot.generation
    chronology.follower.rebuild()

    with chronology.store.reading() as snapshot:
        assert snapshot.generation != before
        assert snapshot.position == chronology.record.head()


def test_of_two_rebuilds_that_run_at_the_same_time_one_gives_up(
    chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(chronology, 30)
    expected = rows_after_rebuild(chronology)
    empty = rebuilding._empty

    def begin_another(store: Store) -> None:
        empty(store)
        with monkeypatch.context() as once:
            once.setattr(rebuilding, "_empty", empty)
            chronology.follower.rebuild()

    with monkeypatch.context() as together:
        together.setattr(rebuilding, "_empty", begin_another)
        with pytest.raises(NotYet, match="another rebuild"):
            chronology.follower.rebuild()

    assert rows(chronology) == expected
    assert rows_after_rebuild(chronology) == expected


@pytest.mark.parametrize("stage", ["_empty", "_load", "_index", "_erase", "_fold"])
def test_a_rebuild_that_breaks_off_changes_nothing_and_can_be_begun_again(
    chronology: Chronology, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    fill(chronology, 60)
    chronology.follower.catch_up()
    before = rows(chronology)
    done = getattr(rebuilding, stage)

    def breaks_off(*given: Any) -> None:
        done(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(rebuilding, stage, breaks_off)
        with pytest.raises(KeyboardInterrupt):
            chronology.follower.rebuild()

    assert rows(chronology) == before
    assert rows_after_rebuild(chronology) == before
    indexes = [indexes_of(chronology, active=active) for active in (True, False)]
    assert indexes[0] == indexes[1] != []


def indexes_of(chronology: Chronology, *, active: bool) -> list[str]:
    """The names of all indexes of a generation, without which generation it is."""
    with chronology.store.reading(active=active) as snapshot:
        prefix = f"view_{snapshot.generation}_"
        seen = inspect(snapshot.connection)
        found = [index["name"] for name in snapshot.metadata.tables for index in seen.get_indexes(name)]
    return sorted(str(name).removeprefix(prefix) for name in found)


def test_a_follower_with_more_left_than_followed_builds_all_views_anew(
    chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "MANY", 10)
    fill(chronology, 10)
    chronology.follower.catch_up()
    with chronology.store.reading() as snapshot:
        before = snapshot.generation
    fill(chronology, 40)
    chronology.follower.catch_up()

    with chronology.store.reading() as snapshot:
        assert (snapshot.generation != before, snapshot.position) == (True, chronology.record.head())
    assert rows(chronology) == rows_after_rebuild(chronology)


def test_a_follower_goes_on_while_somebody_else_builds_all_views_anew(
    chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "MANY", 10)
    monkeypatch.setattr(Follower, "rebuild", refused)
    fill(chronology, 30)
    chronology.follower.catch_up()

    assert position(chronology) == chronology.record.head()


def refused(_: Follower) -> int:
    raise NotYet("another rebuild of the views is under way")


def test_a_follower_in_trouble_names_where_it_stands_and_goes_on_when_it_can(
    chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(chronology, 10)

    def poison(*_: Any) -> None:
        raise RuntimeError("poison")

    stop, woken = Event(), Event()
    thread = Thread(target=chronology.follower.run, args=(stop, woken, 0.01))
    with monkeypatch.context() as poisoned:
        poisoned.setattr(follow, "apply", poison)
        thread.start()
        while chronology.follower.trouble is None:
            time.sleep(0.01)
        assert chronology.follower.trouble == "the views stand at position 0; what follows cannot be applied"

    while position(chronology) < chronology.record.head():
        time.sleep(0.01)
    stop.set()
    thread.join()
    assert chronology.follower.trouble is None


def test_a_follower_whose_connections_are_ended_again_and_again_says_so_in_a_line_and_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = on("postgres", tmp_path)
    chronology = Chronology(Settings(database=database))
    fill(chronology, 200)
    stop, steps = Event(), []

    class Noted(Follower):
        """Notes how many events are taken at once."""

        def step(self, limit: int | None = None) -> int:
            steps.append(limit)
            return super().step(limit)

    follower = Noted(chronology.record, chronology.store)
    thread = Thread(target=follower.run, args=(stop, Event(), 0.01, Lead(database)), daemon=True)
    thread.start()

    def told() -> list[logging.LogRecord]:
        return [each for each in caplog.records if each.levelname == "ERROR"]

    wait_until(lambda: position(chronology) == 201)
    for number in range(3):
        wait_until(lambda: follower.trouble is None)
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        wait_until(lambda number=number: len(told()) > number)
    wait_until(lambda: follower.trouble is None)
    stop.set()
    thread.join()
    chronology.close()

    assert all("the database does not serve" in each.message and each.exc_info is None for each in told())
    assert set(steps) == {None}


def test_a_follower_started_while_its_database_is_away_waits_for_it(tmp_path: Path) -> None:
    database = on("postgres", tmp_path)
    chronology = Chronology(Settings(database=database))
    fill(chronology, 10)
    parts = conninfo_to_dict(database)
    socket = f".s.PGSQL.{parts.get('port') or 5432}"
    (tmp_path / "sockets").mkdir()
    log = (tmp_path / "log").open("w+")
    follower = subprocess.Popen(
        [sys.executable, "-c", "from service.cli.main import main; main()", "follow"],
        env={**os.environ, "CHRONOLOGY_DATABASE": database.replace(str(parts["host"]), str(tmp_path / "sockets"))},
        stderr=log,
    )
    try:
        wait_until(lambda: "does not answer" in Path(log.name).read_text())
        (tmp_path / "sockets" / socket).symlink_to(Path(str(parts["host"]), socket))
        wait_until(lambda: position(chronology) == chronology.record.head())
    finally:
        follower.terminate()
    assert follower.wait(timeout=20) == 0
    log.close()
    chronology.close()


def test_who_asks_while_no_follower_runs_brings_the_views_up_to_date(database: str) -> None:
    chronology = Chronology(Settings(database=database), now=Ticking())
    fill(chronology, 10)

    with chronology.ask(Asked(position=11)) as (snapshot, _):
        assert snapshot.position == 11
    chronology.close()


def test_a_position_that_the_views_cannot_reach_in_time_is_not_yet(database: str) -> None:
    chronology = Chronology(Settings(database=database, wait_seconds=0.1), now=Ticking())
    fill(chronology, 10)
    chronology.follower.lend_a_hand = lambda: 0  # type: ignore[method-assign]  # a follower that gets nowhere

    with pytest.raises(NotYet, match="position 0, not yet 11"), chronology.ask(Asked(position=11)):
        pass
    chronology.close()
