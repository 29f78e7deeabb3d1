"""Holds the views in use against the log: makes all of them anew from it, apart, and compares them row by row.

The views anew are those of a rebuild, in a temporary database of SQLite that has no name in any folder and is gone when
it is closed. Nothing here knows a view: all tables of a generation are made, and compared, alike.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Table, Text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable

from events.errors import NotYet
from events.history.streams import HEAD, Entry
from events.log.application import Record
from projections.follow.rebuild import BATCH, subjects_after
from projections.read_models.current_states import fold_subjects, in_pieces, touched_by_redactions, write_folded
from projections.read_models.erasure import erase, redacted_in, redacted_since
from projections.read_models.views import LOADED, apply
from projections.store.engine import temporary_database
from projections.store.generations import LAYOUT, Store
from projections.store.snapshots import Snapshot

_ROWS_AT_ONCE = 500
_KEYS_SHOWN = 5
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.2
_ANEW = "a"
_RANKS = {type(None): 0, bool: 1, int: 1, float: 1, bytes: 3}
"""How SQLite puts values of different types in order."""


def compare(
    record: Record, store: Store, progress: Callable[[int], None] = lambda _: None, patience: float = _PATIENCE_SECONDS
) -> tuple[int, list[str]]:
    """What in the views in use does not follow from the log: the position at which they were compared, and flaws.

    Others go on writing; all is compared as it stands in one snapshot. Words that a redaction has erased from the log
    cannot be compared with views that have not followed it: those are waited for.

    Raises:
        NotYet: they have not followed it in time.
    """
    deadline = time.monotonic() + patience
    with _anew(store) as anew:
        with store.reading() as seen:
            until = min(seen.position, seen.head)
        position = _made(anew, record, until, progress)
        while True:
            with store.reading() as seen:
                position = _followed(anew, record, position, min(seen.position, seen.head))
                if not is_redacted_after(record, position):
                    return position, [*_bookmark(seen), *differences(seen, anew(position))]
            if time.monotonic() > deadline:
                raise NotYet(f"the views stand at position {position} and have not followed a redaction after it")
            time.sleep(_PAUSE_SECONDS)


def differences(seen: Snapshot, anew: Snapshot) -> Iterator[str]:
    """For each table that differs, a sentence with the keys of rows that do."""
    for name in sorted(each.removeprefix(f"view_{anew.generation}_") for each in anew.metadata.tables):
        keys = (key for key, _ in groupby(_differing(seen, anew, name)))
        if shown := list(islice(keys, _KEYS_SHOWN)):
            left = sum(1 for _ in keys)
            more = f" and {left} more" if left else ""
            yield f"the view {name!r} does not follow from the log at {', '.join(shown)}{more}"


def _differing(seen: Snapshot, anew: Snapshot, name: str) -> Iterator[str]:
    """The keys of rows that stand in only one of the two, in order; both tables are read through once."""
    table = anew.table(name)
    shown = list(table.primary_key) or list(table.c)[:2]
    at = [list(table.c).index(column) for column in shown]

    def key(row: Sequence[Any]) -> str:
        return "/".join(str(row[each]) for each in at)

    sides = _rows(seen.connection, seen.table(name)), _rows(anew.connection, table)
    rows: list[Any] = [next(side, None) for side in sides]
    while rows[0] is not None or rows[1] is not None:
        if rows[0] == rows[1]:
            rows = [next(side, None) for side in sides]
            continue
        orders = [None if row is None else _order(row, table) for row in rows]
        behind = 1 if orders[0] is None or (orders[1] is not None and orders[1] < orders[0]) else 0
        yield key(rows[behind])
        rows[behind] = next(sides[behind], None)


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """All rows as the driver reads them, in the order that both databases have: by the key, then by all else."""
    collation = ' COLLATE "C"' if connection.dialect.name == "postgresql" else ""
    order = (f"{_quoted(each)}{collation if isinstance(each.type, Text) else ''} NULLS FIRST" for each in _by(table))
    question = f"SELECT {', '.join(map(_quoted, table.c))} FROM {table.name} ORDER BY {', '.join(order)}"
    options = {"stream_results": True, "max_row_buffer": _ROWS_AT_ONCE}
    try:
        for rows in connection.exec_driver_sql(question, execution_options=options).partitions(_ROWS_AT_ONCE):
            yield from rows
    except OperationalError as error:
        if "decode" not in str(error):
            raise
        yield tuple(b"" for _ in table.c)  # SQLite has a text there that is none: no row of ours


def _by(table: Table) -> list[Any]:
    return [*table.primary_key, *(each for each in table.c if not each.primary_key)]


def _quoted(column: Any) -> str:
    return f'"{column.name}"'


def _order(row: Sequence[Any], table: Table) -> list[tuple[int, Any]]:
    """What a row is put in order by."""
    values = dict(zip(table.c.keys(), row, strict=True))
    return [_ranked(values[column.name]) for column in _by(table)]


def _ranked(value: Any) -> tuple[int, Any]:
    if isinstance(value, str):
        return 2, value.encode("utf-8", "surrogatepass")
    return _RANKS[type(value)], 0 if value is None else value


def _bookmark(seen: Snapshot) -> list[str]:
    if seen.layout != LAYOUT:
        return [f"the views are of another layout, {seen.layout}, than those of this program, {LAYOUT}"]
    if seen.position <= seen.head:
        return []
    return [f"the views say that they have followed up to position {seen.position}, but the log ends at {seen.head}"]


@contextmanager
def _anew(store: Store) -> Iterator[Callable[[int], Snapshot]]:
    """A generation of views apart; what is called with a position gives its snapshot."""
    metadata = store.metadata[_ANEW]
    with temporary_database() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table))
        yield lambda position: Snapshot(connection, metadata, _ANEW, position)


def _made(anew: Callable[[int], Snapshot], record: Record, until: int, progress: Callable[[int], None]) -> int:
    """Make all views from the log up to a position; return it."""
    position, snapshot = 0, anew(0)
    for entries in logged_between(record, 0, until):
        for view in LOADED:
            view.load(snapshot, entries)
        position = entries[-1].position
        progress(position)
    for table in snapshot.metadata.sorted_tables:
        for index in table.indexes:
            index.create(snapshot.connection)
    redacted = redacted_since(snapshot, 0)
    erase(snapshot, redacted)
    touched = touched_by_redactions(snapshot, redacted, position)
    last = ""
    while subjects := subjects_after(snapshot, last):
        for piece in in_pieces(snapshot, subjects):
            write_folded(snapshot, list(fold_subjects(snapshot, piece, position)), touched)
        last = subjects[-1]
    return position


def _followed(anew: Callable[[int], Snapshot], record: Record, position: int, until: int) -> int:
    """Bring the views up to a position; return it."""
    for entries in logged_between(record, position, until):
        apply(anew(position), entries)
        position = entries[-1].position
    return position


def is_redacted_after(record: Record, position: int) -> bool:
    """Whether words are gone from the log that views up to the position still hold."""
    return any(redacted_in(entries) for entries in logged_between(record, position, HEAD))


def logged_between(record: Record, position: int, until: int) -> Iterator[Sequence[Entry]]:
    """The log after a position up to another, in batches."""
    while position < until and (entries := record.after(position, min(BATCH, until - position))):
        yield entries
        position = entries[-1].position
