"""Redactions followed: words that were read before their key was destroyed are erased from the views too."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import delete, update

from events.amendments import (
    ACTS_ON_SUBJECTS,
    AMENDMENTS,
    DECISIONS,
    PROPOSAL_EVENTS,
    WordsRedacted,
)
from events.dates.calendar import instant_text
from events.facts import KINDS
from events.history.streams import HEAD, Entry
from events.log.encryption import REDACTED, without_own_words, without_words_of
from events.sources import SOURCE_EVENTS, TEXTS
from projections.read_models.histories import ENTRY, entry_of_row, histories, linked
from projections.read_models.ledger import stored_data
from projections.read_models.texts.search import remove_passages, rewrite_words
from projections.read_models.texts.word_index import merge_index
from projections.store.snapshots import Snapshot

_DECISIONS = tuple(each.__name__ for each in DECISIONS)
_ERASING = (WordsRedacted.__name__, *_DECISIONS)
_SINCE = (
    "SELECT " + ENTRY + " FROM {entries} AS entries WHERE sort IN ('redaction', 'proposal') AND position > ?"
    f" AND name IN ({', '.join('?' * len(_ERASING))}) ORDER BY position"
)
_LAST = "SELECT max(position + 0) FROM {entries} WHERE sort = 'redaction'"  # + 0: by type, not from the end backwards
_EVENTS: dict[str, type] = {**AMENDMENTS, **SOURCE_EVENTS, **ACTS_ON_SUBJECTS, **PROPOSAL_EVENTS}
_PROPOSALS = "SELECT DISTINCT stream FROM {entries} WHERE sort = 'proposal'"


class Redaction(TypedDict):
    """When, by whom and why words were erased."""

    position: int
    recorded: str
    recorded_by: str
    reason: str


class Redacted(NamedTuple):
    """What an event redacts: the type and the id of a stream, up to a position; also from the disk, or not."""

    stream_type: str
    name: str
    until: int
    scrubs: bool


def redacted_in(batch: Iterable[Entry]) -> list[Redacted]:
    """What the batch redacts; what was proposed is erased when it is decided, the reason of the decision is not."""
    found = []
    for entry in batch:
        if entry.name == WordsRedacted.__name__:
            found.append(Redacted(entry.data["of"], entry.data["id"], entry.position, True))
        elif entry.name in _DECISIONS:
            found.append(Redacted("proposal", entry.data["id"], entry.position - 1, False))
    return found


def last_redaction(snapshot: Snapshot) -> int:
    """The position of the last redaction; 0 before any."""
    return snapshot.probe(_LAST)[0][0] or 0


def redacted_since(snapshot: Snapshot, position: int) -> list[Redacted]:
    """What was redacted after the position."""
    return redacted_in(map(entry_of_row, snapshot.probe(_SINCE, None, position, *_ERASING)))


def erase(snapshot: Snapshot, redacted: Iterable[Redacted]) -> None:
    """Erase the words of streams from what was followed before they were redacted."""
    scrubs = False
    for stream_type, name, until, also_from_disk in redacted:
        scrubs = scrubs or also_from_disk
        _rewrite(snapshot, stream_type, [name], until, _without_words)
        if stream_type == "source":
            _overwrite_texts(snapshot, name, until)
            for facts in linked(snapshot, "cites", [name], until).values():
                _rewrite(snapshot, "fact", facts, until, partial(_without_quotes_of, name))
            proposals = [stream for (stream,) in snapshot.probe(_PROPOSALS)]
            _rewrite(snapshot, "proposal", proposals, until, partial(_without_proposed_from, name))
    if scrubs:
        merge_index(snapshot)


def _rewrite(
    snapshot: Snapshot, stream_type: str, streams: Sequence[str], until: int, change: Callable[[Entry], dict[str, Any]]
) -> None:
    """Put other values into the entries of streams up to a position, where their words are erased."""
    table = snapshot.table("entries")
    for entries in histories(snapshot, stream_type, streams, until).values():
        for entry in entries:
            row, data = update(table).where(table.c.position == entry.position), change(entry)
            snapshot.connection.execute(row.values(data=stored_data(data)))
            rewrite_words(snapshot, entry, data)


def _overwrite_texts(snapshot: Snapshot, source: str, until: int) -> None:
    """Overwrite the texts that a source had at the position, and remove what was made of them."""
    entries = histories(snapshot, "source", [source], until).get(source, [])
    brought = [entry.position for entry in entries if entry.name in TEXTS]
    versions = len(brought)
    remove_passages(snapshot, brought)
    texts = snapshot.table("texts")
    rows = update(texts).where(texts.c.source == source, texts.c.version <= versions)
    snapshot.connection.execute(rows.values(text=REDACTED))
    hashes = snapshot.table("shingles")
    snapshot.connection.execute(delete(hashes).where(hashes.c.source == source, hashes.c.version <= versions))


def redaction_of(snapshot: Snapshot, stream_type: str, name: str) -> Redaction | None:
    """When, by whom and why the words of a source or fact were erased last; None where they were not."""
    for entries in histories(snapshot, "redaction", [f"{stream_type}:{name}"], HEAD).values():
        last = entries[-1]
        return {
            "position": last.position,
            "recorded": instant_text(last.recorded),
            "recorded_by": last.data["recorded_by"],
            "reason": last.data["reason"],
        }
    return None


def _without_quotes_of(source: str, entry: Entry) -> dict[str, Any]:
    return without_words_of(source, entry.data) if entry.data.get("citations") else entry.data


def _without_proposed_from(source: str, entry: Entry) -> dict[str, Any]:
    return _without_words(entry) if source in entry.data.get("sources", ()) else entry.data


def _without_words(entry: Entry) -> dict[str, Any]:
    data = without_own_words(_EVENTS.get(entry.name) or KINDS[entry.name], entry.data)
    for source in {citation["source"] for citation in data.get("citations", ())}:
        data = without_words_of(source, data)
    return data
