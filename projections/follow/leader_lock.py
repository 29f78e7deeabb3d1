"""Who follows: on PostgreSQL one follower at a time, by an advisory lock that its session holds; others stand by."""

import time
from contextlib import suppress
from typing import Any

import psycopg

from events.errors import Conflict
from events.log.postgres import KEEPALIVE, connect, is_postgres
from projections.store.generations import LEAD

_LOOK_SECONDS = 1.0


class Lead:
    """The lead among the followers of one database: a lock that ends with the session that holds it.

    It keeps others from doing the same work; that each event is applied once does not depend on it.

    Args:
        database: where the views are; it must be reached without a pooler between, which would share out the session.
        number: the lock, of those who do the same work.
    """

    def __init__(self, database: str, number: int = LEAD) -> None:
        self._database = database
        self._number = number
        self._session: psycopg.Connection[Any] | None = None
        self._looked = 0.0
        self._is_held = False

    def is_held(self) -> bool:
        """Whether this follower leads; where nobody does, it does from now on.

        Raises:
            psycopg.Error: the database does not answer; who leads is open.
            Conflict: a pooler stands between.
        """
        if not is_postgres(self._database):
            return True
        if not self._is_held or time.monotonic() - self._looked >= _LOOK_SECONDS:
            try:
                self._look()
            except psycopg.Error:
                self.leave()
                raise
        return self._is_held

    def refuse_pooler(self) -> None:
        """Refuse to follow where a pooler stands between; a database that is away may come back.

        Raises:
            Conflict: a pooler stands between.
        """
        with suppress(psycopg.Error):
            self.is_held()

    def _look(self) -> None:
        if self._session is None:
            self._session = self._opened()
        if self._is_held:
            self._session.execute("SELECT 1")
        else:
            row = self._session.execute("SELECT pg_try_advisory_lock(%s)", (self._number,)).fetchone()
            self._is_held = bool(row and row[0])
        self._looked = time.monotonic()

    def _opened(self) -> psycopg.Connection[Any]:
        name = "chronology follower"
        session: psycopg.Connection[Any] = connect(self._database, autocommit=True, application_name=name)
        row = session.execute("SELECT pg_backend_pid()").fetchone()
        if row is None or row[0] != session.info.backend_pid:
            session.close()
            raise Conflict(
                "the follower's lock needs a session of its own: a pooler stands between; give the follower a "
                "CHRONOLOGY_DATABASE that reaches the database itself"
            )
        for setting, value in KEEPALIVE.items():  # so that the database misses this host, too, and frees the lock
            session.execute(f"SET tcp_{setting.removeprefix('tcp_')} = {value}".encode())
        return session

    def leave(self) -> None:
        """Give the lead up, if it is held."""
        if self._session is not None:
            self._session.close()
        self._session, self._is_held = None, False
