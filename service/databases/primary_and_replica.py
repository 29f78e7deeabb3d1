"""The database that is written and the one that is read, as a process of the service reaches them.

They are one, unless `CHRONOLOGY_READ_DATABASE` names replicas; then questions are answered while the primary is away.
"""

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from sqlalchemy import inspect
from sqlalchemy.exc import ProgrammingError

from events.errors import ChronologyError, NotYet
from events.kinds.vocabulary import refuse_faulty_packages
from events.log.application import Clock, Record
from events.log.recorders import EVENTS
from projections.follow.follower import Follower
from projections.read_models.views import VIEWS
from projections.store.generations import Store
from service.auth.roles import Bearer, NotIssued
from service.auth.tokens import KEYRING_TURN, Keyring
from service.databases.errors import BUSY, READ_ONLY, STORAGE_ERRORS, in_one_line, trouble_of
from service.databases.hooks import HOOKS, Hooks
from service.databases.same_log import Replicas
from service.settings import Settings

LOG = EVENTS
TURN = "chronology_turn"
DURABLE = (
    *(TURN, LOG, "chronology_subjects", "chronology_keys", "chronology_originals"),
    *(KEYRING_TURN, "keyring_events", HOOKS.name),
)
"""The tables that cannot be rebuilt; their columns are found by asking the database."""
_OPENING_SECONDS = 30.0
_PAUSE_SECONDS = 0.05
_AWAY_SECONDS = 1.0
_ALIVE_SECONDS = 0.5
_COMPARED_SECONDS = 5.0

log = logging.getLogger("chronology.desk")


class Database:
    """One database: its log, its views, its keyring, its hooks."""

    def __init__(self, address: str, zone: str, now: Clock) -> None:
        self._address = address
        self._zone = zone
        self._now = now
        self._answered = float("-inf")
        self.is_open = False
        _make_file(address)
        self.store = Store(address, VIEWS)
        self.hooks = Hooks(self.store.engine)

    def open_to_write(self, *, makes: bool) -> None:
        """Open log and keyring and make what is not there; in a database that may only be read, take it as it is.

        With `makes`, and on SQLite, tables are completed even where all are there. Where that crosses with writers,
        which both databases refuse at once, it is tried again.
        """

        def made() -> None:
            makes_now = makes or self._address.startswith("sqlite") or not self._has_all_tables()
            self._join(create=makes_now)
            if makes_now:
                self.hooks.make_table()
            self.follower.prepare()
            self.is_open = True

        try:
            _patiently(made, lambda error: trouble_of(error) is BUSY)
        except STORAGE_ERRORS as error:
            if trouble_of(error) is not READ_ONLY:
                raise
            self._join(create=False)
            self.is_open = True

    def open_to_read(self) -> None:
        """Open log and keyring of a replica, once it has what was made in the primary."""

        def joined() -> None:
            self.store.ping()
            self._join(create=False)
            self.is_open = True

        _patiently(joined, lambda _: True)

    def _has_all_tables(self) -> bool:
        return set(DURABLE) <= set(inspect(self.store.engine).get_table_names())

    def _join(self, *, create: bool) -> None:
        self.record = Record(self._address, self._zone, self._now, create=create)
        try:
            self.record.refuse_unknown_kinds()
        except ChronologyError:
            self.record.close()
            raise
        self.keyring = Keyring(self._address, self._now, create=create)
        self.follower = Follower(self.record, self.store)

    def check_alive(self) -> None:
        """Ask whether it answers, unless it did half a second ago; OperationalError if not."""
        if time.monotonic() - self._answered < _ALIVE_SECONDS:
            return
        self.store.ping()
        self._answered = time.monotonic()

    def close(self) -> None:
        """Close all connections."""
        self.store.close()
        if self.is_open:
            self.record.close()
            self.keyring.close()


