"""Where views live: SQLAlchemy tables in two generations, of which one is read and the other rebuilt beside it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, MetaData, Table, Text, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable

from projections.store.cache import Cache
from projections.store.engine import WRITES, engine_for
from projections.store.erasures import keep_unsampled, prepare_erasures, sample_no_words
from projections.store.snapshots import Patience, Snapshot, driver_of

LAYOUT = 22
"""Raised whenever the tables or the folds of a view change, so that older generations are rebuilt at start."""

MADE, LEAD, REBUILT, DELIVERS = range(727563, 727567)
"""Advisory locks on PostgreSQL: of who makes tables, follows (all others then do not), rebuilds, delivers to hooks."""

BOOKMARKS = Table(
    "chronology_views",
    MetaData(),
    Column("generation", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("layout", Integer, nullable=False),
)

_STEPS = 10_000  # of SQLite's machine, between two looks at the time
_ENDED = (OperationalError, sqlite3.OperationalError, psycopg.OperationalError)
"""What is raised, by whatever lies between, where a statement was ended."""
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ"}
_MARK = "SELECT generation, position, layout, {more} FROM chronology_views WHERE {which}"
_HEAD = {
    "sqlite": "(SELECT max(rowid) FROM chronology_events)",
    "postgresql": "(SELECT max(notification_id) FROM chronology_events)"
    ", set_config('statement_timeout', coalesce(%s, current_setting('statement_timeout')), true)",
}
"""The end of the log; on PostgreSQL how long a statement may take is set with it, until the transaction ends."""


class Store:
    """The database of the views, which is that of the record; each view's tables are there once for each generation.

    Args:
        database: `sqlite:///FILE` or `postgresql://...`.
        views: the views whose tables it holds.
    """

    def __init__(self, database: str, views: tuple[Any, ...]) -> None:
        self.engine = self._reading = engine_for(database)
        self.metadata = _generations(views)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if not self.is_sqlite:
            self.engine = self._reading.execution_options(isolation_level="READ COMMITTED")
        self._cache = Cache()
        written = engine_for(database, WRITES) if self.is_sqlite else self.engine
        self._writing = written.execution_options(writes=True)

    def prepare(self) -> None:
        """Make the tables that are not there, with one active generation at position 0."""
        with self._writing.begin() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MADE})")
            BOOKMARKS.metadata.create_all(connection)
            prepare_erasures(connection)
            for metadata in self.metadata.values():
                metadata.create_all(connection)
            if not connection.execute(select(BOOKMARKS.c.generation)).first():
                rows = [(generation, 0, generation == "a", LAYOUT) for generation in self.metadata]
                connection.execute(insert(BOOKMARKS).values(rows))

    def ping(self) -> None:
        """Find out whether the database answers, outside of a transaction: see `reading`."""
        with self._reading.connect() as connection:
            connection.execute(select(BOOKMARKS.c.generation))

    @contextmanager
    def reading(self, seconds: float | None = None, *, active: bool = True) -> Iterator[Snapshot]:
        """A consistent snapshot of the active generation, or of the other one, which may be asked for so many seconds.

        Raises:
            TooLong: it was asked for longer; no statement goes on after that.
        """
        patience = Patience(None if seconds is None else time.monotonic() + seconds)
        with self._reading.connect() as connection, _bounded(connection, patience):
            driver = driver_of(connection)
            driver.execute(_BEGIN[connection.dialect.name])
            limit = () if self.is_sqlite else (None if seconds is None else str(max(1, round(seconds * 1000))),)
            more = _HEAD[connection.dialect.name]
            generation, position, layout, head, *_ = _mark(connection, more, limit, active=active)
            tables, cache = self.metadata[generation], self._cache if active else Cache()
            try:
                yield Snapshot(connection, tables, generation, position, layout, patience, head or 0, cache)
            finally:
                driver.commit()  # at a rollback psycopg forgets what it has prepared

    @contextmanager
    def writing(self, *, active: bool = True) -> Iterator[Snapshot]:
        """A transaction on the active generation, or on the other one; committed at the end."""
        with self._writing.begin() as connection:
            yield self._snapshot(connection, active=active)

    def beside_of(self, snapshot: Snapshot) -> Snapshot:
        """The generation that is not active, in the same transaction; until its end no rebuild moves its bookmark."""
        mark = select(BOOKMARKS.c.generation).where(BOOKMARKS.c.active.is_(False)).with_for_update()
        snapshot.connection.execute(mark)
        return self._snapshot(snapshot.connection, active=False)

    def _snapshot(self, connection: Connection, *, active: bool) -> Snapshot:
        generation, position, layout, _ = _mark(connection, "NULL", active=active)
        return Snapshot(connection, self.metadata[generation], generation, position, layout)

    def is_led(self) -> bool:
        """Whether somebody leads; where nobody does, whoever wants may follow. On SQLite anybody may at any time."""
        with self.engine.begin() as connection:
            return not self.takes_lead(connection)

    def takes_lead(self, connection: Connection) -> bool:
        """Take the lead until the transaction ends, where nobody has it."""
        lock = f"SELECT pg_try_advisory_xact_lock({LEAD})"
        return self.is_sqlite or bool(connection.exec_driver_sql(lock).scalar())

    def advance(self, snapshot: Snapshot, position: int) -> bool:
        """Move the bookmark, unless another follower has moved it first or the generation is not the same any more."""
        moved = snapshot.connection.execute(
            update(BOOKMARKS)
            .where(BOOKMARKS.c.generation == snapshot.generation, BOOKMARKS.c.position == snapshot.position)
            .values(position=position)
        )
        return bool(moved.rowcount == 1)

    def clear(self, snapshot: Snapshot) -> None:
        """Set the generation's bookmark to the start, and empty its tables; they have keys, and no indexes yet."""
        mark = update(BOOKMARKS).where(BOOKMARKS.c.generation == snapshot.generation)
        snapshot.connection.execute(mark.values(position=0, active=False, layout=LAYOUT))
        snapshot.metadata.drop_all(snapshot.connection)
        for table in snapshot.metadata.sorted_tables:
            snapshot.connection.execute(CreateTable(table))
            sample_no_words(table, snapshot.connection)

    def swap(self, position: int) -> bool:
        """Make the rebuilt generation the active one, if it has followed at least as far as the old one."""
        with self._writing.begin() as connection:
            locked = select(BOOKMARKS).order_by(BOOKMARKS.c.active.desc()).with_for_update()  # as followers do
            marks = {row.active: row for row in connection.execute(locked)}
            if marks[False].position != position or marks[True].position > position:
                return False
            connection.execute(update(BOOKMARKS).values(active=~BOOKMARKS.c.active))
            return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._writing.dispose()


