"""How the database of the views is opened."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

_IN_TIME = {"connect_timeout": 5}
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "wal_autocheckpoint=8000",
    "cache_size=-65536",
    "mmap_size=1073741824",
    "secure_delete=ON",
)


def engine_for(database: str) -> Engine:
    """An engine on which SQLite reads in snapshots and writes without being refused midway; it logs no values."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=10,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=_IN_TIME,
        )
    options = {"timeout": 60, "isolation_level": None}
    engine = create_engine(url, connect_args=options, pool_size=20, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
