"""Stored events read back as plain entries, their words opened with the keys of their streams."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import resolve_topic

from events.dates.calendar import microseconds
from events.history.streams import Entry
from events.log.encryption import cited_streams, open_sealed
from events.log.merkle import leaf_bytes, leaf_hash
from events.log.reader import KeyedEvent

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
    keyless: set[str] = set()
    labels: set[str] = set()
    for position, stream, version, topic, state, key in stored:
        leaf = leaf_hash(leaf_bytes(stream, version, topic, state)) if hashed else b""
        name, class_version = _class_of(topic)
        data = orjson.loads(state)
        if class_version != data.pop("class_version", 1):
            data = _raised(StoredEvent(UUID(stream), version, topic, state), mapper)
        read.append((stream, Entry(position, _recorded(data.pop("timestamp")), name, version, data, leaf)))
        if "sealed" in data:
            labels.update(data["sealed"])
            if key is None:
                keyless.add(stream)
            else:
                keys[stream] = key
    keys.update(keys_of(keyless.union(cited_streams(labels)) - keys.keys()))
    for stream, entry in read:
        if "sealed" in entry.data:
            open_sealed(entry.data, stream, entry.version, keys)
    return read


@cache
def _class_of(topic: str) -> tuple[str, int]:
    """The name of the class of a topic, and its version."""
    made = resolve_topic(topic)
    return made.__name__, getattr(made, "class_version", 1)


def _raised(stored: StoredEvent, mapper: Mapper[UUID]) -> dict[str, Any]:
    """The values of an event of an earlier version, as the present one has them."""
    raised = vars(mapper.to_domain_event(stored))
    values = {name: value for name, value in raised.items() if name not in _INNER}
    return values | {"timestamp": orjson.loads(stored.state)["timestamp"]}


@lru_cache(maxsize=1024)
def _recorded(timestamp: str) -> int:
    """An instant of recording, which the events of one call share, in UTC microseconds."""
    return microseconds(datetime.fromisoformat(timestamp))
