"""What a database holds, as one digest for each table: to say that nothing was altered."""

import hashlib
from typing import Any

from sqlalchemy import Engine, text

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
}


def digest(engine: Engine) -> dict[str, str]:
    """SHA-256 over the rows of each table, in an order of their own."""
    with engine.connect() as connection:
        names = [str(row[0]) for row in connection.execute(text(_TABLES[engine.dialect.name]))]
        return {name: _digest(connection, name) for name in sorted(names)}


def _digest(connection: Any, table: str) -> str:
    rows = sorted(repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"')))
    return hashlib.sha256("\n".join(rows).encode("utf-8", "backslashreplace")).hexdigest()
