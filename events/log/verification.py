"""Whether the log is what it was: every event read as it is stored, hashed again, and held against what was noted."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from eventsourcing.persistence import Notification

from events.amendments import ProposalAccepted, ProposalRejected, WordsRedacted
from events.dates.calendar import microseconds
from events.history.streams import stream_id
from events.log.application import Record
from events.log.encryption import is_open, open_sealed, streams_needed
from events.log.merkle import grown, leaf_bytes, leaf_hash, root_of
from events.log.reader import Tree

_BATCH = 2_000
MOST_FLAWS = 20


@dataclass(slots=True)
class Verdict:
    """What was found: how many events, the root of their Merkle tree, how many hold erased words, and every flaw."""

    size: int = 0
    root: bytes = b""
    redacted: int = 0
    flaws: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws


@dataclass(slots=True)
class _Reading(Verdict):
    """The verdict so far, and what the events read so far say: instants, unreadable words, redactions, subjects."""

    frontier: list[bytes] = field(default_factory=list)
    recorded: int = 0
    closed: dict[int, list[str]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    subjects: dict[str, str | None] = field(default_factory=dict)

    def flaw(self, sentence: str) -> None:
        if len(self.flaws) < MOST_FLAWS:
            self.flaws.append(sentence)


def verify(
    record: Record,
    checkpoints: Mapping[int, bytes],
    followed: Iterable[bytes] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Verdict:
    """Read the whole log and check it.

    Each event must be readable, canonical and in its place; instants must not decrease; words must open, or have been
    redacted; the Merkle tree must be the one that the record noted when it stored the last event, and contain each
    checkpoint (the root at a size); the subjects noted must be those that the events name. `followed` are the hashes of
    the leaves as they were when the views followed them. `progress` is called with the number of events read.
    """
    with record.reading() as reader:
        noted = reader.tree()
        named = reader.all_kinds()
    seen = _Reading()
    hashes = chain(followed, repeat(None))
    for logged in _batches(seen, record, noted.size):
        _read(seen, record, logged)
        _hash(seen, logged, hashes, checkpoints)
        progress(seen.size)
    _conclude(seen, noted, checkpoints, named)
    return seen


def _batches(seen: _Reading, record: Record, until: int) -> Iterator[list[Notification]]:
    position = 0
    while True:
        try:
            logged = [each for each in record.stored_after(position, _BATCH) if each.id <= until]
        except ValueError as error:  # no id of a stream
            seen.flaw(f"the events after position {position} cannot be read ({type(error).__name__})")
            return
        if not logged:
            return
        yield logged
        position = logged[-1].id


def _read(seen: _Reading, record: Record, logged: list[Notification]) -> None:
    """Decode the events of a batch and check each by itself."""
    events: list[tuple[int, Any, list[str]]] = []
    for expected, each in enumerate(logged, start=seen.size + 1):
        if each.id != expected:
            seen.flaw(f"event {expected} of the log stands at position {each.id}: one is missing or too many")
        with _readable(seen, each.id):
            event: Any = record.mapper.to_domain_event(each)
            if record.mapper.to_stored_event(event).state != each.state:
                seen.flaw(f"the event at position {each.id} is not stored as canonical JSON")
            events.append((each.id, event, streams_needed(vars(event), event.originator_id.hex)))
    with record.reading() as reader:
        keys = reader.keys({stream for _, _, streams in events for stream in streams})
    for position, event, streams in events:
        with _readable(seen, position):
            open_sealed(vars(event), streams[0], event.originator_version, keys)
            _check(seen, position, event, streams)


@contextmanager
def _readable(seen: _Reading, position: int) -> Iterator[None]:
    """An event that somebody changed may fail in any way when it is read: that is a flaw, and the reading goes on."""
    try:
        yield
    except Exception as error:
        seen.flaw(f"the event at position {position} cannot be read ({type(error).__name__})")


def _check(seen: _Reading, position: int, event: Any, streams: list[str]) -> None:
    recorded = microseconds(event.timestamp)
    if recorded < seen.recorded:
        seen.flaw(f"the event at position {position} was recorded before the one in front of it")
    seen.recorded = max(seen.recorded, recorded)
    if not is_open(vars(event)):
        seen.closed[position] = streams
    if isinstance(event, WordsRedacted):
        seen.erased.add(stream_id(event.of, event.id))
    elif isinstance(event, ProposalAccepted | ProposalRejected):
        seen.erased.add(event.originator_id.hex)
    for subject, kind in vars(event).get("opens", {}).items():
        seen.subjects[subject] = seen.subjects.get(subject) or kind


def _hash(
    seen: _Reading, logged: list[Notification], followed: Iterator[bytes | None], checkpoints: Mapping[int, bytes]
) -> None:
    """Hash the events of a batch and compare them with what the views followed, and with the checkpoints."""
    for each in logged:
        leaf = b""
        with _readable(seen, each.id):
            leaf = leaf_hash(leaf_bytes(each))
        if next(followed) not in (None, leaf):
            seen.flaw(f"the event at position {each.id} is not the one that the views followed")
        seen.size, seen.frontier = grown(seen.size, seen.frontier, [leaf])
        root = checkpoints.get(seen.size)
        if root is not None and root != root_of(seen.frontier):
            seen.flaw(f"the first {seen.size} events are not those of the checkpoint: the log was rewritten")


def _conclude(seen: _Reading, noted: Tree, checkpoints: Mapping[int, bytes], named: Mapping[str, str | None]) -> None:
    seen.root, seen.redacted = root_of(seen.frontier), len(seen.closed)
    if seen.size != noted.size:
        seen.flaw(f"the log has {seen.size} events, but {noted.size} were stored")
    if seen.root != root_of(noted.frontier):
        seen.flaw("the log's Merkle root is not the one noted when its last event was stored")
    if seen.recorded > noted.recorded:
        seen.flaw("the last event is later than the last turn of a writer")
    for size in checkpoints:
        if size > seen.size:
            seen.flaw(f"the checkpoint is of {size} events, but the log has {seen.size}: its tail is cut")
    for position, streams in seen.closed.items():
        if not seen.erased & set(streams):
            seen.flaw(f"the words of the event at position {position} do not open, and nobody redacted them")
    if named != seen.subjects:
        odd = sorted(name for name in {*named, *seen.subjects} if named.get(name, 0) != seen.subjects.get(name, 0))
        seen.flaw(f"the subjects noted are not those that the events name: {', '.join(odd[:5])}")
