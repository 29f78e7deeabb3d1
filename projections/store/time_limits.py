"""How long a question may take: statements are ended at the deadline, and none is begun after it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from events.errors import NotYet

_STEPS = 10_000  # of SQLite's machine, between two looks at the time


class TooLong(NotYet):
    """A question took longer than one may."""

    problem = "too-long"

    def __init__(self) -> None:
        super().__init__("the answer takes too long to find and was given up; ask for less at once")


@contextmanager
def interrupted(connection: Connection, deadline: float | None) -> Iterator[None]:
    """Interrupt SQLite's statements at the deadline; PostgreSQL does so by itself (`statement_timeout`)."""
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
def given_up_after(deadline: float | None) -> Iterator[None]:
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
