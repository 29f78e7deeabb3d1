"""Stored events read back as plain entries, their words opened with the keys of their streams."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import Mapper
from eventsourcing.utils import resolve_topic

from events.calendar import microseconds
from events.history import Entry
from events.merkle import leaf_hash
from events.sealing import open_sealed, streams_needed
from events.turns import LoggedEvent

_INNER = ("originator_id", "originator_version", "timestamp")


Keyed = tuple[LoggedEvent, bytes | None]
"""A stored event, and the key of its stream where that is known already."""


def opened(
    stored: Iterable[Keyed],
    mapper: Mapper[UUID],
    keys_of: Callable[[set[str]], Mapping[str, bytes]],
    *,
    hashed: bool = False,
) -> list[tuple[str, Entry]]:
    """Stored events as entries, each with the id of its stream; their words are opened with keys asked for all at once.

    Args:
        stored: the events.
        mapper: what raises events of an earlier version to the present one.
        keys_of: answers with the keys of those streams that have one.
        hashed: whether the entries hold the hashes of their leaves.
    """
    read: list[tuple[str, Entry]] = []
    known: dict[str, bytes] = {}
    needed: set[str] = set()
    for logged, key in stored:
        entry = _entry(logged, mapper, leaf_hash(logged.leaf) if hashed else b"")
        read.append((logged.stream, entry))
        if key is not None:
            known[logged.stream] = key
        if "sealed" in entry.data:
            needed.update(streams_needed(entry.data, logged.stream))
    known.update(keys_of(needed - known.keys()))
    for stream, entry in read:
        if "sealed" in entry.data:
            open_sealed(entry.data, stream, entry.version, known)
    return read


def _entry(logged: LoggedEvent, mapper: Mapper[UUID], leaf: bytes) -> Entry:
    """A stored event as an entry, its words under seal."""
    position, _, version, topic, state = logged
    make = resolve_topic(topic)
    data: dict[str, Any] = orjson.loads(state)
    recorded = _recorded(data.pop("timestamp"))
    if getattr(make, "class_version", 1) != data.pop("class_version", 1):
        raised = vars(mapper.to_domain_event(logged.stored))
        data = {name: value for name, value in raised.items() if name not in _INNER}
    return Entry(position, recorded, make.__name__, version, data, leaf)


@lru_cache(maxsize=1024)
def _recorded(timestamp: str) -> int:
    """An instant of recording, which the events of one call share, in UTC microseconds."""
    return microseconds(datetime.fromisoformat(timestamp))
