"""The log's connections to PostgreSQL: a database that goes away is noticed at once, one that comes back is found."""

import inspect
from types import MethodType
from typing import Any

from eventsourcing.application import Application
from psycopg_pool import ConnectionPool

_RETRIED = ("insert_events", "max_notification_id", "select_events", "select_notifications")
_GIVE_UP_SECONDS = 1.0


class Connections:
    """The pool of one log.

    The library asks ten times for what fails, five seconds each, which would hold every thread of the service while
    the database is away; and its pool tries to connect again after ever longer pauses, up to minutes. Here a call
    fails once, and the pool forgets a failed attempt after a second, so that the next call makes a new one.
    """

    def __init__(self, application: Application[Any]) -> None:
        recorder: Any = application.recorder
        self._pool: Any = recorder.datastore.pool
        self._is_postgres = isinstance(self._pool, ConnectionPool)
        if self._is_postgres:
            self._pool.reconnect_timeout = _GIVE_UP_SECONDS
            for name in _RETRIED:
                setattr(recorder, name, MethodType(inspect.unwrap(getattr(type(recorder), name)), recorder))

    def renew(self) -> None:
        """Leave idle connections that are dead."""
        if self._is_postgres:
            self._pool.check()
