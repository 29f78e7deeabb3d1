"""Backup and restore of what cannot be rebuilt, on either database and from one to the other.

A backup is one consistent snapshot of all durable tables while the service runs: since writers take turns, it holds
the log up to a position, in whole calls. A restore is one transaction into an empty database.

The file is JSON lines, the same on either database. The first names the form. A line `{"table", "columns"}` begins a
table, each array is a row of it. The last line is `{"sha256"}` of all bytes before it.
"""

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby, islice
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from sqlalchemy import Column, Connection, Engine, Integer, Table, func, insert, inspect, select, text
from sqlalchemy.schema import MetaData

from events.errors import Conflict, Invalid, NotFound
from projections.store.engine import engine_for
from service.auth.tokens import KEYRING_TURN
from service.databases.primary_and_replica import DURABLE, LOG, TURN

_FORM = {"form": "chronology backup", "version": 3}
_BINARY = "base64"
_SERIAL = "notification_id"
_ROWID = "rowid"
_POSITION = "position"
_ROWS_AT_ONCE = 50
_TURNS = (TURN, KEYRING_TURN)
Row = list[Any]


def back_up(database: str, path: Path) -> tuple[dict[str, int], str]:
    """Write a backup into a new file; returns the number of rows of each table, and the SHA-256 that ends the file.

    Raises:
        NotFound: there is no chronology in the database.
        Conflict: the file is there already.
        Invalid: the file cannot be written.
    """
    file = database.removeprefix("sqlite:///")
    if file != database and not Path(file).is_file():
        raise NotFound(f"there is no database {file}")
    engine = engine_for(database)
    is_sqlite = engine.dialect.name == "sqlite"
    options: dict[str, Any] = {} if is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        with engine.execution_options(**options).connect() as connection, connection.begin():
            there = _durable(connection)
            if LOG not in there:
                raise NotFound("there is no chronology in the database")
            with new_file(path) as made:
                writer = Writer(made)
                for table in there.values():
                    _write(connection, writer, table)
                return writer.counts, writer.end()
    finally:
        engine.dispose()


def restore(engine: Engine, path: Path) -> dict[str, int]:
    """Take a backup, whole, into a database whose durable tables are empty; returns the number of rows of each.

    Raises:
        Invalid: the file is not a whole backup, or holds what this program has no place for.
        Conflict: something is recorded in the database already.
    """
    _check(path)
    counts: dict[str, int] = {}
    with engine.execution_options(writes=True).begin() as connection:
        for turn in _TURNS:
            connection.execute(text(f"UPDATE {turn} SET recorded = recorded"))  # wait for its writer, and keep it
        there = _durable(connection)
        _refuse_unless_empty(connection, there)
        for name, columns, rows in _chunks(path):
            if name not in there:
                raise Invalid(f"{path} holds a table {name}, for which this program has no place")
            _insert(connection, there[name], columns, rows)
            counts[name] = counts.get(name, 0) + len(rows)
        for table in there.values():
            _go_on_counting(connection, table)
    return counts


