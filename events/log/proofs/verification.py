"""Whether a log is what it was: every event read as it is stored, hashed again, and held against what was noted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from eventsourcing.persistence import Notification

from events.amendments import DECISIONS, WordsRedacted
from events.dates.calendar import microseconds
from events.history.streams import stream_id
from events.log.application import Record
from events.log.encryption import REDACTED, cited_streams, is_open, open_sealed
from events.log.originals import OriginalsCheck
from events.log.proofs.merkle import leaf_bytes, leaf_hash, root_of, with_leaves
from events.log.reader import LogReader, Tree

_BATCH = 2_000
_ERASING = (WordsRedacted, *DECISIONS)
"""The events with which words end to be read."""
MOST_FLAWS = 50

Checkpoints = Mapping[int, bytes]
"""Roots of the log's tree by its size, as they were signed."""
Rights = Callable[[Any], Iterable[str]]
"""What is wrong with who recorded an event, each flaw to follow on `the event at position N`."""


class TreeLog(Protocol):
    """A log that is kept as a Merkle tree."""

    mapper: Any

    def reading(self) -> AbstractContextManager[LogReader]:
        """What its tables hold."""

    def stored_after(self, position: int, limit: int) -> Sequence[Notification]:
        """Its events as they are stored."""


@dataclass(slots=True)
class LogCheck:
    """The check of a log so far; `of` is what the log is called.

    It says how many events there are, the root of their Merkle tree, how many hold erased words, and every flaw.
    """

    of: str = "log"
    size: int = 0
    root: bytes = b""
    redacted: int = 0
    flaws: list[str] = field(default_factory=list)
    frontier: list[bytes] = field(default_factory=list)
    recorded: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws

    def flaw(self, sentence: str) -> None:
        """Note a flaw, unless there are many."""
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(sentence)

    def flaw_at(self, position: int, what: str) -> None:
        """Note a flaw of an event."""
        where = "" if self.of == "log" else f" of the {self.of}"
        self.flaw(f"the event at position {position}{where} {what}")

    @contextmanager
    def readable(self, position: int) -> Iterator[None]:
        """An event that somebody changed may fail in any way when it is read: that is a flaw; reading goes on."""
        try:
            yield
        except Exception as error:
            self.flaw_at(position, f"cannot be read ({type(error).__name__})")

    def batches(self, log: TreeLog, noted: Tree, checkpoints: Checkpoints) -> Iterator[list[tuple[int, Any]]]:
        """Read the whole log; yield its events that can be read, a batch at a time, and check what all logs share.

        Each event must be canonical and in its place, instants must not decrease, and the tree must be the one noted.
        """
        for logged in self._stored(log, noted.size):
            events = []
            for expected, each in enumerate(logged, start=self.size + 1):
                if each.id != expected:
                    place = f"event {expected} of the {self.of} stands at position {each.id}"
                    self.flaw(f"{place}: one is missing or too many")
                with self.readable(each.id):
                    events.append((each.id, self._event(log, each)))
            yield events
            for each in logged:
                self._hash(each, checkpoints)
        self._conclude(noted, checkpoints)

    def _stored(self, log: TreeLog, until: int) -> Iterator[list[Notification]]:
        position = 0
        while True:
            try:
                logged = [each for each in log.stored_after(position, _BATCH) if each.id <= until]
            except (ValueError, TypeError, AttributeError) as error:  # no id of a stream
                self.flaw(
                    f"the events of the {self.of} after position {position} cannot be read ({type(error).__name__})"
                )
                return
            if not logged:
                return
            yield logged
            position = logged[-1].id

    def _event(self, log: TreeLog, stored: Notification) -> Any:
        event = log.mapper.to_domain_event(stored)
        if log.mapper.to_stored_event(event).state != stored.state:
            self.flaw_at(stored.id, "is not stored as canonical JSON")
        recorded = microseconds(event.timestamp)
        if recorded < self.recorded:
            self.flaw_at(stored.id, "was recorded before the one in front of it")
        self.recorded = max(self.recorded, recorded)
        return event

    def _hash(self, stored: Notification, checkpoints: Checkpoints) -> None:
        leaf = b""
        with self.readable(stored.id):
            leaf = leaf_hash(leaf_bytes(stored))
        self.size, self.frontier = with_leaves(self.size, self.frontier, [leaf])
        root = checkpoints.get(self.size)
        if root is not None and root != root_of(self.frontier):
            self.flaw(
                f"the first {self.size} events of the {self.of} are not those of the checkpoint: it was rewritten"
            )

    def _conclude(self, noted: Tree, checkpoints: Checkpoints) -> None:
        self.root = root_of(self.frontier)
        if self.size != noted.size:
            self.flaw(f"the {self.of} has {self.size} events, but {noted.size} were stored")
        if self.root != root_of(noted.frontier):
            self.flaw(f"the Merkle root of the {self.of} is not the one noted when its last event was stored")
        if self.recorded > noted.recorded:
            self.flaw(f"the last event of the {self.of} is later than the last turn of a writer")
        for size in checkpoints:
            if size > self.size:
                cut = f"the checkpoint is of {size} events of the {self.of}, which has {self.size}"
                self.flaw(f"{cut}: its tail is cut")


