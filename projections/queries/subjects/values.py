"""The outline of subjects, that is the status and the values of the fields, at any clocks: for most, by one probe.

Asked with both a reported bound and an older position, as a party would have it, or of subjects once merged or split,
outlines are made of folded states.
"""

from collections.abc import Iterator, Sequence
from itertools import starmap
from typing import NamedTuple

from orjson import dumps

from events.errors import NotFound
from events.history.streams import HEAD
from events.log.uncollected import uncollected
from projections.bitemporal.finding_timeline import FIRST, UNDATED, json_of, quoted
from projections.bitemporal.index import RECORDING, REPORTING
from projections.bitemporal.pages import FIELDS, told_at
from projections.clocks import Clocks
from projections.queries.subjects.states import states
from projections.read_models.ledger import chunks
from projections.store.snapshots import Snapshot

HIT = "plane = ? AND lo <= ? AND hi > ? AND since <= ? AND until > ? ORDER BY lo DESC LIMIT 1"
"""Picks of a subject's leaves the one that holds a point."""
_ONE = "SELECT body FROM {planes} WHERE subject = ? AND " + HIT
_EACH = "SELECT id, touched, (SELECT body FROM {planes} AS planes WHERE subject = chosen.id AND " + HIT + ") FROM "
_ALL = _EACH + "{current} AS chosen"
_SOME = "WITH chosen AS (SELECT id, touched FROM {current} WHERE id {among}) " + _EACH + "chosen"
_TOUCHED = "SELECT touched FROM {current} WHERE id = ?"


class Outline(NamedTuple):
    """What a subject's status is and its fields are, as JSON: `told` is `STATUS,"fields":{NAME:VALUE,...}`."""

    subject: str
    told: bytes

    @property
    def status(self) -> bytes:
        """The status alone."""
        return self.told.partition(FIELDS)[0]

    @property
    def fields(self) -> bytes:
        """The fields as a JSON object."""
        return self.told[self.told.index(FIELDS) + len(FIELDS) - 1 :]

    @property
    def json(self) -> bytes:
        """All of it as a JSON object: `id`, `status`, `fields`."""
        return b'{"id":%b,"status":%b}' % (quoted(self.subject), self.told)


class Point(NamedTuple):
    """Where clocks lie on a plane: a moment of the first one, and a turn of the other."""

    plane: int
    moment: int
    turn: int


def point_of(clocks: Clocks) -> Point | None:
    """Where the clocks lie on one of the planes; None if they lie on neither."""
    if clocks.asked.reading is not None:
        return None
    moment = UNDATED if clocks.at is None else min(max(clocks.at, FIRST), UNDATED - 1)
    if clocks.reported is None:
        return Point(RECORDING, moment, clocks.position)
    return Point(REPORTING, moment, min(max(clocks.reported, FIRST), UNDATED - 1))


def outline(snapshot: Snapshot, subject: str, clocks: Clocks) -> Outline:
    """The outline of one subject.

    Raises:
        NotFound: no event up to the position names it.
    """
    point, rows = point_of(clocks), []
    if point is not None and (point.plane == RECORDING or _is_settled(snapshot, subject, clocks)):
        rows = snapshot.probe(_ONE, None, subject, *bounds_of(point))
    if rows and point is not None:
        told = told_at(rows[0][0], point[1:])
        found = None if told is None else Outline(subject, told)
    else:
        found = next(_folded(snapshot, [subject], clocks), None)
    if found is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    return found


def outlines(snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str] | None = None) -> Iterator[Outline]:
    """The outlines of all subjects that are named by the position, or of those of some, in no order."""
    return starmap(Outline, _told(snapshot, clocks, subjects))


def outlines_by_id(snapshot: Snapshot, clocks: Clocks) -> bytes:
    """The outlines of all subjects that are named by the position, as one JSON object: `{id: {status, fields}}`."""
    with uncollected():
        told = (b'%b:{"status":%b}' % (dumps(subject), told) for subject, told in _told(snapshot, clocks, None))
        return b"{%b}" % b",".join(told)


def _told(snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str] | None) -> Iterator[tuple[str, bytes]]:
    """What outlines are made of."""
    point = point_of(clocks)
    place = point[1:] if point else (0, 0)
    folded: list[str] = []
    for subject, body in bodies(snapshot, clocks, subjects):
        if body is None:
            folded.append(subject)
        elif (told := told_at(body, place)) is not None:
            yield subject, told
    yield from _folded(snapshot, folded, clocks)


def bodies(
    snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str] | None = None
) -> Iterator[tuple[str, bytes | None]]:
    """For each subject the leaf that holds the clocks; None for one whose state must be folded."""
    point = point_of(clocks)
    asked = bounds_of(point) if point else (-1, 0, 0, 0, 0)
    settled = clocks.position if point and point.plane == REPORTING else HEAD
    some = [None] if subjects is None else chunks(subjects)
    for chunk in some:
        for subject, touched, body in snapshot.flow(_ALL if chunk is None else _SOME, chunk, *asked):
            yield subject, body if touched <= settled else None


def bounds_of(point: Point) -> tuple[int, ...]:
    """The values of `HIT` for the point."""
    return (point.plane, point.moment, point.moment, point.turn, point.turn)


def _is_settled(snapshot: Snapshot, subject: str, clocks: Clocks) -> bool:
    """Whether nothing was recorded of the subject after the position."""
    if clocks.position == snapshot.position:
        return True
    rows = snapshot.probe(_TOUCHED, None, subject)
    return bool(rows) and rows[0][0] <= clocks.position


def _folded(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> Iterator[Outline]:
    for state in states(snapshot, subjects, clocks):
        values = {name: state["fields"][name]["value"] for name in sorted(state["fields"])}
        members = b",".join(b"%b:%b" % (quoted(name), json_of(value)) for name, value in values.items())
        yield Outline(state["id"], b"%b%b%b}" % (json_of(state["status"]["value"]), FIELDS, members))
