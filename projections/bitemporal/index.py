"""The index of values: for every subject the rectangles in which its findings keep them, in pages found by one probe.

Two planes cover nearly all questions: the first clock by that of recording with everything reported, and the first
clock by that of reporting with everything recorded.
"""

from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from events.history.streams import HEAD, NEVER, FactHistory
from projections.bitemporal.finding_timeline import FIRST
from projections.bitemporal.pages import pages
from projections.bitemporal.sweep import Turn, rectangles
from projections.fold.part import Part
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import turning_points

RECORDING, REPORTING = 0, 1


def define_pages(metadata: MetaData, prefix: str) -> None:
    """Define the table of pages."""
    Table(
        f"{prefix}planes",
        metadata,
        Column("subject", Text, nullable=False),
        Column("plane", Integer, nullable=False),
        Column("lo", BigInteger, nullable=False),
        Column("hi", BigInteger, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("until", BigInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Index(f"{prefix}planes_hit", "subject", "plane", "lo", "since", "hi", "until"),
    )


Row = tuple[str, int, int, int, int, int, bytes]
"""A subject, the plane, and a page: its bounds `lo`, `hi`, `since`, `until`, and its lines."""


def rows_of(history: SubjectHistory) -> Iterator[Row]:
    """The pages of a subject on both planes, as rows; none of one that was ever merged or split."""
    if history.regroupings:
        return
    known_as = {FIRST: history.kinds[-1][1]}
    planes = {
        RECORDING: rectangles(0, _turns_recorded(history), dict(history.kinds)),
        REPORTING: rectangles(FIRST, _turns_reported(history), known_as),
    }
    for plane, found in planes.items():
        if found is not None:
            yield from ((history.subject, plane, *page) for page in pages(found))


def _turns_recorded(history: SubjectHistory) -> Iterator[Turn]:
    """How the facts stand over positions in the log, with everything reported."""
    for fact in history.facts:
        for position in turning_points(fact, history.shelf, "recorded"):
            yield position, fact.id, _part(history, fact, None, position)


def _turns_reported(history: SubjectHistory) -> Iterator[Turn]:
    """How the facts stand over reported bounds, with everything recorded."""
    for fact in history.facts:
        for reported in turning_points(fact, history.shelf, "reported"):
            if reported < NEVER:
                yield (FIRST if reported == -NEVER else reported), fact.id, _part(history, fact, reported, HEAD)


def _part(history: SubjectHistory, fact: FactHistory, reported: int | None, position: int) -> Part | None:
    """The part that a fact takes in folds as it stands there; None where it does not count for the subject."""
    standing = history.standing(fact, reported, position)
    if standing is None or standing.retracted or standing.modality != "actual" or standing.subject != history.subject:
        return None
    return history.part(standing)
