"""Redaction: lawful erasure of words. The key that opens them is destroyed; all else stays as it was recorded."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any, ClassVar

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import register_topic

from events.errors import NotFound
from events.log.unit_of_work import Receipt, UnitOfWork


class WordsRedacted(DomainEvent):
    """The words of a source, or of a fact, were erased; the reason is kept in the open and must not repeat them."""

    TOPIC: ClassVar[str] = "redaction:WordsRedacted"

    _: KW_ONLY
    of: str
    id: str
    reason: str
    recorded_by: str


register_topic(WordsRedacted.TOPIC, WordsRedacted)


def redact(call: UnitOfWork, of: str, name: str, given: Mapping[str, Any]) -> Receipt:
    """Erase the words of a `source`, and all that facts cite of them, or of a `fact`: its texts, names and quotes.

    Where nothing is left to erase, the receipt is that of the last redaction.

    Raises:
        NotFound: there is no such source or fact.
    """
    if not call.entries(of, name):
        raise NotFound(f"no {of} {name!r} is recorded")
    stream = f"{of}:{name}"
    if not call.has_key(of, name):
        return call.receipt_of("redaction", stream, call.entries("redaction", stream)[-1])
    call.destroy(of, name)
    return call.stage("redaction", stream, WordsRedacted, {"of": of, "id": name, "reason": given["reason"]})
