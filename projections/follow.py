"""The follower: reads the log in order and brings the views up to it, rows and bookmark in one transaction."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event

from events.history import Entry
from events.record import Record
from projections.rebuilding import erase_in_other, finish, load, rebuild
from projections.redactions import Redacted, redacted_in
from projections.store import LAYOUT, Snapshot, Store

log = logging.getLogger("chronology.follow")

BATCH = 2_000
BATCHES_AT_ONCE = 20
"""How many of them are applied together by a follower that is far behind."""

_LONGEST_BACKOFF_SECONDS = 30.0

_Applied = tuple[int, list[Redacted]]


class Follower:
    """Follows the log of `record` into the views of `store`.

    Any number may run at once: the bookmark is moved by compare-and-set in the transaction that writes the rows, so
    each event is applied exactly once.
    """

    def __init__(self, record: Record, store: Store, batch: int = BATCH) -> None:
        self._record = record
        self._store = store
        self._batch = batch
        self.trouble: str | None = None
        """What keeps the follower from going on, in one sentence; None while all is well."""

    def step(self, limit: int | None = None) -> int:
        """Apply one batch; answers with how many events were read."""
        with self._store.reading() as seen:
            position = seen.position
        entries = self._record.after(position, limit or self._batch)
        if not entries:
            return 0
        with self._store.writing() as snapshot:
            if snapshot.position != position or not self._store.advance(snapshot, entries[-1].position):
                return len(entries)  # another follower was faster
            is_far_behind = limit is None and len(entries) == self._batch
            count, erased = (self._apply_many if is_far_behind else self._apply)(snapshot, entries)
            erase_in_other(self._store, snapshot, erased)
        if any(each.sort != "proposal" for each in erased):
            self._store.scrub()
        return count

    def _apply(self, snapshot: Snapshot, entries: Sequence[Entry]) -> _Applied:
        for view in self._store.views:
            view.apply(snapshot, entries)
        return len(entries), redacted_in(entries)

    def _apply_many(self, snapshot: Snapshot, entries: Sequence[Entry]) -> _Applied:
        """Far behind: apply several batches in one transaction, and fold what they touch once."""
        count, position, erased = 0, 0, []
        for left in reversed(range(BATCHES_AT_ONCE)):
            load(self._store, snapshot, entries)
            count, position = count + len(entries), entries[-1].position
            erased += redacted_in(entries)
            entries = self._record.after(position, self._batch) if left else []
            if not entries:
                break
            self._store.advance(replace(snapshot, position=position), entries[-1].position)
        finish(self._store, snapshot, position)
        return count, erased

    def catch_up(self) -> None:
        """Apply batches until none is left."""
        while self.step():
            pass

    def rebuild(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Build all views anew beside those in use, then swap; answers with the position reached.

        Raises:
            Conflict: the log ends before the position that the views in use have reached.
            NotYet: another rebuild is under way.
        """
        return rebuild(self._record, self._store, progress)

    def prepare(self) -> None:
        """Make the views' tables, and rebuild views whose layout is not that of this program."""
        self._store.prepare()
        with self._store.reading() as snapshot:
            outdated = snapshot.layout != LAYOUT
        if outdated:
            self.rebuild()

    def run(self, stop: Event, woken: Event, idle_seconds: float = 0.1) -> None:
        """Follow until stopped: on an event that cannot be applied, name it, back off and try again."""
        backoff = idle_seconds
        while not stop.is_set():
            try:
                applied = self.step() if self.trouble is None else self.step(1)
                if applied and self.trouble:
                    log.info("the follower goes on")
                self.trouble, backoff = None, idle_seconds
            except Exception:
                applied, backoff = 0, min(backoff * 2, _LONGEST_BACKOFF_SECONDS)
                self._note_trouble(backoff)
            if not applied:
                woken.wait(backoff)
                woken.clear()

    def _note_trouble(self, backoff: float) -> None:
        try:
            with self._store.reading() as snapshot:
                stuck = f"the views stand at position {snapshot.position}; what follows cannot be applied"
            self.trouble = stuck
            log.exception("%s; trying again in %.1f s", stuck, backoff)
        except Exception as error:
            self.trouble = "the database of the views does not answer"
            log.error("%s (%s); trying again in %.1f s", self.trouble, str(error).partition("\n")[0], backoff)


def wait_for(store: Store, position: int, seconds: float) -> int:
    """Wait until the views have reached the position or the time is over; answers with where they are."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    while True:
        with store.reading() as snapshot:
            reached = snapshot.position
        if reached >= position or time.monotonic() >= deadline:
            return reached
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
