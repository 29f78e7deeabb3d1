"""The index of values: for every subject the rectangles in which its findings keep them, in pages found by one probe.

Two planes cover nearly all questions: the first clock by that of recording with everything reported, and the first
clock by that of reporting with everything recorded.
"""

from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from events.history.streams import HEAD, NEVER, FactHistory
from projections.bitemporal.finding_timeline import FIRST
from projections.bitemporal.pages import WHOLE, pages
from projections.bitemporal.sweep import Turn, rectangles
from projections.fold.part import Part
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import turning_points
from projections.store.erasures import HAS_WORDS

RECORDING, REPORTING = PLANES = 0, 1


def define_pages(metadata: MetaData, prefix: str) -> None:
    """Define the table of pages."""
    Table(
        f"{prefix}planes",
        metadata,
        Column("plane", Integer, nullable=False),
        Column("subject", Text, nullable=False),
        Column("lo", BigInteger, nullable=False),
        Column("hi", BigInteger, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("until", BigInteger, nullable=False),
        Column("body", LargeBinary, nullable=False, info=HAS_WORDS),
        Index(f"{prefix}planes_hit", "plane", "subject", "lo", "since", "hi", "until"),
    )


Row = tuple[int, str, int, int, int, int, bytes]
"""The plane, a subject, and a page: its bounds `lo`, `hi`, `since`, `until`, and its body; empty where it is folded."""


def rows_of(history: SubjectHistory) -> Iterator[Row]:
    """The pages of a subject on both planes, as rows.

    The values are folded, and its page is empty, of one that was ever merged, split or judged, or whose facts name
    actors that were, and where facts end beyond what is kept.
    """
    for plane, clock, first, kinds in (
        (RECORDING, "recorded", 0, dict(history.kinds)),
        (REPORTING, "reported", FIRST, {FIRST: history.kinds[-1][1]}),
    ):
        found = None if history.acts else rectangles(first, _turns(history, clock), kinds)
        cut = [(WHOLE, b"")] if found is None else pages(found)
        yield from ((plane, history.subject, *bounds, body) for bounds, body in cut)


def _turns(history: SubjectHistory, clock: str) -> Iterator[Turn]:
    """How the facts stand over one clock, with everything as known on the other."""
    for fact in history.facts:
        for turn in turning_points(fact, history.sources, clock):
            if clock == "recorded":
                yield turn, fact.id, _part(history, fact, None, turn)
            elif turn < NEVER:
                yield (FIRST if turn == -NEVER else turn), fact.id, _part(history, fact, turn, HEAD)


def _part(history: SubjectHistory, fact: FactHistory, reported: int | None, position: int) -> Part | None:
    """The part that a fact takes in folds at these clocks; None where it does not count for the subject."""
    part = history.resolved(fact).at(reported, position)
    if part is None or part.fact.retracted or part.fact.modality != "actual" or part.fact.subject != history.subject:
        return None
    return part
