"""What a database says when it cannot serve becomes a status and a sentence, whoever wrapped it."""

import sqlite3
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from eventsourcing import persistence
from psycopg import errors
from sqlalchemy import exc

from events.kinds.swap import SwapAgreed
from projections.clocks import Asked
from service.chronicle.checkpoints import signer_in
from service.cli.main import main
from service.databases.chronology import Chronology
from service.databases.errors import AWAY, BUSY, DAMAGED, FULL, READ_ONLY, Trouble, is_trouble, trouble_of
from service.settings import Settings
from tests.conftest import api_of
from tests.fixtures.databases import emptied, postgres
from tests.fixtures.stories import Chronicle


def sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as the driver says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (sqlite(sqlite3.SQLITE_FULL), FULL),
        (sqlite(sqlite3.SQLITE_READONLY_DIRECTORY), READ_ONLY),
        (sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), BUSY),
        (sqlite(sqlite3.SQLITE_CORRUPT), DAMAGED),
        (errors.DiskFull("no space left"), FULL),
        (errors.ReadOnlySqlTransaction("read-only"), READ_ONLY),
        (errors.DeadlockDetected("deadlock"), BUSY),
        (errors.AdminShutdown("terminating"), AWAY),
        (psycopg.OperationalError("connection refused"), AWAY),
    ],
    ids=lambda value: value.slug if isinstance(value, Trouble) else type(value).__name__,
)
def test_the_trouble_is_the_same_by_whichever_library_it_comes(error: Exception, trouble: Trouble) -> None:
    from_the_views = exc.OperationalError("SELECT", None, error)
    try:
        raise persistence.OperationalError(str(error)) from error
    except persistence.OperationalError as wrapped:
        from_the_log = wrapped

    assert trouble_of(error) is trouble_of(from_the_views) is trouble_of(from_the_log) is trouble


def test_a_bug_is_no_trouble_of_the_database() -> None:
    assert not is_trouble(exc.ProgrammingError("SELEKT", None, sqlite3.OperationalError("syntax error")))
    assert not is_trouble(KeyError("name"))


def test_a_file_that_is_no_database_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"no database" * 1_000)
    result = CliRunner(env={"CHRONOLOGY_DATABASE": f"sqlite:///{tmp_path}/log.db"}).invoke(main, ["show", "swap"])

    assert result.exit_code == 2
    assert result.stderr.startswith("the file of the database is damaged; restore a backup")


def test_a_page_says_it_too(sqlite_chronology: Chronology, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise exc.OperationalError("SELECT", None, psycopg.OperationalError("connection refused"))

    monkeypatch.setattr(sqlite_chronology.store, "reading", refuse)
    answer = api_of(sqlite_chronology, None).client.get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert "The database does not answer." in answer.get_data(as_text=True)


def test_a_checkpoint_that_cannot_be_signed_is_a_fault_of_the_service_that_is_named(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/log.db", signing_key=str(tmp_path / "nowhere" / "key"))
    chronology = Chronology(settings)
    client = api_of(chronology, None).client
    for path in ("/checkpoint", "/api/v1/checkpoint", "/api/v1/checkpoint/key"):
        answer = client.get(path)
        assert (answer.status_code, answer.get_json()["type"]) == (503, "urn:chronology:problem:no-signing-key")
        assert "cannot be read or made" in answer.get_json()["detail"]
    chronology.close()


def test_a_signing_key_is_made_where_files_have_one_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    keys = [str(signer_in(tmp_path / "key", "log").verifier) for _ in range(2)]

    assert keys[0] == keys[1]
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_a_question_is_answered_although_every_connection_has_just_died() -> None:
    chronology = Chronology(Settings(database=emptied(postgres())), follows=True)
    Chronicle(chronology).given(SwapAgreed, "swap")
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(chronology.ask(Asked()))  # as many connections serve at once
    with psycopg.connect(postgres(), autocommit=True) as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
        connection.execute(f"{others} current_database()")

    for _ in range(5):
        with chronology.store.reading() as snapshot:
            assert snapshot.position == snapshot.head == 2
    chronology.store.ping()
    chronology.close()
