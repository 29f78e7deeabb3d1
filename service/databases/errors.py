"""Database failures named: the status, type and sentence of each."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import DatabaseError

from projections.store.engine import STORAGE_ERRORS as STORAGE_ERRORS

_DAMAGE = (sqlite3.DatabaseError, psycopg.DatabaseError, DatabaseError)
"""These themselves; what is derived from them may be a bug of ours."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the database cannot serve."""

    status: int
    slug: str
    sentence: str


AWAY = Trouble(503, "database-away", "the database does not answer")
FULL = Trouble(507, "disk-full", "the disk of the database is full: nothing can be recorded until there is room")
READ_ONLY = Trouble(503, "read-only", "the database may only be read: nothing can be recorded until it may be written")
BUSY = Trouble(503, "busy", "others are writing into the database, and it was not free in time; nothing was recorded")
FAILING = Trouble(503, "disk-failing", "the disk of the database failed to read or write")
NO_FILE = Trouble(503, "no-file", "the file of the database cannot be opened: its folder must be there, and writable")
OTHER_LAYOUT = Trouble(
    500,
    "other-layout",
    "the database was made by another version of this program: run 'chronology migrate'; where that says the same, "
    "'chronology backup' it and 'chronology restore' it into a new one",
)
DAMAGED = Trouble(500, "damaged", "the file of the database is damaged; restore a backup")

_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_IOERR: FAILING,
    sqlite3.SQLITE_CANTOPEN: NO_FILE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
_LACKING = re.compile("no such (table|column)")  # for which SQLite has no code
_POSTGRES = {
    "53100": FULL,
    "25006": READ_ONLY,
    "55P03": BUSY,
    "40P01": BUSY,
    "58030": FAILING,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
    "42P01": OTHER_LAYOUT,
    "42703": OTHER_LAYOUT,
}


def is_trouble(error: Exception) -> bool:
    """Whether the database could not serve, rather than the program."""
    return isinstance(error, STORAGE_ERRORS) or type(error) in _DAMAGE


def trouble_of(error: BaseException) -> Trouble:
    """Why the database could not serve, as the driver's error says it (SQLite result codes, PostgreSQL SQLSTATEs)."""
    for each in _chain(error):
        if isinstance(each, sqlite3.Error) and (code := getattr(each, "sqlite_errorcode", None)) is not None:
            return OTHER_LAYOUT if _LACKING.match(str(each)) else _SQLITE.get(code & 0xFF, AWAY)
        if isinstance(each, psycopg.Error) and each.sqlstate:
            return _POSTGRES.get(each.sqlstate, AWAY)
    return AWAY


def in_one_line(error: BaseException) -> str:
    """What the driver says, for the log: its first line."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was made from, the outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
