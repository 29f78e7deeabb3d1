"""The parts of a running service, joined: the record, its views, the follower, the keyring."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any, TypeVar

from events.commands.redact import redact
from events.errors import NotYet
from events.history.streams import Entry
from events.log.application import Clock, Record, settings_for
from events.log.receipts import FindingAtHead, Receipt, Recorder
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked, Clocks, clocks_for, furthest
from projections.follow.follower import Follower, wait_for
from projections.queries.subjects.accounts import with_voices
from projections.queries.subjects.at_head import finding_at_head
from projections.store.generations import Store
from projections.store.snapshots import Snapshot
from service.auth.tokens import Keyring
from service.databases.errors import STORAGE_ERRORS, trouble_of
from service.databases.primary_and_replica import Database, Databases
from service.settings import Settings

Answer = TypeVar("Answer")
_PATIENCE_SECONDS, _PAUSE_SECONDS = 0.3, 0.05
_SCRUBBING_SECONDS = 3.0
"""How long who erases waits for words to leave the disk; then the follower goes on with it alone."""
log = logging.getLogger("chronology.desk")


class Chronology:
    """What routes and commands work with: the primary, which is written, and the database that questions are asked of.

    Args:
        settings: where the database is, and the defaults.
        now: the server's clock in UTC microseconds.
        follows: bring the views up to date before each question, as no follower runs.
        makes: make what the database lacks even where all tables are there. On PostgreSQL that waits for writers, and
            is done once, before serving or by `migrate`.
    """

    def __init__(
        self, settings: Settings, now: Clock | None = None, *, follows: bool = False, makes: bool = False
    ) -> None:
        self.settings = settings
        self.now = now or (lambda: time.time_ns() // 1000)
        settings_for(settings.primary)  # refuses what is neither database before anything is opened
        self.databases = Databases(settings, self.now, makes=makes)
        self.reads_apart = self.databases.has_replica
        self._follows = follows and not self.reads_apart
        self._woken = Event()
        self._helping = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._helper: Thread | None = None

    @property
    def record(self) -> Record:
        """The log that is written."""
        return self.databases.primary.record

    @property
    def log(self) -> Record:
        """The log that questions are asked of."""
        return self.databases.reader.record

    @property
    def keyring(self) -> Keyring:
        """The keyring that is written."""
        return self.databases.primary.keyring

    @property
    def follower(self) -> Follower:
        """What brings the views up to date."""
        return self.databases.primary.follower

    @property
    def store(self) -> Store:
        """The views that are written."""
        return self.databases.written.store

    @property
    def views(self) -> Store:
        """The views that questions are asked of."""
        return self.databases.reader.store

    def start_following(self) -> None:
        """Run a follower in a thread of this process."""
        self._thread = Thread(target=self.follower.run, args=(self._stop, self._woken), name="follower", daemon=True)
        self._thread.start()

    def write(self, by: Recorder | str, decide: Callable[[UnitOfWork], Answer], recorded: int | None = None) -> Answer:
        """Make one writing call: all of it is recorded, or nothing; `recorded` elsewhere, at that instant, if given."""
        answer = self.record.write(by, self._with_views(decide), self.settings.request_seconds, recorded)
        self._woken.set()
        return answer

    def rehearse(self, by: Recorder | str, decide: Callable[[UnitOfWork], Answer]) -> Answer:
        """Make a writing call of which nothing is recorded, and for which no writer waits."""
        return self.record.rehearse(by, self._with_views(decide))

    def _with_views(self, decide: Callable[[UnitOfWork], Answer]) -> Callable[[UnitOfWork], Answer]:
        """The decision with what it may ask of views and settings."""

        def decided(unit: UnitOfWork) -> Answer:
            unit.find_at_head, unit.largest_original = self._find_at_head, self.settings.largest_original
            return decide(unit)

        return decided

    def _find_at_head(self, unit: UnitOfWork, subject: str, name: str) -> FindingAtHead | None:
        """What a call may ask of the views: a finding as it stands with what the call has staged."""
        with self.store.reading() as snapshot:
            return finding_at_head(snapshot, unit, subject, name)

    def erase(self, by: Recorder | str, of: str, name: str, given: Mapping[str, Any]) -> tuple[Receipt, str | None]:
        """Erase words for good, from the log, the views that questions are asked of, and the disk.

        Returns the receipt, and what is still to do once it is recorded, in one sentence: the follower goes on with it.

        Raises:
            NotFound: there is nothing of that id.
        """
        receipt = self.write(by, lambda call: redact(call, of, name, given))
        try:
            with self.ask(Asked(position=receipt.position)):
                pass
            helps = self.store.is_sqlite or self._follows
            return receipt, self.follower.scrubber.wait(_SCRUBBING_SECONDS, helps=helps)
        except NotYet as error:
            return receipt, f"the words are still to be removed from views and disk: {error.sentence}"
        except STORAGE_ERRORS as error:
            why = trouble_of(error).sentence.partition(":")[0]
            return receipt, f"the words are still to be removed from views and disk: {why}"

    def logged(self, after: int, limit: int) -> Sequence[Entry]:
        """Up to `limit` events of the log after a position, in order; of a replica, as far as its views have followed.

        A replica may hold events that are not acknowledged yet, and may be lost with the primary (decision 0040).
        """
        entries = self.log.after(after, limit)
        if not self.reads_apart or not entries:
            return entries
        with self.views.reading() as snapshot:
            return [entry for entry in entries if entry.position <= snapshot.position]

    @contextmanager
    def ask(
        self, asked: Asked, *, patiently: bool = False, fresh: bool = False, vouched: bool = False
    ) -> Iterator[tuple[Snapshot, Clocks]]:
        """A snapshot in which to answer a question, and the bounds of its clocks.

        It waits for the position, if one is given; else for all that is recorded, so that writers read what they wrote,
        but takes the views as they are where they do not get there, and replicas at once.

        Args:
            asked: the clocks.
            patiently: allow the answer any time, as for streams, rather than `CHRONOLOGY_REQUEST_SECONDS`.
            fresh: ask the primary, where it answers.
            vouched: the same, for what is signed: nothing else is asked that was not compared with it.

        Raises:
            Invalid: a clock cannot be read, or the position lies beyond the log.
            NotYet: the views have not reached the position, or the answer took too long.
        """
        asked = asked.at_instant(self.now())
        if self._follows:
            self.follower.catch_up()
        databases = self.databases
        database = databases.vouched if vouched else databases.freshest if fresh else databases.reader
        with self._reading(database, asked, None if patiently else self.settings.request_seconds) as snapshot:
            yield snapshot, self._bounds(snapshot, asked)

    @contextmanager
    def ask_both(
        self, one: Asked, other: Asked, *, patiently: bool = False
    ) -> Iterator[tuple[Snapshot, Clocks, Clocks]]:
        """As `ask`, for two sets of clocks to compare."""
        now = self.now()
        one, other = one.at_instant(now), other.at_instant(now)
        with self.ask(furthest(one, other), patiently=patiently) as (snapshot, _):
            yield snapshot, self._bounds(snapshot, one), self._bounds(snapshot, other)

    def _bounds(self, snapshot: Snapshot, asked: Asked) -> Clocks:
        if asked.position is not None:
            self._refuse_beyond(asked, asked.position, snapshot.head)
        clocks = clocks_for(snapshot, asked)
        return clocks if asked.reading is None else with_voices(snapshot, clocks, asked.reading)

    @contextmanager
    def _reading(self, database: Database, asked: Asked, seconds: float | None) -> Iterator[Snapshot]:
        """A snapshot at the position or after it; each may be of another replica, so each is checked."""
        deadline = time.monotonic() + self.settings.wait_seconds
        wanted, gives_up = asked.position, False
        while True:
            with database.store.reading(seconds) as snapshot:
                if wanted is None:
                    wanted = snapshot.head if database is self.databases.written else 0
                if snapshot.position >= wanted or (gives_up and asked.position is None):
                    yield snapshot
                    return
                reached, head = snapshot.position, snapshot.head
            if asked.position is not None:
                if gives_up or time.monotonic() >= deadline:
                    raise NotYet(f"the views have reached position {reached}, not yet {asked.position}")
                self._refuse_beyond(asked, asked.position, head)
            gives_up = not self._reach(database.store, wanted, deadline)

    def _refuse_beyond(self, asked: Asked, position: int, head: int) -> None:
        if position > head and self.reads_apart:
            database = self.databases.freshest  # of the reader itself who asks waits for it
            head = position if database is self.databases.reader else database.record.head()
        if position > head:
            raise asked.refusal("position", f"position {position} lies beyond the log, which ends at {head}")

    def _reach(self, views: Store, position: int, deadline: float) -> bool:
        """Wait until the views have reached the position, and see to it that somebody helps; whether they have."""
        if wait_for(views, position, min(deadline - time.monotonic(), _PATIENCE_SECONDS)) >= position:
            return True
        if self._thread is None and self._helping.acquire(blocking=False):
            self._helper = Thread(target=self._help, args=(position, deadline), name="helper", daemon=True)
            self._helper.start()
        return wait_for(views, position, deadline - time.monotonic()) >= position

    def _help(self, position: int, deadline: float) -> None:
        """Bring the views up to date in this process, as long as no follower leads; who asks waits no longer for it."""
        try:
            database = self.databases.freshest if self.reads_apart else self.databases.primary
            if database is not self.databases.written:
                return  # the primary is away
            while wait_for(database.store, position, 0) < position and time.monotonic() < deadline:
                if not database.follower.lend_a_hand():
                    time.sleep(_PAUSE_SECONDS)
        except Exception:
            log.exception("the views could not be brought up to position %d for a question", position)
        finally:
            self._helping.release()

    def close(self) -> None:
        """Stop following and close all connections."""
        self._stop.set()
        self._woken.set()
        for thread in filter(None, (self._thread, self._helper)):
            thread.join(timeout=5)
        self.databases.close()
