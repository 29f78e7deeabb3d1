"""The log read by a process ahead: it opens the next batch while the one before it is written into the views.

Batches come through a pipe, in Python's own form for plain values (`marshal`): quick, and understood by this very
program alone. The pipe holds little, so that the process is never more than a batch ahead.
"""

import marshal
import os
from collections.abc import Generator, Iterator, Sequence
from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection

from events.history import Entry
from events.record import Record
from events.uncollected import uncollected

FEW = 20_000
"""So many events are read sooner than another process is started."""

_NO_MORE = b""


def batches(record: Record, database: str, size: int) -> Generator[Sequence[Entry]]:
    """The whole log in batches, up to where it ends when the last one is asked for.

    Args:
        record: the record.
        database: where it is, for the process ahead.
        size: how many events make a batch.
    """
    position = 0
    if record.head() > FEW and (os.cpu_count() or 1) > 1 and not current_process().daemon:
        for entries in _ahead(database, size):
            position = entries[-1].position
            yield entries
    while entries := record.after(position, size):  # what came meanwhile, or all of it where the other process failed
        position = entries[-1].position
        yield entries


def _ahead(database: str, size: int) -> Iterator[Sequence[Entry]]:
    """The batches that the process ahead sends, until it has no more or ends in any way."""
    context = get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(there, database, size), daemon=True)
    process.start()
    there.close()
    try:
        while content := here.recv_bytes():
            yield [Entry(*each) for each in marshal.loads(content)]  # noqa: S302  (written by this program a moment ago)
    except EOFError:
        pass
    finally:
        here.close()
        process.join()
        process.close()


def _send(there: Connection, database: str, size: int) -> None:
    record = Record(database, create=False)
    position = 0
    try:
        with uncollected():
            while entries := record.after(position, size):
                position = entries[-1].position
                there.send_bytes(marshal.dumps([tuple(entry) for entry in entries]))
        there.send_bytes(_NO_MORE)
    except BrokenPipeError:
        return  # nobody reads on
    finally:
        record.close()