class Writer:
    """Writes tables into a file, line by line, and counts their rows."""

    def __init__(self, file: BinaryIO) -> None:
        self.counts: dict[str, int] = {}
        self._file = file
        self._digest = hashlib.sha256()
        self._line(_FORM)

    def _line(self, value: Any) -> None:
        line = orjson.dumps(value) + b"\n"
        self._digest.update(line)
        self._file.write(line)

    def table(self, name: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> None:
        """Write a table."""
        self._line({"table": name, "columns": columns})
        self.counts[name] = 0
        for row in rows:
            self._line([_plain(value) for value in row])
            self.counts[name] += 1

    def end(self) -> str:
        """Write the last line; return the SHA-256 of all before it."""
        digest = self._digest.hexdigest()
        self._line({"sha256": digest})
        return digest


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file, readable by its owner only, that has its name only once it is whole and on the disk.

    Raises:
        Conflict: a file of that name is there already.
        Invalid: it cannot be written.
    """
    if path.exists():
        raise Conflict(f"{path} is there already, and a backup overwrites nothing")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # its list of names
        finally:
            os.close(folder)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _check(path: Path) -> None:
    """Refuse a file that is no whole backup."""
    digest, first, last = hashlib.sha256(), b"", b""
    try:
        with path.open("rb") as file:
            for line in file:
                first = first or line
                digest.update(last)
                last = line
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from None
    if last != orjson.dumps({"sha256": digest.hexdigest()}) + b"\n":
        raise Invalid(f"{path} is not a whole backup: its last line is not the SHA-256 of what stands before it")
    if first != orjson.dumps(_FORM) + b"\n":
        raise Invalid(f"{path} is not a backup of a version that this program reads")


def _chunks(path: Path) -> Iterator[tuple[str, list[str], list[Row]]]:
    """The tables of a checked file: name, columns and no rows where one begins, then its rows, a few at a time."""
    head: dict[str, Any] = {}
    with path.open("rb") as file:
        for are_rows, lines in groupby(file, key=lambda line: line.startswith(b"[")):
            read = map(orjson.loads, lines)
            while some := list(islice(read, _ROWS_AT_ONCE if are_rows else 1)):
                head = head if are_rows else some[0]
                if "table" in head:
                    yield head["table"], head["columns"], some if are_rows else []


def _write(connection: Connection, writer: Writer, table: Table) -> None:
    key = _numbering(table)
    order = [key] if key is not None else list(table.primary_key)
    names = [_POSITION if column is key else column.name for column in table.c]
    found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table).order_by(*order))
    writer.table(table.name, names, found)


def _insert(connection: Connection, table: Table, columns: list[str], rows: list[Row]) -> None:
    key = _numbering(table)
    names = [key.name if name == _POSITION and key is not None else name for name in columns]
    unknown = set(names) - set(table.c.keys())
    if unknown:
        raise Invalid(f"the backup's {table.name} has {', '.join(sorted(unknown))}, for which there is no place here")
    types = [table.c[name].type.python_type for name in names]
    if rows:
        stored = [dict(zip(names, map(_as_stored, row, types), strict=True)) for row in rows]
        connection.execute(insert(table), stored)


def _plain(value: Any) -> Any:
    """A value as JSON has it: bytes as text where they are UTF-8, ids as hexadecimal digits."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {_BINARY: b64encode(value).decode()}
    return value.hex if isinstance(value, UUID) else value


def _as_stored(value: Any, of: type) -> Any:
    """A value of the file as a column of that Python type takes it."""
    if isinstance(value, dict):
        return b64decode(value[_BINARY])
    if value is not None and of is bytes:
        return value.encode()
    return UUID(value) if value is not None and of is UUID else value


def _durable(connection: Connection) -> dict[str, Table]:
    """The durable tables that are there, with the columns that they have."""
    names = set(inspect(connection).get_table_names())
    there = {name: Table(name, MetaData(), autoload_with=connection) for name in DURABLE if name in names}
    for table in there.values():
        if connection.dialect.name == "sqlite" and "originator_id" in table.c and _ROWID not in table.c:
            table.append_column(Column(_ROWID, Integer))  # where a log on SQLite keeps its positions
    return there


def _numbering(table: Table) -> Column[Any] | None:
    """The column that holds positions; None in a table without them."""
    return next((table.c[name] for name in (_SERIAL, _ROWID) if name in table.c), None)


def _refuse_unless_empty(connection: Connection, there: dict[str, Table]) -> None:
    for name, table in there.items():
        if name not in _TURNS and connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise Conflict(f"a backup is restored into an empty database only, and {name} is not empty")
    for turn in _TURNS:
        connection.execute(there[turn].delete())


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let the next position be the one after the last: PostgreSQL keeps it in a sequence, SQLite finds it itself."""
    if _SERIAL in table.c:
        sequence = func.pg_get_serial_sequence(table.name, _SERIAL)
        last = select(func.max(table.c[_SERIAL])).scalar_subquery()
        connection.execute(select(func.setval(sequence, last)))  # does nothing where either is null
