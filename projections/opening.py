"""How a snapshot is begun: one moment of the database, and how far log and views are in it, in one round trip."""

from typing import Any

from sqlalchemy import Connection

from projections.driver import cursor_of

_HEAD = "(SELECT max({position}) FROM chronology_events)"


def begun(connection: Connection, mark: str, seconds: float | None) -> tuple[Any, ...]:
    """Begin a transaction that sees one moment of the database, in one round trip.

    Args:
        connection: on PostgreSQL one that begins no transaction by itself.
        mark: the question that finds how far the views are, whose values are answered, and the head of the log behind.
        seconds: how long PostgreSQL may work on one statement of it.

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
        else:
            bound = "" if seconds is None else f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}; "
            cursor.execute(f"BEGIN ISOLATION LEVEL REPEATABLE READ; {bound}{question}", prepare=False)
            while cursor.nextset():
                pass
        *found, head = cursor.fetchone()
    return (*found, head or 0)