def verify(
    record: Record,
    checkpoints: Checkpoints,
    progress: Callable[[int], None] = lambda _: None,
    rights: Callable[[], Rights] = lambda: lambda _: (),
) -> LogCheck:
    """Read the whole log and check it.

    Each event must be readable, canonical and in its place; instants must not decrease; words must open, or have been
    redacted, and not open then; the Merkle tree must be the one that the record noted when it stored the last event,
    and contain each checkpoint; the subjects noted and the originals kept must be those that the events name.
    `progress` is called with the number of events read. `rights` is called once the end of the log is known.
    """
    with record.reading() as reader:
        noted = reader.tree()
        named = reader.all_kinds()
    allowed = rights()
    seen, words, subjects, is_own = LogCheck(), _Words(record), dict[str, str | None](), False
    originals = OriginalsCheck(record.reading)
    for events in seen.batches(record, noted, checkpoints):
        words.check(seen, events)
        originals.check(seen, events)
        for position, event in events:
            with seen.readable(position):
                for wrong in allowed(event):
                    seen.flaw_at(position, wrong)
                if is_own and vars(event).get("imported"):
                    seen.flaw_at(position, "was recorded elsewhere, but stands after what was recorded here")
                is_own |= not vars(event).get("imported")
                for subject, kind in vars(event).get("opens", {}).items():
                    subjects[subject] = subjects.get(subject) or kind
        progress(seen.size)
    words.conclude(seen)
    originals.conclude(seen)
    if named != subjects:
        odd = sorted(name for name in {*named, *subjects} if named.get(name, 0) != subjects.get(name, 0))
        seen.flaw(f"the subjects noted are not those that the events name: {', '.join(odd[:5])}")
    return seen


class _Words:
    """The check that words open with their keys, but for those that were redacted, which must not."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._read = 0
        self._erased: dict[str, int] = {}
        """The streams whose words were redacted, each with the position up to which they were."""
        self._closed: dict[int, list[str]] = {}
        """The streams of words that do not open and were not redacted when they were read, by the event's position."""
        self._read_redactions()

    def _read_redactions(self) -> None:
        select, topics = self._record.recorder.select_notifications, [each.TOPIC for each in _ERASING]
        while found := select(self._read, _BATCH, topics=topics, inclusive_of_start=False):
            for each in found:
                with LogCheck().readable(each.id):  # what fails is a flaw when the log is read
                    event: Any = self._record.mapper.to_domain_event(each)
                    is_redaction = isinstance(event, WordsRedacted)
                    stream = stream_id(event.of, event.id) if is_redaction else event.originator_id.hex
                    self._erased[stream] = each.id
            self._read = found[-1].id

    def _are_erased(self, streams: Iterable[str], position: int) -> bool:
        return any(self._erased.get(each, 0) > position for each in streams)

    def check(self, seen: LogCheck, events: Sequence[tuple[int, Any]]) -> None:
        """Open the words of a batch of events."""
        needed = {position: self._streams(event) for position, event in events}
        with self._record.reading() as reader:
            keys = reader.keys({name for streams in needed.values() for each in streams.values() for name in each})
        for position, event in events:
            with seen.readable(position):
                open_sealed(vars(event), event.originator_id.hex, event.originator_version, keys)
                seen.redacted += not is_open(vars(event))
                for label, streams in needed[position].items():
                    is_erased = self._are_erased(streams, position)
                    is_closed = _is_closed(vars(event), label)
                    if is_erased and not is_closed:
                        seen.flaw_at(position, "has words that were redacted, and they open: their key was put back")
                    elif is_closed and not is_erased:
                        self._closed[position] = streams

    def conclude(self, seen: LogCheck) -> None:
        """Name the words that do not open, but for those that were redacted meanwhile."""
        self._read_redactions()
        for position, streams in self._closed.items():
            if not self._are_erased(streams, position):
                seen.flaw(f"the words of the event at position {position} do not open, and nobody redacted them")

    def _streams(self, event: Any) -> dict[str, list[str]]:
        """The streams whose keys open an event's words, by label."""
        own = event.originator_id.hex
        return {label: [own, *cited_streams([label])] for label in vars(event).get("sealed", ())}


def _is_closed(values: Mapping[str, Any], label: str) -> bool:
    """Whether the words of that label could not be opened."""
    cited = [each for each in values.get("citations", ()) if label and each["source"] == label]
    return all(each.get(REDACTED) for each in cited) if cited else bool(values.get(REDACTED))
