"""The log arranged for questions: entries by stream, which facts are about or name a subject or cite a source."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, select, update

from events.amendments import AMENDMENTS
from events.facts import ENVELOPE, KINDS, own_fields
from events.history import Entry, FactHistory, Shelf, SourceHistory
from events.proposing import PROPOSAL_EVENTS
from events.redacting import WordsRedacted
from events.regrouping import REGROUPINGS
from events.sources import SOURCE_EVENTS, TEXTS
from events.values import FieldType, named_by
from projections.store import Snapshot

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
                Index(f"{prefix}{name}_fact", "fact"),
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
        entries, texts, links = [], [], _Links()
        for entry in batch:
            sort, stream, data = plain(entry)
            if "text" in data:
                version = data.get("version", 1)
                texts.append({"source": stream, "version": version, "text": data.pop("text")})
                data["has_text"] = True
            entries.append(
                {
                    "position": entry.position,
                    "sort": sort,
                    "stream": stream,
                    "version": entry.version,
                    "name": entry.name,
                    "recorded": entry.recorded,
                    "data": kept(data),
                }
            )
            if sort == "fact":
                links.note(entry, stream, data)
            links.open(entry, data)
        snapshot.add("entries", entries)
        snapshot.add("texts", texts)
        links.write(snapshot)


class _Links:
    """What the facts of a batch concern, each link once."""

    def __init__(self) -> None:
        self.about: dict[tuple[str, str], int] = {}
        self.mentions: dict[tuple[str, str], int] = {}
        self.cites: dict[tuple[str, str], int] = {}
        self.opened: dict[str, dict[str, Any]] = {}

    def note(self, entry: Entry, fact: str, data: dict[str, Any]) -> None:
        """Take up what one entry of a fact concerns."""
        for citation in data.get("citations", ()):
            self.cites.setdefault((citation["source"], fact), entry.position)
        values = data if entry.name in KINDS else data.get("changes", {}) if entry.name == "FactCorrected" else {}
        if values.get("subject"):
            self.about.setdefault((values["subject"], fact), entry.position)
        for subject in named_in(values):
            self.mentions.setdefault((subject, fact), entry.position)

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
        for name, key in (("about", "subject"), ("mentions", "subject"), ("cites", "source")):
            links: dict[tuple[str, str], int] = getattr(self, name)
            known = self._known(snapshot, name, key, {fact for _, fact in links})
            rows = [
                {key: each, "fact": fact, "position": position}
                for (each, fact), position in links.items()
                if (each, fact) not in known
            ]
            snapshot.add(name, rows)
        self._write_subjects(snapshot)

    def _known(self, snapshot: Snapshot, name: str, key: str, facts: set[str]) -> set[tuple[str, str]]:
        table = snapshot.table(name)
        return {
            (row[0], row[1])
            for chunk in chunks(sorted(facts))
            for row in snapshot.rows(select(table.c[key], table.c.fact).where(table.c.fact.in_(chunk)))
        }

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
            if known is None:
                changed.append(row)
            elif known.kind is None and row["kind"] is not None:
                changed.append({**row, "opened": known.opened})
        snapshot.add("subjects", changed, on_repeat="replace")


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """The values in pieces small enough for one SQL statement."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def plain(entry: Entry) -> tuple[str, str, dict[str, Any]]:
    """An entry's sort, the id of its fact or source, and its values as they are kept in views."""
    data = {name: value for name, value in entry.data.items() if name not in _INNER and value not in _EMPTY}
    if entry.name in REGROUPINGS:
        return "subject", entry.data["subject"], data
    if entry.name == WordsRedacted.__name__:
        return "redaction", f"{data['of']}:{data['id']}", data
    if entry.name in PROPOSAL_EVENTS:
        return "proposal", data["id"], data
    if entry.name in SOURCE_EVENTS:
        return "source", entry.data["id"], data
    return "fact", entry.data["fact" if entry.name in AMENDMENTS else "id"], data


def kept(data: dict[str, Any]) -> bytes:
    """An entry's values as the ledger keeps them."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def rewrite(
    snapshot: Snapshot, sort: str, streams: Sequence[str], until: int, change: Callable[[Entry], dict[str, Any]]
) -> None:
    """Put other values into the entries of streams up to a position, where their words are erased."""
    table = snapshot.table("entries")
    for entries in histories(snapshot, sort, streams, until).values():
        for entry in entries:
            row = update(table).where(table.c.position == entry.position)
            snapshot.connection.execute(row.values(data=kept(change(entry))))


def overwrite_texts(snapshot: Snapshot, source: str, words: str, versions: int) -> None:
    """Put other words in the place of a source's texts, up to a version."""
    texts = snapshot.table("texts")
    rows = update(texts).where(texts.c.source == source, texts.c.version <= versions)
    snapshot.connection.execute(rows.values(text=words))


def versions_by(snapshot: Snapshot, source: str, position: int) -> int:
    """How many versions a source had at the position."""
    entries = histories(snapshot, "source", [source], position).get(source, [])
    return sum(entry.name in TEXTS for entry in entries)


def streams_of(snapshot: Snapshot, sort: str) -> list[str]:
    """The ids of all streams of a sort of which there are few."""
    entries = snapshot.table("entries")
    return [row.stream for row in snapshot.rows(select(entries.c.stream).where(entries.c.sort == sort).distinct())]


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
