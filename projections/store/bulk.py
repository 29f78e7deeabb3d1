"""Many rows into one table at once: COPY on PostgreSQL, one prepared statement on SQLite; many keys in pieces."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Integer, LargeBinary, SmallInteger, Table, Text

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


def chunks(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """The values in pieces small enough for one SQL statement, or of that size."""
    return (values[start : start + size] for start in range(0, len(values), size))


@lru_cache(maxsize=1024)
def sql_of(question: str, generation: str, dialect: str, count: int) -> str:
    """A question in the words of the driver; PostgreSQL finds one key in half the time that a list of one takes."""
    tables = re.sub(r"\{(?!among)(\w+)\}", rf"view_{generation}_\1", question)
    if dialect == "sqlite":
        return tables.replace("{among}", f"IN ({','.join('?' * count)})")
    return tables.replace("{among}", "= ?" if count == 1 else "= ANY(?)").replace("?", "%s")


def insert_many(connection: Connection, table: Table, rows: Rows, *, replacing: bool) -> None:
    """Insert rows; those of the same key are refused, unless they are to be replaced."""
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
