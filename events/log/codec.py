"""Events from their values to what is stored, and back: encrypted words, the library's mapper, canonical JSON."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Mapper, Notification, StoredEvent, Transcoder

from events.dates.calendar import EPOCH, microseconds
from events.history.streams import Entry
from events.log.encryption import Keys, cited_streams, open_sealed, seal
from events.log.long_work import LongWork, PutOff
from events.log.proofs.merkle import leaf_bytes, leaf_hash

_NOTHING: tuple[Any, ...] = (None, [], {})
_LONG_BYTES = 200_000
"""Of an event as it is stored, above which it is long; chosen, not measured."""


def without_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without those that say nothing: None, and what is empty."""
    return {name: value for name, value in values.items() if value or value not in _NOTHING}


class JSONEvents(Transcoder):
    """Event values as canonical JSON (RFC 8785): names in order, times in RFC 3339, nothing where a value is empty."""

    def encode(self, obj: Any) -> bytes:
        """One event's values as UTF-8 JSON."""
        return orjson.dumps(without_nothing(obj), option=orjson.OPT_UTC_Z | orjson.OPT_SORT_KEYS)

    def decode(self, data: bytes) -> Any:
        """One event's values from UTF-8 JSON."""
        values = orjson.loads(data)
        values["timestamp"] = datetime.fromisoformat(values["timestamp"])
        return values


class Staged(NamedTuple):
    """An event to be stored: its class, the stream at whose end it stands, its values as they will be read."""

    make: type[DomainEvent]
    stream: str
    version: int
    data: dict[str, Any]


def to_stored(events: Iterable[Staged], recorded: int, keys: Keys, mapper: Mapper[UUID]) -> Iterator[StoredEvent]:
    """The events one by one as they are stored, recorded at that instant in UTC microseconds.

    They are made as the mapper makes them when it reads: without constructor, with the values that are given.
    """
    timestamp = EPOCH + timedelta(microseconds=recorded)
    for make, stream, version, data in events:
        event = object.__new__(make)
        vars(event).update(seal(make, data, stream, version, keys))
        vars(event).update(originator_id=UUID(stream), originator_version=version, timestamp=timestamp)
        yield mapper.to_stored_event(event)


def to_entries(
    stored: Iterable[Notification], mapper: Mapper[UUID], keys_of: Callable[[set[str]], Keys], *, hashed: bool = False
) -> list[tuple[str, Entry]]:
    """Stored events as entries, each with the id of its stream, and with the hash of its leaf if `hashed`.

    Their words are opened with the keys of all streams at once: `keys_of` returns those that are not destroyed.
    """
    read: list[tuple[str, Entry]] = []
    needed: set[str] = set()
    for each in stored:
        event = mapper.to_domain_event(each)
        values = vars(event)
        stream, version = values.pop("originator_id").hex, values.pop("originator_version")
        leaf = leaf_hash(leaf_bytes(each)) if hashed else b""
        recorded = microseconds(values.pop("timestamp"))
        read.append((stream, Entry(each.id, recorded, type(event).__name__, version, values, leaf)))
        if "sealed" in values:
            needed.add(stream)
            needed.update(cited_streams(values["sealed"]))
    keys = keys_of(needed)
    for stream, entry in read:
        if "sealed" in entry.data:
            open_sealed(entry.data, stream, entry.version, keys)
    return read


def to_entries_apart(
    stored: Sequence[Notification], mapper: Mapper[UUID], keys_of: Callable[[set[str]], Keys], work: LongWork
) -> list[tuple[str, Entry]]:
    """The same of sources, in order; what is long is opened outside of the writer's turn, with the key that it has now.

    Raises:
        PutOff: some of it is left to be opened.
    """
    short = [each for each in stored if len(each.state) <= _LONG_BYTES]
    read = to_entries(short, mapper, keys_of) if short else []
    for each in stored:
        if len(each.state) > _LONG_BYTES:
            keys = dict(keys_of({UUID(str(each.originator_id)).hex}))
            opened = partial(_opened_with, keys, each, mapper)
            read += work.result((each.id, *keys.values()), opened, [], is_long=True)
    if len(read) < len(stored):
        raise PutOff("long texts are left to be opened")
    return sorted(read, key=lambda each: each[1].position)


def _opened_with(keys: Keys, stored: Notification, mapper: Mapper[UUID]) -> list[tuple[str, Entry]]:
    return to_entries([stored], mapper, lambda _: keys)
