"""The log arranged for questions: entries by stream, which facts are about or name a subject or cite a source."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, select, text

from events.amendments import AMENDMENTS
from events.facts import ENVELOPE, KINDS, Fact, fields_of, own_fields
from events.history import Entry, FactHistory, Shelf, SourceHistory
from events.proposing import PROPOSAL_EVENTS
from events.redacting import WordsRedacted
from events.sources import SOURCE_EVENTS
from events.values import FieldType, named_by
from projections.store import Snapshot

ENTRY = "entries.position, entries.recorded, entries.name, entries.version, entries.data"
"""The columns that make an entry."""

_CHUNK = 500
_AMENDED = text("sort = 'fact' AND version > 1")
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A key that is the number of the row on SQLite, which then needs no index for it."""


class Ledger:
    """The view that the fold reads: every entry, findable by what it concerns."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Its tables."""
        Table(
            f"{prefix}entries",
            metadata,
            Column("position", _ROW_NUMBER, primary_key=True, autoincrement=False),
            Column("sort", Text, nullable=False),
            Column("stream", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("name", Text, nullable=False),
            Column("recorded", BigInteger, nullable=False),
            Column("data", LargeBinary, nullable=False),
            Index(f"{prefix}entries_stream", "sort", "stream", "version", unique=True),
            Index(f"{prefix}entries_recorded", "recorded", "position"),
            Index(f"{prefix}entries_amended", "stream", "version", sqlite_where=_AMENDED, postgresql_where=_AMENDED),
        )
        for name, key in (("about", "subject"), ("mentions", "subject"), ("cites", "source")):
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
            f"{prefix}texts",
            metadata,
            Column("source", Text, primary_key=True),
            Column("version", Integer, primary_key=True, autoincrement=False),
            Column("text", Text, nullable=False),
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

    def apply(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Follow a batch of the log."""
        texts: list[tuple[Any, ...]] = []
        links = _Links()
        snapshot.pour("entries", _rows(batch, texts, links))
        snapshot.pour("texts", texts)
        links.write(snapshot)


def _rows(batch: Sequence[Entry], texts: list[tuple[Any, ...]], links: "_Links") -> Iterator[tuple[Any, ...]]:
    """The rows of the batch one by one, while its texts and links are gathered."""
    for entry in batch:
        position, recorded, name, version, data, _ = entry
        sort, stream = place(entry)
        if "text" in data:
            texts.append((stream, data.get("version", 1), data["text"]))
            data = {**data, "has_text": True}
            del data["text"]
        if sort == "fact":
            links.note(entry, stream)
        if "opens" in data:
            links.open(entry)
        yield position, sort, stream, version, name, recorded, kept(data)


class _Links:
    """What the facts of a batch concern: a link for each event and each of what it names or cites."""

    def __init__(self) -> None:
        self.found: dict[str, list[tuple[str, int, str]]] = {"about": [], "mentions": [], "cites": []}
        self.opened: dict[str, dict[str, Any]] = {}

    def note(self, entry: Entry, fact: str) -> None:
        """Take up what one entry of a fact concerns."""
        position, _, name, _, data, _ = entry
        about, mentions, cites = self.found.values()
        for source in dict.fromkeys(citation["source"] for citation in data.get("citations", ())):
            cites.append((source, position, fact))
        kind = KINDS.get(name)
        values = data if kind else data.get("changes", {}) if name == "FactCorrected" else {}
        if not values:
            return
        subject = values.get("subject")
        if subject:
            about.append((subject, position, fact))
        for named in dict.fromkeys(named_in(values) if kind is None else _named_by(kind, values)):
            mentions.append((named, position, fact))

    def open(self, entry: Entry) -> None:
        """Take up the subjects that an entry was the first to name."""
        for subject, kind in entry.data["opens"].items():
            self._open(subject, kind, entry.position)

    def _open(self, subject: str, kind: str | None, position: int) -> None:
        row = self.opened.setdefault(subject, {"id": subject, "opened": position, "kind": None, "kind_known": None})
        if kind is not None and row["kind"] is None:
            row["kind"], row["kind_known"] = kind, position

    def write(self, snapshot: Snapshot) -> None:
        """Add the links, and the subjects that are not there yet."""
        for name, links in self.found.items():
            snapshot.pour(name, links)
        self._write_subjects(snapshot)

    def _write_subjects(self, snapshot: Snapshot) -> None:
        table = snapshot.table("subjects")
        before = {
            row.id: row
            for chunk in chunks(sorted(self.opened))
            for row in snapshot.rows(select(table).where(table.c.id.in_(chunk)))
        }
        changed = []
        for subject, row in self.opened.items():
            known = before.get(subject)
            if known is None or (known.kind is None and row["kind"] is not None):
                opened = row["opened"] if known is None else known.opened
                changed.append((subject, opened, row["kind"], row["kind_known"]))
        snapshot.pour("subjects", changed, replacing=True)


def chunks(values: Sequence[Any], size: int = _CHUNK) -> Iterable[Sequence[Any]]:
    """The values in pieces small enough for one SQL statement, or of that size."""
    return (values[start : start + size] for start in range(0, len(values), size))


def place(entry: Entry) -> tuple[str, str]:
    """An entry's sort, and the id of its stream: of a fact, a source, a subject, a proposal or of what is redacted."""
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


def plain(entry: Entry) -> tuple[str, str, dict[str, Any]]:
    """An entry's sort, the id of its stream, and its values."""
    return *place(entry), dict(entry.data)


def kept(data: dict[str, Any]) -> bytes:
    """An entry's values as the ledger keeps them."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def named_in(values: dict[str, Any]) -> Iterable[str]:
    """The subjects that a fact's values, or a correction's, name. A field of one name names subjects in every kind."""
    naming = _naming_fields(len(KINDS))
    for field, value in values.items():
        if field in naming:
            yield from named_by(naming[field], value)


def _named_by(kind: type[Fact], values: dict[str, Any]) -> Iterable[str]:
    """The same of a fact of that kind, recorded or as it stands."""
    for field, of in _naming_of(kind):
        if field in values:
            yield from named_by(of, values[field])


@cache
def _naming_of(kind: type[Fact]) -> tuple[tuple[str, FieldType], ...]:
    return tuple((name, of) for name, of in fields_of(kind).items() if of.names)


@cache
def _naming_fields(_kinds: int) -> dict[str, FieldType]:
    """The fields that name subjects; made anew when the number of kinds has changed."""
    types = dict(ENVELOPE)
    for kind in KINDS.values():
        types |= own_fields(kind)
    return {name: of for name, of in types.items() if of.names}


def entry_of_row(row: Sequence[Any]) -> Entry:
    """An entry from the columns of `ENTRY`."""
    position, recorded, name, version, data = row
    return Entry(position, recorded, name, version, orjson.loads(data))


def entry_from(row: Any) -> Entry:
    """An entry as the ledger keeps it."""
    return Entry(row.position, row.recorded, row.name, row.version, orjson.loads(row.data))


def position_by(snapshot: Snapshot, recorded: int) -> int:
    """The position of the last event recorded before the instant (exclusive, UTC microseconds); 0 if there is none."""
    entries = snapshot.table("entries")
    last = select(entries.c.position).where(entries.c.recorded < recorded)
    ordered = last.order_by(entries.c.recorded.desc(), entries.c.position.desc()).limit(1)
    return snapshot.connection.execute(ordered).scalar() or 0


def histories(snapshot: Snapshot, sort: str, streams: Iterable[str], position: int) -> dict[str, list[Entry]]:
    """The entries of facts or sources up to the position, by id."""
    entries = snapshot.table("entries")
    found: dict[str, list[Entry]] = {}
    for chunk in chunks(sorted(streams)):
        wanted = select(entries).where(
            entries.c.sort == sort, entries.c.stream.in_(chunk), entries.c.position <= position
        )
        for row in snapshot.rows(wanted.order_by(entries.c.stream, entries.c.version)):
            found.setdefault(row.stream, []).append(entry_from(row))
    return found


def facts_and_shelf(snapshot: Snapshot, facts: Iterable[str], position: int) -> tuple[list[FactHistory], Shelf]:
    """The facts' histories and those of every source they cite, up to the position."""
    streams = histories(snapshot, "fact", facts, position)
    found = [FactHistory(fact, entries) for fact, entries in streams.items()]
    cited = {source for history in found for source in history.sources()}
    shelf = {
        source: SourceHistory(source, entries)
        for source, entries in histories(snapshot, "source", cited, position).items()
    }
    return found, shelf


def linked(snapshot: Snapshot, name: str, keys: Iterable[str], position: int) -> dict[str, list[str]]:
    """The facts linked to each key by the position: `about` or `mentions` a subject, or `cites` a source."""
    table = snapshot.table(name)
    key = table.c[next(iter(table.c)).name]
    found: dict[str, dict[str, None]] = {}
    for chunk in chunks(sorted(keys)):
        wanted = select(key, table.c.fact).where(key.in_(chunk), table.c.position <= position)
        for each, fact in snapshot.rows(wanted.order_by(table.c.position)):
            found.setdefault(each, {})[fact] = None
    return {each: list(facts) for each, facts in found.items()}


def subjects_of(snapshot: Snapshot, facts: Iterable[str]) -> set[str]:
    """Every subject that one of the facts was ever about."""
    table = snapshot.table("about")
    return {
        row.subject
        for chunk in chunks(sorted(facts))
        for row in snapshot.rows(select(table.c.subject).where(table.c.fact.in_(chunk)))
    }
