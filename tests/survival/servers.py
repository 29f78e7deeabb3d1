"""Real servers to hurt: a PostgreSQL of one's own, and `chronology serve`."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
from werkzeug.serving import WSGIRequestHandler, make_server

from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.databases import bundled

PROGRAM = Path(sys.executable).parent / "chronology"


class PostgresServer:
    """A PostgreSQL in a folder of its own, as it comes: `fsync` and `synchronous_commit` are on.

    Args:
        beside: another one, of which a copy will be put into the folder; if not given, an empty one is made.
    """

    def __init__(self, beside: "PostgresServer | None" = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="survival-pg-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        if beside is None:
            self.user, self.programs = self._made()
        else:
            self.user, self.programs = beside.user, beside.programs
        self.sockets = self.folder / "s"
        self.sockets.mkdir()
        self.sockets.chmod(0o777)
        self.address = f"postgresql://postgres@/postgres?host={self.sockets}"
        self._process: subprocess.Popen[bytes] | None = None

    def _made(self) -> tuple[str | None, Path]:
        """Make an empty one; answers with the user it belongs to, and where its programs are."""
        self.data.mkdir()
        made = bundled().PostgresServer(self.data, cleanup_mode=None)
        made.ensure_pgdata_inited()
        return made.system_user, Path(made.bin_path)

    def start(self) -> None:
        """Start it, and wait until it answers; after a kill its orphans must have ended first."""
        deadline = time.monotonic() + 60
        while True:
            self._launch()
            while self._process is not None and self._process.poll() is None:
                try:
                    psycopg.connect(self.address, connect_timeout=2).close()
                    return
                except psycopg.OperationalError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)
            if time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text()[-2_000:])
            time.sleep(0.1)

    def _launch(self) -> None:
        words = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets), "-h", ""]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, user=self.user, cwd="/")

    def kill(self) -> None:
        """SIGKILL to the postmaster; its children notice and end."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop at once, in order ("fast")."""
        self._end(signal.SIGINT)

    def _end(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(timeout=60)

    def setting(self, name: str) -> str:
        """A setting as it is in force."""
        with psycopg.connect(self.address) as connection:
            row = connection.execute(f"SHOW {name}").fetchone()  # type: ignore[arg-type]
        assert row is not None
        return str(row[0])

    def ask(self, question: str) -> int:
        """The one number that a question is answered with."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            row = connection.execute(question).fetchone()  # type: ignore[arg-type]
        return int(row[0]) if row and row[0] is not None else 0

    def say(self, statement: str) -> None:
        """One statement of an administrator."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def remove(self) -> None:
        """Stop it and remove its files."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that is removed at the end."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Client:
    """One client of the API, on one connection."""

    def __init__(self, port: int, token: str | None = None, timeout_seconds: float = 70) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Status and bytes of an answer; a connection that was closed is opened again once."""
        headers = dict(self._headers)
        content = None
        if body is not None:
            content, headers["Content-Type"] = json.dumps(body), "application/json"
        for last in (False, True):
            try:
                self._connection.request(method, path, content, headers)
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, ConnectionError):
                self._connection.close()
                if last:
                    raise
        raise AssertionError

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a reading."""
        status, content = self.ask("GET", path)
        return status, json.loads(content)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Status and JSON of a writing."""
        status, content = self.ask("POST", path, body)
        return status, json.loads(content)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Service:
    """`chronology serve` on a port of its own, to be killed with all its processes and started again."""

    def __init__(self, database: str, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self._environment = {**os.environ, "CHRONOLOGY_DATABASE": database, "PORT": str(self.port), **settings}
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        with (self._folder / "served.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(PROGRAM), "serve"],
                env=self._environment,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                process_group=0,
            )
        wait_until_ready(self.port, self._process)

    def kill(self) -> None:
        """SIGKILL to all its processes."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=60)


@contextmanager
def served(
    database: str, folder: Path, *, user: str | None = None, follow: bool = True, **settings: str
) -> Iterator[int]:
    """`chronology serve` on a free port, and on PostgreSQL `chronology follow` beside it, if that is not seen to."""
    port = free_port()
    environment = {**os.environ, "CHRONOLOGY_DATABASE": database, "PORT": str(port), **settings}
    commands = [["serve"], ["follow"]] if follow and not database.startswith("sqlite") else [["serve"]]
    with (folder / "served.log").open("ab") as log:
        running = []
        try:
            for words in commands:
                started = subprocess.Popen(
                    [str(PROGRAM), *words], env=environment, stdout=log, stderr=log, user=user, cwd=folder
                )
                running.append(started)
                if words == ["serve"]:
                    wait_until_ready(port, started)
            yield port
        finally:
            for started in running:
                started.terminate()
            for started in running:
                started.wait(timeout=30)


@contextmanager
def served_here(database: str, folder: Path) -> Iterator[int]:
    """The same app in a thread of this process: quicker to start, for short looks."""
    del folder
    chronology = Chronology(Settings(database=database))
    chronology.start_following()
    server = make_server("127.0.0.1", 0, create_app(chronology), threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()
        chronology.close()


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request, and keeps connections open."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Nothing."""


def wait_until_ready(port: int, server: subprocess.Popen[bytes] | None = None, patience_seconds: float = 60) -> float:
    """Wait until `/readyz` says so; answers with the seconds that it took."""
    begun = time.monotonic()
    while True:
        client = Client(port, timeout_seconds=10)
        try:
            if client.ask("GET", "/readyz")[0] == 200:
                return time.monotonic() - begun
        except OSError:
            if server is not None and server.poll() is not None:
                raise RuntimeError("the server ended") from None
        finally:
            client.close()
        if time.monotonic() - begun > patience_seconds:
            raise TimeoutError(f"the server is not ready after {patience_seconds} s")
        time.sleep(0.05)
