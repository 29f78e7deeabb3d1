"""The log read by processes ahead: each opens a batch, and draws rows from it, while others are written into tables.

The processes take turns, and answer through pipes, in Python's own form for plain values (`marshal`): quick, and
understood by this very program alone. A pipe holds little, so that no process is more than a batch ahead.
"""

import marshal
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import cycle
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from events.history import Entry
from events.record import Record
from events.uncollected import uncollected
from projections.store import Store

FEW = 20_000
"""So many events are read sooner than other processes are started."""

_READERS = 2


class Batch(NamedTuple):
    """Events from position `first` to `last`, as what each view that keeps rows of its own draws from them."""

    first: int
    last: int
    drawn: list[Any]


def batches(record: Record, store: Store, size: int) -> Generator[Batch]:
    """The whole log in batches, up to where it ends when the last one is asked for.

    Args:
        record: the record.
        store: where the views are, and which.
        size: how many events make a batch.
    """
    position = 0
    if record.head() > FEW and (os.cpu_count() or 1) > 1 and not current_process().daemon:
        for batch in _ahead(store.database, store.loaded, size):
            if batch.first != position + 1:
                break
            position = batch.last
            yield batch
    while entries := record.after(position, size):  # what came meanwhile, or all of it where other processes failed
        position = entries[-1].position
        yield _drawn(store.loaded, entries)


def _drawn(views: Sequence[Any], entries: Sequence[Entry]) -> Batch:
    return Batch(entries[0].position, entries[-1].position, [view.draw(entries) for view in views])


def _ahead(database: str, views: Sequence[Any], size: int) -> Iterator[Batch]:
    """The batches that the processes ahead send in turn, until one has no more or ends in any way."""
    with ExitStack() as open_:
        readers = [open_.enter_context(closing(_Reader(database, views, size, place))) for place in range(_READERS)]
        for reader in cycle(readers):
            batch = reader.next()
            if batch is None:
                return
            yield batch
            if batch.last < batch.first + size - 1:
                return


class _Reader:
    """A process that reads every so manieth batch, the first of them at its place."""

    def __init__(self, database: str, views: Sequence[Any], size: int, place: int) -> None:
        context = get_context("spawn")
        self._here, there = context.Pipe(duplex=False)
        self._process = context.Process(target=_send, args=(there, database, views, size, place), daemon=True)
        self._process.start()
        there.close()

    def next(self) -> Batch | None:
        """The next batch; None if there is none, or the process has ended."""
        try:
            content = self._here.recv_bytes()
        except EOFError:
            return None
        return Batch(*marshal.loads(content)) if content else None  # noqa: S302  (this program wrote it a moment ago)

    def close(self) -> None:
        """Have it end."""
        self._here.close()
        self._process.join()
        self._process.close()


def _send(there: Connection, database: str, views: Sequence[Any], size: int, place: int) -> None:
    record = Record(database, create=False)
    position = place * size
    try:
        with uncollected():
            while entries := record.after(position, size):
                first, last, drawn = _drawn(views, entries)
                there.send_bytes(marshal.dumps((first, last, drawn)))
                position += _READERS * size
        there.send_bytes(b"")
    except BrokenPipeError:
        return  # nobody reads on
    finally:
        record.close()
