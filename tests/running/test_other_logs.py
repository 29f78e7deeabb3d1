"""A replica whose log is not the primary's, as after a restore, is not asked; whoever looks after the service is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from projections.clocks import Asked
from service.app import create_app
from service.chronicle.signing import signer_of
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import on
from tests.fixtures.databases import NAMED
from tests.running.test_replicas import record

pytestmark = pytest.mark.skipif(NAMED.startswith("postgres"), reason="a PostgreSQL that was named is given no database")
OTHER = "chronology_of_before"


@pytest.fixture
def primary(tmp_path: Path) -> str:
    """The address of a database with three events."""
    address = on("postgres", tmp_path)
    chronology = Chronology(Settings(database=address))
    record(chronology, "one")
    record(chronology, "two")
    chronology.follower.catch_up()
    chronology.close()
    return address


@pytest.fixture
def replica(primary: str) -> Iterator[str]:
    """The address of a copy of it, which stands for a replica."""
    with psycopg.connect(primary, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {OTHER} WITH (FORCE)")
        name = connection.info.dbname
        connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            (name,),
        )
    with psycopg.connect(primary.replace(f"/{name}?", "/template1?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {OTHER} TEMPLATE {name}")
    yield primary.replace(f"/{name}?", f"/{OTHER}?")
    with psycopg.connect(primary, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {OTHER} WITH (FORCE)")


@pytest.fixture
def chronology(primary: str, replica: str, tmp_path: Path) -> Iterator[Chronology]:
    """A process that writes to the one and asks the other."""
    settings = Settings(database=primary, read_database=replica, signing_key=str(tmp_path / "signing-key"))
    chronology = Chronology(settings)
    yield chronology
    chronology.close()


def goes_on(address: str, *names: str) -> int:
    """Record facts in that database alone; the position of the last."""
    alone = Chronology(Settings(database=address))
    position = [record(alone, name) for name in names][-1]
    alone.follower.catch_up()
    alone.close()
    return position


def found(chronology: Chronology) -> tuple[Any, str, str]:
    """What `/readyz`, `/metrics` and the foot of a page say."""
    client = create_app(chronology).test_client()
    ready = client.get("/readyz")
    assert ready.status_code == 200
    return (
        ready.get_json()["left_out"],
        next(line for line in client.get("/metrics").text.splitlines() if line.startswith("chronology_replicas_left")),
        client.get("/").text.partition("<footer")[2],
    )


def facts_of(chronology: Chronology) -> set[str]:
    with create_app(chronology).test_client().get("/api/v1/facts") as answer:
        return {each["id"] for each in answer.get_json()["facts"]}


def test_a_replica_with_the_log_of_the_primary_is_asked(chronology: Chronology, primary: str, replica: str) -> None:
    goes_on(primary, "three")  # a replica may lag
    chronology.databases.compare()

    assert facts_of(chronology) == {"one", "two"}
    assert found(chronology)[:2] == ([], "chronology_replicas_left_out 0.0")
    assert "is not asked" not in found(chronology)[2]


def test_a_replica_with_another_log_is_left_out_when_a_process_starts(
    primary: str, replica: str, tmp_path: Path
) -> None:
    goes_on(primary, "restored")
    goes_on(replica, "lost", "lost-too")
    started = Chronology(Settings(database=primary, read_database=replica, signing_key=str(tmp_path / "key")))

    assert facts_of(started) == {"one", "two", "restored"}
    assert found(started)[0] == [replica_name(replica)]
    started.close()


def replica_name(address: str) -> str:
    return f"{address.partition('host=')[2]}/{OTHER}"


def test_a_replica_whose_log_becomes_another_is_left_out_and_everybody_is_told(
    chronology: Chronology, primary: str, replica: str
) -> None:
    goes_on(primary, "restored")
    goes_on(replica, "lost", "lost-too")
    chronology.databases.compare()

    left_out, gauge, foot = found(chronology)
    assert left_out == [replica_name(replica)]
    assert gauge == "chronology_replicas_left_out 1.0"
    assert "is not asked" in foot
    assert facts_of(chronology) == {"one", "two", "restored"}


def test_a_replica_that_stays_ahead_of_the_primary_is_left_out_and_asked_again_when_it_is_not(
    chronology: Chronology, primary: str, replica: str
) -> None:
    goes_on(replica, "lost")
    chronology.databases.compare()
    assert found(chronology)[0] == []  # a commit may be seen on a replica a moment sooner
    chronology.databases.compare()
    assert found(chronology)[0] == [replica_name(replica)]

    with psycopg.connect(replica) as connection:
        connection.execute("DELETE FROM chronology_events WHERE notification_id > 3")
        connection.execute("UPDATE chronology_turn SET position = 3")
        connection.execute("UPDATE chronology_views SET position = 3 WHERE active")
    chronology.databases.compare()
    assert found(chronology)[0] == []


def test_a_checkpoint_is_of_the_log_of_the_primary_even_before_the_replica_was_compared(
    chronology: Chronology, primary: str, replica: str
) -> None:
    head = goes_on(primary, "restored")
    goes_on(replica, "lost", "lost-too")
    client = create_app(chronology).test_client()

    note = signer_of(chronology).verifier.opened(client.get("/checkpoint").text)
    at_size = signer_of(chronology).verifier.opened(client.get(f"/api/v1/checkpoint?size={head}").text)
    proof = client.get(f"/api/v1/proofs/inclusion?position={head}").get_json()

    assert note == at_size == signer_of(chronology).verifier.opened(proof["checkpoint"])
    assert note.size == head
    assert '"restored"' in proof["leaf"]
    assert "lost" not in proof["leaf"]


def test_while_the_primary_is_away_what_was_found_before_holds(
    chronology: Chronology, primary: str, replica: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on(primary, "restored")
    goes_on(replica, "lost", "lost-too")
    chronology.databases.compare()

    def away(*_: Any, **__: Any) -> Any:
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr("service.databases.same_log.connect", away)
    chronology.databases.compare()
    assert found(chronology)[0] == [replica_name(replica)]
    with chronology.ask(Asked()) as (_, clocks):
        assert clocks.position == 4


def test_the_checkpoint_of_a_replica_that_was_never_compared_is_not_signed(
    primary: str, replica: str, tmp_path: Path
) -> None:
    nowhere = primary.replace("host=", f"host={tmp_path}&x=").partition("&x=")[0]
    settings = Settings(database=nowhere, read_database=replica, signing_key=str(tmp_path / "signing-key"))
    started = Chronology(settings)
    client = create_app(started).test_client()

    assert client.get("/api/v1/facts").status_code == 200
    assert client.get("/checkpoint").status_code == 503
    assert client.get("/api/v1/proofs/inclusion?position=1").status_code == 503
    started.close()
