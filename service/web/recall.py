"""Answers recalled: what follows from a question and a position alone is made once and kept as bytes, while it holds.

The rules are those of caching on the wire (RFC 9111), of which this is the first station: an answer at a position holds
for ever, any other until the log or the views have moved. A redaction ends them all.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from projections.read_models.erasure import last_redaction
from projections.store.snapshots import Snapshot
from service.web.changes import Changes

ROOM_BYTES = 64 << 20
"""How much memory of a process answers may take."""
LARGEST = 1 << 20
RECENT_SECONDS = 0.5
"""How long on PostgreSQL an answer at a position is given without asking whether words were redacted meanwhile."""
_OVERHEAD = 500

Glance = Callable[..., AbstractContextManager[Snapshot]]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer to a question.

    Attributes:
        body: its bytes.
        tag: its entity tag.
        is_weak: whether the tag stands for the question and the position rather than for the bytes.
        is_pinned: whether it never changes.
        position: how far the views were that it was made from.
    """

    body: bytes
    tag: str
    is_weak: bool
    is_pinned: bool
    position: int


@dataclass(frozen=True, slots=True)
class Seen:
    """How far log and views were when they were looked at last.

    Attributes:
        version: what the database said of its changes before that; None where it does not tell.
        at: the monotonic second at which the look began.
        head: the end of the log.
        position: how far the views were.
    """

    version: int | None
    at: float
    head: int
    position: int

    def holds(self, found: Found) -> bool:
        """Whether the answer is the one that would be made now."""
        return found.is_pinned or found.position == self.position >= self.head


class Erasures:
    """What was seen of redactions. `last` is the position of the last one, 0 if there is none."""

    def __init__(self) -> None:
        self.last = 0
        self._looked = 0
        self._lock = Lock()

    def are_new_in(self, snapshot: Snapshot) -> bool:
        """Whether the views have followed a redaction since the last look; asked only where they have gone on."""
        if snapshot.position <= self._looked:
            return False
        last = last_redaction(snapshot)
        with self._lock:
            is_new = last > self.last
            self.last = max(self.last, last)
            self._looked = max(self._looked, snapshot.position)
        return is_new


class Recall:
    """What a process keeps of the answers it gave, least recently asked first out.

    Args:
        glance: gives a snapshot of the views that they are made from.
        changes: tells whether anything was committed.
        room: how many bytes they may take.
    """

    def __init__(self, glance: Glance, changes: Changes, room: int = ROOM_BYTES) -> None:
        self._glance = glance
        self.changes = changes
        self._room = room
        self._kept: OrderedDict[str, Found] = OrderedDict()
        self._weight = 0
        self._lock = Lock()
        self._erasures = Erasures()
        self._seen: Seen | None = None

    def get(self, question: str) -> Found | None:
        """The answer kept of the question, whether or not it still holds."""
        with self._lock:
            found = self._kept.get(question)
            if found is not None:
                self._kept.move_to_end(question)
            return found

    def keep(self, question: str, found: Found) -> None:
        """Keep an answer, unless it is large or was made before the last redaction."""
        if len(found.body) > LARGEST:
            return
        with self._lock:
            if found.position < self._erasures.last:
                return
            self._drop(question)
            self._kept[question] = found
            self._weight += _weight(question, found)
            while self._weight > self._room:
                self._drop(next(iter(self._kept)))

    def _drop(self, question: str) -> None:
        found = self._kept.pop(question, None)
        if found is not None:
            self._weight -= _weight(question, found)

    def holds_at_once(self, found: Found) -> bool:
        """Whether it is known to hold without asking the database for more than whether it has changed.

        SQLite tells for nothing. PostgreSQL would have to be asked: there answers at a position alone hold at once,
        while all that was written has been followed, and for no longer than a revoked token is taken (decision 0021).
        """
        seen = self._seen
        if seen is None:
            return False
        if seen.version is not None:
            return seen.version == self.changes.version() and seen.holds(found)
        return found.is_pinned and seen.position >= seen.head and monotonic() - seen.at < RECENT_SECONDS

    def holds(self, found: Found) -> bool:
        """Whether it holds, as the database says it now."""
        if self._seen is not None and self._seen.version is not None and self.holds_at_once(found):
            return True
        with self.looking() as snapshot:
            return found.position >= self._erasures.last and _seen_in(snapshot).holds(found)

    @contextmanager
    def looking(self) -> Iterator[Snapshot]:
        """A snapshot of the views as they are, how far they are is noted."""
        version, at = self.changes.version(), monotonic()
        with self._glance() as snapshot:
            self.note(snapshot)
            self._seen = _seen_in(snapshot, version, at)
            yield snapshot

    def note(self, snapshot: Snapshot) -> None:
        """Where the views have gone on, forget everything if words were redacted since."""
        if self._erasures.are_new_in(snapshot):
            with self._lock:
                self._kept.clear()
                self._weight = 0

    def doubt(self) -> None:
        """Something is being written: look again before anything is taken as it was."""
        self._seen = None

    def close(self) -> None:
        """Ask the database no more."""
        self.changes.close()


def _seen_in(snapshot: Snapshot, version: int | None = None, at: float = 0.0) -> Seen:
    return Seen(version, at, snapshot.head, snapshot.position)


def _weight(question: str, found: Found) -> int:
    return len(question) + len(found.body) + _OVERHEAD
