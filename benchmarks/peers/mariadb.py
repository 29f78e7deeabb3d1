"""MariaDB's bitemporal tables: rectangles with a period of validity, system versioning keeping what was known.

The history is stored with the server's own setting for that (`system_versioning_insert_history`), a position being a
second of system time. Questions are `FOR SYSTEM_TIME AS OF`. What was reported by then would need a third period, so
for that the rows that stand are folded.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import pymysql

from benchmarks.peers.histories import fold
from benchmarks.peers.ranges import answer_of, by_subject
from benchmarks.peers.rectangles import END, Rectangle, rectangles
from benchmarks.peers.rows import EVER, bound, changes, versions
from benchmarks.reference import Answer, differences
from benchmarks.scale import Workload

_BEGAN = datetime(2020, 1, 1)
_EPOCH = datetime(1970, 1, 1)
_LAST = "9999-12-31 23:59:59.999999"
_OPEN = "2038-01-19 03:14:07.999999"
_TABLES = (
    "SET time_zone = '+00:00'",
    "SET system_versioning_insert_history = 1",
    """CREATE TABLE rectangle (subject varchar(40) NOT NULL, finding varchar(60) NOT NULL, value text,
    valid_from datetime(6) NOT NULL, valid_to datetime(6) NOT NULL,
    known_from timestamp(6) GENERATED ALWAYS AS ROW START, known_to timestamp(6) GENERATED ALWAYS AS ROW END,
    PERIOD FOR SYSTEM_TIME (known_from, known_to), PERIOD FOR valid (valid_from, valid_to)) WITH SYSTEM VERSIONING""",
    """CREATE TABLE fact (number bigint, subject varchar(40), lo bigint, hi bigint, `rung` int, step int, does char(1),
    says varchar(40), published bigint, actual bool, settings text)""",
)
_INDEXES = (
    "CREATE INDEX of_subject ON rectangle (subject, valid_from)",
    "CREATE INDEX begun ON rectangle (known_from)",
    "CREATE INDEX ended ON rectangle (known_to)",
    "CREATE INDEX of_subject ON fact (subject, lo)",
    "ANALYZE TABLE rectangle, fact",
)
_AS_OF = "FROM rectangle FOR SYSTEM_TIME AS OF TIMESTAMP %(known)s WHERE valid_from <= %(at)s AND valid_to > %(at)s"
_REPORTED = """SELECT subject, step, does, says, settings FROM fact
WHERE subject = %(subject)s AND actual AND hi <= %(at)s AND published <= %(reported)s ORDER BY lo, `rung`, number"""


class MariaDB:
    """Tables of the server's own bitemporal kind."""

    name = "MariaDB, bitemporal tables"
    packages = ("PyMySQL",)

    def __init__(self, folder: Path, database: str) -> None:  # noqa: ARG002  (nothing is kept in files)
        self.connection = pymysql.connect(unix_socket=database, user="root", database="bench", autocommit=True)
        self.cursor = self.connection.cursor()

    def load(self, workload: Workload) -> dict[str, float]:
        """Insert rectangles and rows, then index them."""
        given = list(changes(workload))
        standing = [each.row for each in versions(workload) if each.until == EVER]
        start = perf_counter()
        for statement in _TABLES:
            self.cursor.execute(statement)
        columns = "subject, finding, value, valid_from, valid_to, known_from, known_to"
        self._insert(
            f"INSERT INTO rectangle ({columns}) VALUES ({', '.join(['%s'] * 7)})", map(_row, rectangles(given))
        )
        self._insert(f"INSERT INTO fact VALUES ({', '.join(['%s'] * 11)})", standing)
        for statement in _INDEXES:
            self.cursor.execute(statement)
        return {"import": perf_counter() - start}

    def _insert(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        rows = iter(rows)
        while batch := list(islice(rows, 2_000)):
            self.connection.begin()
            self.cursor.executemany(statement, batch)
            self.connection.commit()

    def _fetch(self, question: str, **values: Any) -> list[Any]:
        self.cursor.execute(question, values)
        return list(self.cursor.fetchall())

    def state(self, subject: str, at: str | None, recorded: int) -> Answer:
        """The state of a subject at a date, as of a position."""
        question = f"SELECT finding, value {_AS_OF} AND subject = %(subject)s"
        return answer_of(self._fetch(question, subject=subject, at=_instant(bound(at)), known=_after(recorded)))

    def state_reported(self, subject: str, at: str | None, reported: str) -> Answer:
        """The state of a subject at a date, as reported by another."""
        return fold(self._fetch(_REPORTED, subject=subject, at=bound(at), reported=bound(reported)))

    def whole(self, at: str | None, recorded: int) -> dict[str, Answer]:
        """The states of all subjects that have one."""
        question = f"SELECT subject, finding, value {_AS_OF} ORDER BY subject"
        return by_subject(self._fetch(question, at=_instant(bound(at)), known=_after(recorded)))

    def diff(self, first: int, last: int) -> list[list[Any]]:
        """Each finding that differs between two positions: what ceased to be known between them, and what began to."""
        question = """SELECT subject, finding, value FROM rectangle FOR SYSTEM_TIME ALL
        WHERE {0} > %(first)s AND {0} <= %(last)s AND {1} AND valid_to = %(end)s ORDER BY subject"""
        values = {"first": _after(first), "last": _after(last), "end": _LAST}
        ended = self._fetch(question.format("known_to", "known_from <= %(first)s"), **values)
        begun = self._fetch(question.format("known_from", "known_to > %(last)s"), **values)
        return differences(by_subject(ended), by_subject(begun))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _row(each: Rectangle) -> tuple[Any, ...]:
    known_to = _OPEN if each.known_to == END else _known(each.known_to)
    valid = (_instant(each.valid_from), _instant(each.valid_to))
    return each.subject, each.finding, each.value, *valid, _known(each.known_from), known_to


def _known(position: int) -> str:
    return f"{_BEGAN + timedelta(seconds=position):%Y-%m-%d %H:%M:%S}"


def _after(position: int) -> str:
    """Just after the position."""
    return f"{_known(position)}.5"


def _instant(microseconds: int) -> str:
    if microseconds >= EVER:
        return _LAST if microseconds > EVER else _LAST.replace(".999999", ".999998")
    return f"{_EPOCH + timedelta(microseconds=microseconds):%Y-%m-%d %H:%M:%S.%f}"


Peer = MariaDB
