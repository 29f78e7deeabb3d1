"""The unit of work: what a command has read, what it is about to record, and the receipts it will return.

Nothing is stored until its end, when all of it is stored at once; decisions made later see what earlier ones staged.
"""

import hmac
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import Mapper

from events.errors import Conflict, NotFound
from events.history.streams import HEAD, Entry, FactHistory, SourceHistory, Sources, stream_id
from events.log.codec import Staged, to_entries, to_entries_apart, to_stored, without_nothing
from events.log.encryption import KEY_BYTES, has_words, sources_of
from events.log.long_work import LongWork
from events.log.named_subjects import NamedSubjects
from events.log.originals import sealed_rows
from events.log.receipts import Elsewhere, FindingAtHead, Receipt, Recorder
from events.log.recorders import Rehearsal, WriterTransaction

STAGED = HEAD - (1 << 40)
"""The first position of staged events: they stand after every stored one, in order, and before `HEAD`."""
_PSEUDONYMS = stream_id("pseudonyms", "")
_PSEUDONYM_BYTES = 8
_LARGEST_ORIGINAL = 10 << 20


FindAtHead = Callable[["UnitOfWork", str, str], FindingAtHead | None]
"""What finds the finding of a subject by name, at the head of the log with what is staged."""


class UnitOfWork:
    """What is read and staged in one writer's transaction; `by` records, `zone` is that of sources that name none.

    `work` does what takes long outside of the turn. Facts are folded by the views alone: `find_at_head` is theirs.
    """

    def __init__(
        self, log: WriterTransaction | Rehearsal, mapper: Mapper[UUID], by: Recorder, zone: str, work: LongWork
    ) -> None:
        self.by = by
        self.work = work
        self.accepted_by: Recorder | None = None
        self._elsewhere: Elsewhere | None = None
        self.zone = zone
        self.recorded = log.recorded
        self.find_at_head: FindAtHead = lambda *_: None
        self.largest_original = _LARGEST_ORIGINAL
        self.subjects = NamedSubjects(log)
        self._log = log
        self._mapper = mapper
        self._streams: dict[str, list[Entry]] = {}
        self._keys: dict[str, bytes | None] = {}
        self._staged: list[Staged] = []
        self._with_words: set[str] = set()
        self._receipts: list[Receipt] = []
        self._made: dict[str, bytes] = {}
        self._destroyed: set[str] = set()
        self._originals: dict[tuple[str, int], bytes] = {}

    def read(self, category: str, names: Iterable[str]) -> None:
        """Read the streams of that category that were not read yet, all at once."""
        missing = {stream for name in names if (stream := stream_id(category, name)) not in self._streams}
        if not missing:
            return
        stored = self._log.streams(missing)
        if category == "source":
            read = to_entries_apart(list(stored), self._mapper, self._keys_of, self.work)
        else:
            read = to_entries(stored, self._mapper, self._keys_of)
        self._streams.update((stream, []) for stream in missing)
        for stream, entry in read:
            self._streams[stream].append(entry)
        self._keys.update((stream, None) for stream in missing if not self._streams[stream])  # a new one has no key

    def _keys_of(self, streams: Iterable[str]) -> dict[str, bytes]:
        """The keys of those of the streams that have one."""
        wanted = list(streams)
        unknown = [stream for stream in wanted if stream not in self._keys]
        if unknown:
            self._keys.update(dict.fromkeys(unknown))
            self._keys.update(self._log.keys(unknown))
        return {stream: key for stream in wanted if (key := self._keys[stream]) is not None}

    def entries(self, category: str, name: str) -> list[Entry]:
        """A stream as it stands with what is staged; empty where there is none."""
        stream = stream_id(category, name)
        if stream not in self._streams:
            self.read(category, [name])
        return self._streams[stream]

    def recorded_entries(self, category: str, name: str) -> list[Entry]:
        """The entries of a stream that must be there; refuses a name under which nothing is recorded."""
        if entries := self.entries(category, name):
            return entries
        raise NotFound(f"no {category} {name!r} is recorded")

    def read_amended(self, facts: Iterable[str]) -> None:
        """Read all at once what amendments of the facts will ask for: the facts, and the sources that they cite."""
        wanted = list(facts)
        self.read("fact", wanted)
        self.read("source", {source for fact in wanted for source in self.fact(fact).sources()})

    def fact(self, fact: str) -> FactHistory:
        """The history of a fact; without entries where there is none."""
        return FactHistory(fact, self.entries("fact", fact))

    def sources(self, names: Iterable[str]) -> Sources:
        """The histories of sources."""
        wanted = list(names)
        self.read("source", wanted)
        return {name: SourceHistory(name, self.entries("source", name)) for name in wanted}

    def since(self, position: int) -> list[Entry]:
        """The events after a position, in order, with those that are staged."""
        stored = [entry for _, entry in to_entries(self._log.after(position), self._mapper, self._keys_of)]
        return stored + self.staged()

    def staged(self) -> list[Entry]:
        """The events that are staged, in order."""
        found = [entry for entries in self._streams.values() for entry in entries if entry.position >= STAGED]
        return sorted(found, key=lambda entry: entry.position)

    def finding_at_head(self, subject: str, name: str) -> FindingAtHead | None:
        """The finding of a subject as it is folded at the head; None where there is none of that name."""
        return self.find_at_head(self, subject, name)

    def stage(self, category: str, name: str, make: type[DomainEvent], values: Mapping[str, Any]) -> Receipt:
        """Put an event at the end of its stream, to be stored with the rest."""
        entries = self.entries(category, name)
        version = len(entries) + 1
        data = without_nothing(values)  # as it will be read: values that are not given stay out
        data |= without_nothing({"recorded_by": self.by.name, "recorded_with": self.by.token})
        if self.accepted_by:
            accepted = {"accepted_by": self.accepted_by.name, "accepted_with": self.accepted_by.token}
            data |= without_nothing(accepted)
        if self._elsewhere:
            data["imported"] = self._elsewhere.imported
        receipt = Receipt(name, version, 0, True)
        entries.append(Entry(STAGED + len(self._staged), self.recorded, make.__name__, version, data))
        self._staged.append(Staged(make, stream_id(category, name), version, data))
        if has_words(make):
            self._with_words.add(self._staged[-1].stream)
        self._receipts.append(receipt)
        return receipt

    def keep_original(self, receipt: Receipt, content: bytes) -> None:
        """Keep a document's bytes beside the event of its source that was staged, sealed as its words are."""
        self._originals[stream_id("source", receipt.id), receipt.version] = content

    def trial(self) -> "UnitOfWork":
        """A unit of work of which nothing is stored, to try a decision on as things stand."""
        trial = UnitOfWork(self._log, self._mapper, self.by, self.zone, self.work)
        trial.find_at_head, trial.largest_original = self.find_at_head, self.largest_original
        return trial

    @contextmanager
    def on_behalf_of(self, proposer: Recorder) -> Iterator[None]:
        """Stage events as recorded by who proposed them, and accepted by whose unit of work this is."""
        self.accepted_by, self.by = self.by, proposer
        try:
            yield
        finally:
            self.by, self.accepted_by = self.accepted_by, None

    @contextmanager
    def recorded_elsewhere(self, by: str, accepted_by: str | None, elsewhere: "Elsewhere") -> Iterator[None]:
        """Stage events as recorded, and accepted, by those who did it elsewhere."""
        self._elsewhere, importer, self.by = elsewhere, self.by, Recorder(by)
        self.accepted_by = None if accepted_by is None else Recorder(accepted_by)
        try:
            yield
        finally:
            self._elsewhere, self.by, self.accepted_by = None, importer, None

    def pseudonym(self, name: str, field: str) -> str:
        """What stands for a name in the open: the same for the same name, without case, and not to be read back.

        Of what was recorded elsewhere it is what stood in the field there.
        """
        if self._elsewhere and field in self._elsewhere.pseudonyms:
            return self._elsewhere.pseudonyms[field]
        key = self._keys_of([_PSEUDONYMS]).get(_PSEUDONYMS) or self._make_key(_PSEUDONYMS)
        return hmac.digest(key, name.casefold().encode(), "sha256")[:_PSEUDONYM_BYTES].hex()

    def _make_key(self, stream: str) -> bytes:
        self._keys[stream] = self._made[stream] = key = os.urandom(KEY_BYTES)
        return key

    def destroy(self, category: str, name: str) -> None:
        """Destroy the key of the stream's words when the rest is stored; words staged from now on have a new one.

        Raises:
            Conflict: words of the stream are staged in the same call.
        """
        stream = stream_id(category, name)
        if stream in self._with_words:
            raise Conflict(f"words of {category} {name!r} are recorded in the same call, and not erased in it")
        self._destroyed.add(stream)
        self._keys[stream] = None

    def has_key(self, category: str, name: str) -> bool:
        """Whether the stream's words can still be read."""
        stream = stream_id(category, name)
        return stream in self._keys_of([stream]) or stream in self._with_words

    def store(self) -> None:
        """Store everything staged, destroy keys, and write the positions into the receipts."""
        cited = {source for event in self._staged for source in sources_of(event.make, event.data)}
        keys = self._keys_of(self._with_words | {stream_id("source", source) for source in cited})
        keys |= {stream: self._make_key(stream) for stream in self._with_words - keys.keys()}
        stored = list(to_stored(self._staged, self.recorded, keys, self._mapper))
        assert isinstance(self._log, WriterTransaction)
        self._log.destroy(self._destroyed)
        originals = sealed_rows(self._originals, keys) if self._originals else ()
        positions = self._log.save(stored, self.subjects.named, self._made, originals)
        for receipt, position in zip(self._receipts, positions, strict=True):
            receipt.position = position

    def receipt_of(self, name: str, entry: Entry) -> Receipt:
        """The receipt of an event recorded before, in this unit of work or an earlier one."""
        if entry.position >= STAGED:
            return self._receipts[entry.position - STAGED]
        return Receipt(name, entry.version, entry.position, False)
