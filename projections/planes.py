"""The planes of every subject: the rectangles in which its findings keep their values, in leaves found by one probe.

Two planes cover nearly all questions: the first clock by that of recording with everything reported, and the first
clock by that of reporting with everything recorded.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from events.history import Entry
from projections.leaves import leaves
from projections.ledger import chunks
from projections.rectangles import by_recording, by_reporting
from projections.store import Snapshot
from projections.stories import Story

RECORDING, REPORTING = 0, 1


class Planes:
    """The table of leaves; `current` writes it, as it folds the same stories."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Its table."""
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

    def apply(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Leave it to `current`."""


Row = tuple[str, int, int, int, int, int, bytes]
"""A subject, the plane, and a leaf: its bounds `lo`, `hi`, `since`, `until`, and its bytes."""


def rows_of(story: Story) -> Iterator[Row]:
    """The leaves of a subject on both planes, as rows; none of one that was ever merged or split."""
    if story.regroupings:
        return
    for plane, rectangles in ((RECORDING, by_recording(story)), (REPORTING, by_reporting(story))):
        if rectangles is not None:
            yield from ((story.subject, plane, *leaf) for leaf in leaves(rectangles))


def replace_rows(snapshot: Snapshot, subjects: Iterable[str], rows: Sequence[Row]) -> None:
    """Put the rows in place of all that the subjects had."""
    remove_rows(snapshot, subjects)
    snapshot.pour("planes", rows)


def remove_rows(snapshot: Snapshot, subjects: Iterable[str]) -> None:
    """Leave nothing of the subjects."""
    table = snapshot.table("planes")
    for chunk in chunks(sorted(subjects)):
        snapshot.connection.execute(table.delete().where(table.c.subject.in_(chunk)))
