"""One call that writes: what it has read, what it is about to record, and the receipts it will give.

Nothing is stored until the call's end, when all of it is stored at once; decisions made later in the call see what
earlier ones staged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Mapper

from events.commands.quotes import SearchableText
from events.errors import Conflict
from events.history.streams import HEAD, Entry, FactHistory, SourceHistory, Sources, stream_id
from events.log.codec import Staged, new_keys, sealed, streams_cited, streams_with_words
from events.log.encryption import REDACTED
from events.log.keeping import Kept
from events.log.reading import opened
from events.log.recorders import without_nothing
from events.log.turns import Turn
from events.sources import TEXTS

_UNKNOWN = "?"  # no kind of subject
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


class _Stream(NamedTuple):
    """A stream as a call sees it: its id and its entries."""

    id: str
    entries: list[Entry]


class UnitOfWork:
    """One writing call within a writer's turn."""

    def __init__(self, turn: Turn, mapper: Mapper[UUID], by: str, zone: str, kept: Kept) -> None:
        self.by = by
        self.accepted_by: str | None = None
        self.zone = zone
        self._kept = kept
        self._editions: dict[str, tuple[list[Entry], int, list[Edition]]] = {}
        self.recorded = turn.recorded
        self._turn = turn
        self._mapper = mapper
        self._streams: dict[str, dict[str, _Stream]] = defaultdict(dict)
        self._keys: dict[str, bytes] = {}
        self._asked: set[str] = set()
        self._kinds: dict[str, str | None] = {}
        self._absent: set[str] = set()
        self._named: dict[str, str | None] = {}
        self._staged: list[Staged] = []
        self._receipts: list[Receipt] = []
        self._destroyed: set[str] = set()

    def read(self, sort: str, names: Iterable[str]) -> None:
        """Read the streams of that sort that were not read yet, all at once."""
        known: dict[str, _Stream] = self._streams[sort]
        wanted: dict[str, list[Entry]] = {}
        for name in names:
            if name not in known:
                known[name] = stream = _Stream(stream_id(sort, name), [])
                wanted[stream.id] = stream.entries
        if sort == "source":
            self._read_kept(wanted)
        elif wanted:
            self._read_stored(wanted)
            self._asked.update([stream for stream, entries in wanted.items() if not entries])  # new, so without key

    def _read_stored(self, wanted: Mapping[str, list[Entry]]) -> None:
        stored = ((*each, None) for each in self._turn.streams(wanted))
        for stream, entry in opened(stored, self._mapper, self._keys_of):
            wanted[stream].append(entry)

    def _read_kept(self, wanted: Mapping[str, list[Entry]]) -> None:
        """Read streams of sources as they were kept, where nothing was added and their words can still be read."""
        if not wanted:
            return
        keys = self._keys_of(wanted)
        missing = {}
        for stream, length in self._turn.lengths(wanted).items():
            known = self._kept.stream(stream, length, keys.get(stream))
            if known is None:
                missing[stream] = wanted[stream]
            else:
                wanted[stream].extend(known)
        if missing:
            self._read_stored(missing)
            for stream, entries in missing.items():
                self._kept.keep(stream, keys.get(stream), entries)

    def _keys_of(self, streams: Iterable[str]) -> dict[str, bytes]:
        """The keys known to this call, after asking for those of the streams."""
        unknown = [stream for stream in streams if stream not in self._asked]
        if unknown:
            self._asked.update(unknown)
            self._keys.update(self._turn.keys(unknown))
        return self._keys

    def _stream(self, sort: str, name: str) -> _Stream:
        known = self._streams[sort].get(name)
        if known is None:
            self.read(sort, [name])
            known = self._streams[sort][name]
        return known

    def entries(self, sort: str, name: str) -> list[Entry]:
        """The stream of a fact or a source as this call sees it; empty where there is none."""
        return self._stream(sort, name).entries

    def foresee(self, facts: Iterable[str]) -> None:
        """Read all at once what amendments of the facts will ask for: the facts, and the sources that they cite."""
        wanted = list(facts)
        self.read("fact", wanted)
        self.read("source", {source for fact in wanted for source in self.fact(fact).sources()})

    def fact(self, fact: str) -> FactHistory:
        """The history of a fact; without entries where there is none."""
        return FactHistory(fact, self.entries("fact", fact))

    def sources(self, sources: Iterable[str]) -> Sources:
        """The histories of sources."""
        names = list(sources)
        self.read("source", names)
        return {name: SourceHistory(name, self.entries("source", name)) for name in names}

    def editions(self, source: str) -> list[Edition]:
        """The texts of a source's versions; empty where there is no source."""
        known = self._editions.get(source)
        if known is None or len(known[0]) != known[1]:
            entries = self.entries("source", source)
            texts = [self._edition(entry.data) for entry in entries if entry.name in TEXTS]
            self._editions[source] = known = entries, len(entries), texts
        return known[2]

    def _edition(self, noted: Mapping[str, Any]) -> Edition:
        if noted.get(REDACTED):
            return REDACTED
        return self._kept.text(noted["sha256"], noted["text"]) if noted.get("text") else None

    def look_up(self, subjects: Iterable[str]) -> None:
        """Read the kinds of the subjects not read yet, all at once."""
        wanted = {each for each in subjects if each not in self._kinds and each not in self._absent}
        if wanted:
            known = self._turn.kinds(sorted(wanted))
            self._kinds.update(known)
            self._absent.update(wanted - known.keys())

    def kind_of(self, subject: str) -> str | None:
        """The kind under which the subject is known; None while it is unknown or named without kind."""
        if subject not in self._kinds and subject not in self._absent:
            self.look_up([subject])
        return self._kinds.get(subject)

    def says_nothing_new(self, subject: str, kind: str | None) -> bool:
        """Whether the subject is known already as of that kind; what is not is to be named."""
        return self._kinds.get(subject, _UNKNOWN) == kind

    def name(self, subject: str, kind: str | None) -> bool:
        """Open the subject by naming it, or check that it is of that kind; whether this said something new of it.

        Raises:
            Conflict: the subject is of another kind.
        """
        known = self.kind_of(subject)
        if kind is not None and known is not None and kind != known:
            raise Conflict(f"{subject!r} is of kind {known}, not {kind}")
        if subject in self._kinds and (known is not None or kind is None):
            return False
        self._kinds[subject] = self._named[subject] = kind
        return True

    def stage(self, sort: str, name: str, make: type[DomainEvent], values: Mapping[str, Any]) -> Receipt:
        """Put an event at the end of its stream, to be stored with the rest of the call."""
        stream, entries = self._stream(sort, name)
        version = len(entries) + 1
        data = without_nothing(values)  # as it will be read: values that are not given stay out
        data["recorded_by"] = self.by
        if self.accepted_by:
            data["accepted_by"] = self.accepted_by
        receipt = Receipt(name, version, 0, True)
        entries.append(Entry(_STAGED + len(self._staged), self.recorded, make.__name__, version, data))
        self._staged.append(Staged(make, stream, version, data))
        self._receipts.append(receipt)
        return receipt

    def trial(self) -> "UnitOfWork":
        """A call of which nothing is stored, to try a decision on as things stand."""
        return UnitOfWork(self._turn, self._mapper, self.by, self.zone, self._kept)

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
        self._destroyed.add(self._stream(sort, name).id)

    def has_key(self, sort: str, name: str) -> bool:
        """Whether the stream's words can still be read."""
        stream = stream_id(sort, name)
        return stream in self._keys_of([stream]) or stream in streams_with_words(self._staged)

    def store(self) -> bool:
        """Store everything staged, and write the positions into the receipts.

        Answers with whether keys were destroyed.
        """
        wordy = streams_with_words(self._staged)
        keys = self._keys_of(wordy | streams_cited(self._staged))
        fresh = new_keys(wordy - keys.keys())
        first = self._turn.save(sealed(self._staged, self.recorded, keys | fresh), self._named, fresh)
        for position, receipt in enumerate(self._receipts, start=first):
            receipt.position = position
        if self._destroyed:
            self._turn.destroy(self._destroyed)
        return bool(self._destroyed)

    def receipt_of(self, name: str, entry: Entry) -> Receipt:
        """The receipt of an event recorded before, in this call or an earlier one."""
        if entry.position >= _STAGED:
            return self._receipts[entry.position - _STAGED]
        return Receipt(name, entry.version, entry.position, False)
