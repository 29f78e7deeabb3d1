"""Backup and restore of what cannot be rebuilt, on either database and from one to the other.

A backup is one consistent snapshot of all durable tables while the service runs: since writers take turns, it holds
the log up to a position, in whole calls. A restore is one transaction into an empty database.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Table, func, insert, inspect, select, text
from sqlalchemy.schema import MetaData

from events.errors import Conflict, Invalid, NotFound
from projections.store.engine import engine_for
from service.auth.tokens import KEYRING_TURN
from service.chronicle.backup_file import ROWS_AT_ONCE, Row, Writer, as_stored, check, chunks_of, new_file
from service.databases.primary_and_replica import DURABLE, LOG, TURN

_SERIAL = "notification_id"
_ROWID = "rowid"
_POSITION = "position"
_TURNS = (TURN, KEYRING_TURN)


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
    check(path)
    counts: dict[str, int] = {}
    with engine.execution_options(writes=True).begin() as connection:
        for turn in _TURNS:
            connection.execute(text(f"UPDATE {turn} SET recorded = recorded"))  # wait for its writer, and keep it
        there = _durable(connection)
        _refuse_unless_empty(connection, there)
        for name, columns, rows in chunks_of(path):
            if name not in there:
                raise Invalid(f"{path} holds a table {name}, for which this program has no place")
            _insert(connection, there[name], columns, rows)
            counts[name] = counts.get(name, 0) + len(rows)
        for table in there.values():
            _go_on_counting(connection, table)
    return counts


def _write(connection: Connection, writer: Writer, table: Table) -> None:
    key = _numbering(table)
    order = [key] if key is not None else list(table.primary_key)
    names = [_POSITION if column is key else column.name for column in table.c]
    found = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*order))
    writer.table(table.name, names, found)


def _insert(connection: Connection, table: Table, columns: list[str], rows: list[Row]) -> None:
    key = _numbering(table)
    names = [key.name if name == _POSITION and key is not None else name for name in columns]
    unknown = set(names) - set(table.c.keys())
    if unknown:
        raise Invalid(f"the backup's {table.name} has {', '.join(sorted(unknown))}, for which there is no place here")
    needed = {each.name for each in table.c if not each.nullable and each.server_default is None and each is not key}
    if lacking := needed - set(names):
        raise Invalid(f"the backup's {table.name} lacks {', '.join(sorted(lacking))}: it is of an older layout")
    types = [table.c[name].type.python_type for name in names]
    if rows:
        stored = [dict(zip(names, map(as_stored, row, types), strict=True)) for row in rows]
        connection.execute(insert(table), stored)


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
