"""Redaction: lawful erasure of words. The key that opens them is destroyed; all else stays as it was recorded."""

from collections.abc import Mapping
from typing import Any

from events.amendments import WordsRedacted
from events.commands.quotes import searchable
from events.log.unit_of_work import Receipt, UnitOfWork


def redact(unit: UnitOfWork, of: str, name: str, body: Mapping[str, Any]) -> Receipt:
    """Erase the words of a `source`, and all that facts cite of them, or of a `fact`: its texts, names and quotes.

    Where nothing is left to erase, the receipt is that of the last redaction.
    """
    unit.recorded_entries(of, name)
    stream = f"{of}:{name}"
    if not unit.has_key(of, name):
        return unit.receipt_of(stream, unit.entries("redaction", stream)[-1])
    unit.destroy(of, name)
    searchable.cache_clear()
    return unit.stage("redaction", stream, WordsRedacted, {"of": of, "id": name, "reason": body["reason"]})
