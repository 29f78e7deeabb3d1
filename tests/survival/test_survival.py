"""What survives, in short: the commands of `survival` on a small scale, and the checker of histories on planted faults.

`SURVIVAL_SCALE` multiplies the work; 1 is a few seconds.
"""

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.databases import NAMED
from tests.survival import faults, races, seen
from tests.survival.anomalies import KINDS, Operation, anomalies
from tests.survival.clients import prepare
from tests.survival.crashes import kill_postgres, kill_service
from tests.survival.deliveries import kill_deliverer
from tests.survival.servers import PostgresServer, postgres_server, served_here

SCALE = float(os.environ.get("SURVIVAL_SCALE", "1"))
NOT_NAMED = pytest.mark.skipif(NAMED.startswith("postgres"), reason="a PostgreSQL that was named is not killed")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as started:
        yield started


def test_what_a_killed_service_had_acknowledged_is_there_whole_and_nothing_by_half(
    database: str, tmp_path: Path
) -> None:
    outcome = kill_service(database, tmp_path, round(2 * SCALE))

    assert outcome.calls > 0
    assert not outcome.failed, outcome.line()


@NOT_NAMED
def test_what_was_acknowledged_outlives_a_killed_postgres_and_its_writers_go_on(
    server: PostgresServer, tmp_path: Path
) -> None:
    outcome = kill_postgres(server, tmp_path, round(1 * SCALE))

    assert outcome.calls > 0
    assert not outcome.failed, outcome.line()


def test_messages_of_a_killed_service_come_all_in_order_and_the_same_again(tmp_path: Path) -> None:
    outcome = kill_deliverer(tmp_path, round(2 * SCALE))

    assert outcome.requests >= outcome.expected > 0
    assert not outcome.failed, outcome.line()


@pytest.mark.parametrize("fault", [faults.disk_full, faults.disk_read_only], ids=lambda fault: fault.__name__)
def test_a_disk_that_takes_nothing_is_told_plainly_and_reading_goes_on(fault: Callable[..., seen.Outcome]) -> None:
    try:
        outcome = fault(serve=served_here)
    except seen.Skipped as reason:
        pytest.skip(str(reason))

    assert outcome.seen
    assert outcome.wrong == []


@NOT_NAMED
def test_a_database_that_goes_away_is_missed_at_once_and_found_again_without_a_restart(server: PostgresServer) -> None:
    outcome = faults.go_away_and_come_back(server, served_here, seconds=SCALE)

    assert len(outcome.seen) == 8
    assert outcome.wrong == []


@NOT_NAMED
def test_starting_on_tables_that_are_there_leaves_no_error_in_the_log_of_the_database(server: PostgresServer) -> None:
    for _ in range(2):
        Chronology(Settings(database=server.address), makes=True).close()

    said = (server.folder / "log").read_text()
    assert [line for line in said.splitlines() if "already exists" in line] == []


@NOT_NAMED
def test_a_clock_put_back_puts_no_recorded_instant_back(server: PostgresServer, tmp_path: Path) -> None:
    outcomes = [faults.put_back(database) for database in (f"sqlite:///{tmp_path}/chronology.db", server.address)]

    assert [outcome.wrong for outcome in outcomes] == [[], []]


def test_the_log_is_written_through_to_the_disk_at_each_commit(tmp_path: Path, unhurried: None) -> None:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/chronology.db"))
    levels = []
    for application in (chronology.record, chronology.keyring):
        datastore: Any = application.recorder.datastore  # type: ignore[attr-defined]
        with datastore.transaction(commit=True) as cursor:
            cursor.execute("PRAGMA synchronous")
            levels.append(cursor.fetchone()[0])
    recorder: Any = chronology.record.recorder
    with recorder.writing(0) as transaction:
        transaction.cursor.execute("PRAGMA synchronous")
        levels.append(transaction.cursor.fetchone()[0])

    assert levels == [2, 2, 2]  # FULL: a power cut takes nothing that was acknowledged
    chronology.close()


def test_clients_that_race_get_each_fact_once_each_retraction_once_and_a_history_without_anomaly(
    database: str, tmp_path: Path
) -> None:
    token = seen.token_for(database)
    with served_here(database, tmp_path) as port:
        imported = races.import_at_once(database, port, token, tmp_path, importers=3)
        prepare(port, token)
        retracted = races.retract_at_once(port, token, tmp_path, clients=3, facts=5)
        history = races.check_history(database, port, token, tmp_path, round(250 * SCALE), clients=3)

    assert not imported.failed, imported.line
    assert not retracted.failed, retracted.line
    assert not history.failed, history.line


def said(client: int, begun: int, sort: str = "fact", status: int = 201, **values: Any) -> Operation:
    made = {f"fact-{begun}": begun} if sort == "fact" else {}
    given = {"made": made, "expected": (200, 201, 409)} | values
    return Operation(client, sort, begun, begun + 5, status, **given)


SOUND = [
    said(1, 10),
    said(2, 20),
    said(1, 30, "state", 200, position=20),
    said(2, 40, "permalink", 200, position=10, address="/a", digest="x"),
    said(1, 50, "retractions", made={"fact-10#1": 50}, address="fact-10"),
]
PLANTED: dict[str, Callable[[list[Operation]], list[Operation]]] = {
    "lost": lambda told: [*told, said(3, 60)],
    "made twice": lambda told: [*told, said(3, 60, made={"fact-10": 10})],
    "two positions": lambda told: [*told, said(3, 60, status=200, made={"fact-10": 11})],
    "shared position": lambda told: [*told, said(3, 60, status=200, made={"fact-60": 10})],
    "client out of order": lambda told: [*told, said(1, 60, made={"fact-60": 40})],
    "real time": lambda told: [*told, said(3, 60, made={"fact-60": 40})],
    "own write unread": lambda told: [*told, said(1, 60, "state", 200, position=20)],
    "read went back": lambda told: [*told, said(1, 60, "state", 200, position=10)],
    "stale": lambda told: [*told, said(3, 60, "state", 200, position=20)],
    "permalink changed": lambda told: [*told, said(3, 60, "permalink", 200, position=10, address="/a", digest="y")],
    "retracted twice": lambda told: [*told, said(3, 60, "retractions", made={"fact-10#2": 60}, address="fact-10")],
    "refused": lambda told: [dataclasses.replace(told[0], expected=(409,)), *told[1:]],
}


def log_of(told: list[Operation]) -> dict[str, int]:
    return {name: position for each in told for name, position in each.made.items()}


def test_a_sound_history_shows_no_anomaly_and_each_planted_one_is_found() -> None:
    assert anomalies(SOUND, log_of(SOUND)).total() == 0

    assert set(PLANTED) == set(KINDS)
    for kind, plant in PLANTED.items():
        told = plant(SOUND)
        log = log_of(SOUND) if kind == "lost" else log_of(told) | log_of(SOUND)
        assert anomalies(told, log)[kind] >= 1, kind
