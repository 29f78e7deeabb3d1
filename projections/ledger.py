"""The log arranged for questions: entries by stream, which facts are about or name a subject or cite a source."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, select

from events.amendments import AMENDMENTS
from events.facts import ENVELOPE, KINDS, own_fields
from events.history import Entry, FactHistory, Shelf, SourceHistory
from events.proposing import PROPOSAL_EVENTS
from events.redacting import WordsRedacted
from events.sources import SOURCE_EVENTS
from events.values import FieldType, named_by
from projections.store import Snapshot

ENTRY = "entries.position, entries.recorded, entries.name, entries.version, entries.data"
"""The columns that make an entry."""

_CHUNK = 500
_INNER = frozenset({"originator_id", "originator_version", "timestamp"})
_EMPTY: tuple[Any, ...] = (None, [], {})


class Ledger:
    """The view that the fold reads: every entry, findable by what it concerns."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Its tables."""
        Table(
            f"{prefix}entries",
            metadata,
            Column("position", BigInteger, primary_key=True, autoincrement=False),
            Column("sort", Text, nullable=False),
            Column("stream", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("name", Text, nullable=False),
            Column("recorded", BigInteger, nullable=False),
            Column("data", LargeBinary, nullable=False),
            Index(f"{prefix}entries_stream", "sort", "stream", "version", unique=True),
            Index(f"{prefix}entries_recorded", "recorded", "position"),
        )
        for name, key in (("about", "subject"), ("mentions", "subject"), ("cites", "source")):
            Table(
                f"{prefix}{name}",
                metadata,
                Column(key, Text, primary_key=True),
                Column("position", BigInteger, primary_key=True, autoincrement=False),
                Column("fact", Text, primary_key=True),
                *([Index(f"{prefix}about_fact", "fact")] if name == "about" else []),
                sqlite_with_rowid=False,
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
        entries, texts, links = [], [], _Links(_amended_before(snapshot, batch))
        for entry in batch:
            sort, stream, data = plain(entry)
            if "text" in data:
                version = data.get("version", 1)
                texts.append((stream, version, data.pop("text")))
                data["has_text"] = True
            entries.append((entry.position, sort, stream, entry.version, entry.name, entry.recorded, kept(data)))
            if sort == "fact":
                links.note(entry, stream, data)
            links.open(entry, data)
        snapshot.pour("entries", entries)
        snapshot.pour("texts", texts)
        links.write(snapshot)


def _amended_before(snapshot: Snapshot, batch: Sequence[Entry]) -> dict[str, list[Entry]]:
    """What was recorded earlier of the facts that the batch amends."""
    placed = [(*place(entry), entry.version) for entry in batch]
    recorded = {stream for sort, stream, version in placed if sort == "fact" and version == 1}
    amended = {stream for sort, stream, _ in placed if sort == "fact"} - recorded
    return histories(snapshot, "fact", amended, batch[0].position - 1)


class _Links:
    """What the facts of a batch concern, each link once; `before` are earlier entries of facts that it amends."""

    def __init__(self, before: dict[str, list[Entry]]) -> None:
        self.found: dict[str, dict[tuple[str, str], int]] = {"about": {}, "mentions": {}, "cites": {}}
        self.opened: dict[str, dict[str, Any]] = {}
        for fact, entries in before.items():
            for entry in entries:
                self.note(entry, fact, entry.data)
        self._known = {name: set(links) for name, links in self.found.items()}

    def note(self, entry: Entry, fact: str, data: dict[str, Any]) -> None:
        """Take up what one entry of a fact concerns."""
        for citation in data.get("citations", ()):
            self.found["cites"].setdefault((citation["source"], fact), entry.position)
        values = data if entry.name in KINDS else data.get("changes", {}) if entry.name == "FactCorrected" else {}
        if values.get("subject"):
            self.found["about"].setdefault((values["subject"], fact), entry.position)
        for subject in named_in(values):
            self.found["mentions"].setdefault((subject, fact), entry.position)

    def open(self, entry: Entry, data: dict[str, Any]) -> None:
        """Take up the subjects that an entry was the first to name."""
        for subject, kind in data.get("opens", {}).items():
            self._open(subject, kind, entry.position)

    def _open(self, subject: str, kind: str | None, position: int) -> None:
        row = self.opened.setdefault(subject, {"id": subject, "opened": position, "kind": None, "kind_known": None})
        if kind is not None and row["kind"] is None:
            row["kind"], row["kind_known"] = kind, position

    def write(self, snapshot: Snapshot) -> None:
        """Add the links that are not there yet."""
        for name, links in self.found.items():
            known = self._known[name]
            snapshot.pour(name, [(key, links[key, fact], fact) for key, fact in links if (key, fact) not in known])
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
    """An entry's sort, the id of its stream, and its values as they are kept in views."""
    data = {name: value for name, value in entry.data.items() if name not in _INNER and value not in _EMPTY}
    return *place(entry), data


def kept(data: dict[str, Any]) -> bytes:
    """An entry's values as the ledger keeps them."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def named_in(values: dict[str, Any]) -> Iterable[str]:
    """The subjects that a fact's values, or a correction's, name. A field of one name names subjects in every kind."""
    naming = _naming_fields(len(KINDS))
    for field, value in values.items():
        if field in naming:
            yield from named_by(naming[field], value)


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
    found: dict[str, list[str]] = {}
    for chunk in chunks(sorted(keys)):
        wanted = select(key, table.c.fact).where(key.in_(chunk), table.c.position <= position)
        for each, fact in snapshot.rows(wanted.order_by(table.c.position)):
            found.setdefault(each, []).append(fact)
    return found


def subjects_of(snapshot: Snapshot, facts: Iterable[str]) -> set[str]:
    """Every subject that one of the facts was ever about."""
    table = snapshot.table("about")
    return {
        row.subject
        for chunk in chunks(sorted(facts))
        for row in snapshot.rows(select(table.c.subject).where(table.c.fact.in_(chunk)))
    }
