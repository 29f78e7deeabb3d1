"""The stream of one fact or one source, as plain entries: what both the record and the views read."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import or_
from typing import Any, NamedTuple, NotRequired, TypedDict
from uuid import NAMESPACE_URL, UUID, uuid5

from events.dates.bounds import bounds_of, instant
from events.sources import ORIGINAL, PSEUDONYMS, TextIs

HEAD = 1 << 62
"""A position after every other: the head of the log."""
NEVER = 1 << 200
"""Later than every instant: an open end."""
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:chronology:streams")


@lru_cache(maxsize=16_384)
def stream_id(category: str, name: str) -> str:
    """The id of a stream: UUIDv5 of its category, as fact or source, and its own id (RFC 9562), in hexadecimal."""
    return stream_of(category, name).hex


def stream_of(category: str, name: str) -> UUID:
    """The same as a UUID."""
    return uuid5(_NAMESPACE, f"{category}:{name}")


class Translation(TypedDict):
    """Cited words in another language (BCP 47); ours."""

    language: str
    text: str


class StoredCitation(TypedDict):
    """Words of a source version (W3C TextQuoteSelector), and where they stand in its text if that was verified."""

    source: str
    version: int
    exact: str
    prefix: NotRequired[str]
    suffix: NotRequired[str]
    translation: NotRequired[Translation]
    verified: bool
    start: NotRequired[int]
    end: NotRequired[int]
    redacted: NotRequired[bool]


class Entry(NamedTuple):
    """One event of a stream: its place in the log, when it was recorded (UTC microseconds), its class, its values."""

    position: int
    recorded: int
    name: str
    version: int
    data: dict[str, Any]
    leaf: bytes = b""
    """The hash of the event's leaf in the Merkle tree of the log; empty where it was not asked for."""

    @property
    def n(self) -> int:
        """The number of an amendment in its fact's stream."""
        return self.version - 1


class Edition(NamedTuple):
    """One version of a source's text; `published_by` is an exclusive bound in UTC microseconds, `NEVER` if open."""

    version: int
    published: str | None
    retrieved_at: str | None
    recorded: int
    sha256: str
    has_text: bool
    published_by: int


class Publisher(NamedTuple):
    """Who published or passed on something; the pseudonym stands for the name where names are compared.

    It is the same without case, and also once the name is erased.
    """

    name: str
    pseudonym: str


class SourceState(NamedTuple):
    """What is noted about a source at a position; `withdrawn_by` is when its publisher took it back, else `NEVER`.

    `agency` is whose words it passes on, `derived_from` names the sources that it is made from.
    """

    id: str
    title: str
    publisher: Publisher
    registered_publisher: Publisher
    zone: str
    url: str | None
    published: str | None
    language: str | None
    editions: tuple[Edition, ...]
    withdrawn_by: int
    agency: Publisher | None
    derived_from: tuple[str, ...]
    text_is: TextIs

    def publisher_of(self, version: int) -> Publisher:
        """Who published the version: a repair of the publisher repairs version 1."""
        return self.publisher if version == 1 else self.registered_publisher


@dataclass(slots=True)
class SourceHistory:
    """The stream of one source."""

    id: str
    entries: list[Entry]
    _states: dict[int, SourceState] = field(default_factory=dict)

    def at(self, position: int = HEAD) -> SourceState | None:
        """What was noted about the source at the position; None before it was registered."""
        count = len(self.entries)
        if self.entries[-1].position > position:
            count = bisect_right(self.entries, position, key=lambda entry: entry.position)
        if count == 0:
            return None
        if count not in self._states:
            self._states[count] = _source_state(self.id, self.entries[:count])
        return self._states[count]

    def roots(self) -> set[str]:
        """The sources from which this one was ever said to be derived."""
        noted = (entry.data.get("changes", entry.data) for entry in self.entries)
        return {root for each in noted for root in each.get("derived_from") or ()}


