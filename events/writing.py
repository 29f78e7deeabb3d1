"""One call that writes: what it has read, what it is about to record, and the receipts it will give.

Nothing is stored until the call's end, when all of it is stored at once; decisions made later in the call see what
earlier ones staged.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Mapper

from events.calendar import EPOCH
from events.errors import Conflict
from events.history import HEAD, Entry, FactHistory, Shelf, SourceHistory, stream_of
from events.quotes import SearchableText
from events.sealing import REDACTED, has_words, new_keys, open_sealed, seal, streams_needed
from events.sources import TEXTS
from events.turns import LoggedEvent, Turn

_TEXTS_KEPT = 64
_STAGED = HEAD - (1 << 40)  # staged events stand after every stored one, in order, and before `HEAD`


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


Edition = SearchableText | str | None
"""The text of a source's version: to search in, None where it has none, `REDACTED` where it is redacted."""


def entry_of(event: DomainEvent, position: int, recorded: int, leaf: bytes = b"") -> Entry:
    """An event as a plain entry of its stream."""
    return Entry(position, recorded, type(event).__name__, event.originator_version, vars(event), leaf)


def opened(
    logged: Iterable[LoggedEvent], mapper: Mapper[UUID], keys_of: Callable[[Iterable[UUID]], Mapping[UUID, bytes]]
) -> Iterator[tuple[LoggedEvent, Any]]:
    """Stored events as domain events, their words opened with the keys that are asked for all at once."""
    events: list[tuple[LoggedEvent, Any]] = [(each, mapper.to_domain_event(each.stored)) for each in logged]
    needed = {stream for _, event in events for stream in streams_needed(vars(event), event.originator_id)}
    keys = keys_of(needed)
    for each, event in events:
        open_sealed(vars(event), event.originator_id, event.originator_version, keys)
        yield each, event


class Texts:
    """Folded texts of source versions, kept between calls: a version's text never changes."""

    def __init__(self) -> None:
        self._kept: dict[str, SearchableText] = {}

    def forget(self) -> None:
        """Keep nothing: a text was redacted."""
        self._kept.clear()

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
        self.accepted_by: str | None = None
        self.zone = zone
        self._texts = texts
        self._editions: dict[str, tuple[int, list[Edition]]] = {}
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
        self._destroyed: set[UUID] = set()

    def read(self, sort: str, names: Iterable[str]) -> None:
        """Read the streams of that sort that were not read yet, all at once."""
        wanted = {stream_of(sort, name): (sort, name) for name in names if (sort, name) not in self._streams}
        if not wanted:
            return
        for stream, key in wanted.items():
            self._streams[key], self._ids[key] = [], stream
        for logged, event in opened(self._turn.streams(wanted), self._mapper, self._turn.keys):
            recorded = (event.timestamp - EPOCH) // timedelta(microseconds=1)
            self._streams[wanted[event.originator_id]].append(entry_of(event, logged.position, recorded))

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

    def editions(self, source: str) -> list[Edition]:
        """The texts of a source's versions; empty where there is no source."""
        entries = self.entries("source", source)
        known = self._editions.get(source)
        if known is None or known[0] != len(entries):
            texts = [self._edition(entry.data) for entry in entries if entry.name in TEXTS]
            self._editions[source] = known = len(entries), texts
        return known[1]

    def _edition(self, noted: Mapping[str, Any]) -> Edition:
        if noted.get(REDACTED):
            return REDACTED
        return self._texts.of(noted["sha256"], noted["text"]) if noted.get("text") else None

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
        if self.accepted_by:
            vars(event)["accepted_by"] = self.accepted_by
        receipt = Receipt(name, event.originator_version, 0, True)
        entries.append(entry_of(event, _STAGED + len(self._staged), self.recorded))
        self._staged[sort, name, receipt.version] = event, receipt
        return receipt

    def trial(self) -> "Call":
        """A call of which nothing is stored, to try a decision on as things stand."""
        return Call(self._turn, self._mapper, self.by, self.zone, self._texts)

    @contextmanager
    def on_behalf_of(self, proposer: str) -> Iterator[None]:
        """Stage events as recorded by who proposed them, and accepted by who makes this call."""
        self.accepted_by, self.by = self.by, proposer
        try:
            yield
        finally:
            self.by, self.accepted_by = self.accepted_by, None

    def destroy(self, sort: str, name: str) -> None:
        """Destroy the key of the stream's words at the end of the call."""
        self.entries(sort, name)
        self._destroyed.add(self._ids[sort, name])

    def has_key(self, sort: str, name: str) -> bool:
        """Whether the stream's words can still be read."""
        return bool(self._turn.keys([stream_of(sort, name)]))

    def store(self) -> bool:
        """Store everything staged, its words sealed, and write the positions into the receipts.

        Answers with whether keys were destroyed.
        """
        events = [event for event, _ in self._staged.values()]
        keys, fresh = self._keys(events)
        stored = [self._mapper.to_stored_event(_sealed(event, keys)) for event in events]
        first = self._turn.save(stored, self._named, fresh)
        for at, (_, receipt) in enumerate(self._staged.values()):
            receipt.position = first + at
        self._turn.destroy(self._destroyed)
        return bool(self._destroyed)

    def _keys(self, events: Iterable[DomainEvent]) -> tuple[dict[UUID, bytes], dict[UUID, bytes]]:
        """The keys that the events need, and those of them that are new."""
        streams = {event.originator_id for event in events if has_words(type(event))}
        cited = {
            stream_of("source", source)
            for event in events
            for source in (*(each["source"] for each in vars(event).get("citations", ())), *_quoted(event))
        }
        known = self._turn.keys(streams | cited)
        fresh = new_keys(streams - known.keys())
        return {**known, **fresh}, fresh

    def receipt_of(self, sort: str, name: str, entry: Entry) -> Receipt:
        """The receipt of an event recorded before, in this call or an earlier one."""
        staged = self._staged.get((sort, name, entry.version))
        return staged[1] if staged else Receipt(name, entry.version, entry.position, False)


def _quoted(event: DomainEvent) -> Iterable[str]:
    return vars(event).get("sources", ()) if getattr(event, "quotes_sources", False) else ()


def _sealed(event: DomainEvent, keys: Mapping[UUID, bytes]) -> DomainEvent:
    """The event as it is stored."""
    made: Any = object.__new__(type(event))
    stream, version = event.originator_id, event.originator_version
    vars(made).update(seal(type(event), vars(event), stream, version, keys))
    return made  # type: ignore[no-any-return]
