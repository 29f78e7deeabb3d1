"""Every place that a fact has in the orders of occurrence and of report, at whatever clocks: lists are read by it.

A place is bytes that sort as section 3.3 orders facts, or by first report. Most facts have one place in each order for
ever; one whose date or first report was corrected has one for each, and a reader takes the one at which the fact stands
at the clocks of the question.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Literal

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, MetaData, Table, Text

from events.history.fact_as_of import FactAsOf
from events.history.streams import HEAD, NEVER, FactHistory
from projections.fold.part import Part, Place, by_lo
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import turning_points
from projections.store.snapshots import Snapshot

_FURTHEST = (1 << 126) - 1  # microseconds: what lies beyond sorts as that does
_LATEST = 1 << 62
_TIES = 1 + 16
_BEFORE_ID = _TIES + 2 + 8
_LATEST_REPORTS = (
    "SELECT subject, place FROM {fact_places} WHERE subject {among} AND place > ? AND place < ?"
    " AND since <= ? AND until > ?"
)

Order = Literal["occurred", "reported"]
_FIRST: dict[Order, bytes] = {"occurred": b"o", "reported": b"r"}

Row = tuple[bytes, str, str, int, bool, int, int, int | None, str, str]
"""A place; the fact, its subject, the position of its recording; whether it has its place in the chronology there; from
and until which position it is so with everything reported (none where it is so only with some of it reported); the
latest bound of a fact of the chronology; its kind, and what it is held to be: its modality, or `retracted`."""


def define_fact_places(metadata: MetaData, prefix: str) -> None:
    """Define the table."""
    Table(
        f"{prefix}fact_places",
        metadata,
        Column("place", LargeBinary, nullable=False),
        Column("fact", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("dated", Boolean, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("until", BigInteger, nullable=False),
        Column("hi", BigInteger),
        Column("kind", Text, nullable=False),
        Column("held", Text, nullable=False),
        Index(f"{prefix}fact_places_place", "place", "position", "dated"),
        Index(f"{prefix}fact_places_fact", "fact", "place"),
        Index(f"{prefix}fact_places_subject", "subject", "place"),
        Index(f"{prefix}fact_places_kind", "kind", "place"),
        Index(f"{prefix}fact_places_held", "held", "place"),
    )


def place_of(fact: FactAsOf, order: Order = "occurred") -> bytes:
    """The fact's place in the order of occurrence, or of first reports (those without any last), then of recording."""
    return _by_report(fact) if order == "reported" else _by_occurrence(by_lo(fact))


def _by_report(fact: FactAsOf) -> bytes:
    first = fact.first_report
    moment = NEVER if first is None else first.published_by
    return _bytes("reported", moment, 0, fact.history.recording.position, fact.id)


def _by_occurrence(place: Place) -> bytes:
    is_bound, lo, rung, recorded, name = place
    return _bytes("occurred", lo if is_bound else None, rung + 1, recorded, name)


def _bytes(order: Order, moment: int | None, rung: int, tie: int, name: str) -> bytes:
    ties = rung.to_bytes(2) + (tie + _LATEST).to_bytes(8)
    return b"".join((_FIRST[order], bytes(16) if moment is None else _moment(moment), ties, name.encode()))


def _moment(microseconds: int) -> bytes:
    return (max(-_FURTHEST, min(microseconds, _FURTHEST)) + _FURTHEST + 1).to_bytes(16)


def ends_of(order: Order, until: int | None = None) -> tuple[bytes, bytes]:
    """What stands before all places of the order, and after them, or after those before a moment."""
    first = _FIRST[order]
    return first, bytes([first[0] + 1]) if until is None else first + _moment(until)


def latest_reports(snapshot: Snapshot, subjects: Iterable[str], reported: int | None, position: int) -> dict[str, int]:
    """When the latest of the first reports of facts about each subject was published, of those known at the clocks.

    Of what has no date, or was not reported, nothing is said.
    """
    first, last = ends_of("reported", _FURTHEST if reported is None else reported + 1)
    latest: dict[str, bytes] = {}
    for subject, place in snapshot.probe(_LATEST_REPORTS, subjects, first, last, position, position):
        latest[subject] = max(latest.get(subject, b""), place[1:_TIES])
    return {subject: int.from_bytes(moment) - _FURTHEST - 1 for subject, moment in latest.items()}


def fact_of_place(place: bytes) -> str:
    """The id of the fact that the place is of."""
    return place[_BEFORE_ID:].decode()


def fact_places_of(history: SubjectHistory) -> Iterator[Row]:
    """The rows of the facts that were ever about the subject itself."""
    for fact in history.facts:
        yield from _rows(history, fact)


def _rows(history: SubjectHistory, fact: FactHistory) -> Iterator[Row]:
    points = [*turning_points(fact, history.sources, "recorded"), HEAD]
    places = set()
    for since, until in pairwise(points):
        part = history.resolved(fact).at(None, since)
        for row in _rows_of(history, part, since, until):
            places.add(row[0])
            yield row
    for point in points[:-1]:
        for reported in turning_points(fact, history.sources, "reported", point):
            part = history.resolved(fact).at(reported, point) if reported < NEVER else None
            for row in _rows_of(history, part, point, point):
                if row[0] not in places:
                    places.add(row[0])
                    yield row


def _rows_of(history: SubjectHistory, part: Part | None, since: int, until: int) -> Iterator[Row]:
    """The rows of a fact as it stands, if it is about the subject."""
    if part is None or part.fact.subject != history.subject:
        return
    fact = part.fact
    hi, dated = fact.bounds.hi, not fact.kind.timeless
    latest = None if hi is None or not dated else max(-_LATEST, min(hi, _LATEST))
    of = fact.id, history.subject, fact.history.recording.position
    held = fact.kind.__name__, "retracted" if fact.retracted else fact.modality
    yield _by_occurrence(part.by_lo), *of, dated, since, until, latest, *held
    yield _by_report(fact), *of, False, since, until, None, *held
