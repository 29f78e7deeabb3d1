"""The library's recorders, as this log needs them: positions without gaps, and one writer at a time.

Events are inserted and read by the library's methods, in a transaction opened here. Four tables stand beside:
`chronology_turn`, whose one row orders the writers; `chronology_subjects`, the kind under which each subject was first
named; `chronology_keys`, the key of each stream's words (see `encryption`); `chronology_originals`, the bytes of
documents as they were taken in (see `originals`). The log of tokens is kept in the same way, with a row of its own to
order its writers, and without what stands beside.
"""

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

from eventsourcing.persistence import ApplicationRecorder, IntegrityError, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteDatastore
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier

from events.log.postgres import PostgresRecorder, acknowledged
from events.log.proofs.merkle import frontier_to_bytes, leaf_bytes, leaf_hash, with_leaves
from events.log.reader import POSTGRES, SQLITE, Dialect, LogReader

EVENTS = "chronology_events"
"""The table of the log; on PostgreSQL the library names it so by itself."""

_WRITING = ("synchronous = FULL", "wal_autocheckpoint = 8000", "cache_size = -32768", "secure_delete = ON")
"""Of a writer on SQLite: what is acknowledged survives a power cut; pages that are written again and again, as ids lie
anywhere in an index, are put back into the file every 32 MiB; as many of them are kept in memory; what is deleted is
overwritten."""
_TURN = (
    "CREATE TABLE IF NOT EXISTS {turn} "
    "(one INTEGER PRIMARY KEY, recorded BIGINT NOT NULL, position BIGINT NOT NULL, frontier {bytes} NOT NULL)",
    "INSERT INTO {turn} VALUES (1, 0, 0, '') ON CONFLICT (one) DO NOTHING",
)
_BESIDE = (
    "CREATE TABLE IF NOT EXISTS chronology_subjects (id TEXT PRIMARY KEY, kind TEXT)",
    "CREATE TABLE IF NOT EXISTS chronology_keys (stream {id} PRIMARY KEY, key {bytes} NOT NULL){options}",
    "CREATE TABLE IF NOT EXISTS chronology_originals (stream {id} NOT NULL, version INTEGER NOT NULL, "
    "piece INTEGER NOT NULL, sealed {bytes} NOT NULL, PRIMARY KEY (stream, version, piece))",
)
_TOPICS = f"CREATE INDEX IF NOT EXISTS {EVENTS}_topic ON {EVENTS} (topic)"
"""By which the kinds that a log holds are found without reading it."""
_NO_ROWS: Mapping[str, Any] = {}

_NO_SAMPLES = "ALTER TABLE chronology_keys ALTER COLUMN key SET STATISTICS 0"
"""Keeps keys out of PostgreSQL's statistics, which hold samples of what stands in a column."""


class Rehearsal(LogReader):
    """What a decision reads of which nothing will be stored, in one transaction: no writer waits for it.

    `now` is the clock in UTC microseconds.
    """

    def __init__(self, log: "Log", cursor: Any, now: int) -> None:
        super().__init__(cursor, log.events_table_name, log.turn, log.dialect)
        self.recorded = max(now, self.tree().recorded)
        """The instant at which it would be recorded, in UTC microseconds."""


class WriterTransaction(LogReader):
    """One writer's open transaction: every writer first updates the one row, and so waits for the writer before.

    The row makes recorded instants never decrease; it holds the last position, so that positions have no gaps whatever
    fails, and the frontier of the log's Merkle tree, so that what is stored can be checked.
    `now` is the writer's clock in UTC microseconds.
    """

    def __init__(self, log: "Log", cursor: Any, now: int) -> None:
        super().__init__(cursor, log.events_table_name, log.turn, log.dialect)
        self._log = log
        mark = log.dialect.mark
        self.cursor.execute(
            f"UPDATE {log.turn} SET recorded = CASE WHEN recorded > {mark} THEN recorded ELSE {mark} END WHERE one = 1",
            (now, now),
        )
        self._tree = self.tree()
        self.recorded = self._tree.recorded
        """The instant of this writer in UTC microseconds, never before that of an earlier one."""

    def save(
        self,
        events: Sequence[StoredEvent],
        named: Mapping[str, str | None] = _NO_ROWS,
        keys: Mapping[str, bytes] = _NO_ROWS,
        originals: Iterable[tuple[Any, ...]] = (),
    ) -> Sequence[int]:
        """Store the events, the subjects they name, new keys, and originals; returns the positions of the events.

        Raises:
            IntegrityError: the log does not end where its last writer left it.
        """
        positions = sorted(self._log.insert(self.cursor, events)) if events else []
        last, mark = self._tree.size, self._dialect.mark
        if positions != list(range(last + 1, last + 1 + len(events))):
            raise IntegrityError(f"the log does not end at position {last}")
        if events:
            leaves = [leaf_hash(leaf_bytes(each)) for each in events]
            size, frontier = with_leaves(last, self._tree.frontier, leaves)
            statement = f"UPDATE {self._turn} SET position = {mark}, frontier = {mark} WHERE one = 1"
            self.cursor.execute(statement, (size, frontier_to_bytes(frontier)))
        self._many("chronology_keys (stream, key)", keys.items())
        self._many("chronology_originals (stream, version, piece, sealed)", originals)
        self._many(
            "chronology_subjects (id, kind)",
            named.items(),
            "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind WHERE chronology_subjects.kind IS NULL",
        )
        return positions

    def destroy(self, streams: Iterable[str]) -> None:
        """Destroy the keys of the streams, and what they open beside the log."""
        for stream in streams:
            for table in ("chronology_keys", "chronology_originals"):
                self.cursor.execute(f"DELETE FROM {table} WHERE stream = {self._dialect.mark}", (stream,))

    def _many(self, table: str, rows: Iterable[tuple[Any, ...]], on_conflict: str = "") -> None:
        if whole := list(rows):
            marks = ", ".join([self._dialect.mark] * len(whole[0]))
            self.cursor.executemany(f"INSERT INTO {table} VALUES ({marks}) {on_conflict}", whole)