class Databases:
    """The database that is written, and the database that questions are asked of.

    Every few seconds the replicas' logs are compared with that of the primary; one with another log is not asked.
    """

    def __init__(self, settings: Settings, now: Clock, *, makes: bool) -> None:
        refuse_faulty_packages()
        self._makes = makes
        self._opening = Lock()
        self._away_since = float("-inf")
        self._zone, self._now = settings.zone, now
        self._closing = Event()
        self.has_replica = bool(settings.read_database)
        *replicas, self._last = settings.read_addresses.split(" ")
        self.replicas = Replicas(settings.primary, replicas)
        self.written = self.reader = Database(settings.primary, settings.zone, now)  # whether it is there or not
        try:
            self.written.open_to_write(makes=makes)
        except STORAGE_ERRORS as error:
            if not self.has_replica:
                raise
            log.warning("the primary does not serve, and is looked for when it is needed: %s", in_one_line(error))
        if self.has_replica:
            self.replicas.compare()
            self.reader = self._opened_reader()
            Thread(target=self._keep_comparing, name="comparison of logs", daemon=True).start()

    def _opened_reader(self) -> Database:
        asked = self.replicas.to_ask
        if self.replicas.left_out:
            log.error("not asked, as its log is not the primary's: %s", ", ".join(self.replicas.names_left_out))
        reader = Database(" ".join([*asked, self._last]), self._zone, self._now)
        reader.open_to_read()
        self._asked = asked
        return reader

    def compare(self) -> None:
        """Compare the replicas' logs with that of the primary, and ask only those that have the same."""
        self.replicas.compare()
        if self.replicas.to_ask != self._asked:
            old, self.reader = self.reader, self._opened_reader()
            old.close()

    def _keep_comparing(self) -> None:
        while not self._closing.wait(_COMPARED_SECONDS):
            try:
                self.compare()
            except (ChronologyError, *STORAGE_ERRORS) as error:
                log.error("the replicas could not be compared with the primary: %s", in_one_line(error))

    @property
    def vouched(self) -> Database:
        """The database whose log may be signed: the primary, or while it is away what was found to have its log.

        Raises:
            NotYet: the primary is away, and was not there either since this process began.
        """
        database = self.freshest
        if database is not self.written and not self.replicas.were_compared:
            raise NotYet("the primary is away, and no replica has been compared with it: their log is not signed")
        return database

    @property
    def primary(self) -> Database:
        """The database that is written, which is there as far as is known; OperationalError if it is away."""
        if not self.written.is_open:
            with self._opening:
                if not self.written.is_open:
                    self.written.open_to_write(makes=self._makes)
        elif self.has_replica:
            self.written.check_alive()
        return self.written

    @property
    def freshest(self) -> Database:
        """The primary where it answers, else the other; while it is away, it is looked for once a second."""
        if not self.has_replica or time.monotonic() - self._away_since < _AWAY_SECONDS:
            return self.reader
        try:
            return self.primary
        except STORAGE_ERRORS:
            self._away_since = time.monotonic()
            return self.reader

    def look_up(self, secret: str, how: Callable[[Keyring, str], Bearer], *, writes: bool) -> Bearer:
        """The bearer of a token or session: looked up on the primary for writes, on the replica for reads.

        What a replica does not know may have been issued a moment ago: then the primary is asked, where it answers.

        Raises:
            Unauthorized: it is not valid.
        """
        if writes or not self.has_replica:
            return how(self.primary.keyring, secret)
        try:
            return how(self.reader.keyring, secret)
        except NotIssued:
            database = self.freshest
            if database is self.reader:
                raise
            return how(database.keyring, secret)

    def close(self) -> None:
        """Close all connections."""
        self._closing.set()
        for database in {id(each): each for each in (self.written, self.reader)}.values():
            database.close()


def _make_file(address: str) -> None:
    """Make the file of an SQLite database, where there is none, for its owner alone; files beside it are made alike."""
    file = Path(address.removeprefix("sqlite:///"))
    if str(file) != address:
        with suppress(OSError):  # what is wrong is said when it is opened
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _patiently(do: Callable[[], None], passes: Callable[[Exception], bool]) -> None:
    """Do it, again and again for half a minute while its errors may pass."""
    deadline = time.monotonic() + _OPENING_SECONDS
    while True:
        try:
            return do()
        except (*STORAGE_ERRORS, ProgrammingError) as error:
            if not passes(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
