"""The service as it is run: `chronology serve` in processes of its own, on a database made for it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.config import Settings
from service.keyring import Keyring
from tests.databases import emptied, postgres

ROLES = ("reader", "recorder", "editor", "admin")
_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Served:
    """A running service: its port, the id of its first process, its database, and a token of each role."""

    port: int
    pid: int
    database: str
    tokens: dict[str, str]
    log: Path

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> list[int]:
        """Its process ids: the one that was started and those that it made."""
        found, seen = [self.pid], 0
        while seen < len(found):
            found += _children(found[seen])
            seen += 1
        return found

    def caught_up(self) -> None:
        """Wait until the views have reached the end of the log."""
        while (ready := self._asked("/readyz"))["position"] < ready["head"]:
            self._asked("/api/v1/subjects?limit=1")  # on PostgreSQL, without a follower, who asks lends a hand

    def _asked(self, path: str) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:  # noqa: S310
            return json.load(answer)  # type: ignore[no-any-return]

    def resident(self) -> int:
        """Bytes of memory that its processes hold together."""
        return sum(_resident(pid) for pid in self.processes())

    def worked(self) -> float:
        """Seconds of processor time that its processes have used."""
        return sum(_worked(pid) for pid in self.processes())


def _worked(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


@contextmanager
def serving(sort: str = "sqlite", **settings: object) -> Iterator[Served]:
    """The service on an empty database of the sort, `sqlite` or `postgres`; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="chronology-served-") as folder:
        database = f"sqlite:///{folder}/chronology.db" if sort == "sqlite" else emptied(postgres())
        keyring = Keyring(Settings(database=database).database)
        tokens = {role: keyring.issue(f"the {role}", role, "test")[1] for role in ROLES}
        keyring.close()
        log = Path(folder) / "log"
        port = _free_port()
        given = {f"CHRONOLOGY_{name.upper()}": str(value) for name, value in settings.items()}
        given |= {"CHRONOLOGY_DATABASE": database, "CHRONOLOGY_SIGNING_KEY": f"{folder}/signing-key", "PORT": str(port)}
        environment = {**os.environ, **given}
        with log.open("w") as out:
            command = [sys.executable, "-c", "from service.cli import main; main()", "serve"]
            server = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
            try:
                _wait_for(port, server, log)
                yield Served(port, server.pid, database, tokens, log)
            finally:
                server.send_signal(signal.SIGTERM)
                try:
                    server.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start: {log.read_text()[-2000:]}")