@cache
def _generations(views: tuple[Any, ...]) -> dict[str, MetaData]:
    """The tables of the views in each generation, which are the same in every database."""
    generations = {generation: MetaData() for generation in ("a", "b")}
    for generation, metadata in generations.items():
        for view in views:
            view.define(metadata, f"view_{generation}_")
    keep_unsampled(*generations.values())
    return generations


def _mark(connection: Connection, more: str, values: tuple[Any, ...] = (), *, active: bool) -> tuple[Any, ...]:
    """The bookmark of a generation, with more that is asked for in the same statement."""
    sql = _MARK.format(more=more, which="active" if active else "NOT active")
    with closing(driver_of(connection).execute(sql, values)) as cursor:
        return cursor.fetchone()  # type: ignore[no-any-return]


@contextmanager
def _bounded(connection: Connection, patience: Patience) -> Iterator[None]:
    """Interrupt SQLite's statements when patience is over; PostgreSQL does so at the deadline (`statement_timeout`).

    A connection that is lost is left out of the pool: SQLAlchemy does not hear of what goes past it.

    Raises:
        TooLong: a statement was ended at the deadline.
        Abandoned: a statement was ended as its client is gone.
    """
    driver, is_sqlite = driver_of(connection), connection.dialect.name == "sqlite"
    if is_sqlite:
        driver.set_progress_handler(lambda: patience.is_over, _STEPS)
    try:
        yield
    except (*_ENDED, psycopg.Error) as error:
        if not is_sqlite and driver.closed:
            connection.invalidate()
        if patience.is_over and isinstance(error, _ENDED):
            raise patience.refusal() from None
        raise
    finally:
        if is_sqlite:
            driver.set_progress_handler(None, 0)
