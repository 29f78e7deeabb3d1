"""What a database holds, as one digest for each table: to say that nothing was altered."""

import hashlib
from typing import Any

from sqlalchemy import MetaData, select

from projections.store import engine_for


def digest(database: str) -> dict[str, str]:
    """SHA-256 over the rows of each table, in an order of their own."""
    engine = engine_for(database)
    tables = MetaData()
    try:
        with engine.connect() as connection:
            tables.reflect(connection)
            return {name: _digest(connection, table) for name, table in sorted(tables.tables.items())}
    finally:
        engine.dispose()


def _digest(connection: Any, table: Any) -> str:
    rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
    return hashlib.sha256("\n".join(rows).encode("utf-8", "backslashreplace")).hexdigest()
