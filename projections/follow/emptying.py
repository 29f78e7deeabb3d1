"""The generation beside the one in use, emptied before a rebuild.

SQLite overwrites what it frees, so that no erased word can be read from the file: with millions of facts that takes a
minute. So it is done piece by piece, and others write in between. Meanwhile the bookmark stands before the beginning,
from where nobody follows; of two rebuilds one finds it elsewhere, and gives up.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import inspect, update

from events.errors import NotYet
from projections.store.snapshots import BOOKMARKS, Snapshot, Store

UNDER_WAY = "another rebuild of the views is under way"

_ROWS_AT_ONCE = 5_000
_EMPTYING = -1


def empty(store: Store) -> None:
    """Empty the generation that is not active: its bookmark at the start, its tables without indexes.

    Raises:
        NotYet: another rebuild is under way.
    """
    if not store.is_sqlite:
        with store.beside() as snapshot:
            store.clear(snapshot)
        return
    with store.beside() as snapshot:
        mark = update(BOOKMARKS).where(BOOKMARKS.c.generation == snapshot.generation)
        snapshot.connection.execute(mark.values(position=_EMPTYING))
        known = inspect(snapshot.connection)
        tables = [table.name for table in snapshot.metadata.sorted_tables if known.has_table(table.name)]
        indexes = [index["name"] for table in tables for index in known.get_indexes(table)]
    for index in indexes:
        with _closed_off(store) as snapshot:
            snapshot.connection.exec_driver_sql(f"DROP INDEX IF EXISTS {index}")
    for table in tables:
        while _take_rows(store, table):
            pass
        store.settle()
    with _closed_off(store) as snapshot:
        store.clear(snapshot)


def _take_rows(store: Store, table: str) -> int:
    """Delete some rows of a table; answers with how many."""
    some = f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} LIMIT {_ROWS_AT_ONCE})"
    with _closed_off(store) as snapshot:
        return snapshot.connection.exec_driver_sql(some).rowcount


@contextmanager
def _closed_off(store: Store) -> Iterator[Snapshot]:
    """A transaction on the generation, as long as nobody else has begun to fill it."""
    with store.beside() as snapshot:
        if snapshot.position != _EMPTYING:
            raise NotYet(UNDER_WAY)
        yield snapshot
