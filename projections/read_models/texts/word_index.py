"""The index of the words of passages: FTS5 kept by triggers on SQLite, GIN on PostgreSQL."""

from typing import Any

from sqlalchemy import Connection, Index, Table, inspect

from projections.store.snapshots import Snapshot


def complete(index: Index, connection: Connection, **_: Any) -> None:
    """Make the index on SQLite of the rows there are, and keep it up to date; keep words out of statistics."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"ALTER INDEX {index.name} ALTER COLUMN 1 SET STATISTICS 0")
        return
    assert index.table is not None
    rows, words = index.table.name, index.name
    added = f"INSERT INTO {words} (rowid, words) VALUES (new.id, new.words);"
    removed = f"INSERT INTO {words} ({words}, rowid, words) VALUES ('delete', old.id, old.words);"
    options = f"content='{rows}', content_rowid='id', detail=none, columnsize=0, tokenize=\"ascii tokenchars '_'\""
    for statement in (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {words} USING fts5(words, {options})",
        f"INSERT INTO {words} ({words}) VALUES ('rebuild')",
        *(
            f"CREATE TRIGGER IF NOT EXISTS {rows}_{when.lower()} AFTER {when} ON {rows} BEGIN {then} END"
            for when, then in (("INSERT", added), ("DELETE", removed), ("UPDATE", removed + added))
        ),
    ):
        connection.exec_driver_sql(statement)


def drop(table: Table, connection: Connection, **_: Any) -> None:
    """Drop the index on SQLite with the table."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table.name}_words")


def merge_index(snapshot: Snapshot) -> None:
    """Leave nothing in the index of what was removed: FTS5 keeps words that are deleted until its parts are merged.

    A rebuild that broke off may have left rows without one.
    """
    words = f"{snapshot.table('passages').name}_words"
    if snapshot.connection.dialect.name == "sqlite" and inspect(snapshot.connection).has_table(words):
        snapshot.connection.exec_driver_sql(f"INSERT INTO {words} ({words}) VALUES ('optimize')")
