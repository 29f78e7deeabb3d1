"""The parts of a running service, joined: the record, its views, the follower, the keyring."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import Event, Lock, Thread
from typing import TypeVar

from events.errors import Invalid, NotYet
from events.merkle import root_of
from events.record import Clock, Record, settings_for
from events.writing import Call
from projections.clocks import Asked, Clocks, clocks_for
from projections.follow import Follower, wait_for
from projections.states import check_reading
from projections.store import Snapshot, Store
from projections.views import VIEWS
from service.config import Settings
from service.connections import Connections
from service.durable import all_there
from service.keyring import Keyring
from service.signing import Signer, signer_in
from service.troubles import BUSY, READ_ONLY, STORAGE_ERRORS, trouble_of

Answer = TypeVar("Answer")
_PATIENCE_SECONDS = 0.3
_OPENING_SECONDS = 30.0
_PAUSE_SECONDS = 0.05

log = logging.getLogger("chronology.desk")


class Desk:
    """What every route and command works with.

    Args:
        settings: where the database is, and the defaults.
        now: the server's clock in UTC microseconds.
        follows: bring the views up to date within each write and before each question, without a follower beside.
        makes: make what the database lacks even where all tables are there. On PostgreSQL that waits for writers, and
            is done once, before serving or by `migrate`.
    """

    def __init__(
        self, settings: Settings, now: Clock | None = None, *, follows: bool = False, makes: bool = False
    ) -> None:
        self.settings = settings
        self.now = now or _now
        settings_for(settings.database)  # refuses what is neither database before anything is opened
        self.store = Store(settings.database, VIEWS)
        self._open(settings, makes)
        self._logs = (Connections(self.record), Connections(self.keyring))
        self._doubted = False
        self._follows = follows
        self._woken = Event()
        self._helping = Lock()
        self._stop = Event()
        self._thread: Thread | None = None

    def _open(self, settings: Settings, makes: bool) -> None:
        """Open log and keyring and make what is not there; in a database that may only be read, take it as it is.

        Making tables may cross with writers, which both databases refuse at once; it is then tried again.
        """
        deadline = time.monotonic() + _OPENING_SECONDS
        while True:
            try:
                self._join(settings, create=makes or settings.is_sqlite or not all_there(self.store.engine))
                return self.follower.prepare()
            except STORAGE_ERRORS as error:
                trouble = trouble_of(error)
                if trouble is READ_ONLY:
                    return self._join(settings, create=False)
                if trouble is not BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)

    def _join(self, settings: Settings, *, create: bool) -> None:
        self.record = Record(settings.database, settings.zone, self.now, create=create)
        self.keyring = Keyring(settings.database, create=create)
        self.follower = Follower(self.record, self.store)

    def doubt(self) -> None:
        """Note that the database did not serve: the next request finds out first whether it does again."""
        self._doubted = True

    def be_sure(self) -> None:
        """After a trouble, ask the database for a sign of life, and leave connections that are dead.

        Raises:
            OperationalError: it does not answer; who asks is told at once.
        """
        if self._doubted:
            self.store.ping()
            for connections in self._logs:
                connections.renew()
            self._doubted = False

    def start_following(self) -> None:
        """Run a follower in a thread of this process."""
        self._thread = Thread(target=self.follower.run, args=(self._stop, self._woken), name="follower", daemon=True)
        self._thread.start()

    def write(self, by: str, decide: Callable[[Call], Answer]) -> Answer:
        """Make one writing call: all of it is recorded, or nothing."""
        answer = self.record.write(by, decide)
        self._woken.set()
        return answer

    @contextmanager
    def ask(self, asked: Asked, *, patiently: bool = False) -> Iterator[tuple[Snapshot, Clocks]]:
        """A snapshot in which to answer a question, and the bounds of its clocks.

        Without a position the views are waited for too, so that who has written reads it; but where they do not get
        there, they are read as they are. Who asks patiently, as streams do, is given any time; all others
        `CHRONOLOGY_REQUEST_SECONDS`.

        Raises:
            Invalid: a clock cannot be read, or the position lies beyond the log.
            NotYet: the views have not reached the position, or the answer took too long.
        """
        asked = asked.at_instant(self.now())
        if self._follows:
            self.follower.catch_up()
        seconds = None if patiently else self.settings.request_seconds
        with self.store.reading(seconds) as snapshot:
            wanted = _wanted(asked, snapshot.head)
            if snapshot.position >= wanted:
                yield snapshot, _checked(snapshot, asked)
                return
        self._reach(wanted, required=asked.position is not None)
        with self.store.reading(seconds) as snapshot:
            yield snapshot, _checked(snapshot, asked)

    def _reach(self, position: int, *, required: bool) -> None:
        seconds = self.settings.wait_seconds
        deadline = time.monotonic() + seconds
        reached = wait_for(self.store, position, min(seconds, _PATIENCE_SECONDS))
        if reached < position:
            self._lend_a_hand(position, deadline)
            reached = wait_for(self.store, position, 0)
        if required and reached < position:
            raise NotYet(f"the views have reached position {reached}, not yet {position}")

    def _lend_a_hand(self, position: int, deadline: float) -> None:
        """Follow in the asking process where the follower is away or far behind; any number may follow at once."""
        if not self._helping.acquire(timeout=max(0, deadline - time.monotonic())):
            return
        try:
            while wait_for(self.store, position, 0) < position and time.monotonic() < deadline:
                self.follower.step()
        except Exception:
            log.exception("the views could not be brought up to position %d for a question", position)
        finally:
            self._helping.release()

    def checkpoint(self) -> str:
        """The signed checkpoint of the log as it stands.

        Raises:
            Invalid: the signing key cannot be read or made.
        """
        with self.record.books() as books:
            tree = books.tree()
        return self.signer.signed(tree.size, root_of(tree.frontier))

    @cached_property
    def signer(self) -> Signer:
        """What signs checkpoints; its key is made on first use."""
        return signer_in(self.settings.signing_key_file, self.settings.origin)

    def close(self) -> None:
        """Stop following and close all connections."""
        self._stop.set()
        self._woken.set()
        if self._thread:
            self._thread.join(timeout=5)
        self.store.close()
        self.record.close()
        self.keyring.close()


def _wanted(asked: Asked, head: int) -> int:
    """How far the views must be for the question, in a log that ends at `head`.

    Raises:
        Invalid: the position asked for lies beyond it.
    """
    if asked.position is not None and asked.position > head:
        raise Invalid.at("/position", f"position {asked.position} lies beyond the log, which ends at {head}")
    return head if asked.position is None else asked.position


def _checked(snapshot: Snapshot, asked: Asked) -> Clocks:
    clocks = clocks_for(snapshot, asked)
    check_reading(snapshot, clocks)
    return clocks


def _now() -> int:
    return time.time_ns() // 1000
