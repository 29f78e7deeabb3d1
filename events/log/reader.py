"""What the log's tables hold, read in one transaction: many streams at once, the end of the log, keys and subjects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
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


class Dialect(NamedTuple):
    """In what the databases differ: the column of positions, what stands for a parameter, whether lists are values."""

    position: str
    mark: str
    has_arrays: bool


SQLITE = Dialect("rowid", "?", has_arrays=False)
POSTGRES = Dialect("notification_id", "%s", has_arrays=True)


class LogReader:
    """The log and what stands beside it, as one transaction sees it.

    The library reads one stream at a time, or the log in order, each in a transaction of its own.

    Args:
        cursor: of the open transaction; its rows are sequences.
        events: the table of events.
        dialect: that of the database.
    """

    def __init__(self, cursor: Any, events: str, dialect: Dialect) -> None:
        self.cursor = cursor
        self._events = events
        self._dialect = dialect

    def tree(self) -> Tree:
        """Where the log stands."""
        self.cursor.execute("SELECT recorded, position, frontier FROM chronology_turn")
        recorded, position, frontier = self.cursor.fetchone()
        return Tree(position, recorded, unpacked(frontier or b""))

    def streams(self, ids: Iterable[str]) -> Iterator[Notification]:
        """All events of the streams, each stream in order."""
        position = self._dialect.position
        columns = f"{position}, originator_id, originator_version, topic, state"
        question = f"SELECT {columns} FROM {self._events} WHERE originator_id {{}} ORDER BY {position}"
        for at, stream, version, topic, state in self._among(question, ids, UUID):
            yield Notification(_uuid(stream), version, topic, state, at)

    def keys(self, streams: Iterable[str]) -> dict[str, bytes]:
        """The keys of those of the streams that have one."""
        question = "SELECT stream, key FROM chronology_keys WHERE stream {}"
        return {_uuid(stream).hex: key for stream, key in self._among(question, streams, UUID)}

    def kinds(self, subjects: Iterable[str]) -> dict[str, str | None]:
        """The kinds of those subjects that have been named before."""
        return dict(self._among("SELECT id, kind FROM chronology_subjects WHERE id {}", subjects, str))

    def all_kinds(self) -> dict[str, str | None]:
        """Every subject that was named, and its kind."""
        self.cursor.execute("SELECT id, kind FROM chronology_subjects")
        return dict(self.cursor.fetchall())

    def _among(self, question: str, values: Iterable[str], of: type) -> Iterator[Any]:
        """The rows whose column is among the values; `{}` stands for that in the question."""
        whole = list(values)
        if self._dialect.has_arrays:
            self.cursor.execute(question.format("= ANY(%s)"), ([of(each) for each in whole],))
            yield from self.cursor.fetchall()
            return
        for start in range(0, len(whole), _AT_ONCE):
            chunk = whole[start : start + _AT_ONCE]
            self.cursor.execute(question.format(f"IN ({', '.join('?' * len(chunk))})"), chunk)
            yield from self.cursor.fetchall()


def _uuid(stream: Any) -> UUID:
    return stream if isinstance(stream, UUID) else UUID(stream)
