"""How the database of the views is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from eventsourcing.persistence import PersistenceError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.pool import StaticPool

from events.log.postgres import connect
from projections.store.snapshots import driver_of

STORAGE_ERRORS = (
    PersistenceError,
    OperationalError,
    InterfaceError,
    InternalError,
    sqlite3.OperationalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
)
"""What is raised, by whatever lies between, while the database cannot serve."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=8000", "secure_delete=ON")
_MANY_PAGES = ("cache_size=-65536", "mmap_size=2147418112")
"""Of connections that answer, as where they look next cannot be known; 2 GiB of a file are the most that is mapped."""
WRITES = 32
"""MiB of pages that connections keep which write."""


def engine_for(database: str, mebibytes: int | None = None) -> Engine:
    """An engine that reads in snapshots, on which SQLite writes without being refused midway; it logs no values.

    `mebibytes`: how much of an SQLite database each connection keeps in memory, where it does not answer questions.
    """
    if not database.startswith("sqlite"):
        return create_engine(
            "postgresql+psycopg://",
            creator=partial(connect, database),
            isolation_level="AUTOCOMMIT",  # a snapshot begins by itself
            pool_size=10,
            pool_pre_ping=True,
            pool_recycle=600,  # so that a host that has come back is used again
            hide_parameters=True,
        )
    options = {"timeout": 60, "isolation_level": None}
    engine = create_engine(database, connect_args=options, pool_size=20, pool_use_lifo=True, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        pages = _MANY_PAGES if mebibytes is None else (f"cache_size=-{mebibytes * 1024}",)
        for pragma in (*_PRAGMAS, *pages):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver = driver_of(connection)
        if not driver.in_transaction:  # as it is where a bookmark was read
            driver.execute("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return engine


@contextmanager
def temporary_database(file: str = "") -> Iterator[Connection]:
    """A transaction on a database of SQLite that no other process can open, and that is gone after it.

    Without a `file`, such as `:memory:`, it lies on the disk, in a file without a name: SQLite unlinks it at once.
    """
    engine = create_engine("sqlite://", creator=partial(_temporary, file), poolclass=StaticPool, hide_parameters=True)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _temporary(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{WRITES * 1024}"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
