"""Releases taken in: new rows are recorded, changed ones revised and corrected, then what became of rows is noted.

Calls are of bounded size. The note comes after the rows and before the retractions that cite it; a release that was
refused or cut off midway goes on when it is taken in again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from events.dates.calendar import instant_text
from events.errors import Conflict, Invalid
from projections.clocks import Asked
from projections.store.snapshots import Snapshot, chunks
from service.chronicle.file import LISTS
from service.chronicle.importing import Item, take_in_items
from service.databases.chronology import Chronology
from service.formats.tables.releases.comparison import Comparison, follow_up
from service.formats.tables.releases.notes import Note, Outcome, rows_after
from service.formats.tables.releases.recorded import RecordedRelease, published_by, releases_of
from service.formats.tables.releases.release import Release

_ROWS_AT_ONCE = 500


class ImportedRelease(NamedTuple):
    """What a release brought, how many events that were, and between which positions they stand."""

    note: Note
    new: int
    first: int
    last: int


class ReleaseImport:
    """Takes in a release.

    Args:
        chronology: where it is recorded.
        by: the name of who records.
        release: what is taken in.
        sha256: the digest of its file.
        is_part: rows that it lacks are not gone.
    """

    def __init__(self, chronology: Chronology, by: str, release: Release, sha256: str, *, is_part: bool) -> None:
        self._chronology = chronology
        self._by = by
        self._release = release
        self._sha256 = sha256
        self._is_part = is_part
        self._new = 0

    def run(self) -> ImportedRelease:
        """Record what the release says otherwise than those before it.

        Raises:
            Conflict: it was recorded from another file.
            Invalid: a later one is recorded, or a row cannot be read.
            ChronologyError: a row is refused; the calls before it stand, and are recognised the next time.
        """
        first = self._chronology.record.head()
        known = self._recorded()
        latest = known[-1] if known else None
        same = next((each for each in known if each.published == self._release.published), None)
        if same is not None and same.note.sha256 != self._sha256:
            raise Conflict(
                f"the {self._release.reason} is recorded from another file: a mended one is a release of its own"
            )
        if same is None:
            self._refuse_older(latest)
            self._write([self._noted(self._rows(known, self._write), is_first=not known)])
            same = latest = self._recorded()[-1]
        if same is latest:
            self._follow_up(same)
        return ImportedRelease(same.note, self._new, first, self._chronology.record.head())

    def items(self) -> list[Item]:
        """What its rows come to, to be checked; nothing is recorded."""
        found: list[Item] = []
        self._rows(self._recorded(), found.extend)
        return found

    @contextmanager
    def _now(self) -> Iterator[tuple[Snapshot, int]]:
        """A snapshot of all that is recorded, and its position."""
        with self._chronology.ask(Asked(position=self._chronology.record.head()), patiently=True) as (snapshot, clocks):
            yield snapshot, clocks.position

    def _recorded(self) -> list[RecordedRelease]:
        with self._now() as (snapshot, position):
            return releases_of(snapshot, str(self._release.source["id"]), position)

    def _refuse_older(self, latest: RecordedRelease | None) -> None:
        zone = str(self._release.source.get("zone") or self._chronology.settings.zone)
        if latest is not None and published_by(self._release.published, zone) < latest.published_by:
            sentence = f"the {self._release.reason} is older than that of {latest.published}, which is recorded"
            raise Invalid(f"{sentence}: releases are taken in from the oldest on")

    def _rows(self, known: Sequence[RecordedRelease], write: Callable[[list[Item]], None]) -> Note:
        """Hand what the rows come to to `write`; returns what became of each that is not as it was."""
        there = rows_after(each.note for each in known)
        comparison = Comparison(self._release, there, self._chronology.now())
        outcomes: dict[str, Outcome] = {}
        seen: set[str] = set()
        released = self._release.rows()
        while rows := list(islice(released, _ROWS_AT_ONCE)):
            with self._now() as (snapshot, position):
                compared = comparison.of(snapshot, rows, position)
            write(sorted(compared.items, key=lambda each: LISTS.index(each.name)))
            outcomes |= compared.outcomes
            seen |= {each.id for each in rows}
        gone = [row for row, is_there in there.items() if is_there and row not in seen and not self._is_part]
        return Note(self._sha256, len(seen), outcomes | dict.fromkeys(gone, "gone"))

    def _noted(self, note: Note, *, is_first: bool) -> Item:
        """The note as a version of the table's source."""
        release = self._release
        title, name = str(release.source["title"]), str(release.source["id"])
        said = {"text": note.text(f"{title}, {release.name}"), "published": release.published}
        said["retrieved_at"] = instant_text(self._chronology.now())
        if is_first:
            return Item("sources", {**release.source, **said, "text_is": "digest"}, "", _nowhere)
        return Item("amendments", {"source": name, "call": "revisions", **said}, "", _nowhere)

    def _follow_up(self, recorded: RecordedRelease) -> None:
        """Retract the facts of rows that are gone, and reinstate those of rows that are back."""
        moved = [*recorded.note.of("gone"), *recorded.note.of("back")]
        for rows in chunks(moved, _ROWS_AT_ONCE):
            with self._now() as (snapshot, position):
                items = list(follow_up(snapshot, self._release, recorded, rows, position))
            self._write(items)

    def _write(self, items: Sequence[Item]) -> None:
        if items:
            names_lines = any(each.line_of("") is not None for each in items)
            self._new += take_in_items(self._chronology, self._by, items, names_lines=names_lines).new


def _nowhere(_: str) -> None:
    """No line: the item is made of the release as a whole."""
