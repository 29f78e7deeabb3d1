"""Events that a call has decided on, from their values as they will be read to the rows that are stored."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from eventsourcing.domain import DomainEvent
from eventsourcing.utils import get_topic

from events.dates.calendar import instant_text
from events.history.streams import source_stream
from events.log.encryption import KEY_BYTES, NONCE_BYTES, Keys, fresh, has_words, seal, sources_of
from events.log.reader import NewEvent
from events.log.recorders import canonical_json


class Staged(NamedTuple):
    """An event to be stored: its class, the stream at whose end it stands, its values as they will be read."""

    make: type[DomainEvent]
    stream: str
    version: int
    data: dict[str, Any]


def streams_with_words(events: Iterable[Staged]) -> set[str]:
    """The streams that need a key for the events."""
    return {event.stream for event in events if has_words(event.make)}


def streams_cited(events: Iterable[Staged]) -> set[str]:
    """The streams of sources with whose keys the events are sealed too."""
    return set(map(source_stream, {source for event in events for source in sources_of(event.make, event.data)}))


def new_keys(streams: Iterable[str]) -> dict[str, bytes]:
    """A fresh key for each stream."""
    return dict(zip(streams, fresh(KEY_BYTES), strict=False))


def sealed(events: Iterable[Staged], recorded: int, keys: Keys) -> Iterator[NewEvent]:
    """The events one by one as they are stored, recorded at that instant in UTC microseconds."""
    timestamp, nonces = instant_text(recorded), fresh(NONCE_BYTES)
    for make, stream, version, data in events:
        values = seal(make, data, stream, version, keys, nonces)
        values["timestamp"] = timestamp
        if getattr(make, "class_version", 1) > 1:
            values["class_version"] = make.class_version  # type: ignore[attr-defined]
        yield stream, version, get_topic(make), canonical_json(values)
