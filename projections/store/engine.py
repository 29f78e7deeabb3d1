"""How the database of the views is opened, and how long a question may take of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from events.errors import TooLong
from events.log.postgres import connect

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=8000", "secure_delete=ON")
_MANY_PAGES = ("cache_size=-65536", "mmap_size=2147418112")
"""Of connections that answer, as where they look next cannot be known; 2 GiB of a file are the most that is mapped."""
WRITES = 32
"""MiB of pages that connections keep which write."""

_STEPS = 10_000  # of SQLite's machine, between two looks at the time


def engine_for(database: str, mebibytes: int | None = None) -> Engine:
    """An engine on which SQLite reads in snapshots and writes without being refused midway; it logs no values.

    `mebibytes`: how much of an SQLite database each connection keeps in memory, where it does not answer questions.
    """
    if not database.startswith("sqlite"):
        return create_engine(
            "postgresql+psycopg://",
            creator=partial(connect, database),
            pool_size=10,
            pool_pre_ping=True,
            pool_recycle=600,  # so that a host that has come back is used again
            hide_parameters=True,
        )
    options = {"timeout": 60, "isolation_level": None}
    engine = create_engine(database, connect_args=options, pool_size=20, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        pages = _MANY_PAGES if mebibytes is None else (f"cache_size=-{mebibytes * 1024}",)
        for pragma in (*_PRAGMAS, *pages):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def too_long() -> TooLong:
    """The refusal of a question that took longer than one may."""
    return TooLong("the answer takes too long to find and was given up; ask for less at once")


@contextmanager
def bounded(connection: Connection, deadline: float | None) -> Iterator[None]:
    """Interrupt SQLite's statements at the deadline; PostgreSQL does so by itself (`statement_timeout`).

    Raises:
        TooLong: a statement was ended there.
    """
    if deadline is None:
        yield
        return
    driver: Any = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if driver:
        driver.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        yield
    except OperationalError:
        if time.monotonic() < deadline:
            raise
        raise too_long() from None
    finally:
        if driver:
            driver.set_progress_handler(None, 0)
