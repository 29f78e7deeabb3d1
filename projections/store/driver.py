"""What is asked or written past the statement compiler, in the words of the driver."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.exc import DBAPIError

_POSTGRES_TYPES = {BigInteger: "int8", Integer: "int4", SmallInteger: "int2", Text: "text", LargeBinary: "bytea"}


@contextmanager
def cursor_of(connection: Connection) -> Iterator[Any]:
    """A cursor of the driver, whose errors are raised as they are where the compiler is used.

    Raises:
        DBAPIError: the database refused, or did not serve.
    """
    cursor = connection.connection.cursor()
    failure: Any = connection.dialect.loaded_dbapi.Error
    try:
        yield cursor
    except failure as error:
        raise DBAPIError.instance(None, None, error, failure, dialect=connection.dialect) from error
    finally:
        cursor.close()


def rows_of(connection: Connection, statement: str, values: Sequence[Any]) -> list[Any]:
    """All rows of a statement in the words of the driver.

    Raises:
        DBAPIError: as above.
    """
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(statement, values).fetchall()  # type: ignore[no-any-return]
    except connection.dialect.loaded_dbapi.Error as error:
        raise _refused(connection, error) from error


def flow_of(connection: Connection, statement: str, values: Sequence[Any]) -> Iterator[Any]:
    """The same one by one, so that none is kept in memory that is done with.

    Raises:
        DBAPIError: as above.
    """
    driver: Any = connection.connection.driver_connection
    try:
        yield from driver.execute(statement, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _refused(connection, error) from error


def _refused(connection: Connection, error: Exception) -> Exception:
    failure: Any = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(None, None, error, failure, dialect=connection.dialect)


def insertion(table: Table, *, replacing: bool) -> str:
    """The statement that inserts a row of SQLite's, values in the order of the columns."""
    verb = "INSERT OR REPLACE" if replacing else "INSERT"
    return f"{verb} INTO {table.name} VALUES ({','.join('?' * len(table.c))})"


def upsert(table: Table) -> str:
    """The same for PostgreSQL, which replaces a row of the same key."""
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f"{column.name} = excluded.{column.name}" for column in table.c if column.name not in keys)
    marks = ", ".join(["%s"] * len(table.c))
    return f"INSERT INTO {table.name} VALUES ({marks}) ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"


def copy_into(cursor: Any, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert many rows into a table of PostgreSQL."""
    with cursor.copy(f"COPY {table.name} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([_POSTGRES_TYPES[type(column.type)] for column in table.c])
        for row in rows:
            copy.write_row(row)


@lru_cache(maxsize=1024)
def driver_sql(question: str, generation: str, dialect: str, count: int) -> str:
    """A question in the words of the driver; PostgreSQL finds one key in half the time that a list of one takes."""
    tables = re.sub(r"\{(?!among)(\w+)\}", rf"view_{generation}_\1", question)
    if dialect == "sqlite":
        return tables.replace("{among}", f"IN ({','.join('?' * count)})")
    return tables.replace("{among}", "= ?" if count == 1 else "= ANY(?)").replace("?", "%s")
