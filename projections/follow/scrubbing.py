"""Removes from the disk what was redacted, again and again until nothing is left.

On SQLite what is deleted is overwritten at once, and the write-ahead log is emptied into the file once nobody reads an
older state of it. PostgreSQL overwrites nothing: views are built anew beside those in use and the old ones dropped, and
the table of keys is rewritten; both once no transaction is left that could see what they held before.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event

from sqlalchemy import Connection

from events.errors import NotYet
from events.log.application import Record
from projections.follow.rebuild import alone, rebuild
from projections.store.erasures import named, note_gone, places_left
from projections.store.generations import Store

log = logging.getLogger("chronology.follow")

_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_CHECKPOINT_MILLISECONDS = 50
"""How long writers on SQLite wait at the most for an attempt to empty the write-ahead log."""
_LOCK_SECONDS = 2
"""How long others wait at the most for an attempt on PostgreSQL to get a lock: an automatic vacuum gives way in one."""
_OLDER_SECONDS = 25.0
"""How long an attempt on PostgreSQL waits for transactions that began before it; longer than a question may take."""
_LOOK_SECONDS = 0.05
_WAITING_PAUSE_SECONDS = 0.2
_OLDER = """SELECT
    EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND (datid IS NULL OR datname = current_database())
        AND greatest(age(backend_xmin), age(backend_xid)) > age({now}))
    OR EXISTS (SELECT FROM pg_replication_slots WHERE age(xmin) > age({now}))
    OR EXISTS (SELECT FROM pg_prepared_xacts WHERE age(transaction) > age({now}))"""


class Scrubber:
    """Removes what was redacted from the database of the record and its views."""

    def __init__(self, record: Record, store: Store) -> None:
        self._record = record
        self._store = store

    def left(self) -> str | None:
        """What is still to do, in one sentence; None where nothing is."""
        position, places = self._left()
        if not places:
            return None
        where = named(places, self._store.engine.dialect.name)
        return f"words redacted up to position {position} are still to be removed from {where} on the disk"

    def wait(self, seconds: float, *, helps: bool) -> str | None:
        """Wait so long until all is gone, and help if asked to; returns what is left when the time is over."""
        deadline, pause = time.monotonic() + seconds, 0.0
        while (left := self.left()) and time.monotonic() < deadline:
            time.sleep(pause)
            pause = _WAITING_PAUSE_SECONDS
            if helps:
                self.attempt()
        return left

    def _left(self) -> tuple[int, list[str]]:
        with self._store.engine.connect() as connection:
            return places_left(connection)

    def run(self, stop: Event) -> None:
        """Look every second whether something is left and remove it, until `stop` is set."""
        pause = _PAUSE_SECONDS
        while not stop.wait(pause):
            pause = _PAUSE_SECONDS
            try:
                self.attempt()
            except Exception as error:
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                log.error("what was redacted cannot be removed from the disk yet: %s", str(error).partition("\n")[0])

    def attempt(self) -> None:
        """Remove what can be removed now; nobody waits for it for longer than a moment."""
        position, places = self._left()
        if not places:
            return
        if self._store.is_sqlite:
            self._empty_write_ahead_log(position)
            return
        with suppress(NotYet):  # somebody else builds views
            self._renew(position, places)

    def _empty_write_ahead_log(self, position: int) -> None:
        with _autocommitted(self._store) as connection:
            waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_CHECKPOINT_MILLISECONDS}")
            try:
                is_busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {waits}")
        if not is_busy:
            self._note_gone("file", position)

    def _renew(self, position: int, places: list[str]) -> None:
        """Build the views anew, drop the old ones, rewrite the table of keys: what of it is left."""
        with self._store.reading() as snapshot:
            active = snapshot.generation
        if self._is_seen():
            return  # somebody may still read the generation beside, which was in use before the last swap
        if active in places:
            rebuild(self._record, self._store, lambda _: None)
            with self._store.reading() as snapshot:
                beside, active = active, snapshot.generation
            self._note_gone(active, position)
            places = [beside, *(each for each in places if each not in "ab")]
        if places and not self._is_seen():
            self._drop(position, places)

    def _drop(self, position: int, places: list[str]) -> None:
        with _autocommitted(self._store) as connection:
            connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
            try:
                if "keys" in places:
                    connection.exec_driver_sql("VACUUM (FULL) chronology_keys")
                    self._note_gone("keys", position)
            finally:
                connection.exec_driver_sql("RESET lock_timeout")
        with alone(self._store), self._store.writing(active=False) as beside:
            if beside.generation in places:
                beside.connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
                self._store.clear(beside)
                note_gone(beside.connection, beside.generation, position)

    def _is_seen(self) -> bool:
        """Whether a transaction is left, after some waiting, that may see what was there before now."""
        deadline = time.monotonic() + _OLDER_SECONDS
        with _autocommitted(self._store) as connection:
            now = f"'{connection.exec_driver_sql('SELECT pg_current_xact_id()::xid::text').scalar_one()}'::xid"
            while connection.exec_driver_sql(_OLDER.format(now=now)).scalar_one():
                if time.monotonic() > deadline:
                    return True
                time.sleep(_LOOK_SECONDS)
        return False

    def _note_gone(self, place: str, position: int) -> None:
        with self._store.writing() as snapshot:
            note_gone(snapshot.connection, place, position)


@contextmanager
def _autocommitted(store: Store) -> Iterator[Connection]:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection
