"""Where redacted words may still lie on the disk: noted in the transaction that takes them from the views."""

from typing import Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, event, select, update

_REDACTED = "redacted"
_PLACES = {
    "sqlite": {"file": "the database file and its write-ahead log"},
    "postgresql": {"a": "views", "b": "views", "keys": "chronology_keys"},
}
"""By dialect, the places, each with what it is called; `a` and `b` are the generations of views."""

ERASURES = Table(
    "chronology_erasures",
    MetaData(),
    Column("place", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""The position of the last redaction, and of the last one of which each place holds no words."""

HAS_WORDS = {"has_words": True}
"""Of columns that hold words."""


def keep_unsampled(*generations: MetaData) -> None:
    """Keep words out of statistics wherever SQLAlchemy makes one of the tables."""
    for table in (table for each in generations for table in each.tables.values()):
        event.listen(table, "after_create", sample_no_words)


def sample_no_words(table: Table, connection: Connection, **_: Any) -> None:
    """Keep a table's words out of PostgreSQL's statistics, which hold samples of what stands in a column."""
    if connection.dialect.name == "postgresql":
        for column in table.columns:
            if column.info == HAS_WORDS:
                statement = f"ALTER TABLE {table.name} ALTER COLUMN {column.name} SET STATISTICS 0"
                connection.exec_driver_sql(statement)


def prepare_erasures(connection: Connection) -> None:
    """Make the table, and its rows."""
    ERASURES.create(connection, checkfirst=True)
    for place in (_REDACTED, *_PLACES[connection.dialect.name]):
        row = f"INSERT INTO chronology_erasures VALUES ('{place}', 0) ON CONFLICT (place) DO NOTHING"
        connection.exec_driver_sql(row)


def note_redaction(connection: Connection, position: int) -> None:
    """Note that words were redacted at the position, with the transaction in which they leave the views."""
    note_gone(connection, _REDACTED, position)


def note_gone(connection: Connection, place: str, position: int) -> None:
    """Note that the place holds no words that were redacted up to the position."""
    row = update(ERASURES).where(ERASURES.c.place == place, ERASURES.c.position < position)
    connection.execute(row.values(position=position))


def places_left(connection: Connection) -> tuple[int, list[str]]:
    """The position of the last redaction, and the places that may still hold its words."""
    positions = dict(map(tuple, connection.execute(select(ERASURES))))
    last = positions.pop(_REDACTED)
    return last, sorted(place for place, position in positions.items() if position < last)


def named(places: list[str], dialect: str) -> str:
    """What places are called."""
    return " and ".join(dict.fromkeys(_PLACES[dialect][place] for place in places))
