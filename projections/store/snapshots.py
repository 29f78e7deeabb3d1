"""Snapshots: questions put to one consistent reading of the views, many rows at once, and how long that may take."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Boolean, Connection, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

from events.errors import NotYet, TooLong
from projections.store.cache import Cache

Item = TypeVar("Item")
_ASKED_BY: ContextVar[Callable[[], bool]] = ContextVar("asked_by", default=lambda: False)
_ROWS_AT_ONCE = 200
FEW = 10
"""Up to how many keys are listed one by one on PostgreSQL. It takes any array for one of so many; where it is shorter,
it plans the question anew each time that it is asked, which takes longer than the answer."""
Rows = Sequence[tuple[Any, ...]]
"""Rows of a table, each with its values in the order of the columns."""

_POSTGRES_TYPES = {
    Boolean: "bool",
    BigInteger: "int8",
    Integer: "int4",
    SmallInteger: "int2",
    Text: "text",
    LargeBinary: "bytea",
}


def driver_of(connection: Connection) -> Any:
    """The driver's own connection, on which a statement goes past the compiler."""
    return connection.connection.driver_connection


class Abandoned(NotYet):
    """The client is gone that asked."""

    problem = "abandoned"

    def __init__(self) -> None:
        super().__init__("the answer was given up, as the client that asked for it is gone")


@contextmanager
def asked_by(is_gone: Callable[[], bool]) -> Iterator[None]:
    """Questions asked inside are given up once their client is gone."""
    before = _ASKED_BY.set(is_gone)
    try:
        yield
    finally:
        _ASKED_BY.reset(before)


@dataclass(frozen=True, slots=True)
class Patience:
    """The bounds of one question. `deadline` is by the monotonic clock; None: any time."""

    deadline: float | None = None
    is_gone: Callable[[], bool] = field(default_factory=_ASKED_BY.get)

    @property
    def is_over(self) -> bool:
        """Whether it is to be given up."""
        return (self.deadline is not None and time.monotonic() > self.deadline) or self.is_gone()

    def check(self) -> None:
        """Look at the time.

        Raises:
            TooLong: it is over.
            Abandoned: the client is gone.
        """
        if self.is_over:
            raise self.refusal()

    def each(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, for a loop that works long on each: the time is looked at before each."""
        for item in items:
            self.check()
            yield item

    def refusal(self) -> TooLong | Abandoned:
        """Why it is given up."""
        if self.is_gone():
            return Abandoned()
        return TooLong("the answer takes too long to find and was given up; ask for less at once")


ENDLESS = Patience(None, lambda: False)
"""Of what is not asked by anybody."""


def chunks(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """The values in pieces small enough for one SQL statement, or of that size."""
    return (values[start : start + size] for start in range(0, len(values), size))


@lru_cache(maxsize=1024)
def sql_of(question: str, generation: str, dialect: str, count: int) -> str:
    """A question in the words of the driver, about so many keys."""
    tables = re.sub(r"\{(?!among)(\w+)\}", rf"view_{generation}_\1", question)
    among = f"IN ({','.join('?' * count)})" if dialect == "sqlite" or count <= FEW else "= ANY(?)"
    said = tables.replace("{among}", among)
    return said if dialect == "sqlite" else said.replace("?", "%s")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent reading (or writing) of a generation: its connection, its tables, and how far it has followed.

    `head` is the end of the log as of the same moment; a snapshot to write in does not look for it. `cache` is what the
    process keeps of the generation that is read; a snapshot that sees what is not committed yet has one of its own.
    """

    connection: Connection
    metadata: MetaData
    generation: str
    position: int
    layout: int = 0
    patience: Patience = ENDLESS
    head: int = 0
    cache: Cache = field(default_factory=Cache)
    cursor: Any = field(init=False, repr=False, compare=False)
    """The driver's own, on which questions that are asked often go past the compiler."""

    def __post_init__(self) -> None:
        """Open the cursor once."""
        object.__setattr__(self, "cursor", driver_of(self.connection).cursor())

    def table(self, name: str) -> Table:
        """The generation's table of that name."""
        return self.metadata.tables[f"view_{self.generation}_{name}"]

    def rows(self, statement: Any) -> list[Any]:
        """All rows of a question.

        Raises:
            TooLong: the time for the questions of this reading is over.
        """
        self.patience.check()
        return list(self.connection.execute(statement))

    def probe(self, question: str, keys: Iterable[str | int] | None = None, *values: Any) -> list[Any]:
        """All rows of a question that is asked often, past the statement compiler and its rows.

        Args:
            question: SQL in which `{name}` is the table of that name, `{among}` stands for `IN` the keys, and `?` for a
                value.
            keys: what `{among}` is about, before the values; many are asked in pieces. None: the question has none.
            values: the values.

        Raises:
            TooLong: the time for the questions of this reading is over.
        """
        return [row for cursor in self._answers(self.cursor, question, keys, values) for row in cursor.fetchall()]

    def flow(self, question: str, keys: Iterable[str] | None = None, *values: Any) -> Iterator[Any]:
        """The same a few at a time, so that none is kept in memory for long that is done with."""
        with closing(driver_of(self.connection).cursor()) as own:
            for cursor in self._answers(own, question, keys, values):
                while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                    yield from rows

    def _answers(
        self, cursor: Any, question: str, keys: Iterable[str | int] | None, values: tuple[Any, ...]
    ) -> Iterator[Any]:
        """The cursor with the rows of each piece; the transaction was begun when the bookmark was read."""
        dialect = self.connection.dialect.name
        for some in [()] if keys is None else chunks([*keys]):
            self.patience.check()
            listed = some if dialect == "sqlite" or len(some) <= FEW else ([*some],)
            yield cursor.execute(sql_of(question, self.generation, dialect, len(some)), (*listed, *values))

    def pour(self, name: str, rows: Rows, *, replacing: bool = False) -> None:
        """Insert many rows, each with its values in the order of the columns; those of the same key may be replaced."""
        if rows:
            _insert(self.connection, self.table(name), rows, replacing=replacing)


def _insert(connection: Connection, table: Table, rows: Rows, *, replacing: bool) -> None:
    """Insert rows, by COPY or one prepared statement; those of the same key are refused, unless they are replaced."""
    if connection.dialect.name == "sqlite":
        verb = "INSERT OR REPLACE" if replacing else "INSERT"
        marks = ",".join("?" * len(table.c))
        connection.exec_driver_sql(f"{verb} INTO {table.name} VALUES ({marks})", [*rows])
    elif replacing:
        keys = [column.name for column in table.primary_key]
        changes = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.c if column.name not in keys)
        inserted = f"INSERT INTO {table.name} VALUES ({', '.join(['%s'] * len(table.c))})"
        connection.exec_driver_sql(f"{inserted} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}", [*rows])
    else:
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types([_POSTGRES_TYPES[type(column.type)] for column in table.c])
            for row in rows:
                copy.write_row(row)
