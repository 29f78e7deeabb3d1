"""How events are stored: JSON, explicit topics, one log table, and one writer's turn at a time.

The recorders add two small tables to the library's: `chronology_turn`, one row that every writer updates first, which
puts writers in line on both databases and makes recorded instants never decrease; and `chronology_subjects`, the kind
under which each subject was first named. Both are written in the transaction that stores the events.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
from eventsourcing.persistence import StoredEvent, Transcoder
from eventsourcing.postgres import PostgresApplicationRecorder
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

_CHUNK = 500
_NOTHING: tuple[Any, ...] = (None, [], {})
_CREATE = (
    "CREATE TABLE IF NOT EXISTS chronology_turn (one INTEGER PRIMARY KEY, recorded BIGINT NOT NULL)",
    "INSERT INTO chronology_turn VALUES (1, 0) ON CONFLICT (one) DO NOTHING",
    "CREATE TABLE IF NOT EXISTS chronology_subjects (id TEXT PRIMARY KEY, kind TEXT)",
)


class JSONEvents(Transcoder):
    """Event values as JSON objects: times in RFC 3339, nothing where a value is None or empty."""

    def encode(self, obj: Any) -> bytes:
        """One event's values as UTF-8 JSON."""
        return orjson.dumps(
            {name: value for name, value in obj.items() if value not in _NOTHING}, option=orjson.OPT_UTC_Z
        )

    def decode(self, data: bytes) -> Any:
        """One event's values from UTF-8 JSON."""
        values = orjson.loads(data)
        values["timestamp"] = datetime.fromisoformat(values["timestamp"])
        return values


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A stored event with its position in the log."""

    position: int
    stream: UUID
    stored: StoredEvent


class Turn(Protocol):
    """One writer's turn: what it may ask of the record, and the one thing it may do."""

    recorded: int
    """The instant of this turn in UTC microseconds, never before that of an earlier turn."""

    def streams(self, ids: Iterable[UUID]) -> Iterator[LoggedEvent]:
        """All events of the streams, each stream in order."""

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """The kinds of those subjects that have been named before."""

    def save(self, events: Sequence[StoredEvent], named: Mapping[str, str | None]) -> Sequence[int]:
        """Store the events and the subjects they name; answers with positions."""


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    whole = list(values)
    for start in range(0, len(whole), _CHUNK):
        yield whole[start : start + _CHUNK]


class _SQLTurn:
    """A turn in one open transaction; databases differ in parameter marks and in how they store ids."""

    mark = "?"
    position = "rowid"

    def __init__(self, recorder: Any, cursor: Any, now: int) -> None:
        self.recorder = recorder
        self.cursor = cursor
        table = recorder.events_table_name
        columns = f"originator_id, originator_version, topic, state, {self.position} AS position"
        self._select = f"SELECT {columns} FROM {table} WHERE originator_id IN "
        self.recorded = int(self._claim(now))

    def _claim(self, now: int) -> int:
        """Wait for the turn; answers with its instant."""
        self.cursor.execute(
            f"UPDATE chronology_turn SET recorded = CASE WHEN recorded > {self.mark} THEN recorded "
            f"ELSE {self.mark} END WHERE one = 1 RETURNING recorded",
            (now, now),
        )
        return int(self.cursor.fetchone()["recorded"])

    def _in(self, count: int) -> str:
        return f"({','.join([self.mark] * count)})"

    def _key(self, stream: UUID) -> Any:
        return stream.hex

    def streams(self, ids: Iterable[UUID]) -> Iterator[LoggedEvent]:
        for chunk in _chunks(ids):
            keys = [self._key(stream) for stream in chunk]
            self.cursor.execute(f"{self._select}{self._in(len(keys))} ORDER BY {self.position}", keys)
            for row in self.cursor.fetchall():
                key = row["originator_id"]
                stream = key if isinstance(key, UUID) else UUID(key)
                stored = StoredEvent(stream, row["originator_version"], row["topic"], bytes(row["state"]))
                yield LoggedEvent(row["position"], stream, stored)

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        known: dict[str, str | None] = {}
        for chunk in _chunks(subjects):
            self.cursor.execute(f"SELECT id, kind FROM chronology_subjects WHERE id IN {self._in(len(chunk))}", chunk)
            known.update((row["id"], row["kind"]) for row in self.cursor.fetchall())
        return known

    def save(self, events: Sequence[StoredEvent], named: Mapping[str, str | None]) -> Sequence[int]:
        if named:
            self.cursor.executemany(
                f"INSERT INTO chronology_subjects (id, kind) VALUES ({self.mark}, {self.mark}) "
                "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind WHERE chronology_subjects.kind IS NULL",
                list(named.items()),
            )
        return self._insert(events)

    def _insert(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        return list(self.recorder._insert_events(self.cursor, events) or ())


class _PostgresTurn(_SQLTurn):
    mark = "%s"
    position = "notification_id"

    def _key(self, stream: UUID) -> Any:
        return stream

    def _insert(self, events: Sequence[StoredEvent]) -> Sequence[int]:
        if not events:
            return []
        self.recorder._insert_stored_events(self.cursor, events)
        return list(self.recorder._fetch_ids_after_insert_events(self.cursor, events) or ())


class SQLiteLog(SQLiteApplicationRecorder):
    """The log on SQLite, in a table of its own."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore, "chronology_events")

    def construct_create_table_statements(self) -> list[str]:
        """The library's table and the two of the record."""
        return [*super().construct_create_table_statements(), *_CREATE]

    @contextmanager
    def turn(self, now: int) -> Iterator[Turn]:
        """Wait for this writer's turn; its transaction is committed at the end, or undone by an exception."""
        with self.datastore.transaction(commit=True) as cursor:
            yield _SQLTurn(self, cursor, now)


class PostgresLog(PostgresApplicationRecorder):
    """The log on PostgreSQL."""

    def _create_table(self, curs: Any) -> None:
        super()._create_table(curs)
        for statement in _CREATE:
            curs.execute(statement)

    @contextmanager
    def turn(self, now: int) -> Iterator[Turn]:
        """Wait for this writer's turn; its transaction is committed at the end, or undone by an exception."""
        with self.datastore.get_connection() as connection, connection.transaction(), connection.cursor() as cursor:
            yield _PostgresTurn(self, cursor, now)
