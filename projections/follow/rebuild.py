"""Building all views anew: the log is read into tables in large batches, then each subject is folded once.

Tables are filled in the order of the log and have no indexes meanwhile: an index made of all rows at once is sorted
once, while one that is kept up has its pages written again and again, as ids lie anywhere in it. So nothing is looked
up before that either: what was redacted is erased, and what was touched is found out, when all is there.

Reading the log and folding are spread over processes where there are many events: each reads what has been committed
and answers with rows or finished states, and this process alone writes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from functools import cache, partial

from events.errors import Conflict, NotYet
from events.history.streams import Sources
from events.log.application import Record
from events.log.uncollected import uncollected
from projections.follow.ahead import batches, hands, spread
from projections.follow.emptying import UNDER_WAY, empty
from projections.read_models.current_states import (
    FOLDED_AT_ONCE,
    Folded,
    erase_beside,
    folded_at,
    touched_through,
    write_folded,
)
from projections.read_models.erasure import Redacted, erase, redacted_since
from projections.read_models.ledger import chunks
from projections.store.engine import READS_THROUGH
from projections.store.snapshots import LAYOUT, Snapshot, Store

BATCH = 5_000
_SETTLED_AFTER = 8
_SUBJECTS_AT_ONCE = 2_500
_FACTS_AT_ONCE = 1_000
_NAMED = "SELECT id FROM {subjects} WHERE id > ? ORDER BY id LIMIT ?"
_COUNTS = "SELECT subject, count(*) FROM {about} WHERE subject {among} GROUP BY subject"


def rebuild(record: Record, store: Store, progress: Callable[[int], None]) -> int:
    """Build all views anew beside those in use, then swap; answers with the position reached.

    Raises:
        Conflict: the log ends before the position that the views in use have reached.
        NotYet: another rebuild is under way.
    """
    head = record.head()
    with hands(head) as pool:
        empty(store)
        position = _load(record, store, pool, progress)
    with hands(head) as pool:  # others, as those have grown
        _index(store, position)
        _fold(store, position, _erase(store, position), pool)
    while not store.swap(position):
        position = _follow(record, store, position)
    _erase_behind(store, head)
    return position


def _erase_behind(store: Store, head: int) -> None:
    """Erase what was redacted since the rebuild began: nobody follows the generation left behind any further."""
    with store.writing() as snapshot:
        redacted = redacted_since(snapshot, min(head, store.beside_of(snapshot).position))
        erase_in_other(store, snapshot, redacted)
    if any(each.sort != "proposal" for each in redacted):
        store.scrub()


def erase_in_other(store: Store, snapshot: Snapshot, redacted: list[Redacted]) -> None:
    """Erase words from the generation beside the one being written; one of another layout is cleared as a whole."""
    if redacted:
        beside = store.beside_of(snapshot)
        if beside.layout == LAYOUT:
            erase_beside(beside, redacted)
        else:
            store.clear(beside)


def _follow(record: Record, store: Store, position: int) -> int:
    """Follow what was recorded meanwhile; answers with the position reached."""
    entries = record.after(position, BATCH)
    if not entries:
        _check_behind(record, store, position)
        return position
    with store.beside() as snapshot:
        _advance(store, snapshot, position, entries[-1].position)
        for view in store.views:
            view.apply(snapshot, entries)
    return entries[-1].position


def _check_behind(record: Record, store: Store, position: int) -> None:
    """Give up where the log does not go as far as the views in use: it was cut, and waiting does not help."""
    with store.reading() as seen:
        if seen.position > max(position, record.head()):
            raise Conflict(f"the views stand at position {seen.position}, but the log ends at {position}: it was cut")
    with store.reading(active=False) as beside:
        if beside.position != position:
            raise NotYet(UNDER_WAY)


def _load(record: Record, store: Store, pool: Executor | None, progress: Callable[[int], None]) -> int:
    position = 0
    with uncollected(), closing(batches(record, store, BATCH, pool)) as read:
        for number, batch in enumerate(read):
            with store.beside() as snapshot:
                _advance(store, snapshot, position, batch.last)
                for view, drawn in zip(store.loaded, batch.drawn, strict=True):
                    view.pour(snapshot, drawn)
            position = batch.last
            progress(position)
            if number % _SETTLED_AFTER == 0:
                store.settle()  # so that the write-ahead log does not grow as long as the views
    return position


def _index(store: Store, position: int) -> None:
    """Make the indexes, each in a transaction of its own: others write in between."""
    with _loaded(store, position) as snapshot:
        indexes = [index for table in snapshot.metadata.sorted_tables for index in table.indexes]
    for index in indexes:
        with _loaded(store, position) as snapshot:
            index.create(snapshot.connection, checkfirst=True)
        store.settle()


def _erase(store: Store, position: int) -> dict[str, int]:
    """Erase the words that were redacted; answers with the subjects touched thereby, each with the last position."""
    with _loaded(store, position) as snapshot:
        redacted = redacted_since(snapshot, 0)
        erase(snapshot, redacted)
        facts, sources = (
            {each.name: each.until for each in redacted if each.sort == sort} for sort in ("fact", "source")
        )
        return touched_through(snapshot, facts, sources, {}, position)


@contextmanager
def _loaded(store: Store, position: int) -> Iterator[Snapshot]:
    """A transaction on the generation beside, which has been loaded up to the position."""
    with store.beside() as snapshot:
        if snapshot.position != position:
            raise NotYet(UNDER_WAY)
        yield snapshot


def _advance(store: Store, snapshot: Snapshot, position: int, until: int) -> None:
    if snapshot.position != position or not store.advance(snapshot, until):
        raise NotYet(UNDER_WAY)


def _fold(store: Store, position: int, touched: Mapping[str, int], pool: Executor | None) -> None:
    """Fold every subject that was loaded."""
    there, here = partial(_folded_elsewhere, store.database, position), partial(_folded, store, position, {})
    after = ""
    while True:
        with store.reading(active=False) as snapshot:
            subjects = [name for (name,) in snapshot.probe(_NAMED, None, after, _SUBJECTS_AT_ONCE)]
            pieces = list(_pieces(snapshot, subjects))
        if not pieces:
            return
        for found in spread(pool, there, here, pieces):
            with _loaded(store, position) as snapshot:
                write_folded(snapshot, found, touched)
        store.settle()
        after = subjects[-1]


def _pieces(snapshot: Snapshot, subjects: Sequence[str]) -> Iterator[list[str]]:
    """The subjects in pieces, of a thousand facts at the most; those that alone have more come first, as they last."""
    counts = {subject: count for chunk in chunks(subjects) for subject, count in snapshot.probe(_COUNTS, chunk)}
    large = [subject for subject, count in counts.items() if count > _FACTS_AT_ONCE]
    yield from ([subject] for subject in sorted(large, key=lambda subject: -counts[subject]))
    piece: list[str] = []
    facts = 0
    for subject in subjects:
        count = counts.get(subject, 0)
        if count > _FACTS_AT_ONCE:
            continue
        if piece and (facts + count > _FACTS_AT_ONCE or len(piece) == FOLDED_AT_ONCE):
            yield piece
            piece, facts = [], 0
        piece.append(subject)
        facts += count
    if piece:
        yield piece


def _folded(store: Store, position: int, shelf: Sources, subjects: Sequence[str]) -> list[Folded]:
    with store.reading(active=False) as snapshot, uncollected():
        return list(folded_at(snapshot, subjects, position, shelf))


def _folded_elsewhere(database: str, position: int, subjects: Sequence[str]) -> list[Folded]:
    store, shelf = _opened(database, position)
    return _folded(store, position, shelf, subjects)


@cache
def _opened(database: str, _position: int) -> tuple[Store, Sources]:
    """The store as a process beside opens it, once, and the sources that it has read there."""
    from projections.read_models.views import VIEWS

    return Store(database, VIEWS, READS_THROUGH), {}
