"""One writer's turn at a time, and what the record keeps: the SQL of both databases, which differ in little.

`chronology_turn` has one row. Every writer updates it first, which puts writers in line on both databases and makes
recorded instants never decrease; it holds the last position, so that positions have no gaps whatever fails, and the
frontier of the log's Merkle tree, so that what is stored can be checked. All is written in the transaction that stores
the events.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from events.merkle import grown, leaf_bytes, leaf_hash, packed, unpacked

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A stored event with its position in the log."""

    position: int
    stored: StoredEvent

    @property
    def leaf(self) -> bytes:
        """What its leaf in the Merkle tree is the hash of."""
        stored = self.stored
        return leaf_bytes(stored.originator_id, stored.originator_version, stored.topic, stored.state)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Tree:
    """The log as the record last left it: how many events, the last recorded instant, the Merkle tree's frontier."""

    size: int
    recorded: int
    frontier: list[bytes]


class Turn(Protocol):
    """One writer's turn: what it may ask of the record, and what it may do."""

    recorded: int
    """The instant of this turn in UTC microseconds, never before that of an earlier turn."""

    def streams(self, ids: Iterable[UUID]) -> Iterator[LoggedEvent]:
        """All events of the streams, each stream in order."""

    def keys(self, streams: Iterable[UUID]) -> dict[UUID, bytes]:
        """The keys of those of the streams that have one."""

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """The kinds of those subjects that have been named before."""

    def save(self, events: Sequence[StoredEvent], named: Mapping[str, str | None], keys: Mapping[UUID, bytes]) -> int:
        """Store the events, the subjects they name, and new keys; answers with the position of the first event."""

    def destroy(self, streams: Iterable[UUID]) -> None:
        """Destroy the keys of the streams."""


class Books:
    """What the record keeps, as it can be read; databases differ in parameter marks and in how they store ids."""

    mark = "?"
    position = "rowid"

    def __init__(self, cursor: Any, events: str) -> None:
        self.cursor = cursor
        self.events = events
        self.columns = f"originator_id, originator_version, topic, state, {self.position} AS position"

    def tree(self) -> Tree:
        """Where the log stands."""
        self.cursor.execute("SELECT recorded, position, frontier FROM chronology_turn")
        row = self.cursor.fetchone()
        return Tree(row["position"], row["recorded"], unpacked(_bytes(row["frontier"])))

    def after(self, position: int, limit: int) -> list[LoggedEvent]:
        """Up to `limit` events behind the position, in order."""
        statement = f"SELECT {self.columns} FROM {self.events} WHERE {self.position} > {self.mark} "
        self.cursor.execute(f"{statement} ORDER BY {self.position} LIMIT {self.mark}", (position, limit))
        return list(map(_logged, self.cursor.fetchall()))

    def streams(self, ids: Iterable[UUID]) -> Iterator[LoggedEvent]:
        """All events of the streams, each stream in order."""
        for chunk in _chunks(ids):
            where = f"originator_id IN {self._in(len(chunk))} ORDER BY {self.position}"
            self.cursor.execute(f"SELECT {self.columns} FROM {self.events} WHERE {where}", list(map(self._id, chunk)))
            yield from map(_logged, self.cursor.fetchall())

    def keys(self, streams: Iterable[UUID]) -> dict[UUID, bytes]:
        """The keys of those of the streams that have one."""
        found: dict[UUID, bytes] = {}
        for chunk in _chunks(streams):
            wanted = f"SELECT stream, key FROM chronology_keys WHERE stream IN {self._in(len(chunk))}"
            self.cursor.execute(wanted, list(map(self._id, chunk)))
            found.update((_uuid(row["stream"]), _bytes(row["key"])) for row in self.cursor.fetchall())
        return found

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """The kinds of those subjects that have been named before."""
        known: dict[str, str | None] = {}
        for chunk in _chunks(subjects):
            self.cursor.execute(f"SELECT id, kind FROM chronology_subjects WHERE id IN {self._in(len(chunk))}", chunk)
            known.update((row["id"], row["kind"]) for row in self.cursor.fetchall())
        return known

    def all_kinds(self) -> dict[str, str | None]:
        """Every subject that was named, and its kind."""
        self.cursor.execute("SELECT id, kind FROM chronology_subjects")
        return {row["id"]: row["kind"] for row in self.cursor.fetchall()}

    def _in(self, count: int) -> str:
        return f"({','.join([self.mark] * count)})"

    def _id(self, stream: UUID) -> Any:
        return stream.hex


