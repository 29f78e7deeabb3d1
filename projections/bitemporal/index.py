"""The planes of every subject: the rectangles in which its findings keep their values, in leaves found by one probe.

Two planes cover nearly all questions: the first clock by that of recording with everything reported, and the first
clock by that of reporting with everything recorded.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from events.history.fact_as_of import FactAsOf, cited_in
from events.history.streams import HEAD, NEVER, FactHistory
from projections.bitemporal.finding_timeline import FIRST
from projections.bitemporal.pages import pages
from projections.bitemporal.sweep import Rectangle, Turn, rectangles
from projections.fold.fold import Part
from projections.fold.subject_history import SubjectHistory

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
"""A subject, the plane, and a leaf: its bounds `lo`, `hi`, `since`, `until`, and its bytes."""


def rows_of(story: SubjectHistory) -> Iterator[Row]:
    """The leaves of a subject on both planes, as rows; none of one that was ever merged or split."""
    if story.regroupings:
        return
    recorded, reported = _turns(story)
    yield from _rows(story, RECORDING, rectangles(0, recorded, dict(story.kinds)))
    yield from _rows(story, REPORTING, rectangles(FIRST, reported, {FIRST: story.kinds[-1][1]}))


def _rows(story: SubjectHistory, plane: int, found: Sequence[Rectangle] | None) -> Iterator[Row]:
    if found is not None:
        yield from ((story.subject, plane, *page) for page in pages(found))


def _turns(story: SubjectHistory) -> tuple[list[Turn], list[Turn]]:
    """How the facts stand over positions in the log with everything reported, and over reported bounds at its head."""
    recorded: list[Turn] = []
    reported: list[Turn] = []
    for history in story.facts:
        lasting = story.lasting(history)
        if lasting is None:
            recorded += _recorded(story, history)
            reported += _reported(story, history)
            continue
        since, published_by, standing = lasting
        part = _counting(story, standing)
        if part is not None:
            recorded.append((since, history.id, part))
            if published_by < NEVER:
                reported.append((FIRST if published_by == -NEVER else published_by, history.id, part))
    return recorded, reported


def _recorded(story: SubjectHistory, history: FactHistory) -> Iterator[Turn]:
    first = history.recording.position
    turns = {entry.position for entry in history.entries}
    for source in history.sources():
        turns.update(entry.position for entry in story.shelf[source].entries if entry.position > first)
    return ((turn, history.id, _part(story, history, None, turn)) for turn in sorted(turns))


def _reported(story: SubjectHistory, history: FactHistory) -> Iterator[Turn]:
    turns = {each.published_by for entry in history.entries for each in cited_in(entry, story.shelf, HEAD)}
    if not history.recording.data.get("citations"):
        turns.add(FIRST)
    return ((turn, history.id, _part(story, history, turn, HEAD)) for turn in sorted(turns) if turn < NEVER)


def _part(story: SubjectHistory, history: FactHistory, reported: int | None, position: int) -> Part | None:
    return _counting(story, story.standing(history, reported, position))


def _counting(story: SubjectHistory, standing: FactAsOf | None) -> Part | None:
    """The part of a fact that counts for the subject."""
    if standing is None or standing.retracted or standing.modality != "actual" or standing.subject != story.subject:
        return None
    return story.part(standing)
