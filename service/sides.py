"""A database as a process of the service reaches it: its log, its views, its keyring; and whether it is doubted."""

import logging
import time
from collections.abc import Callable

from sqlalchemy.exc import ProgrammingError

from events.record import Clock, Record
from projections.follow import Follower
from projections.store import Store
from projections.views import VIEWS
from service.connections import Connections
from service.durable import all_there
from service.keyring import Keyring
from service.troubles import BUSY, READ_ONLY, STORAGE_ERRORS, trouble_of

_OPENING_SECONDS = 30.0
_PAUSE_SECONDS = 0.05

log = logging.getLogger("chronology.desk")


class Side:
    """One database: the one that is written, or the one that questions are asked of.

    Args:
        database: its addresses.
        zone: the IANA zone of sources that name none.
        now: the server's clock in UTC microseconds.
    """

    def __init__(self, database: str, zone: str, now: Clock) -> None:
        self._database = database
        self._zone = zone
        self._now = now
        self._doubted = False
        self.store = Store(database, VIEWS)

    def open_to_write(self, *, makes: bool) -> None:
        """Open log and keyring and make what is not there; in a database that may only be read, take it as it is.

        Making tables may cross with writers, which both databases refuse at once; it is then tried again.

        Args:
            makes: make what is not there even where all tables are; on SQLite that is always done.
        """

        def made() -> None:
            makes_now = makes or self._database.startswith("sqlite") or not all_there(self.store.engine)
            self._join(create=makes_now)
            self.follower.prepare()

        try:
            _patiently(made, lambda error: trouble_of(error) is BUSY)
        except STORAGE_ERRORS as error:
            if trouble_of(error) is not READ_ONLY:
                raise
            self._join(create=False)

    def open_to_read(self) -> None:
        """Open log and keyring of a replica, once it has what the other side has made."""

        def joined() -> None:
            self.store.ping()
            self._join(create=False)

        _patiently(joined, lambda _: True)

    def _join(self, *, create: bool) -> None:
        self.record = Record(self._database, self._zone, self._now, create=create)
        self.keyring = Keyring(self._database, create=create)
        self.follower = Follower(self.record, self.store)
        self._logs = (Connections(self.record), Connections(self.keyring))

    def doubt(self) -> None:
        """Note that the database did not serve: who asks next finds out first whether it does again."""
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

    def close(self) -> None:
        """Close all connections."""
        self.store.close()
        if hasattr(self, "record"):
            self.record.close()
            self.keyring.close()


def _patiently(do: Callable[[], None], passes: Callable[[Exception], bool]) -> None:
    """Do it, again and again for half a minute while what hinders it may pass."""
    deadline = time.monotonic() + _OPENING_SECONDS
    while True:
        try:
            return do()
        except (*STORAGE_ERRORS, ProgrammingError) as error:
            if not passes(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
