"""What the record keeps, as it is read: the log, the tree over it, keys and subjects; the SQL of both databases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from events.log.merkle import leaf_bytes, unpacked

_CHUNK = 500


class LoggedEvent(NamedTuple):
    """A stored event with its position in the log; the stream's id is 32 hexadecimal digits."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes

    @property
    def leaf(self) -> bytes:
        """What its leaf in the Merkle tree is the hash of."""
        return leaf_bytes(self.stream, self.version, self.topic, self.state)

    @property
    def stored(self) -> StoredEvent:
        """The event as the library has it."""
        return StoredEvent(UUID(self.stream), self.version, self.topic, self.state)


KeyedEvent = tuple[int, str, int, str, bytes, bytes | None]
"""A stored event as `LoggedEvent` has it, and the key of its stream, where that has one."""
NewEvent = tuple[str, int, str, bytes]
"""An event to be stored: stream, version, topic, state."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The log as the record last left it: how many events, the last recorded instant, the Merkle tree's frontier."""

    size: int
    recorded: int
    frontier: list[bytes]


class LogReader:
    """What the record keeps, as it can be read; databases differ in parameter marks and in how they store ids."""

    mark = "?"
    position = "rowid"

    def __init__(self, cursor: Any, events: str) -> None:
        self.cursor = cursor
        self.events = events
        self.columns = f"{self.position}, originator_id, originator_version, topic, state"

    def tree(self) -> Tree:
        """Where the log stands."""
        self.cursor.execute("SELECT recorded, position, frontier FROM chronology_turn")
        recorded, position, frontier = self.cursor.fetchone()
        return Tree(position, recorded, unpacked(_bytes(frontier)))

    def after(self, position: int, limit: int) -> list[LoggedEvent]:
        """Up to `limit` events behind the position, in order."""
        statement = f"SELECT {self.columns} FROM {self.events} WHERE {self.position} > {self.mark} "
        self.cursor.execute(f"{statement} ORDER BY {self.position} LIMIT {self.mark}", (position, limit))
        return list(map(self._logged, self.cursor.fetchall()))

    def keyed_after(self, position: int, limit: int) -> Iterator[KeyedEvent]:
        """The same one by one, each with the key of its stream."""
        columns = ", ".join(f"events.{column}" for column in self.columns.split(", "))
        self.cursor.execute(
            f"SELECT {columns}, keys.key FROM {self.events} AS events "
            "LEFT JOIN chronology_keys AS keys ON keys.stream = events.originator_id "
            f"WHERE events.{self.position} > {self.mark} ORDER BY events.{self.position} LIMIT {self.mark}",
            (position, limit),
        )
        yield from self._keyed()

    def streams(self, ids: Iterable[str]) -> Iterator[LoggedEvent]:
        """All events of the streams, each stream in order."""
        question = f"SELECT {self.columns} FROM {self.events} WHERE originator_id {{}} ORDER BY {self.position}"
        for _ in self._asked(question, ids, "uuid"):
            yield from map(self._logged, self.cursor.fetchall())

    def lengths(self, ids: Iterable[str]) -> dict[str, int]:
        """How many events those of the streams have that have any."""
        found: dict[str, int] = {}
        longest = f"SELECT originator_id, max(originator_version) FROM {self.events}"
        for _ in self._asked(f"{longest} WHERE originator_id {{}} GROUP BY originator_id", ids, "uuid"):
            found.update((_hexadecimal(stream), length) for stream, length in self.cursor.fetchall())
        return found

    def keys(self, streams: Iterable[str]) -> dict[str, bytes]:
        """The keys of those of the streams that have one."""
        found: dict[str, bytes] = {}
        for _ in self._asked("SELECT stream, key FROM chronology_keys WHERE stream {}", streams, "uuid"):
            found.update((_hexadecimal(stream), _bytes(key)) for stream, key in self.cursor.fetchall())
        return found

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """The kinds of those subjects that have been named before."""
        known: dict[str, str | None] = {}
        for _ in self._asked("SELECT id, kind FROM chronology_subjects WHERE id {}", subjects, "text"):
            known.update(self.cursor.fetchall())
        return known

    def all_kinds(self) -> dict[str, str | None]:
        """Every subject that was named, and its kind."""
        self.cursor.execute("SELECT id, kind FROM chronology_subjects")
        return dict(self.cursor.fetchall())

    def _keyed(self) -> Iterator[KeyedEvent]:
        while rows := self.cursor.sqlite_cursor.fetchmany(_CHUNK):  # without holding all of them at once
            for position, stream, version, topic, state, key in rows:
                yield position, stream, version, topic, _bytes(state), key

    def _logged(self, row: Any) -> LoggedEvent:
        position, stream, version, topic, state = row
        return LoggedEvent(position, stream, version, topic, _bytes(state))

    def _asked(self, question: str, values: Iterable[str], of: str) -> Iterator[None]:  # noqa: ARG002
        """Ask about values of a type, in pieces; `{}` stands for "is among them"."""
        whole = list(values)
        for start in range(0, len(whole), _CHUNK):
            chunk = whole[start : start + _CHUNK]
            self.cursor.execute(question.format(f"IN ({','.join('?' * len(chunk))})"), chunk)
            yield


class PostgresBooks(LogReader):
    """The same on PostgreSQL."""

    mark = "%s"
    position = "notification_id"

    def _keyed(self) -> Iterator[KeyedEvent]:
        for position, stream, version, topic, state, key in self.cursor:
            yield position, stream.hex, version, topic, bytes(state), None if key is None else bytes(key)

    def _logged(self, row: Any) -> LoggedEvent:
        position, stream, version, topic, state = row
        return LoggedEvent(position, stream.hex, version, topic, bytes(state))

    def _asked(self, question: str, values: Iterable[str], of: str) -> Iterator[None]:
        whole = list(values)
        if whole:
            self.cursor.execute(question.format(f"= ANY(%s::{of}[])"), (whole,))
            yield


def _hexadecimal(stream: Any) -> str:
    return stream.hex if isinstance(stream, UUID) else stream


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else bytes(value)
