"""What lists are read by: the outline of every subject as it stands in the end, and when sources were published."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

from events.dates.bounds import bounds_of
from events.history.streams import Entry
from projections.fold.outline import EVER, Outline
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


class Publications:
    """The view of the dates of sources, by which they are listed; one whose date was corrected has several."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its table."""
        Table(
            f"{prefix}publications",
            metadata,
            Column("published", BigInteger, nullable=False),
            Column("source", Text, nullable=False),
            Column("position", BigInteger, nullable=False),
            Index(f"{prefix}publications_published", "published", "source", "position"),
        )

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Add the dates that a batch brings."""
        noted = [(entry, _noted(entry)) for entry in batch if entry.name in ("SourceRegistered", "SourceCorrected")]
        rows = [
            (publication(values.get("published")), entry.data["id"], entry.position)
            for entry, values in noted
            if entry.name == "SourceRegistered" or "published" in values
        ]
        snapshot.pour("publications", rows)


def _noted(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = entry.data.get("changes", entry.data)
    return found


def publication(published: str | None) -> int:
    """Where a source published then stands in lists, by its own days: microseconds; those without a date come first."""
    bounds = bounds_of(published, "UTC") if published else None
    end = None if bounds is None else bounds.hi or bounds.lo
    return -EVER if end is None else max(-EVER, min(end, EVER))
