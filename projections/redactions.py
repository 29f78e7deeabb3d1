"""Redactions followed: words that were read before their key was destroyed are erased from the views too."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import MetaData

from events.amendments import AMENDMENTS
from events.calendar import instant_text
from events.facts import KINDS
from events.history import HEAD, Entry
from events.proposing import PROPOSAL_EVENTS, ProposalAccepted
from events.redacting import WordsRedacted
from events.sealing import REDACTED, blanked, blanked_of
from events.sources import SOURCE_EVENTS
from projections.ledger import histories, linked, overwrite_texts, rewrite, streams_of, versions_by
from projections.store import Snapshot


class Redactions:
    """The view without tables: it erases in the ledger, before states are folded from it."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """No table."""

    def apply(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Erase what the batch redacts."""
        erase(snapshot, redacted_in(batch))


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


def erase(snapshot: Snapshot, redacted: Iterable[Redacted]) -> None:
    """Erase the words of streams from what was followed before they were redacted."""
    for sort, name, until in redacted:
        rewrite(snapshot, sort, [name], until, _without_words)
        if sort == "source":
            overwrite_texts(snapshot, name, REDACTED, versions_by(snapshot, name, until))
            for facts in linked(snapshot, "cites", [name], until).values():
                rewrite(snapshot, "fact", facts, until, partial(_without_quotes_of, name))
            proposals = streams_of(snapshot, "proposal")
            rewrite(snapshot, "proposal", proposals, until, partial(_without_proposed_from, name))


def redaction_of(snapshot: Snapshot, sort: str, name: str) -> dict[str, Any] | None:
    """When, by whom and why the words of a source or fact were erased last; None where they were not."""
    stream = f"{sort}:{name}"
    entries = histories(snapshot, "redaction", [stream], HEAD).get(stream)
    if not entries:
        return None
    last = entries[-1]
    shown = {"position": last.position, "recorded": instant_text(last.recorded)}
    return shown | {each: last.data[each] for each in ("recorded_by", "reason")}


def _without_quotes_of(source: str, entry: Entry) -> dict[str, Any]:
    return blanked_of(source, entry.data) if entry.data.get("citations") else entry.data


def _without_proposed_from(source: str, entry: Entry) -> dict[str, Any]:
    return _without_words(entry) if source in entry.data.get("sources", ()) else entry.data


def _without_words(entry: Entry) -> dict[str, Any]:
    data = blanked({**KINDS, **AMENDMENTS, **SOURCE_EVENTS, **PROPOSAL_EVENTS}[entry.name], entry.data)
    for source in {citation["source"] for citation in data.get("citations", ())}:
        data = blanked_of(source, data)
    return data
