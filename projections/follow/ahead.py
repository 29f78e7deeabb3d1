"""Processes beside this one: they read the log ahead and fold subjects, while this one alone writes.

Each opens a batch of the log, and draws rows from it, while others are written into tables. Batches are sent in
Python's own form for plain values (`marshal`): quick, and understood by this very program alone.
"""

import importlib
import marshal
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from multiprocessing import current_process, get_context
from typing import Any, NamedTuple, TypeVar

from events.history.streams import Entry
from events.log.application import Record
from events.log.uncollected import uncollected
from projections.store.snapshots import Store

FEW = 20_000
"""So many events are read and folded sooner than other processes are started."""

_MOST_PROCESSES = 8

Piece = TypeVar("Piece")
Done = TypeVar("Done")


@contextmanager
def hands(events: int) -> Iterator[Executor | None]:
    """As many processes as there are processors; none where there is only one, or few events."""
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    if events <= FEW or processes == 1 or current_process().daemon:
        yield None
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for _ in range(processes):
            pool.submit(_begin)
        yield pool


def _begin() -> None:
    """Have a process read the program that it will need, while this one does something else."""
    importlib.import_module("projections.read_models.views")


def spread(
    pool: Executor | None, there: Callable[[Piece], Done], here: Callable[[Piece], Done], pieces: Sequence[Piece]
) -> Iterator[Done]:
    """What is made of the pieces, in their order: by `there` in processes, by `here` where there is none or it ends."""
    done = 0
    if pool is not None:
        with suppress(BrokenExecutor):
            for made in pool.map(there, pieces):
                done += 1
                yield made
    yield from map(here, pieces[done:])


class Batch(NamedTuple):
    """Events from position `first` to `last`, as what each view that keeps rows of its own draws from them."""

    first: int
    last: int
    drawn: list[Any]


def batches(record: Record, store: Store, size: int, pool: Executor | None) -> Generator[Batch]:
    """The whole log in batches, up to where it ends when the last one is asked for.

    Args:
        record: the record.
        store: where the views are, and which.
        size: how many events make a batch.
        pool: the processes beside, if there are any.
    """
    position = 0
    if pool is not None:
        for batch in _ahead(pool, store, size):
            if batch.first != position + 1:
                break
            position = batch.last
            yield batch
    while entries := record.after(position, size):  # what came meanwhile, or all of it where other processes failed
        position = entries[-1].position
        yield _drawn(store.loaded, entries)


def _drawn(views: Sequence[Any], entries: Sequence[Entry]) -> Batch:
    return Batch(entries[0].position, entries[-1].position, [view.draw(entries) for view in views])


def _ahead(pool: Executor, store: Store, size: int) -> Iterator[Batch]:
    """The batches that the processes read, few at a time, up to the first that is not full, or until one ends."""
    places = count(0, size)
    with suppress(BrokenExecutor):
        waiting = deque(
            pool.submit(_read, store.database, store.loaded, next(places), size)
            for _ in range(2 * (os.cpu_count() or 1))
        )
        while content := waiting.popleft().result():
            waiting.append(pool.submit(_read, store.database, store.loaded, next(places), size))
            batch = Batch(*marshal.loads(content))  # noqa: S302  (this program wrote it a moment ago)
            yield batch
            if batch.last < batch.first + size - 1:
                return


def _read(database: str, views: Sequence[Any], position: int, size: int) -> bytes:
    """A batch from behind the position; empty where there is none."""
    with uncollected():
        entries = _record(database).after(position, size)
        if not entries:
            return b""
        first, last, drawn = _drawn(views, entries)
        return marshal.dumps((first, last, drawn))


@cache
def _record(database: str) -> Record:
    """The record as a process beside opens it, once."""
    return Record(database, create=False)
