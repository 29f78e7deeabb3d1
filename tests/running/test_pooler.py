"""A connection pooler that hands each transaction to any of its connections: nothing is kept in a session."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from events.errors import Conflict
from projections.clocks import Asked
from projections.follow.leader_lock import Lead
from service.cli.main import main
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import api_of, on
from tests.running.test_followers import fill, rows, rows_after_rebuild
from tests.survival.servers import free_port

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
NEEDED = pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer here")


@contextmanager
def pooled(database: str, connections: int = 2) -> Iterator[str]:
    """A pgbouncer that shares out so many connections by the transaction; its address."""
    port, parts = free_port(), conninfo_to_dict(database)
    folder = Path(tempfile.mkdtemp(prefix="chronology-pooler-"))
    target = " ".join(f"{name}={parts[name]}" for name in ("host", "port", "dbname") if parts.get(name))
    (folder / "users").write_text(f'"{parts["user"]}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\npooled = {target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
        f"auth_type = trust\nauth_file = {folder}/users\nunix_socket_dir =\npool_mode = transaction\n"
        f"default_pool_size = {connections}\nmax_client_conn = 200\n"
    )
    for each in (folder, *folder.iterdir()):
        each.chmod(0o755)
    sockets = Path(str(parts.get("host") or ""))
    user = sockets.owner() if os.getuid() == 0 and sockets.is_dir() else None  # it refuses to run as root
    with (folder / "pgbouncer.log").open("wb") as log:
        running = subprocess.Popen([str(PGBOUNCER), str(folder / "pgbouncer.ini")], stdout=log, stderr=log, user=user)
    address = f"postgresql://{parts['user']}@127.0.0.1:{port}/pooled"
    try:
        _wait_for(address, running, folder / "pgbouncer.log")
        yield address
    finally:
        running.terminate()
        running.wait(timeout=20)
        shutil.rmtree(folder)


def _wait_for(address: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 20
    while running.poll() is None and time.monotonic() < deadline:
        try:
            return psycopg.connect(address, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise RuntimeError(log.read_text()[-2_000:])


@NEEDED
def test_writing_asking_and_signing_in_go_through_a_pooler_of_transactions(tmp_path: Path) -> None:
    with pooled(on("postgres", tmp_path)) as address:
        settings = Settings(database=address, pooler="transaction", signing_key=str(tmp_path / "key"))
        chronology = Chronology(settings, follows=True)
        fill(chronology, 600)
        statuses: list[int] = []

        def ask(api: object) -> None:
            for number in range(10):
                statuses.append(api.get(f"/subjects/swap-{number}").status_code)  # type: ignore[attr-defined]
                statuses.append(api.get("/facts", limit=5).status_code)  # type: ignore[attr-defined]
                statuses.append(api.get("/events", limit=5).status_code)  # type: ignore[attr-defined]

        threads = [Thread(target=ask, args=(api_of(chronology, "editor"),)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 120
        with chronology.ask(Asked(position=601)) as (snapshot, _):
            assert snapshot.connection.exec_driver_sql("SHOW statement_timeout").scalar() == "20s"
        assert rows(chronology) == rows_after_rebuild(chronology)
        chronology.close()


@NEEDED
def test_what_is_set_for_one_question_does_not_stay_with_the_pooled_connection(tmp_path: Path) -> None:
    with pooled(on("postgres", tmp_path), connections=1) as address:
        chronology = Chronology(Settings(database=address, pooler="transaction"), follows=True)
        fill(chronology, 10)
        with chronology.ask(Asked()):
            pass
        with psycopg.connect(address, autocommit=True, prepare_threshold=None) as session:
            kept = [
                session.execute(question).fetchone()
                for question in (
                    "SHOW statement_timeout",
                    "SHOW idle_in_transaction_session_timeout",
                    "SHOW default_transaction_isolation",
                    "SELECT count(*) FROM pg_prepared_statements",
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
                    "SELECT count(*) FROM pg_cursors",
                    "SELECT count(*) FROM pg_listening_channels()",
                )
            ]
        assert kept == [("0",), ("0",), ("read committed",), (0,), (0,), (0,), (0,)]
        chronology.close()


@NEEDED
def test_a_follower_behind_a_pooler_is_refused_as_its_lock_needs_a_session(tmp_path: Path) -> None:
    with pooled(on("postgres", tmp_path)) as address:
        with pytest.raises(Conflict, match="a pooler stands between"):
            Lead(address).is_held()
        CliRunner(env={"CHRONOLOGY_DATABASE": address, "CHRONOLOGY_POOLER": "transaction"}).invoke(main, ["migrate"])
        environment = {"CHRONOLOGY_DATABASE": address, "CHRONOLOGY_POOLER": "transaction"}
        told = CliRunner(env=environment).invoke(main, ["follow"])

    assert told.exit_code == 2
    assert told.stderr.startswith("the follower's lock needs a session of its own: a pooler stands between")
