"""Build all views anew: load the log into tables in large batches, then fold each subject once.

Tables are filled in the order of the log and have no indexes meanwhile: an index made of all rows at once is sorted
once, while one that is kept up has its pages written again and again, as ids lie anywhere in it. So nothing is looked
up before that either: redacted words are erased, and subjects folded, when all rows are there.

Of two rebuilds at the same time one is refused on PostgreSQL, and gives up on SQLite: every transaction first looks
whether the bookmark stands where the last one left it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from events.errors import Conflict, NotYet
from events.log.application import Record
from projections.read_models.current_states import (
    erase_beside,
    fold_subjects,
    in_pieces,
    touched_by_redactions,
    write_folded,
)
from projections.read_models.erasure import Redacted, erase, redacted_since
from projections.read_models.views import LOADED, apply
from projections.store.erasures import note_redaction
from projections.store.generations import LAYOUT, REBUILT, Store
from projections.store.snapshots import Snapshot

BATCH = 5_000
_SUBJECTS_AT_ONCE = 2_500
_NAMED = "SELECT id FROM {subjects} WHERE id > ? ORDER BY id LIMIT ?"
_UNDER_WAY = "another rebuild of the views is under way"


def rebuild(record: Record, store: Store, progress: Callable[[int], None]) -> int:
    """Build all views anew beside those in use, then swap; return the position reached.

    Raises:
        Conflict: the log ends before the position that the views in use have reached.
        NotYet: another rebuild is under way.
    """
    with alone(store):
        head = record.head()
        _empty(store)
        position = _load(record, store, progress)
        _index(store, position)
        _fold(store, position, _erase(store, position))
        while not store.swap(position):
            position = _follow(record, store, position)
        _erase_in_old(store, head)
        return position


@contextmanager
def alone(store: Store) -> Iterator[None]:
    """Have the generation beside for oneself; on SQLite its bookmark is guard enough.

    Raises:
        NotYet: somebody else builds it.
    """
    if store.is_sqlite:
        yield
        return
    with store.engine.begin() as connection:
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({REBUILT})").scalar_one():
            raise NotYet(_UNDER_WAY)
        yield


def _empty(store: Store) -> None:
    """Empty the generation beside, table by table: SQLite overwrites what it frees, and others write in between."""
    with store.writing(active=False) as snapshot:
        _advance(store, snapshot, 0)
    for table in snapshot.metadata.sorted_tables:
        with _loaded(store, 0) as snapshot:
            table.drop(snapshot.connection, checkfirst=True)
            table.create(snapshot.connection)
    with _loaded(store, 0) as snapshot:
        store.clear(snapshot)


def _load(record: Record, store: Store, progress: Callable[[int], None]) -> int:
    """Load the whole log; return the position reached."""
    position = 0
    while entries := record.after(position, BATCH):
        with _loaded(store, position) as snapshot:
            _advance(store, snapshot, entries[-1].position)
            for view in LOADED:
                view.load(snapshot, entries)
        position = entries[-1].position
        progress(position)
    return position


def _index(store: Store, position: int) -> None:
    """Make the indexes, each in a transaction of its own: others write in between."""
    with _loaded(store, position) as snapshot:
        indexes = [index for table in snapshot.metadata.sorted_tables for index in table.indexes]
    for index in indexes:
        with _loaded(store, position) as snapshot:
            index.create(snapshot.connection, checkfirst=True)


def _erase(store: Store, position: int) -> dict[str, int]:
    """Erase the words that were redacted; return the subjects touched thereby, each with the last position."""
    with _loaded(store, position) as snapshot:
        redacted = redacted_since(snapshot, 0)
        erase(snapshot, redacted)
        return touched_by_redactions(snapshot, redacted, position)


def _fold(store: Store, position: int, touched: Mapping[str, int]) -> None:
    """Fold every subject; nobody waits for it to write, as it reads and folds outside of the writing transactions."""
    after: str | None = ""
    while after is not None:
        with store.reading(active=False) as snapshot:
            subjects = subjects_after(snapshot, after)
            pieces = list(in_pieces(snapshot, subjects))
        for piece in pieces:
            with store.reading(active=False) as snapshot:
                found = list(fold_subjects(snapshot, piece, position))
            with _loaded(store, position) as snapshot:
                write_folded(snapshot, found, touched)
        after = subjects[-1] if subjects else None


def subjects_after(snapshot: Snapshot, after: str) -> list[str]:
    """Some of the subjects in the order of their ids, those after the one given."""
    return [name for (name,) in snapshot.probe(_NAMED, None, after, _SUBJECTS_AT_ONCE)]


def _follow(record: Record, store: Store, position: int) -> int:
    """Follow what was recorded meanwhile; return the position reached.

    Raises:
        Conflict: the log does not go as far as the views in use: it was cut, and waiting does not help.
    """
    entries = record.after(position, BATCH)
    if not entries:
        with store.reading() as seen:
            if seen.position > max(position, record.head()):
                cut = f"the views stand at position {seen.position}, but the log ends at {position}: it was cut"
                raise Conflict(cut)
    with _loaded(store, position) as snapshot:
        if entries:
            _advance(store, snapshot, entries[-1].position)
            apply(snapshot, entries)
    return entries[-1].position if entries else position


@contextmanager
def _loaded(store: Store, position: int) -> Iterator[Snapshot]:
    """A transaction on the generation beside, which this rebuild has brought up to the position."""
    with store.writing(active=False) as snapshot:
        if snapshot.position != position:
            raise NotYet(_UNDER_WAY)
        yield snapshot


def _advance(store: Store, snapshot: Snapshot, position: int) -> None:
    if not store.advance(snapshot, position):
        raise NotYet(_UNDER_WAY)


def _erase_in_old(store: Store, head: int) -> None:
    """Erase what was redacted since the rebuild began from the generation that nobody follows any further."""
    with store.writing() as snapshot:
        redacted = redacted_since(snapshot, min(head, store.beside_of(snapshot).position))
        erase_in_other(store, snapshot, redacted)


def erase_in_other(store: Store, snapshot: Snapshot, redacted: list[Redacted]) -> None:
    """Erase words from the generation beside the one being written; one that is of no use is cleared as a whole.

    It is noted that they are to be removed from the disk.
    """
    if redacted:
        note_redaction(snapshot.connection, max((each.until for each in redacted if each.scrubs), default=0))
        beside = store.beside_of(snapshot)
        if beside.layout == LAYOUT and beside.position:
            erase_beside(beside, redacted)
        else:  # a rebuild may have died while it emptied the tables
            store.clear(beside)
