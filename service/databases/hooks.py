"""The hooks: where to send what is followed, how far each has come, and how it went; kept beside the log.

A hook's secret is kept as it is, as it signs what is sent: whoever reads the database can sign in the service's name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from events.errors import NotFound
from events.field_types import JsonObject

HOOKS = Table(
    "chronology_hooks",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("follows", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("last", Text, nullable=False),
    Column("passed", BigInteger, nullable=False),
    Column("delivered", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt", BigInteger, nullable=False),
    Column("error", Text),
    Column("given_up", BigInteger),
)


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook. Moments are UTC microseconds.

    Attributes:
        follows: what is followed, as it was asked for.
        position: up to where in the log all is delivered.
        last: the message delivered last after that, of an event whose messages are not all delivered.
        passed: up to when it is delivered what time did.
        attempts: how often the next message was sent in vain; it is sent again at `next_attempt`.
        given_up: since when nothing is sent any more; None while it is.
    """

    id: str
    url: str
    follows: JsonObject
    secret: str
    made_by: str
    made: int
    position: int
    last: str
    passed: int
    delivered: int
    delivered_at: int | None
    attempts: int
    next_attempt: int
    error: str | None
    given_up: int | None


class Hooks:
    """The hooks of a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writes=True)

    def make_table(self) -> None:
        """Make the table, if it is not there."""
        with self._writing.begin() as connection:
            HOOKS.metadata.create_all(connection)

    def add(self, name: str, url: str, follows: JsonObject, secret: str, made_by: str, made: int, after: int) -> None:
        """Add a hook that is sent what follows a position, and what time does from now on."""
        bookmark = {"position": after, "last": "", "passed": made}
        state = {"delivered": 0, "attempts": 0, "next_attempt": 0}
        about = {"id": name, "url": url, "secret": secret, "made_by": made_by, "made": made}
        with self._writing.begin() as connection:
            stored = orjson.dumps(follows).decode()
            connection.execute(insert(HOOKS).values(**about, **bookmark, **state, follows=stored))

    def all(self) -> list[Hook]:
        """All hooks, the oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(HOOKS).order_by(HOOKS.c.made, HOOKS.c.id)).mappings()
            return [_hook(row) for row in rows]

    def get(self, name: str) -> Hook:
        """The hook.

        Raises:
            NotFound: there is none of that id.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(HOOKS).where(HOOKS.c.id == name)).mappings().first()
        if row is None:
            raise _unknown(name)
        return _hook(row)

    def note(self, name: str, **values: Any) -> None:
        """Note how far the hook has come, or how it went.

        Raises:
            NotFound: it was removed meanwhile.
        """
        self._change(
            name, lambda connection: connection.execute(update(HOOKS).where(HOOKS.c.id == name).values(values))
        )

    def remove(self, name: str) -> None:
        """Remove the hook: nothing is sent to it any more.

        Raises:
            NotFound: there is none of that id.
        """
        self._change(name, lambda connection: connection.execute(delete(HOOKS).where(HOOKS.c.id == name)))

    def _change(self, name: str, act: Callable[[Connection], Any]) -> None:
        with self._writing.begin() as connection:
            if not act(connection).rowcount:
                raise _unknown(name)


def _hook(row: Any) -> Hook:
    return Hook(**{**row, "follows": orjson.loads(row["follows"])})


def _unknown(name: str) -> NotFound:
    return NotFound(f"there is no hook {name!r:.80}")
