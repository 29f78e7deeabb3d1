"""PostgreSQL with ranges kept and asked by hand: the least that an answer can cost from Python, with psycopg.

The server keeps rectangles (`benchmarks.peers.rectangles`) in plain columns. An index on subject, finding and the
beginning of validity, latest first, finds a value by one probe, however many a subject has. What was reported by then
would need a third range, so for that the rows that stand are folded.
"""

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from time import perf_counter
from typing import Any

import psycopg

from benchmarks.peers.histories import fold
from benchmarks.peers.rectangles import END, rectangles
from benchmarks.peers.rows import EVER, bound, changes, versions
from benchmarks.reference import NOTHING, Answer, differences
from benchmarks.scale import Workload

_TABLES = """
CREATE TABLE rectangle (subject text, finding text, known_from bigint, known_to bigint, valid_from bigint,
    valid_to bigint, value text);
CREATE TABLE finding (subject text, finding text, PRIMARY KEY (subject, finding));
CREATE TABLE fact (number bigint, subject text, lo bigint, hi bigint, rung int, step int, does text, says text,
    published bigint, actual bool, settings text);
"""
_INDEXES = """
CREATE INDEX ON rectangle (subject, finding, valid_from DESC, known_from) INCLUDE (valid_to, known_to, value);
CREATE INDEX ON rectangle (known_from);
CREATE INDEX ON rectangle (known_to);
CREATE INDEX ON fact (subject, lo, rung, number);
INSERT INTO finding SELECT DISTINCT subject, finding FROM rectangle;
"""
_THERE = "valid_from <= %(at)s AND valid_to > %(at)s AND known_from <= %(known)s AND known_to > %(known)s"
STATE = f"""
SELECT finding.finding, found.value FROM finding CROSS JOIN LATERAL (
    SELECT value FROM rectangle WHERE rectangle.subject = finding.subject AND rectangle.finding = finding.finding
    AND {_THERE} ORDER BY valid_from DESC LIMIT 1) AS found WHERE finding.subject = %(subject)s
"""
_WHOLE = f"SELECT subject, finding, value FROM rectangle WHERE {_THERE} ORDER BY subject"
_REPORTED = """
SELECT subject, step, does, says, settings FROM fact
WHERE subject = %(subject)s AND actual AND hi <= %(at)s AND published <= %(reported)s ORDER BY lo, rung, number
"""
_ENDED = """
SELECT subject, finding, value FROM rectangle
WHERE known_to > %(first)s AND known_to <= %(last)s AND known_from <= %(first)s AND valid_to = %(end)s ORDER BY subject
"""
_BEGUN = """
SELECT subject, finding, value FROM rectangle
WHERE known_from > %(first)s AND known_from <= %(last)s AND known_to > %(last)s AND valid_to = %(end)s ORDER BY subject
"""


class Ranges:
    """Tables and questions written by hand."""

    name = "PostgreSQL, ranges by hand"
    packages = ("psycopg",)

    def __init__(self, folder: Path, database: str) -> None:  # noqa: ARG002  (nothing is kept in files)
        self.connection = psycopg.connect(database, autocommit=True)
        self.connection.execute("SET jit = off")

    def load(self, workload: Workload) -> dict[str, float]:
        """Copy rectangles and rows in, then index them."""
        given = list(changes(workload))
        standing = [each.row for each in versions(workload) if each.until == EVER]
        start = perf_counter()
        self.connection.execute(_TABLES)
        self._copy("rectangle", rectangles(given))
        self._copy("fact", standing)
        self.connection.execute(_INDEXES)
        self.connection.execute("VACUUM ANALYZE")
        return {"import": perf_counter() - start}

    def _copy(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self.connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def _fetch(self, question: Any, **values: Any) -> list[Any]:
        return self.connection.execute(question, values, prepare=True).fetchall()

    def state(self, subject: str, at: str | None, recorded: int) -> Answer:
        """The state of a subject at a date, as of a position."""
        return answer_of(self._fetch(STATE, subject=subject, at=bound(at), known=recorded))

    def state_reported(self, subject: str, at: str | None, reported: str) -> Answer:
        """The state of a subject at a date, as reported by another."""
        return fold(self._fetch(_REPORTED, subject=subject, at=bound(at), reported=bound(reported)))

    def whole(self, at: str | None, recorded: int) -> dict[str, Answer]:
        """The states of all subjects that have one."""
        return by_subject(self._fetch(_WHOLE, at=bound(at), known=recorded))

    def diff(self, first: int, last: int) -> list[list[Any]]:
        """Each finding that differs between two positions: what ceased to be known between them, and what began to."""
        ended, begun = (self._fetch(each, first=first, last=last, end=END) for each in (_ENDED, _BEGUN))
        return differences(by_subject(ended), by_subject(begun))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def answer_of(found: Iterable[tuple[str, str]]) -> Answer:
    """Findings and values as a state."""
    fields = {finding: json.loads(value) for finding, value in found}
    return {"status": fields.pop("status", None), "fields": fields}


def by_subject(rows: Iterable[tuple[str, str, str]]) -> dict[str, Answer]:
    """Rows in the order of subjects, as states."""
    found = {subject: answer_of(row[1:] for row in group) for subject, group in groupby(rows, key=lambda row: row[0])}
    return {subject: answer for subject, answer in found.items() if answer != NOTHING}


Peer = Ranges
