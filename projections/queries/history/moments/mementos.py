"""Mementos (RFC 7089): which entry of the log was the last at a moment, and at which entries a subject changed."""

from typing import NamedTuple

from events.dates.calendar import instant_written
from projections.clocks import Clocks
from projections.queries.history.evolution import understanding
from projections.store.snapshots import Snapshot

_COLUMNS = "SELECT position, recorded FROM {entries}"
_LAST = _COLUMNS + " WHERE recorded <= ? ORDER BY recorded DESC, position DESC LIMIT 1"
_FROM = _COLUMNS + " WHERE position >= ? ORDER BY position LIMIT 1"
_OPENED = "SELECT opened FROM {subjects} WHERE id = ?"
_BEGUN = "SELECT position FROM {entries} WHERE sort = ? AND stream = ? AND version = 1"


class Thing(NamedTuple):
    """What is asked for: a `subject`, `fact` or `source`, by its id."""

    sort: str
    id: str


class Memento(NamedTuple):
    """An entry of the log, and when it was recorded (UTC microseconds)."""

    position: int
    recorded: int


def memento_at(snapshot: Snapshot, moment: int, thing: Thing | None = None) -> Memento | None:
    """The last entry recorded at or before the moment (UTC microseconds), the first at all where there was none yet.

    Of a thing it is the first that tells of it, if none did by then. None where nothing is recorded, or nothing of it.
    """
    begun = _first(snapshot, thing)
    if begun is None:
        return None
    last = snapshot.probe(_LAST, None, moment)
    if last and last[0][0] >= begun:
        return Memento(*last[0])
    first = snapshot.probe(_FROM, None, begun)
    return Memento(*first[0]) if first else None


def mementos_of(snapshot: Snapshot, subject: str, clocks: Clocks) -> list[Memento]:
    """The entries that changed what is known of the subject, in order, as `understanding` has them.

    Raises:
        NotFound: no event up to the position names the subject.
    """
    steps = understanding(snapshot, subject, clocks, "recorded")
    return [Memento(step["position"], instant_written(step["recorded"])) for step in steps]


def _first(snapshot: Snapshot, thing: Thing | None) -> int | None:
    """The first position that tells of the thing."""
    if thing is None:
        return 1
    if thing.sort == "subject":
        found = snapshot.probe(_OPENED, None, thing.id)
    else:
        found = snapshot.probe(_BEGUN, None, thing.sort, thing.id)
    return found[0][0] if found else None
