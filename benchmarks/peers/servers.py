"""The database servers that some peers need: a PostgreSQL that pip brings, and MariaDB where one is installed."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from time import sleep

import psycopg
from sqlalchemy import make_url

from tests.fixtures.databases import postgres


def postgres_named(name: str) -> str:
    """The address of an empty PostgreSQL database of that name."""
    with psycopg.connect(postgres(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(postgres()).set(database=name).render_as_string(hide_password=False)


@cache
def mariadb() -> str | None:
    """The socket of a MariaDB started here, with an empty database `benchmarks`; None where none is installed."""
    server, install, client = (shutil.which(name) for name in ("mariadbd", "mariadb-install-db", "mariadb"))
    if not (server and install and client):
        return None
    folder = Path(tempfile.mkdtemp(prefix="chronology-mariadb-"))
    data, socket = f"--datadir={folder}/data", folder / "socket"
    own = [data, "--user=root", "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run([install, "--no-defaults", *own], check=True, capture_output=True)
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=1G", "--skip-log-bin"]
    process = subprocess.Popen(
        [server, "--no-defaults", data, "--user=root", f"--socket={socket}", "--skip-networking", *quick],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    atexit.register(_end, process, folder)
    for _ in range(100):
        made = subprocess.run(
            [client, "--no-defaults", f"--socket={socket}", "-e", "CREATE DATABASE bench"],
            check=False,
            capture_output=True,
        )
        if made.returncode == 0:
            return str(socket)
        sleep(0.2)
    return None


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.terminate()
    process.wait(timeout=30)
    shutil.rmtree(folder, ignore_errors=True)
