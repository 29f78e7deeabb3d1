"""Where views live: SQLAlchemy tables in two generations, of which one is read and the other rebuilt beside it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.engine import make_url

GENERATIONS = ("a", "b")
LAYOUT = 2
"""Raised whenever the tables or the folds of a view change, so that older generations are rebuilt at start."""


class Shape:
    """The tables of all views, once for each generation."""

    def __init__(self, define: Iterable[Any]) -> None:
        self.metadata = {generation: MetaData() for generation in GENERATIONS}
        for generation, metadata in self.metadata.items():
            for view in define:
                view.define(metadata, f"view_{generation}_")


_POSTGRES_TYPES = {BigInteger: "int8", Integer: "int4", Text: "text", LargeBinary: "bytea"}

_marks = MetaData()
BOOKMARKS = Table(
    "chronology_views",
    _marks,
    Column("generation", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("layout", Integer, nullable=False),
)


_ACTIVE = "SELECT generation, position, layout FROM chronology_views WHERE active"
_BESIDE = "SELECT generation, position, layout FROM chronology_views WHERE NOT active"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One consistent reading (or writing) of a generation: its connection, its tables, and how far it has followed."""

    connection: Connection
    metadata: MetaData
    generation: str
    position: int
    layout: int = LAYOUT

    def table(self, name: str) -> Table:
        """The generation's table of that name."""
        return self.metadata.tables[f"view_{self.generation}_{name}"]

    def rows(self, statement: Any) -> list[Any]:
        """All rows of a question."""
        return list(self.connection.execute(statement))

    def probe(self, question: str, keys: Sequence[str] | None = None, *values: Any) -> list[Any]:
        """All rows of a question that is asked often, past the statement compiler.

        Args:
            question: SQL in which `{name}` is the table of that name, `{among}` stands for `IN` the keys, and `?` for a
                value.
            keys: what `{among}` is about, before the values; None where the question has none.
            values: the values.
        """
        named = self.connection.dialect.name
        count = 0 if keys is None or named != "sqlite" else len(keys)
        given = [] if keys is None else [list(keys)] if named != "sqlite" else keys
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(_driver_sql(question, self.generation, named, count), (*given, *values))
            return list(cursor.fetchall())

    def pour(self, name: str, rows: Sequence[tuple[Any, ...]], *, replacing: bool = False) -> None:
        """Insert many rows, each with its values in the order of the columns; those of the same key may be replaced."""
        if not rows:
            return
        table = self.table(name)
        with closing(self.connection.connection.cursor()) as cursor:
            if self.connection.dialect.name == "sqlite":
                verb = "INSERT OR REPLACE" if replacing else "INSERT"
                cursor.executemany(f"{verb} INTO {table.name} VALUES ({','.join('?' * len(table.c))})", rows)
            elif replacing:
                cursor.executemany(_upsert(table), rows)
            else:
                _copy(cursor, table, rows)


def _upsert(table: Table) -> str:
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.c if column.name not in keys)
    marks = ", ".join(["%s"] * len(table.c))
    return f"INSERT INTO {table.name} VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"


def _copy(cursor: Any, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([_POSTGRES_TYPES[type(column.type)] for column in table.c])
        for row in rows:
            copy.write_row(row)


@lru_cache(maxsize=1024)
def _driver_sql(question: str, generation: str, dialect: str, count: int) -> str:
    """A question in the words of the driver."""
    tables = re.sub(r"\{(?!among)(\w+)\}", rf"view_{generation}_\1", question)
    if dialect == "sqlite":
        return tables.replace("{among}", f"IN ({','.join('?' * count)})")
    return tables.replace("{among}", "= ANY(?)").replace("?", "%s")


class Store:
    """The database of the views, which is that of the record.

    Args:
        database: `sqlite:///FILE` or `postgresql://...`.
        views: the views whose tables it holds.
    """

    def __init__(self, database: str, views: Iterable[Any]) -> None:
        self.views = tuple(views)
        self.database = database
        self.engine = engine_for(database)
        self.metadata = Shape(self.views).metadata
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        self._reading = (
            self.engine if self._is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._writing = self.engine.execution_options(writes=True)

    def prepare(self) -> None:
        """Make the tables that are not there, with one active generation at position 0."""
        with self._writing.begin() as connection:
            if not self._is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727563)")
            _marks.create_all(connection)
            for metadata in self.metadata.values():
                metadata.create_all(connection)
            if not connection.execute(select(BOOKMARKS.c.generation)).first():
                rows = [_fresh(generation, active=generation == GENERATIONS[0]) for generation in GENERATIONS]
                connection.execute(insert(BOOKMARKS), rows)

    @contextmanager
    def reading(self, *, active: bool = True) -> Iterator[Snapshot]:
        """A consistent snapshot of the active generation, or of the other one."""
        with self._reading.connect() as connection, connection.begin():
            yield self._snapshot(connection, active=active)

    @contextmanager
    def writing(self) -> Iterator[Snapshot]:
        """A transaction on the active generation; committed at the end."""
        with self._writing.begin() as connection:
            yield self._snapshot(connection)

    @contextmanager
    def beside(self) -> Iterator[Snapshot]:
        """A transaction on the generation that is not active."""
        with self._writing.begin() as connection:
            yield self._snapshot(connection, active=False)

    def _snapshot(self, connection: Connection, *, active: bool = True) -> Snapshot:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(_ACTIVE if active else _BESIDE)
            row: Any = cursor.fetchone()
        generation, position, layout = row
        return Snapshot(connection, self.metadata[generation], generation, position, layout)

    def advance(self, snapshot: Snapshot, position: int) -> bool:
        """Move the bookmark, unless another follower has moved it first or the generation is not the same any more."""
        moved = snapshot.connection.execute(
            update(BOOKMARKS)
            .where(BOOKMARKS.c.generation == snapshot.generation, BOOKMARKS.c.position == snapshot.position)
            .values(position=position)
        )
        return bool(moved.rowcount == 1)

    def clear(self, snapshot: Snapshot) -> None:
        """Empty the generation and set its bookmark to the start."""
        snapshot.metadata.drop_all(snapshot.connection)
        snapshot.metadata.create_all(snapshot.connection)
        fresh = _fresh(snapshot.generation, active=False)
        snapshot.connection.execute(
            update(BOOKMARKS).where(BOOKMARKS.c.generation == snapshot.generation).values(fresh)
        )

    def swap(self, position: int) -> bool:
        """Make the rebuilt generation the active one, if it has followed at least as far as the old one."""
        with self._writing.begin() as connection:
            marks = {row.active: row for row in connection.execute(select(BOOKMARKS).with_for_update())}
            if marks[False].position != position or marks[True].position > position:
                return False
            for row in marks.values():
                mark = update(BOOKMARKS).where(BOOKMARKS.c.generation == row.generation)
                connection.execute(mark.values(active=not row.active))
            return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _fresh(generation: str, *, active: bool) -> dict[str, Any]:
    return {"generation": generation, "position": 0, "active": active, "layout": LAYOUT}


def engine_for(database: str) -> Engine:
    """An engine on which SQLite reads in snapshots and writes without being refused midway."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_size=10, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 60, "isolation_level": None}, pool_size=20)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536", "mmap_size=1073741824"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
