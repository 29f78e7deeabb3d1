"""How a snapshot is begun: one moment of the database, and how far log and views are in it, in one round trip."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

from events.errors import NotYet
from projections.store.driver import cursor_of

TRUSTED_SECONDS = 0.5
_HEAD = "(SELECT max({position}) FROM chronology_events)"

_STEPS = 10_000  # of SQLite's machine, between two looks at the time


class TooLong(NotYet):
    """A question took longer than one may."""

    problem = "too-long"

    def __init__(self) -> None:
        super().__init__("the answer takes too long to find and was given up; ask for less at once")


def begun(connection: Connection, mark: str, seconds: float | None, *, is_whole: bool = True) -> tuple[Any, ...]:
    """Begin a transaction that sees one moment of the database, in one round trip.

    Args:
        connection: on PostgreSQL one that begins no transaction by itself.
        mark: the question that finds how far the views are, whose values are answered, and the head of the log behind.
        seconds: how long PostgreSQL may work on one statement of it.
        is_whole: on PostgreSQL; else nothing is begun there, and each question sees the moment at which it is asked.

    Raises:
        DBAPIError: the database refused, or did not serve.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    columns, rest = mark.split(" FROM ", 1)
    question = f"{columns}, {_HEAD.format(position='rowid' if is_sqlite else 'notification_id')} FROM {rest}"
    with cursor_of(connection) as cursor:
        if is_sqlite:
            cursor.execute("BEGIN")
            cursor.execute(question)
        elif not is_whole:
            cursor.execute(question)
        else:
            bound = "" if seconds is None else f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}; "
            cursor.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ; {bound}{question}", prepare=False)
            while cursor.nextset():
                pass
        *found, head = cursor.fetchone()
    return (*found, head or 0)


class Trust:
    """Connections that served a moment ago are taken as alive; others are asked before they are used, as ever.

    On PostgreSQL asking is a round trip more for each question. Where a trusted one turns out to be dead, no connection
    is trusted that served before then, and the question is begun again.

    Args:
        engine: one whose pool asks connections before it gives them out.
    """

    def __init__(self, engine: Engine) -> None:
        dialect: Any = engine.dialect
        self._ask = dialect.do_ping
        self._since = 0.0
        dialect.do_ping = self._is_alive
        event.listen(engine, "checkin", self._served)

    def _served(self, connection: Any, _: Any) -> None:
        if connection is not None:
            connection.served = time.monotonic()

    def _is_alive(self, connection: Any) -> bool:
        served = getattr(connection, "served", 0.0)
        trusted = served > self._since and time.monotonic() - served < TRUSTED_SECONDS
        return trusted or bool(self._ask(connection))

    def doubt(self) -> None:
        """Trust no connection that served before now."""
        self._since = time.monotonic()

    def connected(
        self, engine: Engine, mark: str, seconds: float | None, *, is_whole: bool = True
    ) -> tuple[Connection, tuple[Any, ...]]:
        """A connection of the engine on which `begun` has begun, another one where the first is dead; with its answer.

        Raises:
            DBAPIError: the database refused, or did not serve.
        """
        connection = engine.connect()
        try:
            return connection, begun(connection, mark, seconds, is_whole=is_whole)
        except DBAPIError:
            driver: Any = connection.connection.driver_connection
            if not driver.closed:
                connection.close()
                raise
        self.doubt()
        connection.invalidate()
        connection.close()
        return connected(engine, mark, seconds, is_whole=is_whole)


def connected(
    engine: Engine, mark: str, seconds: float | None, *, is_whole: bool = True
) -> tuple[Connection, tuple[Any, ...]]:
    """A connection of the engine on which `begun` has begun, with its answer.

    Raises:
        DBAPIError: the database refused, or did not serve.
    """
    connection = engine.connect()
    try:
        return connection, begun(connection, mark, seconds, is_whole=is_whole)
    except DBAPIError:
        connection.close()
        raise


@contextmanager
def interrupted(connection: Connection, deadline: float | None) -> Iterator[None]:
    """Interrupt SQLite's statements at the deadline; PostgreSQL has been told to do so by itself."""
    if deadline is None or connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def given_up_behind(deadline: float | None) -> Iterator[None]:
    """Tell statements that were ended at the deadline from those that failed.

    Raises:
        TooLong: one was ended there.
    """
    try:
        yield
    except OperationalError:
        if deadline is None or time.monotonic() < deadline:
            raise
        raise TooLong from None