class PostgresBooks(Books):
    """The same on PostgreSQL."""

    mark = "%s"
    position = "notification_id"

    def _id(self, stream: UUID) -> Any:
        return stream


class SQLTurn(Books):
    """A turn in one open transaction."""

    def __init__(self, cursor: Any, events: str, now: int) -> None:
        super().__init__(cursor, events)
        self.cursor.execute(
            f"UPDATE chronology_turn SET recorded = CASE WHEN recorded > {self.mark} THEN recorded "
            f"ELSE {self.mark} END WHERE one = 1",
            (now, now),
        )
        self._tree = self.tree()
        self.recorded = self._tree.recorded

    def save(self, events: Sequence[StoredEvent], named: Mapping[str, str | None], keys: Mapping[UUID, bytes]) -> int:
        """Store the events, the subjects they name, and new keys; answers with the position of the first event."""
        first = self._tree.size + 1
        if events:
            logged = [LoggedEvent(first + at, stored) for at, stored in enumerate(events)]
            self._insert(logged)
            self._grow(logged)
        if named:
            self._many(
                f"INSERT INTO chronology_subjects (id, kind) VALUES ({self.mark}, {self.mark}) "
                "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind WHERE chronology_subjects.kind IS NULL",
                list(named.items()),
            )
        self._many(
            f"INSERT INTO chronology_keys (stream, key) VALUES ({self.mark}, {self.mark})",
            [(self._id(stream), key) for stream, key in keys.items()],
        )
        return first

    def destroy(self, streams: Iterable[UUID]) -> None:
        """Destroy the keys of the streams."""
        self._overwrite_deleted()
        self._many(f"DELETE FROM chronology_keys WHERE stream = {self.mark}", [(self._id(each),) for each in streams])

    def _overwrite_deleted(self) -> None:
        self.cursor.execute("PRAGMA secure_delete = ON")

    def _grow(self, logged: Sequence[LoggedEvent]) -> None:
        size, frontier = grown(self._tree.size, self._tree.frontier, (leaf_hash(each.leaf) for each in logged))
        self._tree = Tree(size, self.recorded, frontier)
        statement = f"UPDATE chronology_turn SET position = {self.mark}, frontier = {self.mark} WHERE one = 1"
        self.cursor.execute(statement, (size, packed(frontier)))

    def _insert(self, logged: Sequence[LoggedEvent]) -> None:
        columns = f"{self.position}, originator_id, originator_version, topic, state"
        marks = ", ".join([self.mark] * 5)
        self._many(f"INSERT INTO {self.events} ({columns}) VALUES ({marks})", list(map(self._row, logged)))

    def _row(self, each: LoggedEvent) -> tuple[Any, ...]:
        stored = each.stored
        stream: Any = stored.originator_id
        return each.position, self._id(stream), stored.originator_version, stored.topic, stored.state

    def _many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self.cursor.executemany(statement, rows)


class PostgresTurn(PostgresBooks, SQLTurn):
    """A turn on PostgreSQL."""

    def _overwrite_deleted(self) -> None:
        """Deleted rows are removed by the recorder's `scrub`."""


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    whole = list(values)
    for start in range(0, len(whole), _CHUNK):
        yield whole[start : start + _CHUNK]


def _logged(row: Any) -> LoggedEvent:
    stored = StoredEvent(_uuid(row["originator_id"]), row["originator_version"], row["topic"], _bytes(row["state"]))
    return LoggedEvent(row["position"], stored)


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else bytes(value)
