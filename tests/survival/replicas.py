"""A primary and streaming replicas on this machine, of which the primary is killed and another takes its place."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.survival.servers import PostgresServer

_FOLLOWING = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
_SYNCHRONOUS = "ANY 1 ({names})"
_SETTINGS = (
    "wal_keep_size = '256MB'",
    "wal_retrieve_retry_interval = '200ms'",
    "hot_standby_feedback = on",
    "synchronous_commit = on",
)
_PATIENCE_SECONDS = 60.0


class NotHere(Exception):
    """These programs of PostgreSQL cannot replicate; says what is missing."""


class Cluster:
    """Servers by name, one of which is the primary; the others follow it, and one at least has each commit.

    Args:
        names: of the servers; the first is the primary.
    """

    def __init__(self, names: tuple[str, ...] = ("one", "two", "three")) -> None:
        self.names = names
        self.primary = names[0]
        first = PostgresServer()
        self.servers = {name: PostgresServer(first) if name != self.primary else first for name in names}

    def start(self) -> None:
        """Start the primary, and the others as copies of it.

        Raises:
            NotHere: these programs cannot replicate.
        """
        missing = [each for each in ("pg_basebackup",) if not (self.servers[self.primary].programs / each).is_file()]
        if missing:
            raise NotHere(f"there is no {', '.join(missing)}")
        self.servers[self.primary].start()
        for setting in _SETTINGS:
            self.servers[self.primary].say(f"ALTER SYSTEM SET {setting}")
        for name in self.replicas:
            self.join(name)
        self.wait_for_replicas()
        self.servers[self.primary].say(f"ALTER SYSTEM SET synchronous_standby_names = '{self.synchronous}'")
        self.servers[self.primary].say("SELECT pg_reload_conf()")

    @property
    def synchronous(self) -> str:
        """Which of the others must have a commit before it is acknowledged: any one."""
        return _SYNCHRONOUS.format(names=", ".join(self.names))

    @property
    def replicas(self) -> tuple[str, ...]:
        """The names of the servers that follow."""
        return tuple(name for name in self.names if name != self.primary)

    def address(self, *names: str) -> str:
        """The address of several servers, in this order; of all, if none is named."""
        sockets = ",".join(str(self.servers[name].sockets) for name in names or self.names)
        return f"postgresql://postgres@/postgres?host={sockets}"

    def join(self, name: str) -> None:
        """Let a server begin anew as a copy of the primary, and follow it."""
        server, primary = self.servers[name], self.servers[self.primary]
        shutil.rmtree(server.data, ignore_errors=True)
        server.data.mkdir(mode=0o700)
        if server.user is not None:
            shutil.chown(server.data, server.user)
        words = [
            str(primary.programs / "pg_basebackup"),
            "--pgdata",
            str(server.data),
            "--checkpoint=fast",
            "--no-sync",
        ]
        words += ["--wal-method=stream", "--dbname", self._followed(name)]
        done = subprocess.run(words, capture_output=True, text=True, user=primary.user, cwd="/", check=False)
        if done.returncode:
            raise NotHere(f"no copy can be made: {done.stderr.strip()[-300:]}")
        (server.data / "standby.signal").touch()
        with (server.data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"primary_conninfo = '{self._followed(name)}'\n")
            settings.write(f"synchronous_standby_names = '{self.synchronous}'\n")
        server.start()

    def _followed(self, name: str) -> str:
        return f"host={self.servers[self.primary].sockets} user=postgres application_name={name}"

    def wait_for_replicas(self) -> None:
        """Wait until all of them follow."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self.servers[self.primary].ask(_FOLLOWING) < len(self.replicas):
            if time.monotonic() > deadline:
                raise TimeoutError("a replica does not follow")
            time.sleep(0.05)

    def kill_primary(self) -> None:
        """SIGKILL to the primary's postmaster."""
        self.servers[self.primary].kill()

    def promote(self) -> str:
        """Make the replica that is furthest ahead the primary, and let the others follow it; answers with its name."""
        received = {name: self._received(name) for name in self.replicas}
        chosen = max(received, key=lambda name: received[name])
        others = [name for name in self.replicas if name != chosen]
        self.servers[chosen].say("SELECT pg_promote(true, 60)")
        self.primary = chosen
        for name in others:
            self.servers[name].say(f"ALTER SYSTEM SET primary_conninfo = '{self._followed(name)}'")
            self.servers[name].say("SELECT pg_reload_conf()")
        return chosen

    def _received(self, name: str) -> int:
        """How far a replica's write-ahead log goes, once it has lost the primary and applied all that it has."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        server = self.servers[name]
        while server.ask("SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{name} still hears of the primary")
            time.sleep(0.005)
        return server.ask("SELECT (greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0')::bigint")

    def remove(self) -> None:
        """Stop all of them and remove their files."""
        for server in self.servers.values():
            server.remove()


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A primary and two replicas, removed at the end.

    Raises:
        NotHere: these programs cannot replicate.
    """
    made = Cluster()
    try:
        made.start()
        yield made
    finally:
        made.remove()
