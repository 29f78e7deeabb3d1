"""The outline of every subject as it stands in the end: what lists are filtered, sorted and counted by."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

from projections.fold.outline import Outline
from projections.store.snapshots import Snapshot

_OUTLINES = f"SELECT {', '.join(Outline._fields)}, settled, turned FROM {{outlines}} ORDER BY id"


def define_outlines(metadata: MetaData, prefix: str) -> None:
    """Define the table of outlines: those of subjects not merged, with the moment from which each holds.

    It is `turned` where it is another one than without a date.
    """
    Table(
        f"{prefix}outlines",
        metadata,
        Column("id", Text, primary_key=True),
        *(Column(name, Text) for name in ("kind", "part_of", "status")),
        *(Column(name, BigInteger, nullable=False) for name in ("since", "told")),
        *(Column(name, Integer, nullable=False) for name in ("disputed", "denied", "planned", "alleged")),
        *(Column(name, Boolean, nullable=False) for name in ("late", "known")),
        Column("actors", Text, nullable=False),
        Column("settled", BigInteger, nullable=False),
        Column("turned", Boolean, nullable=False),
    )


def outlines_of_all(snapshot: Snapshot) -> Iterator[tuple[Outline, int, bool]]:
    """The outline of each subject, from which moment of the first clock it holds, and whether not without a date."""
    for *values, since, turned in snapshot.flow(_OUTLINES):
        found = Outline(*values)
        yield found._replace(late=bool(found.late), known=bool(found.known)), since, bool(turned)
