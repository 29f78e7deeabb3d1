"""How the database of the views is opened, and how long a question may take of it."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import psycopg
from eventsourcing.persistence import PersistenceError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.pool import StaticPool

from events.errors import NotYet, TooLong
from events.log.postgres import connect

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

Item = TypeVar("Item")
_ASKED_BY: ContextVar[Callable[[], bool]] = ContextVar("asked_by", default=lambda: False)
_STEPS = 10_000  # of SQLite's machine, between two looks at the time


def engine_for(database: str, mebibytes: int | None = None) -> Engine:
    """An engine that reads in snapshots, on which SQLite writes without being refused midway; it logs no values.

    `mebibytes`: how much of an SQLite database each connection keeps in memory, where it does not answer questions.
    """
    if not database.startswith("sqlite"):
        return create_engine(
            "postgresql+psycopg://",
            creator=partial(connect, database),
            isolation_level="REPEATABLE READ",
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


def driver_of(connection: Connection) -> Any:
    """The driver's own connection, on which a statement goes past the compiler."""
    return connection.connection.driver_connection


@contextmanager
def dropped_where_lost(connection: Connection) -> Iterator[None]:
    """Leave a connection out of the pool that is lost while it is used past SQLAlchemy, which does not hear of that."""
    try:
        yield
    except psycopg.Error:
        if driver_of(connection).closed:
            connection.invalidate()
        raise


class Abandoned(NotYet):
    """The client is gone that asked."""

    problem = "abandoned"

    def __init__(self) -> None:
        super().__init__("the answer was given up, as the client that asked for it is gone")


@contextmanager
def asked_by(is_gone: Callable[[], bool]) -> Iterator[None]:
    """Questions asked inside are given up once their client is gone."""
    before = _ASKED_BY.set(is_gone)
    try:
        yield
    finally:
        _ASKED_BY.reset(before)


@dataclass(frozen=True, slots=True)
class Patience:
    """The bounds of one question. `deadline` is by the monotonic clock; None: any time."""

    deadline: float | None = None
    is_gone: Callable[[], bool] = field(default_factory=_ASKED_BY.get)

    @property
    def is_over(self) -> bool:
        """Whether it is to be given up."""
        return (self.deadline is not None and time.monotonic() > self.deadline) or self.is_gone()

    def check(self) -> None:
        """Look at the time.

        Raises:
            TooLong: it is over.
            Abandoned: the client is gone.
        """
        if self.is_over:
            raise self.refusal()

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, for a loop that works long on each: the time is looked at before each."""
        for item in items:
            self.check()
            yield item

    def refusal(self) -> TooLong | Abandoned:
        """Why it is given up."""
        if self.is_gone():
            return Abandoned()
        return TooLong("the answer takes too long to find and was given up; ask for less at once")


ENDLESS = Patience(None, lambda: False)
"""Of what is not asked by anybody."""


@contextmanager
def bounded(connection: Connection, patience: Patience) -> Iterator[None]:
    """Interrupt SQLite's statements when patience is over; PostgreSQL does so at the deadline (`statement_timeout`).

    Raises:
        TooLong: a statement was ended at the deadline.
        Abandoned: a statement was ended as its client is gone.
    """
    driver = driver_of(connection) if connection.dialect.name == "sqlite" else None
    if driver:
        driver.set_progress_handler(lambda: patience.is_over, _STEPS)
    try:
        yield
    except (OperationalError, sqlite3.OperationalError, psycopg.OperationalError):
        if not patience.is_over:
            raise
        raise patience.refusal() from None
    finally:
        if driver:
            driver.set_progress_handler(None, 0)
