"""The log arranged for questions: entries by stream, and which facts concern a subject or cite a source."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from events.amendments import AMENDMENTS, PROPOSAL_EVENTS, WordsRedacted
from events.facts import KINDS, subjects_named
from events.history.streams import Entry, SourceHistory
from events.sources import SOURCE_EVENTS
from events.subject_kinds import passing_fields
from projections.store.erasures import HAS_WORDS
from projections.store.snapshots import Snapshot

LINKS = {"cites": "source", "about": "subject", "mentions": "subject", "parts": "whole", "promises": "field"}
"""The tables of links to facts, each with what it links them to."""
_OPENED = "SELECT id, opened, kind FROM {subjects} WHERE id {among}"
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A key that is the number of the row on SQLite, which then needs no index for it."""

Opening = tuple[int, str | None, int | None]
"""From where on a subject is named, and its kind with where that became known."""


class Ledger:
    """The view that the fold reads: every entry, findable by what it concerns."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its tables."""
        Table(
            f"{prefix}entries",
            metadata,
            Column("position", _ROW_NUMBER, primary_key=True, autoincrement=False),
            Column("sort", Text, nullable=False),
            Column("stream", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("name", Text, nullable=False),
            Column("recorded", BigInteger, nullable=False),
            Column("data", LargeBinary, nullable=False, info=HAS_WORDS),
            Index(f"{prefix}entries_stream", "sort", "stream", "version", unique=True),
            Index(f"{prefix}entries_recorded", "recorded", "position"),
        )
        for name, key in LINKS.items():
            Table(
                f"{prefix}{name}",
                metadata,
                Column(key, Text, nullable=False),
                Column("position", BigInteger, nullable=False),
                Column("fact", Text, nullable=False),
                Index(f"{prefix}{name}_{key}", key, "position", "fact"),
                *([Index(f"{prefix}about_fact", "fact", "subject")] if name == "about" else []),
            )
        Table(
            f"{prefix}derived",
            metadata,
            Column("root", Text, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("source", Text, nullable=False),
            Index(f"{prefix}derived_root", "root", "position", "source"),
        )
        Table(
            f"{prefix}texts",
            metadata,
            Column("source", Text, primary_key=True),
            Column("version", Integer, primary_key=True, autoincrement=False),
            Column("text", Text, nullable=False, info=HAS_WORDS),
        )
        Table(
            f"{prefix}subjects",
            metadata,
            Column("id", Text, primary_key=True),
            Column("opened", BigInteger, nullable=False),
            Column("kind", Text),
            Column("kind_known", BigInteger),
            Index(f"{prefix}subjects_kind", "kind", "id"),
        )

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Add the rows of each table that a batch brings, and the subjects that it opens."""
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in ("entries", "texts", "derived", *LINKS)}
        opened: dict[str, Opening] = {}
        for entry in batch:
            position, recorded, name, version, data, _ = entry
            stream_type, stream = stream_of_entry(entry)
            if "text" in data:
                rows["texts"].append((stream, data.get("version", 1), data["text"]))
                data = {**data, "has_text": True}
                del data["text"]
            if stream_type == "fact":
                _link(entry, stream, rows)
            elif stream_type == "source":
                roots = SourceHistory(stream, [entry]).roots()
                rows["derived"] += [(root, position, stream) for root in sorted(roots)]
            if "opens" in data:
                _open(entry, opened)
            rows["entries"].append((position, stream_type, stream, version, name, recorded, stored_data(data)))
        for name, found in rows.items():
            snapshot.pour(name, found)
        _write_subjects(snapshot, opened)


def _link(entry: Entry, fact: str, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    """Link an entry of a fact to each source cited, to the subjects that it is about, names and is a part of.

    One that promises something is linked to the field that says so: its modality, or a date that ends a status.
    """
    position, _, name, _, data, _ = entry
    cites, about, mentions, parts, promises = (rows[link] for link in LINKS)
    for source in dict.fromkeys([citation["source"] for citation in data.get("citations", ())]):
        cites.append((source, position, fact))
    kind = KINDS.get(name)
    values = data if kind else data.get("changes", {})
    if not values:
        return
    subject = values.get("subject")
    if subject:
        about.append((subject, position, fact))
    for named in dict.fromkeys(subject for subject, _ in subjects_named(kind, values)):
        mentions.append((named, position, fact))
    if values.get("part_of"):
        parts.append((values["part_of"], position, fact))
    promising = [field for field in passing_fields() if values.get(field)]
    promising += ["modality"] if values.get("modality") == "planned" else []
    promises += [(field, position, fact) for field in promising]


def actors_named(entry: Entry) -> set[str]:
    """The actors that an entry of a fact names, or gives as values."""
    kind = KINDS.get(entry.name)
    values = entry.data if kind else entry.data.get("changes", {})
    return {name for name, about in subjects_named(kind, values) if about == "actor"}


def _open(entry: Entry, opened: dict[str, Opening]) -> None:
    """Take up the subjects that an entry was the first to name, or to give a kind."""
    position = entry.position
    for subject, kind in entry.data["opens"].items():
        first, known, since = opened.get(subject, (position, None, None))
        if known is None and kind is not None:
            known, since = kind, position
        opened[subject] = first, known, since


def _write_subjects(snapshot: Snapshot, opened: dict[str, Opening]) -> None:
    before = {name: (first, kind) for name, first, kind in snapshot.probe(_OPENED, opened)}
    changed = []
    for subject, (first, kind, since) in opened.items():
        known_from, known = before.get(subject, (first, None))
        if subject not in before or (known is None and kind is not None):
            changed.append((subject, known_from, kind, since))
    snapshot.pour("subjects", changed, replacing=True)


def stream_of_entry(entry: Entry) -> tuple[str, str]:
    """An entry's type and id of stream: of a fact, a source, a subject, a proposal, or of what is redacted."""
    if entry.name in KINDS:
        return "fact", entry.data["id"]
    if entry.name in AMENDMENTS:
        return "fact", entry.data["fact"]
    if entry.name in SOURCE_EVENTS:
        return "source", entry.data["id"]
    if entry.name in PROPOSAL_EVENTS:
        return "proposal", entry.data["id"]
    if entry.name == WordsRedacted.__name__:
        return "redaction", f"{entry.data['of']}:{entry.data['id']}"
    return "subject", entry.data["subject"]


def stored_data(data: dict[str, Any]) -> bytes:
    """An entry's values as the ledger keeps them."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
