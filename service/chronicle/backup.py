"""Backup and restore of what cannot be rebuilt, on either database and from one to the other.

A backup is one consistent reading of all durable tables while the service runs: since writers stand in line, it holds
the log up to a position, in whole calls. A restore is one transaction into an empty database.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Table, func, insert, inspect, select, text
from sqlalchemy.schema import MetaData

from events.errors import Conflict, Invalid, NotFound
from projections.store.engine import engine_for
from service.chronicle.archive import Writer, as_stored, check, new_file, tables
from service.databases.durable import DURABLE, LOG, TURN

_SERIAL = "notification_id"
_ROWID = "rowid"
_POSITION = "position"
_ROWS_AT_ONCE = 50


def back_up(database: str, path: Path) -> tuple[dict[str, int], str]:
    """Write a backup into a new file.

    Returns:
        The number of rows of each table, and the SHA-256 that ends the file.

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
                counts = {table.name: _write(connection, writer, table) for table in there.values()}
                return counts, writer.end()
    finally:
        engine.dispose()


def _write(connection: Connection, writer: Writer, table: Table) -> int:
    key = _numbering(table)
    order = [key] if key is not None else list(table.primary_key)
    names = [_POSITION if column is key else column.name for column in table.c]
    found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(table).order_by(*order))
    return writer.table(table.name, names, found)


def _durable(connection: Connection) -> dict[str, Table]:
    """The durable tables that are there, with the columns that they have."""
    there = set(inspect(connection).get_table_names())
    return {name: _reflected(connection, name) for name in DURABLE if name in there}


def _reflected(connection: Connection, name: str) -> Table:
    table = Table(name, MetaData(), autoload_with=connection)
    if connection.dialect.name == "sqlite" and "originator_id" in table.c and _ROWID not in table.c:
        table.append_column(Column(_ROWID, Integer))  # where a log on SQLite keeps its positions
    return table


def _numbering(table: Table) -> Column[Any] | None:
    """The column that holds positions; None in a table without them."""
    return next((table.c[name] for name in (_SERIAL, _ROWID) if name in table.c), None)


def restore(engine: Engine, path: Path) -> dict[str, int]:
    """Take a backup into a database whose durable tables are there and empty: all of it or nothing.

    Returns:
        The number of rows of each table.

    Raises:
        Invalid: the file is not a whole backup, or holds what this program has no place for.
        Conflict: something is recorded in the database already.
    """
    counts = check(path)
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(f"UPDATE {TURN} SET recorded = recorded"))  # wait for the writer's turn, and keep it
        there = _durable(connection)
        _refuse_unless_empty(connection, there)
        for name, columns, rows in tables(path):
            if name not in there:
                raise Invalid(f"{path} holds a table {name}, for which this program has no place")
            _take(connection, there[name], columns, rows)
        for table in there.values():
            _go_on_counting(connection, table)
    return counts


def _refuse_unless_empty(connection: Connection, there: dict[str, Table]) -> None:
    for name, table in there.items():
        if name != TURN and connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise Conflict(f"a backup is restored into an empty database only, and {name} is not empty")
    connection.execute(there[TURN].delete())


def _take(connection: Connection, table: Table, columns: list[str], rows: Iterable[list[Any]]) -> None:
    key = _numbering(table)
    names = [key.name if name == _POSITION and key is not None else name for name in columns]
    unknown = set(names) - set(table.c.keys())
    if unknown:
        raise Invalid(f"the backup's {table.name} has {', '.join(sorted(unknown))}, for which there is no place here")
    kinds = [(name, table.c[name].type.python_type) for name in names]
    for chunk in _chunks(rows):
        connection.execute(insert(table), [_filled(kinds, row) for row in chunk])


def _filled(kinds: list[tuple[str, type]], row: list[Any]) -> dict[str, Any]:
    return {name: as_stored(value, kind) for (name, kind), value in zip(kinds, row, strict=True)}


def _chunks(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    left = iter(rows)
    while chunk := list(islice(left, _ROWS_AT_ONCE)):
        yield chunk


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let the next position be the one after the last: PostgreSQL keeps it in a sequence, SQLite finds it itself."""
    if _SERIAL not in table.c:
        return
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": table.name, "column": _SERIAL}
    ).scalar_one()
    if sequence is not None:
        last = connection.execute(select(func.max(table.c[_SERIAL]))).scalar_one()
        connection.execute(func.setval(sequence, last or 1, last is not None).select())
