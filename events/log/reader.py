"""What the log's tables hold, read in one transaction: many streams at once, the end of the log, keys and subjects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Notification

from events.log.merkle import unpacked

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Tree:
    """The log as its writers left it: how many events, the last recorded instant, the Merkle tree's frontier."""

    size: int
    recorded: int
    frontier: list[bytes]


class LogReader:
    """The log and what stands beside it, as one transaction sees it.

    The library reads one stream at a time, or the log in order, each in a transaction of its own.

    Args:
        cursor: of the open transaction; its rows are sequences.
        events: the table of events.
        position: its column of positions.
        mark: what stands for a parameter in SQL.
    """

    def __init__(self, cursor: Any, events: str, position: str, mark: str) -> None:
        self.cursor = cursor
        self._events = events
        self._position = position
        self._mark = mark

    def tree(self) -> Tree:
        """Where the log stands."""
        self.cursor.execute("SELECT recorded, position, frontier FROM chronology_turn")
        recorded, position, frontier = self.cursor.fetchone()
        return Tree(position, recorded, unpacked(frontier or b""))

    def streams(self, ids: Iterable[str]) -> Iterator[Notification]:
        """All events of the streams, each stream in order."""
        columns = f"{self._position}, originator_id, originator_version, topic, state"
        question = f"SELECT {columns} FROM {self._events} WHERE originator_id IN ({{}}) ORDER BY {self._position}"
        for position, stream, version, topic, state in self._each(question, ids):
            yield Notification(_uuid(stream), version, topic, state, position)

    def keys(self, streams: Iterable[str]) -> dict[str, bytes]:
        """The keys of those of the streams that have one."""
        question = "SELECT stream, key FROM chronology_keys WHERE stream IN ({})"
        return {_uuid(stream).hex: key for stream, key in self._each(question, streams)}

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """The kinds of those subjects that have been named before."""
        return dict(self._each("SELECT id, kind FROM chronology_subjects WHERE id IN ({})", subjects))

    def all_kinds(self) -> dict[str, str | None]:
        """Every subject that was named, and its kind."""
        self.cursor.execute("SELECT id, kind FROM chronology_subjects")
        return dict(self.cursor.fetchall())

    def _each(self, question: str, values: Iterable[str]) -> Iterator[Any]:
        """The rows whose column is among the values, asked for in pieces."""
        whole = list(values)
        for start in range(0, len(whole), _AT_ONCE):
            chunk = whole[start : start + _AT_ONCE]
            self.cursor.execute(question.format(", ".join([self._mark] * len(chunk))), chunk)
            yield from self.cursor.fetchall()


def _uuid(stream: Any) -> UUID:
    return stream if isinstance(stream, UUID) else UUID(stream)