def _source_state(source: str, entries: list[Entry]) -> SourceState:
    first = entries[0]
    registered = _with_pseudonyms(first.data, first.data)
    corrected = (entry.data for entry in entries if entry.name == "SourceCorrected")
    corrections = [_with_pseudonyms(data["changes"], data) for data in corrected]
    noted = reduce(or_, corrections, registered)
    published, zone = noted.get("published"), noted["zone"]
    editions = [_edition(first, registered, 1, published, zone)]
    withdrawn_by = NEVER
    undone = {entry.data["withdraws"] for entry in entries if entry.name == "SourceWithdrawalWithdrawn"}
    for entry in entries[1:]:
        if entry.name == "SourceRevised":
            data = entry.data
            editions.append(_edition(entry, data, data["version"], data.get("published"), zone))
        elif entry.name == "SourceWithdrawn" and entry.n not in undone:
            withdrawn_by = min(withdrawn_by, _published_by(entry, entry.data.get("published"), zone))
    agency = noted.get("agency")
    return SourceState(
        id=source,
        title=noted["title"],
        publisher=Publisher(noted["publisher"], noted["pseudonym"]),
        registered_publisher=Publisher(registered["publisher"], registered["pseudonym"]),
        zone=zone,
        url=noted.get("url"),
        published=published,
        language=registered.get("language"),
        editions=tuple(editions),
        withdrawn_by=withdrawn_by,
        agency=None if agency is None else Publisher(agency, noted["agency_pseudonym"]),
        derived_from=tuple(noted.get("derived_from") or ()),
        text_is=noted.get("text_is", ORIGINAL),
    )


def _with_pseudonyms(noted: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """What an event notes about a source, with what stands for the publisher and the agency where it names them."""
    return noted | {
        own: data.get(own, noted[name].casefold()) for name, own in PSEUDONYMS.items() if noted.get(name) is not None
    }


def _edition(entry: Entry, noted: dict[str, Any], version: int, published: str | None, zone: str) -> Edition:
    retrieved = noted.get("retrieved_at")
    dated = published or (retrieved if version > 1 else None)
    has_text = noted.get("text") is not None or bool(noted.get("has_text"))
    published_by = _published_by(entry, dated, zone)
    return Edition(version, published, retrieved, entry.recorded, noted["sha256"], has_text, published_by)


def _published_by(entry: Entry, dated: str | None, zone: str) -> int:
    """The exclusive bound of a publication; without a date that of its recording."""
    if dated is None:
        return entry.recorded + 1
    try:
        hi = bounds_of(dated, zone).hi
    except ValueError:
        return instant(dated) + 1
    return NEVER if hi is None else hi


@dataclass(slots=True)
class FactHistory:
    """The stream of one fact: its recording, then its amendments."""

    id: str
    entries: list[Entry]

    @property
    def recording(self) -> Entry:
        """The event that recorded the fact."""
        return self.entries[0]

    @property
    def amendments(self) -> list[Entry]:
        """The events on the fact, in order."""
        return self.entries[1:]

    def sources(self) -> set[str]:
        """The ids of all sources that the fact or an amendment of it cites."""
        return {citation["source"] for entry in self.entries for citation in entry.data.get("citations", ())}


Sources = dict[str, SourceHistory]
"""Histories of sources, by id."""


def with_roots(names: Iterable[str], read: Callable[[set[str]], Sources]) -> Sources:
    """The sources of these names, and all from which they were ever said to be derived, directly or through others.

    `read` gives the histories of some.
    """
    found: Sources = {}
    wanted = set(names)
    while wanted:
        some = read(wanted)
        found |= some
        wanted = {root for history in some.values() for root in history.roots()} - found.keys()
    return found


def states_of_sources(sources: Sources, position: int) -> dict[str, SourceState]:
    """What is noted at the position about those of the sources that were recorded by then."""
    noted = ((name, history.at(position)) for name, history in sources.items())
    return {name: state for name, state in noted if state is not None}
