"""Redaction: lawful erasure of words. The key that opens them is destroyed; all else stays as it was recorded."""

from collections.abc import Mapping
from typing import Any

from events.amendments import WordsRedacted
from events.commands.quotes import searchable
from events.errors import NotFound
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork

REDACTABLE = ("source", "fact", "subject", "proposal")


def redact(unit: UnitOfWork, of: str, name: str, body: Mapping[str, Any]) -> Receipt:
    """Erase the words of one of the `REDACTABLE`; of a subject, those of its description and of its merges and splits.

    Of a source, that is all that is noted of it and all that facts cite of it; of a fact its texts, names and quotes;
    of a proposal what was proposed and why it was rejected. Where nothing is left to erase, the receipt is that of the
    last redaction.

    Raises:
        NotFound: nothing is recorded under the name.
    """
    streams = [(of, name), ("fact", f"subject:{name}")] if of == "subject" else [(of, name)]
    recorded = [stream for stream in streams if unit.entries(*stream)]
    if not recorded:
        raise NotFound(f"no {of} {name!r} is recorded" if of != "subject" else f"subject {name!r} has no words")
    receipts = [_redact(unit, *stream, body) for stream in recorded]
    return max(receipts, key=lambda receipt: (receipt.created, receipt.position))


def _redact(unit: UnitOfWork, of: str, name: str, body: Mapping[str, Any]) -> Receipt:
    stream = f"{of}:{name}"
    before = unit.entries("redaction", stream)
    if before and not unit.has_key(of, name):
        return unit.receipt_of(stream, before[-1])
    unit.destroy(of, name)
    searchable.cache_clear()
    return unit.stage("redaction", stream, WordsRedacted, {"of": of, "id": name, "reason": body["reason"]})
