"""One writer's turn at a time, and what the record keeps: the SQL of both databases, which differ in little.

`chronology_turn` has one row. Every writer updates it first, which puts writers in line on both databases and makes
recorded instants never decrease; it holds the last position, so that positions have no gaps whatever fails, and the
frontier of the log's Merkle tree, so that what is stored can be checked. All is written in the transaction that stores
the events.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Protocol
from uuid import UUID

from events.log.merkle import grown, leaf_bytes, leaf_hash, packed
from events.log.reader import LoggedEvent, LogReader, NewEvent, PostgresBooks, Tree

_FEW = 10  # rows that are inserted one by one rather than copied


class Turn(Protocol):
    """One writer's turn: what it may ask of the record, and what it may do."""

    recorded: int
    """The instant of this turn in UTC microseconds, never before that of an earlier turn."""

    def streams(self, ids: Iterable[str]) -> Iterator[LoggedEvent]:
        """All events of the streams, each stream in order."""

    def lengths(self, ids: Iterable[str]) -> dict[str, int]:
        """How many events those of the streams have that have any."""

    def keys(self, streams: Iterable[str]) -> dict[str, bytes]:
        """The keys of those of the streams that have one."""

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """The kinds of those subjects that have been named before."""

    def save(self, events: Iterable[NewEvent], named: Mapping[str, str | None], keys: Mapping[str, bytes]) -> int:
        """Store the events, the subjects they name, and new keys; answers with the position of the first event."""

    def destroy(self, streams: Iterable[str]) -> None:
        """Destroy the keys of the streams."""


class SQLTurn(LogReader):
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

    def save(self, events: Iterable[NewEvent], named: Mapping[str, str | None], keys: Mapping[str, bytes]) -> int:
        """Store the events, the subjects they name, and new keys; answers with the position of the first event."""
        first = self._tree.size + 1
        leaves: list[bytes] = []
        self._fill(self.events, self.columns, ("int8", "uuid", "int8", "text", "bytea"), self._placed(events, leaves))
        if leaves:
            self._grow(leaves)
        self._many(
            f"INSERT INTO chronology_subjects (id, kind) VALUES ({self.mark}, {self.mark}) "
            "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind WHERE chronology_subjects.kind IS NULL",
            list(named.items()),
        )
        self._fill("chronology_keys", "stream, key", ("uuid", "bytea"), sorted(keys.items()))
        return first

    def destroy(self, streams: Iterable[str]) -> None:
        """Destroy the keys of the streams."""
        self._overwrite_deleted()
        self._many(f"DELETE FROM chronology_keys WHERE stream = {self.mark}", [(each,) for each in streams])

    def _overwrite_deleted(self) -> None:
        self.cursor.execute("PRAGMA secure_delete = ON")

    def _placed(self, events: Iterable[NewEvent], leaves: list[bytes]) -> Iterator[tuple[Any, ...]]:
        """The events one by one, each in its place, while the hashes of their leaves are gathered."""
        for position, (stream, version, topic, state) in enumerate(events, start=self._tree.size + 1):
            leaves.append(leaf_hash(leaf_bytes(stream, version, topic, state)))
            yield position, stream, version, topic, state

    def _grow(self, leaves: Sequence[bytes]) -> None:
        size, frontier = grown(self._tree.size, self._tree.frontier, leaves)
        self._tree = Tree(size, self.recorded, frontier)
        statement = f"UPDATE chronology_turn SET position = {self.mark}, frontier = {self.mark} WHERE one = 1"
        self.cursor.execute(statement, (size, packed(frontier)))

    def _fill(self, table: str, columns: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Insert new rows of those types, taken one after the other."""
        marks = ", ".join([self.mark] * len(types))
        self.cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def _many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self.cursor.executemany(statement, rows)


class PostgresTurn(PostgresBooks, SQLTurn):
    """A turn on PostgreSQL."""

    def _overwrite_deleted(self) -> None:
        """Deleted rows are removed by the recorder's `scrub`."""

    def _fill(self, table: str, columns: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        rest = iter(rows)
        first = list(islice(rest, _FEW + 1))
        if len(first) <= _FEW:
            self._many(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(types))})", first)
            return
        at = types.index("uuid")
        with self.cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            for row in chain(first, rest):
                copy.write_row((*row[:at], UUID(row[at]), *row[at + 1 :]))
