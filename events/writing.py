"""One call that writes: what it has read, what it is about to record, and the receipts it will give.

Nothing is stored until the call's end, when all of it is stored at once; decisions made later in the call see what
earlier ones staged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Mapper

from events.calendar import EPOCH
from events.errors import Conflict
from events.history import HEAD, Entry, FactHistory, Shelf, SourceHistory
from events.quotes import SearchableText
from events.sources import TEXTS
from events.stored import Turn

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:chronology:streams")
_TEXTS_KEPT = 64
_STAGED = HEAD - (1 << 40)  # staged events stand after every stored one, in order, and before `HEAD`


def stream_of(sort: str, name: str) -> UUID:
    """The id of the stream of a fact or a source: UUIDv5 of its sort and its own id (RFC 9562)."""
    return uuid5(_NAMESPACE, f"{sort}:{name}")


@dataclass(slots=True)
class Receipt:
    """What a write answers: the id, the event's number in its stream, its position, and whether it is new.

    The position of a new event is 0 until the call has been stored.
    """

    id: str
    version: int
    position: int
    created: bool
    sha256: str | None = None
    edition: int | None = None

    @property
    def n(self) -> int:
        """The number of an amendment."""
        return self.version - 1


def entry_of(event: DomainEvent, position: int, recorded: int) -> Entry:
    """An event as a plain entry of its stream."""
    return Entry(position, recorded, type(event).__name__, event.originator_version, vars(event))


class Texts:
    """Folded texts of source versions, kept between calls: a version's text never changes."""

    def __init__(self) -> None:
        self._kept: dict[str, SearchableText] = {}

    def of(self, sha256: str, text: str) -> SearchableText:
        """The searchable form of the text with that digest."""
        if sha256 not in self._kept:
            while len(self._kept) >= _TEXTS_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[sha256] = SearchableText(text)
        return self._kept[sha256]


class Call:
    """One writing call within a writer's turn."""

    def __init__(self, turn: Turn, mapper: Mapper[UUID], by: str, zone: str, texts: Texts) -> None:
        self.by = by
        self.zone = zone
        self._texts = texts
        self._editions: dict[str, tuple[int, list[SearchableText | None]]] = {}
        self.recorded = turn.recorded
        self.timestamp = EPOCH + timedelta(microseconds=turn.recorded)
        self._turn = turn
        self._mapper = mapper
        self._streams: dict[tuple[str, str], list[Entry]] = {}
        self._ids: dict[tuple[str, str], UUID] = {}
        self._kinds: dict[str, str | None] = {}
        self._absent: set[str] = set()
        self._named: dict[str, str | None] = {}
        self._staged: dict[tuple[str, str, int], tuple[DomainEvent, Receipt]] = {}

    def read(self, sort: str, names: Iterable[str]) -> None:
        """Read the streams of that sort that were not read yet, all at once."""
        wanted = {stream_of(sort, name): (sort, name) for name in names if (sort, name) not in self._streams}
        if not wanted:
            return
        for stream, key in wanted.items():
            self._streams[key], self._ids[key] = [], stream
        for logged in self._turn.streams(wanted):
            event: Any = self._mapper.to_domain_event(logged.stored)
            recorded = (event.timestamp - EPOCH) // timedelta(microseconds=1)
            self._streams[wanted[logged.stream]].append(entry_of(event, logged.position, recorded))

    def entries(self, sort: str, name: str) -> list[Entry]:
        """The stream of a fact or a source as this call sees it; empty where there is none."""
        known = self._streams.get((sort, name))
        if known is None:
            self.read(sort, [name])
            known = self._streams[sort, name]
        return known

    def fact(self, fact: str) -> FactHistory:
        """The history of a fact; without entries where there is none."""
        return FactHistory(fact, self.entries("fact", fact))

    def shelf(self, sources: Iterable[str]) -> Shelf:
        """The histories of sources."""
        names = list(sources)
        self.read("source", names)
        return {name: SourceHistory(name, self.entries("source", name)) for name in names}

    def editions(self, source: str) -> list[SearchableText | None]:
        """The searchable texts of a source's versions, None where one has no text; empty where there is no source."""
        entries = self.entries("source", source)
        known = self._editions.get(source)
        if known is None or known[0] != len(entries):
            noted = [entry.data for entry in entries if entry.name in TEXTS]
            texts = [self._texts.of(each["sha256"], each["text"]) if each.get("text") else None for each in noted]
            self._editions[source] = known = len(entries), texts
        return known[1]

    def look_up(self, subjects: Iterable[str]) -> None:
        """Read the kinds of the subjects not read yet, all at once."""
        wanted = sorted(set(subjects) - self._kinds.keys() - self._absent)
        if not wanted:
            return
        known = self._turn.kinds(wanted)
        self._kinds.update(known)
        self._absent.update(name for name in wanted if name not in known)

    def kind_of(self, subject: str) -> str | None:
        """The kind under which the subject is known; None while it is unknown or named without kind."""
        if subject not in self._kinds:
            self.look_up([subject])
        return self._kinds.get(subject)

    def name(self, subject: str, kind: str | None) -> bool:
        """Open the subject by naming it, or check that it is of that kind; whether this said something new of it.

        Raises:
            Conflict: the subject is of another kind.
        """
        if kind is not None and self._kinds.get(subject) == kind:
            return False
        known = self.kind_of(subject)
        if kind is not None and known is not None and kind != known:
            raise Conflict(f"{subject!r} is of kind {known}, not {kind}")
        if subject in self._kinds and (known is not None or kind is None):
            return False
        self._kinds[subject] = self._named[subject] = kind
        return True

    def stage(self, sort: str, name: str, make: type[DomainEvent], values: Mapping[str, Any]) -> Receipt:
        """Put an event at the end of its stream, to be stored with the rest of the call."""
        entries = self.entries(sort, name)
        event: Any = make.__new__(make)  # made as the library's mapper makes events: values that are not given stay out
        vars(event).update(
            values,
            originator_id=self._ids[sort, name],
            originator_version=len(entries) + 1,
            timestamp=self.timestamp,
            recorded_by=self.by,
        )
        receipt = Receipt(name, event.originator_version, 0, True)
        entries.append(entry_of(event, _STAGED + len(self._staged), self.recorded))
        self._staged[sort, name, receipt.version] = event, receipt
        return receipt

    def store(self) -> None:
        """Store everything staged, and write its positions into the receipts."""
        stored = [self._mapper.to_stored_event(event) for event, _ in self._staged.values()]
        positions = self._turn.save(stored, self._named)
        for (_, receipt), position in zip(self._staged.values(), positions, strict=True):
            receipt.position = position

    def receipt_of(self, sort: str, name: str, entry: Entry) -> Receipt:
        """The receipt of an event recorded before, in this call or an earlier one."""
        staged = self._staged.get((sort, name, entry.version))
        return staged[1] if staged else Receipt(name, entry.version, entry.position, False)
