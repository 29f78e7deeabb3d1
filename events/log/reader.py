"""What the log's tables hold, read in one transaction: many streams at once, the end of the log, keys and subjects."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from eventsourcing.persistence import Notification, StoredEvent

from events.log.proofs.merkle import frontier_from_bytes, leaf_bytes, leaf_hash


@dataclass(frozen=True, slots=True)
class Tree:
    """The log as its writers left it: how many events, the last recorded instant, the Merkle tree's frontier."""

    size: int
    recorded: int
    frontier: list[bytes]


class Dialect(NamedTuple):
    """How a database writes: the column of positions, a parameter, and that a column is among the values of one."""

    position: str
    mark: str
    among: str


SQLITE = Dialect("rowid", "?", "IN (SELECT value FROM json_each(?))")
POSTGRES = Dialect("notification_id", "%s", "= ANY(%s)")


class LogReader:
    """The log and what stands beside it, as one transaction sees it.

    The library reads one stream at a time, or the log in order, each in a transaction of its own. Here the cursor is
    that of an open transaction, its rows are sequences; `events` is the table of events, `turn` the writer's row.
    """

    def __init__(self, cursor: Any, events: str, turn: str, dialect: Dialect) -> None:
        self.cursor = cursor
        self._events = events
        self._turn = turn
        self._dialect = dialect

    def tree(self) -> Tree:
        """Where the log stands."""
        self.cursor.execute(f"SELECT recorded, position, frontier FROM {self._turn} WHERE one = 1")
        recorded, position, frontier = self.cursor.fetchone() or (0, 0, b"")
        return Tree(position, recorded, frontier_from_bytes(frontier or b""))

    def leaf(self, position: int) -> bytes | None:
        """The hash of the event at the position, as the tree has it; None where there is none."""
        columns, dialect = "originator_id, originator_version, topic, state", self._dialect
        question = f"SELECT {columns} FROM {self._events} WHERE {dialect.position} = {dialect.mark}"
        self.cursor.execute(question, (position,))
        found = self.cursor.fetchone()
        return leaf_hash(leaf_bytes(StoredEvent(_uuid(found[0]), *found[1:]))) if found else None

    def streams(self, ids: Iterable[str]) -> Iterator[Notification]:
        """All events of the streams, each stream in order."""
        yield from map(_notification, self._among(self._question("originator_id {}"), ids, UUID))

    def after(self, position: int) -> Iterator[Notification]:
        """All events after the position, in order."""
        self.cursor.execute(self._question(f"{self._dialect.position} > {self._dialect.mark}"), (position,))
        yield from map(_notification, self.cursor.fetchall())

    def _question(self, condition: str) -> str:
        position = self._dialect.position
        columns = f"{position}, originator_id, originator_version, topic, state"
        return f"SELECT {columns} FROM {self._events} WHERE {condition} ORDER BY {position}"

    def topics(self) -> list[str]:
        """The topics of the log's events, each once: found by the index, one step for each."""
        table = self._events
        self.cursor.execute(
            f"WITH RECURSIVE found (topic) AS (SELECT min(topic) FROM {table} UNION ALL SELECT "
            f"(SELECT min(topic) FROM {table} WHERE topic > found.topic) FROM found WHERE found.topic IS NOT NULL) "
            "SELECT topic FROM found WHERE topic IS NOT NULL"
        )
        return [topic for (topic,) in self.cursor.fetchall()]

    def count_of(self, topic: str) -> int:
        """How many events have the topic."""
        self.cursor.execute(f"SELECT count(*) FROM {self._events} WHERE topic = {self._dialect.mark}", (topic,))
        return int(self.cursor.fetchone()[0])

    def keys(self, streams: Iterable[str]) -> dict[str, bytes]:
        """The keys of those of the streams that have one."""
        question = "SELECT stream, key FROM chronology_keys WHERE stream {}"
        return {_uuid(stream).hex: key for stream, key in self._among(question, streams, UUID)}

    def original(self, stream: str, n: int) -> list[bytes]:
        """The sealed pieces of the bytes beside event `n` of the stream, in order; none where there are no bytes."""
        mark = self._dialect.mark
        question = f"SELECT sealed FROM chronology_originals WHERE stream = {mark} AND version = {mark} ORDER BY piece"
        self.cursor.execute(question, (stream, n))
        return [bytes(sealed) for (sealed,) in self.cursor.fetchall()]

    def originals(self) -> set[tuple[str, int]]:
        """The stream and the number of every event beside which bytes stand."""
        self.cursor.execute("SELECT DISTINCT stream, version FROM chronology_originals")
        return {(_uuid(stream).hex, n) for stream, n in self.cursor.fetchall()}

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
        listed = orjson.dumps(whole).decode() if self._dialect is SQLITE else [of(each) for each in whole]
        self.cursor.execute(question.format(self._dialect.among), (listed,))
        yield from self.cursor.fetchall()


def _notification(row: Any) -> Notification:
    position, stream, version, topic, state = row
    return Notification(_uuid(stream), version, topic, state, position)


def _uuid(stream: Any) -> UUID:
    return stream if isinstance(stream, UUID) else UUID(stream)
