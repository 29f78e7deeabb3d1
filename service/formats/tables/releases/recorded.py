"""What is recorded of a table: its releases, and of its rows the words and the values that they told last."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from events.dates.bounds import bounds_of
from events.facts import KINDS, fields_of
from events.history.fact_as_of import fact_as_of
from events.history.streams import HEAD, NEVER, Entry, SourceHistory
from events.log.encryption import REDACTED
from projections.read_models.histories import facts_and_sources, histories
from projections.store.snapshots import Snapshot
from service.formats.tables.releases.notes import Note, note_in


class RecordedRelease(NamedTuple):
    """A release that is recorded, as a version of the table's source; `published_by` is its bound in microseconds."""

    version: int
    published: str | None
    published_by: int
    note: Note


class RecordedRow(NamedTuple):
    """The latest words of a row; None as digest where they were erased."""

    version: int
    published: str | None
    sha256: str | None


class RecordedFact(NamedTuple):
    """What the table told last of a row, whether its fact is retracted, and whether by the table."""

    told: Mapping[str, Any]
    is_retracted: bool
    is_retracted_by_table: bool


def releases_of(snapshot: Snapshot, source: str, position: int) -> list[RecordedRelease]:
    """The releases of a table, in the order in which they were recorded; a document that is no table has none."""
    entries = histories(snapshot, "source", [source], position).get(source)
    noted = SourceHistory(source, entries).at() if entries else None
    texts = snapshot.table("texts")
    found = []
    for each in noted.editions if noted else ():
        rows = snapshot.rows(select(texts.c.text).where(texts.c.source == source, texts.c.version == each.version))
        if rows and (note := note_in(rows[0].text)) is not None:
            found.append(RecordedRelease(each.version, each.published, each.published_by, note))
    return found


def published_by(published: str, zone: str) -> int:
    """By when what was published then was out: an exclusive bound in UTC microseconds."""
    hi = bounds_of(published, zone).hi
    return NEVER if hi is None else hi


def recorded_rows(snapshot: Snapshot, documents: Iterable[str], position: int) -> dict[str, RecordedRow]:
    """Those of the documents that are recorded, by id."""
    found = {}
    for name, entries in histories(snapshot, "source", documents, position).items():
        noted = SourceHistory(name, entries).at()
        assert noted is not None
        latest, is_erased = noted.editions[-1], any(each.data.get(REDACTED) for each in entries)
        found[name] = RecordedRow(latest.version, latest.published, None if is_erased else latest.sha256)
    return found


def recorded_facts(snapshot: Snapshot, facts: Iterable[str], table: str, position: int) -> dict[str, RecordedFact]:
    """Those of the facts of the table that are recorded and not erased, by id."""
    found = {}
    histories_of, sources = facts_and_sources(snapshot, facts, position)
    for history in histories_of:
        standing = fact_as_of(history, sources, None, HEAD)
        if standing is None or any(each.data.get(REDACTED) for each in history.entries):
            continue
        by_table = any(_cites(each, table) for each in standing.retractions)
        found[history.id] = RecordedFact(_told(history.id, history.entries), standing.retracted, by_table)
    return found


def _told(fact: str, entries: list[Entry]) -> dict[str, Any]:
    """The values of the fact as its row told them: as recorded, then as the table corrected them."""
    first = entries[0]
    fields = fields_of(KINDS[first.name])
    told = {"kind": first.name, **{name: value for name, value in first.data.items() if name in fields}}
    for each in entries[1:]:
        if each.name == "FactCorrected" and _cites(each, fact):
            told |= each.data["changes"]
    return {name: value for name, value in told.items() if value is not None}


def _cites(entry: Entry, source: str) -> bool:
    return any(each["source"] == source for each in entry.data.get("citations", ()))