class Log(ApplicationRecorder):
    """What the recorders of both databases add to the library's."""

    events_table_name: str
    dialect: ClassVar[Dialect]
    turn: ClassVar[str] = "chronology_turn"
    """The table whose one row orders the writers."""
    beside: ClassVar[tuple[str, ...]] = _BESIDE
    """The statements that make what stands beside the events."""

    @contextmanager
    def writing(self, now: int) -> Iterator[WriterTransaction]:
        """Wait for the writer before; the transaction is committed at the end, or undone by an exception."""
        with self.transaction(commit=True) as cursor:
            yield WriterTransaction(self, cursor, now)

    @contextmanager
    def reading(self) -> Iterator[LogReader]:
        """What the log's tables hold, read in one transaction."""
        with self.transaction(commit=False) as cursor:
            yield LogReader(cursor, self.events_table_name, self.turn, self.dialect)

    @contextmanager
    def rehearsing(self, now: int) -> Iterator[Rehearsal]:
        """The log for a decision of which nothing will be stored."""
        with self.transaction(commit=False) as cursor:
            yield Rehearsal(self, cursor, now)

    @abstractmethod
    def transaction(self, *, commit: bool) -> AbstractContextManager[Any]:
        """A cursor in a transaction of its own; its rows are sequences."""

    @abstractmethod
    def insert(self, cursor: Any, events: Sequence[StoredEvent]) -> Iterable[int]:
        """Insert events at the end of the log in that transaction; returns their positions."""


class SQLiteLog(SQLiteApplicationRecorder, Log):
    """The log on SQLite, in a table of its own whose positions are declared, so that nothing numbers them anew."""

    dialect = SQLITE

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = EVENTS) -> None:
        super().__init__(datastore, events_table_name)
        if datastore.pool.lock_timeout:  # writers of one process wait in line for a connection, not for the file's lock
            datastore.pool.pool_timeout = datastore.pool.lock_timeout
        columns = "originator_id, originator_version, topic, state"
        self.insert_events_statement = f"INSERT INTO {self.events_table_name} ({columns}) VALUES (?, ?, ?, ?)"

    def construct_create_table_statements(self) -> list[str]:
        """The library's table, with its positions declared, and those beside."""
        events = (
            f"CREATE TABLE IF NOT EXISTS {self.events_table_name} (originator_id TEXT, originator_version INTEGER, "
            "topic TEXT, state BLOB, rowid INTEGER PRIMARY KEY, UNIQUE (originator_id, originator_version))"
        )
        types = {"turn": self.turn, "id": "TEXT", "bytes": "BLOB", "options": " WITHOUT ROWID"}
        made = (*_TURN, *self.beside, *([_TOPICS] if self.beside else []))
        return [events, *(statement.format(**types) for statement in made)]

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """A cursor in a transaction of its own, on a connection set for writing where it is committed."""
        with self.datastore.get_connection(commit=commit) as connection:
            for pragma in _WRITING if commit else ():
                connection.cursor().execute(f"PRAGMA {pragma}")
            with connection.transaction(commit=commit) as cursor:
                yield cursor

    def insert(self, cursor: Any, events: Sequence[StoredEvent]) -> Iterable[int]:
        """Insert events at the end of the log; SQLite numbers them on from the last."""
        return self._insert_events(cursor, events) or ()


class PostgresLog(PostgresRecorder, Log):
    """The log on PostgreSQL. The writer's row puts writers in order, so that the table needs no lock."""

    dialect = POSTGRES

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        types = {"turn": self.turn, "id": "UUID", "bytes": "BYTEA", "options": ""}
        made = (*_TURN, *self.beside, *([_NO_SAMPLES] if self.beside else []))
        self.sql_create_statements[:0] = [SQL(each.format(**types)).format() for each in made]
        self.sql_create_statements += [SQL(_TOPICS).format()] if self.beside else []
        self.lock_table_statements = []
        self.insert_events_statement = SQL(
            "INSERT INTO {schema}.{table} (originator_id, originator_version, topic, state, notification_id) "
            "SELECT originator_id, originator_version, topic, state, position + place "
            "FROM unnest(%b::{schema}.{type}[]) WITH ORDINALITY "
            "AS given(originator_id, originator_version, topic, state, place), {turn} "
            "RETURNING notification_id"
        ).format(
            schema=Identifier(self.datastore.schema),
            table=Identifier(self.events_table_name),
            turn=Identifier(self.turn),
            type=Identifier(self.stored_event_type_name),
        )

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[Any]:  # noqa: ARG002  (reading, there is nothing to commit)
        """A cursor in a transaction of its own, whose rows are tuples."""
        with self.datastore.get_connection() as connection, acknowledged(connection), connection.transaction():  # noqa: SIM117
            with connection.cursor(row_factory=tuple_row) as cursor:
                yield cursor

    def insert(self, cursor: Any, events: Sequence[StoredEvent]) -> Iterable[int]:
        """Insert events at the end of the log, numbered on from where the writer's row says that it ends."""
        with cursor.connection.cursor() as inserting:
            self._insert_stored_events(inserting, events)
            return self._fetch_ids_after_insert_events(inserting, events) or ()
