"""How events are stored: canonical JSON, explicit topics, one log table without gaps, and what the record keeps beside.

The recorders add three small tables to the library's: `chronology_turn` (see `turns`), `chronology_subjects`, the kind
under which each subject was first named, and `chronology_keys`, the key of each stream's words (see `sealing`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from eventsourcing.persistence import Transcoder
from eventsourcing.postgres import PostgresApplicationRecorder
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteDatastore
from psycopg.rows import tuple_row

from events.log.postgres import acknowledged
from events.log.reader import LogReader, PostgresBooks
from events.log.turns import PostgresTurn, SQLTurn, Turn

_NOTHING: tuple[Any, ...] = (None, [], {})
_WRITING = ("synchronous = FULL", "wal_autocheckpoint = 8000", "cache_size = -32768")
"""Of a writer on SQLite: what is acknowledged survives a power cut; pages that are written again and again, as ids lie
anywhere in an index, are put back into the file every 32 MiB; as many of them are kept in memory."""
_CREATE = (
    "CREATE TABLE IF NOT EXISTS chronology_turn "
    "(one INTEGER PRIMARY KEY, recorded BIGINT NOT NULL, position BIGINT NOT NULL, frontier {bytes} NOT NULL)",
    "INSERT INTO chronology_turn VALUES (1, 0, 0, '') ON CONFLICT (one) DO NOTHING",
    "CREATE TABLE IF NOT EXISTS chronology_subjects (id TEXT PRIMARY KEY, kind TEXT)",
    "CREATE TABLE IF NOT EXISTS chronology_keys (stream {id} PRIMARY KEY, key {bytes} NOT NULL){options}",
)


def without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that say nothing: None, and what is empty."""
    return {name: value for name, value in values.items() if value or value not in _NOTHING}


def canonical_json(values: Mapping[str, Any]) -> bytes:
    """Values as UTF-8 JSON, names in order."""
    return orjson.dumps(values, option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS)


class JSONEvents(Transcoder):
    """Event values as canonical JSON (RFC 8785): names in order, times in RFC 3339, nothing where a value is empty."""

    def encode(self, obj: Any) -> bytes:
        """One event's values as UTF-8 JSON."""
        return canonical_json(without_nothing(obj))

    def decode(self, data: bytes) -> Any:
        """One event's values from UTF-8 JSON."""
        values = orjson.loads(data)
        values["timestamp"] = datetime.fromisoformat(values["timestamp"])
        return values


class SQLiteLog(SQLiteApplicationRecorder):
    """The log on SQLite, in a table of its own."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "chronology_events")

    def construct_create_table_statements(self) -> list[str]:
        """The library's table, with its positions declared, and those of the record."""
        events = (
            f"CREATE TABLE IF NOT EXISTS {self.events_table_name} (originator_id TEXT, originator_version INTEGER, "
            "topic TEXT, state BLOB, rowid INTEGER PRIMARY KEY, UNIQUE (originator_id, originator_version))"
        )
        types = {"id": "TEXT", "bytes": "BLOB", "options": " WITHOUT ROWID"}
        return [events, *(statement.format(**types) for statement in _CREATE)]

    @contextmanager
    def turn(self, now: int) -> Iterator[Turn]:
        """Wait for this writer's turn; its transaction is committed at the end, or undone by an exception."""
        with self._cursor(*_WRITING, commit=True) as cursor:
            yield SQLTurn(cursor, self.events_table_name, now)

    @contextmanager
    def books(self) -> Iterator[LogReader]:
        """What the record keeps, read in one transaction."""
        with self._cursor(commit=False) as cursor:
            yield LogReader(cursor, self.events_table_name)

    @contextmanager
    def _cursor(self, *pragmas: str, commit: bool) -> Iterator[SQLiteCursor]:
        """A cursor in a transaction of its own on a connection so set, whose rows are tuples."""
        with self.datastore.get_connection(commit=commit) as connection:
            for pragma in pragmas:
                connection.cursor().execute(f"PRAGMA {pragma}")
            with connection.transaction(commit=commit) as cursor:
                cursor.sqlite_cursor.row_factory = None
                yield cursor

    def scrub(self) -> None:
        """Leave no trace of what was deleted in the write-ahead log; free pages are overwritten at once."""
        with self.datastore.get_connection(commit=False) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgresLog(PostgresApplicationRecorder):
    """The log on PostgreSQL."""

    def _create_table(self, curs: Any) -> None:
        for statement in _CREATE:  # first: waits for a writer before the log is locked, not after
            curs.execute(statement.format(id="UUID", bytes="BYTEA", options=""))
        super()._create_table(curs)

    @contextmanager
    def turn(self, now: int) -> Iterator[Turn]:
        """Wait for this writer's turn; its transaction is committed at the end, or undone by an exception."""
        with self._cursor() as cursor:
            yield PostgresTurn(cursor, self.events_table_name, now)

    @contextmanager
    def books(self) -> Iterator[LogReader]:
        """What the record keeps, read in one transaction."""
        with self._cursor() as cursor:
            yield PostgresBooks(cursor, self.events_table_name)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor in a transaction of its own, whose rows are tuples."""
        with self.datastore.get_connection() as connection, acknowledged(connection), connection.transaction():  # noqa: SIM117
            with connection.cursor(row_factory=tuple_row) as cursor:
                yield cursor

    def scrub(self) -> None:
        """Remove what was deleted from the table of keys."""
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            cursor.execute("VACUUM chronology_keys")
