"""The follower: reads the log in order and brings the views up to it, rows and bookmark in one transaction."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread

from events.errors import NotYet
from events.history.streams import Entry
from events.log.application import Record
from projections.follow.leader_lock import Lead
from projections.follow.rebuild import erase_in_other, rebuild
from projections.follow.scrubbing import Scrubber
from projections.follow.spot_check import SpotCheck, forget_doubts
from projections.read_models.erasure import redacted_in
from projections.read_models.views import apply
from projections.store.engine import STORAGE_ERRORS
from projections.store.generations import LAYOUT, Store

log = logging.getLogger("chronology.follow")

BATCH = 2_000
BATCHES_AT_ONCE = 10
"""How many of them are applied together by a follower that is far behind: what they touch is folded once."""

MANY = 20_000
"""Where more events are left than this, and more than were followed, all views are built anew."""

_LONGEST_BACKOFF_SECONDS = 30.0
_AWAY_SECONDS = 1.0
_STAND_BY_SECONDS = 0.5


class Follower:
    """Follows the log of `record` into the views of `store`, `batch` events at a time.

    Any number may step at once: the bookmark is moved by compare-and-set in the transaction that writes the rows, so
    each event is applied exactly once. Of those that `run` on PostgreSQL one leads, and the others stand by.
    """

    def __init__(self, record: Record, store: Store, batch: int = BATCH) -> None:
        self._record = record
        self._store = store
        self._batch = batch
        self.spot_check = SpotCheck(record, store)
        self.scrubber = Scrubber(record, store)
        self.trouble: str | None = None
        """What keeps the follower from going on, in one sentence; None while all is well."""

    def lend_a_hand(self) -> int:
        """Apply one batch, unless somebody leads; return how many events were read."""
        return 0 if self._store.is_led() else self.step(self._batch, lends=True)

    def step(self, limit: int | None = None, *, lends: bool = False) -> int:
        """Apply one batch, or build all anew where more is left than was followed; return how many events were read.

        Args:
            limit: how many events at the most, without building anew.
            lends: whether to leave it to somebody who leads.
        """
        with self._store.reading() as seen:
            position, left = seen.position, seen.head - seen.position
        if limit is None and left > max(position, MANY):
            with suppress(NotYet):  # somebody else does
                log.info("%d events are left, more than were followed: all views are built anew", left)
                return self.rebuild() - position
        entries = self._next_entries(position, limit)
        if not entries:
            return 0
        with self._store.writing() as snapshot:
            if lends and not self._store.takes_lead(snapshot.connection):
                return 0
            if snapshot.position != position or not self._store.advance(snapshot, entries[-1].position):
                return len(entries)  # another follower was faster
            apply(snapshot, entries)
            erase_in_other(self._store, snapshot, redacted_in(entries))
        return len(entries)

    def _next_entries(self, position: int, limit: int | None) -> Sequence[Entry]:
        """What to apply next: a batch, or more of them where that many are left."""
        entries = list(self._record.after(position, limit or self._batch))
        if limit is None and len(entries) == self._batch:
            entries += self._record.after(entries[-1].position, self._batch * (BATCHES_AT_ONCE - 1))
        return entries

    def catch_up(self) -> None:
        """Apply batches until none is left."""
        while self.step():
            pass

    def rebuild(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Build all views anew beside those in use, then swap; return the position reached."""
        position = rebuild(self._record, self._store, progress)
        forget_doubts(self._store)
        return position

    def prepare(self) -> None:
        """Make the views' tables, and rebuild views whose layout is not that of this program."""
        self._store.prepare()
        with self._store.reading() as snapshot:
            outdated = snapshot.layout != LAYOUT
        if outdated:
            self.rebuild()

    def run(self, stop: Event, woken: Event, idle_seconds: float = 0.1, lead: Lead | None = None) -> None:
        """Follow until `stop` is set, while this one leads: on an event that cannot be applied, name it and try again.

        At an event it waits longer and longer, and goes on one event at a time; a database is asked again each second.
        `woken` is set when something was recorded; without a `lead` this one always leads.
        """
        lead = lead or Lead("")
        backoff, leads, stuck = idle_seconds, None, False
        scrubbing = Thread(target=self.scrubber.run, args=(stop,), name="scrubber", daemon=True)
        scrubbing.start()
        while not stop.is_set():
            applied, pause = 0, idle_seconds
            try:
                if leads != (leads := lead.is_held()):
                    log.info("this follower leads" if leads else "another follower leads; this one stands by")
                if leads:
                    applied = self.step(1 if stuck else None)
                else:
                    pause = _STAND_BY_SECONDS
                if applied and self.trouble:
                    log.info("the follower goes on")
                self.trouble, backoff, stuck = None, idle_seconds, False
                if leads and not applied:
                    self.spot_check.step()
            except STORAGE_ERRORS as error:
                lead.leave()  # its session is as dead
                self.trouble, pause = "the database does not serve", _AWAY_SECONDS
                log.error("%s (%s); trying again in %.1f s", self.trouble, str(error).partition("\n")[0], pause)
            except Exception as error:
                stuck, pause = True, (backoff := min(backoff * 2, _LONGEST_BACKOFF_SECONDS))
                self.trouble = self._stuck()
                log.error("%s; trying again in %.1f s", self.trouble, pause, exc_info=error)
            if not applied:
                woken.wait(pause)
                woken.clear()
        lead.leave()
        scrubbing.join(_STAND_BY_SECONDS)

    def _stuck(self) -> str:
        """Where the views stand that an event cannot be applied to."""
        with suppress(*STORAGE_ERRORS), self._store.reading() as snapshot:
            return f"the views stand at position {snapshot.position}; what follows cannot be applied"
        return "what follows cannot be applied to the views"


def wait_for(store: Store, position: int, seconds: float) -> int:
    """Wait until the views have reached the position or the time is over; return where they are."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    while True:
        with store.reading() as snapshot:
            reached = snapshot.position
        if reached >= position or time.monotonic() >= deadline:
            return reached
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
