"""Redactions followed: words that were read before their key was destroyed are erased from the views too."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import select, update

from events.amendments import AMENDMENTS, PROPOSAL_EVENTS, ProposalAccepted, WordsRedacted
from events.dates.calendar import instant_text
from events.facts import KINDS
from events.history.streams import HEAD, Entry
from events.log.encryption import REDACTED, blanked, blanked_of
from events.sources import SOURCE_EVENTS, TEXTS
from projections.read_models.ledger import entry_from, histories, kept, linked
from projections.store.snapshots import Snapshot

_LAST = "SELECT max(position + 0) FROM {entries} WHERE sort = 'redaction'"  # + 0: by sort, not from the end backwards


class Redaction(TypedDict):
    """When, by whom and why words were erased."""

    position: int
    recorded: str
    recorded_by: str
    reason: str


class Redacted(NamedTuple):
    """What an event redacts: the sort and the id of a stream, up to a position."""

    sort: str
    name: str
    until: int


def redacted_in(batch: Iterable[Entry]) -> list[Redacted]:
    """What the batch redacts; a proposal's words are erased when it is accepted."""
    found = []
    for entry in batch:
        if entry.name == WordsRedacted.__name__:
            found.append(Redacted(entry.data["of"], entry.data["id"], entry.position))
        elif entry.name == ProposalAccepted.__name__:
            found.append(Redacted("proposal", entry.data["id"], entry.position))
    return found


def redacted_since(snapshot: Snapshot, position: int) -> list[Redacted]:
    """What was redacted behind the position."""
    entries = snapshot.table("entries")
    names = (WordsRedacted.__name__, ProposalAccepted.__name__)
    wanted = select(entries).where(
        entries.c.sort.in_(("redaction", "proposal")), entries.c.name.in_(names), entries.c.position > position
    )
    return redacted_in(entry_from(row) for row in snapshot.rows(wanted.order_by(entries.c.position)))


def erase(snapshot: Snapshot, redacted: Iterable[Redacted]) -> None:
    """Erase the words of streams from what was followed before they were redacted."""
    for sort, name, until in redacted:
        _rewrite(snapshot, sort, [name], until, _without_words)
        if sort == "source":
            _overwrite_texts(snapshot, name, REDACTED, _versions_by(snapshot, name, until))
            for facts in linked(snapshot, "cites", [name], until).values():
                _rewrite(snapshot, "fact", facts, until, partial(_without_quotes_of, name))
            proposals = _streams_of(snapshot, "proposal")
            _rewrite(snapshot, "proposal", proposals, until, partial(_without_proposed_from, name))


def _rewrite(
    snapshot: Snapshot, sort: str, streams: Sequence[str], until: int, change: Callable[[Entry], dict[str, Any]]
) -> None:
    """Put other values into the entries of streams up to a position, where their words are erased."""
    table = snapshot.table("entries")
    for entries in histories(snapshot, sort, streams, until).values():
        for entry in entries:
            row = update(table).where(table.c.position == entry.position)
            snapshot.connection.execute(row.values(data=kept(change(entry))))


def _overwrite_texts(snapshot: Snapshot, source: str, words: str, versions: int) -> None:
    """Put other words in the place of a source's texts, up to a version."""
    texts = snapshot.table("texts")
    rows = update(texts).where(texts.c.source == source, texts.c.version <= versions)
    snapshot.connection.execute(rows.values(text=words))


def _versions_by(snapshot: Snapshot, source: str, position: int) -> int:
    """How many versions a source had at the position."""
    entries = histories(snapshot, "source", [source], position).get(source, [])
    return sum(entry.name in TEXTS for entry in entries)


def _streams_of(snapshot: Snapshot, sort: str) -> list[str]:
    """The ids of all streams of a sort of which there are few."""
    entries = snapshot.table("entries")
    return [row.stream for row in snapshot.rows(select(entries.c.stream).where(entries.c.sort == sort).distinct())]


def last_redaction(snapshot: Snapshot) -> int:
    """The position of the last redaction of a source or fact; 0 if there is none."""
    return int(snapshot.probe(_LAST)[0][0] or 0)


def redaction_of(snapshot: Snapshot, sort: str, name: str) -> Redaction | None:
    """When, by whom and why the words of a source or fact were erased last; None where they were not."""
    stream = f"{sort}:{name}"
    entries = histories(snapshot, "redaction", [stream], HEAD).get(stream)
    if not entries:
        return None
    last = entries[-1]
    return {
        "position": last.position,
        "recorded": instant_text(last.recorded),
        "recorded_by": last.data["recorded_by"],
        "reason": last.data["reason"],
    }


def _without_quotes_of(source: str, entry: Entry) -> dict[str, Any]:
    return blanked_of(source, entry.data) if entry.data.get("citations") else entry.data


def _without_proposed_from(source: str, entry: Entry) -> dict[str, Any]:
    return _without_words(entry) if source in entry.data.get("sources", ()) else entry.data


def _without_words(entry: Entry) -> dict[str, Any]:
    data = blanked({**KINDS, **AMENDMENTS, **SOURCE_EVENTS, **PROPOSAL_EVENTS}[entry.name], entry.data)
    for source in {citation["source"] for citation in data.get("citations", ())}:
        data = blanked_of(source, data)
    return data
