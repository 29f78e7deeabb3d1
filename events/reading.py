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
from events.merkle import leaf_bytes, leaf_hash
from events.sealing import open_sealed, streams_needed
from events.turns import KeyedEvent, LoggedEvent

_INNER = ("originator_id", "originator_version")


def opened(
    stored: Iterable[KeyedEvent],
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
    keys: dict[str, bytes] = {}
    needed: set[str] = set()
    for position, stream, version, topic, state, key in stored:
        leaf = leaf_hash(leaf_bytes(stream, version, topic, state)) if hashed else b""
        name, data = _values(LoggedEvent(position, stream, version, topic, state), mapper)
        read.append((stream, Entry(position, _recorded(data.pop("timestamp")), name, version, data, leaf)))
        if key is not None:
            keys[stream] = key
        if "sealed" in data:
            needed.update(streams_needed(data, stream))
    keys.update(keys_of(needed - keys.keys()))
    for stream, entry in read:
        if "sealed" in entry.data:
            open_sealed(entry.data, stream, entry.version, keys)
    return read


def _values(logged: LoggedEvent, mapper: Mapper[UUID]) -> tuple[str, dict[str, Any]]:
    """The name of an event's class, and its values, their words under seal."""
    make = resolve_topic(logged.topic)
    data: dict[str, Any] = orjson.loads(logged.state)
    if getattr(make, "class_version", 1) != data.pop("class_version", 1):
        raised = vars(mapper.to_domain_event(logged.stored))
        data = {name: value for name, value in raised.items() if name not in _INNER} | {"timestamp": data["timestamp"]}
    return make.__name__, data


@lru_cache(maxsize=1024)
def _recorded(timestamp: str) -> int:
    """An instant of recording, which the events of one call share, in UTC microseconds."""
    return microseconds(datetime.fromisoformat(timestamp))
