"""The index of words: which facts, subjects and texts of sources ever held a word, whatever the clocks.

Each event has a row with the folded words that it brings, each passage of a text one of its own. A reader takes what is
found and looks whether the words stand there at the clocks of the question. The words of one fact may come with several
events, and those of one subject with several facts: of these any event that holds one of the words is found.

FTS5 indexes the rows on SQLite, kept up to date by triggers, and a GIN index on a `tsvector` on PostgreSQL.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    event,
    text,
    update,
)

from events.facts import KINDS
from events.history.streams import Entry
from events.sources import TEXTS
from projections.read_models.ledger import stream_of_entry
from projections.read_models.texts.folding import Sought, folded_words
from projections.read_models.texts.word_index import complete, drop
from projections.store.erasures import HAS_WORDS
from projections.store.snapshots import Snapshot

Mark = Literal["_fact", "_amendment", "_name", "_subject", "_source", "_text"]
"""What stands among the words of a row, and says what the row is of; no word has a line below."""

PASSAGE_CHARACTERS = 2_000
NAMES = ("title", "name", "aliases")
NOTED = ("title", "publisher", "agency")
_MOST_WORDS = 10_000
"""Of one event or passage; a `tsvector` holds 1 MB."""
_ROWS = 20  # bits: rows of one event
_NOT_SAID = frozenset({"occurred", "zone", "modality", "credibility", "kind"})
_APART = frozenset({"id", "recorded_by", "recorded_with", "accepted_by", "accepted_with", "subject_kind", "citations"})
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_FOUND = {
    "sqlite": "id IN (SELECT rowid FROM {passages_words} WHERE {passages_words} MATCH ?)",
    "postgresql": "CAST(words AS tsvector) @@ CAST(? AS tsquery)",
}
_AND, _OR = {"sqlite": " AND ", "postgresql": " & "}, {"sqlite": " OR ", "postgresql": " | "}

Row = tuple[int, str, int, int, str]
"""A number that goes by position, what it is of, of which version and from which character on, and the words."""


class Search:
    """The view of words."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its table and the index of words."""
        name = f"{prefix}passages"
        words = Index(f"{name}_words", text("CAST(words AS tsvector)"), postgresql_using="gin")
        table = Table(
            name,
            metadata,
            Column("id", _ROW_NUMBER, primary_key=True, autoincrement=False),
            Column("name", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("start", Integer, nullable=False),
            Column("words", Text, nullable=False, info=HAS_WORDS),
            words.ddl_if(dialect="postgresql"),
        )
        event.listen(words, "after_create", complete)
        event.listen(table, "before_drop", drop)

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Add the rows of a batch."""
        snapshot.pour("passages", [row for entry in batch for row in _rows_of(entry)])


def _rows_of(entry: Entry) -> Iterator[Row]:
    """The rows of an event, numbered by its position."""
    first = entry.position << _ROWS
    stream_type, name = stream_of_entry(entry)
    words = _words_of(entry, entry.data)
    if words is not None:
        yield first, name, 0, 0, words
    n = 1
    for subject in entry.data.get("opens", ()):
        yield first + n, subject, 0, 0, _joined("_subject", folded_words(subject))
        n += 1
    if stream_type == "source" and entry.name in TEXTS and not entry.data.get("redacted"):
        for start, passage in passages_of(entry.data.get("text") or ""):
            yield first + n, name, entry.data.get("version", 1), start, _joined("_text", folded_words(passage))
            n += 1


def _words_of(entry: Entry, data: Mapping[str, Any]) -> str | None:
    """The words of what an event says, beside its text; None of an event whose words are not looked for."""
    stream_type, _ = stream_of_entry(entry)
    if stream_type == "source":
        noted = data.get("changes", data)
        return _joined("_source", folded_words(" ".join(str(noted[each]) for each in NOTED if noted.get(each))))
    if stream_type != "fact":
        return None
    is_recording = entry.name in KINDS
    values = {name: data[name] for name in data if name not in _APART} if is_recording else data.get("changes") or {}
    said = [text for _, text in said_in(values)]
    said += [text for citation in data.get("citations", ()) for _, text in said_in_citation(citation)]
    words = folded_words(" ".join(said))
    marks = ["_fact" if is_recording else "_amendment", *(["_name"] if any(values.get(each) for each in NAMES) else [])]
    return _joined(" ".join(marks), words)


def _joined(marks: str, words: set[str]) -> str:
    return " ".join([marks, *sorted(words)[:_MOST_WORDS]])


def said_in(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the values of a fact say in words or numbers, each with the name of the field."""
    for name, value in values.items():
        if name not in _NOT_SAID:
            for each in _texts_in(value):
                yield name, each


def said_in_citation(citation: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The words of a citation, and ours for them."""
    yield "quote", citation["exact"]
    if "translation" in citation:
        yield "translation", citation["translation"]["text"]


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _texts_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts_in(each)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)


def passages_of(whole: str) -> Iterator[tuple[int, str]]:
    """A text in passages, each with its place; they are parted where words are, unless a word is too long for one."""
    start = 0
    while start < len(whole):
        end = start + PASSAGE_CHARACTERS
        if end < len(whole):
            spaces = (whole.rfind(space, start + 1, end) for space in ("\n", " "))
            end = next((found + 1 for found in spaces if found > start + PASSAGE_CHARACTERS // 2), end)
        yield start, whole[start:end]
        start = end


def rewrite_words(snapshot: Snapshot, entry: Entry, data: Mapping[str, Any]) -> None:
    """Put the words of an event's new values in the place of those that it had."""
    words = _words_of(entry, data)
    if words is not None:
        table = snapshot.table("passages")
        snapshot.connection.execute(update(table).where(table.c.id == entry.position << _ROWS).values(words=words))


def remove_passages(snapshot: Snapshot, positions: Sequence[int]) -> None:
    """Remove the passages of the texts that came with the events at these positions."""
    ids = snapshot.table("passages").c.id
    for each in positions:
        rows = delete(ids.table).where(ids > each << _ROWS, ids < (each + 1) << _ROWS)
        snapshot.connection.execute(rows)


def names_found(
    snapshot: Snapshot, marks: Sequence[Mark], sought: Sought, position: int, most: int, *, wholly: bool = True
) -> list[str]:
    """What the rows up to a position are of that have all marks, and all words or (not `wholly`) any of them."""
    question = "SELECT DISTINCT name FROM {passages} WHERE {found} AND id < ? LIMIT ?"
    return [name for (name,) in _probe(snapshot, question, marks, sought, wholly, first_row_after(position), most)]


def facts_that_may_say(snapshot: Snapshot, sought: Sought, position: int, most: int) -> list[str] | None:
    """The facts that may say all the words at a position, whatever was reported; None where they are more than that."""
    named = set(names_found(snapshot, ["_fact"], sought, position, most + 1))
    named.update(names_found(snapshot, ["_amendment"], sought, position, most + 1, wholly=False))
    return None if len(named) > most else sorted(named)


def passages_found(
    snapshot: Snapshot, marks: Sequence[Mark], sought: Sought, below: int, most: int
) -> list[tuple[int, str, int, int]]:
    """Rows below a number that have all marks and words, from the highest on.

    Each is its number, what it is of, of which version and from which character on.
    """
    question = "SELECT id, name, version, start FROM {passages} WHERE {found} AND id < ? ORDER BY id DESC LIMIT ?"
    return [tuple(row) for row in _probe(snapshot, question, marks, sought, True, below, most)]


def first_row_after(position: int) -> int:
    """The number below which the rows are that a position has."""
    return (position + 1) << _ROWS


def _probe(
    snapshot: Snapshot, question: str, marks: Sequence[Mark], sought: Sought, wholly: bool, *values: int
) -> list[Any]:
    dialect = snapshot.connection.dialect.name
    quote, prefix = ('"', "*") if dialect == "sqlite" else ("'", ":*")
    words = [f"{quote}{each.folded}{quote}{prefix if each.begins else ''}" for each in sought]
    parts = [*(f"{quote}{each}{quote}" for each in marks), f"({(_AND if wholly else _OR)[dialect].join(words)})"]
    asked = question.replace("{found}", _FOUND[dialect])
    return snapshot.probe(asked, None, _AND[dialect].join(parts), *values)
