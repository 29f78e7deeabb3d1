"""Every place that a dated fact has in the order of occurrence, at whatever clocks: the chronology is read by it.

A place is bytes that sort as section 3.3 orders facts. Most facts have one place for ever; one whose date was corrected
has one for each date, and a reader takes the one at which the fact stands at the clocks of the question.
"""

from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

from events.history.fact_as_of import FactAsOf
from events.history.streams import HEAD, NEVER, FactHistory
from projections.fold.part import Part, Place, by_lo
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import turning_points

_FURTHEST = (1 << 126) - 1  # microseconds: what lies beyond sorts as that does
_LATEST = 1 << 62
_BEFORE_ID = 16 + 2 + 8

Row = tuple[bytes, str, int, int, int, int | None]
"""A place; the subject, the position of the fact's recording; from and until which position it is so with everything
reported (none where it is so only with some of it reported); and the fact's latest bound."""


def define_dated_facts(metadata: MetaData, prefix: str) -> None:
    """Define the table."""
    Table(
        f"{prefix}dated_facts",
        metadata,
        Column("place", LargeBinary, nullable=False),
        Column("subject", Text, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("until", BigInteger, nullable=False),
        Column("hi", BigInteger),
        Index(f"{prefix}dated_facts_place", "place", "position"),
        Index(f"{prefix}dated_facts_subject", "subject"),
    )


def place_of(fact: FactAsOf) -> bytes:
    """The fact's place in the order of occurrence."""
    return _place(by_lo(fact))


def _place(order: Place) -> bytes:
    is_bound, lo, rung, recorded, name = order
    moment = max(-_FURTHEST, min(lo, _FURTHEST)) + _FURTHEST + 1 if is_bound else 0
    return b"".join((moment.to_bytes(16), (rung + 1).to_bytes(2), (recorded + _LATEST).to_bytes(8), name.encode()))


def fact_at(place: bytes) -> str:
    """The id of the fact that the place is of."""
    return place[_BEFORE_ID:].decode()


def dated_facts_of(history: SubjectHistory) -> Iterator[Row]:
    """The rows of the facts that were ever about the subject itself."""
    for fact in history.facts:
        lasting = history.resolved(fact).lasting
        if lasting is None:
            yield from _rows(history, fact)
        else:
            since, _, part = lasting
            yield from _row(history, part, since, HEAD)


def _rows(history: SubjectHistory, fact: FactHistory) -> Iterator[Row]:
    points = [*turning_points(fact, history.sources, "recorded"), HEAD]
    places = set()
    for since, until in pairwise(points):
        for row in _row(history, history.resolved(fact).at(None, since), since, until):
            places.add(row[0])
            yield row
    for point in points[:-1]:
        for reported in turning_points(fact, history.sources, "reported", point):
            part = history.resolved(fact).at(reported, point) if reported < NEVER else None
            for row in _row(history, part, point, point):
                if row[0] not in places:
                    places.add(row[0])
                    yield row


def _row(history: SubjectHistory, part: Part | None, since: int, until: int) -> Iterator[Row]:
    """The row of a fact as it stands, if it is a dated one about the subject."""
    if part is not None and part.fact.subject == history.subject and not part.fact.kind.timeless:
        fact, hi = part.fact, part.fact.bounds.hi
        latest = None if hi is None else max(-_LATEST, min(hi, _LATEST))
        yield _place(part.by_lo), history.subject, fact.history.recording.position, since, until, latest
