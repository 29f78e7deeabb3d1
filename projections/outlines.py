"""The outline of subjects, that is the status and the values of the fields, at any clocks: for most, by one probe.

Asked with both a reported bound and an older position, as a party would have it, or of subjects once merged or split,
outlines are made of folded states.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from events.errors import NotFound
from events.history import HEAD
from events.uncollected import uncollected
from projections.clocks import Clocks
from projections.leaves import found, pieces
from projections.ledger import chunks
from projections.lines import FIRST, UNDATED, json_of, quoted
from projections.planes import RECORDING, REPORTING
from projections.states import states
from projections.store import Snapshot

_HIT = "plane = ? AND lo <= ? AND hi > ? AND since <= ? AND until > ? ORDER BY lo DESC LIMIT 1"
_ONE = "SELECT body FROM {planes} WHERE subject = ? AND " + _HIT
_EACH = "SELECT id, touched, (SELECT body FROM {planes} AS planes WHERE subject = chosen.id AND " + _HIT + ") FROM "
_ALL = _EACH + "{current} AS chosen"
_SOME = "WITH chosen AS (SELECT id, touched FROM {current} WHERE id {among}) " + _EACH + "chosen"
_TOUCHED = "SELECT touched FROM {current} WHERE id = ?"


class Outline(NamedTuple):
    """What a subject's status is and its fields are, as JSON.

    `members` are `"name":value`.
    """

    subject: str
    status: bytes
    members: list[bytes]

    @property
    def fields(self) -> bytes:
        """The fields as a JSON object."""
        return b"{%b}" % b",".join(self.members)

    @property
    def json(self) -> bytes:
        """All of it as a JSON object: `id`, `status`, `fields`."""
        return b'{"id":%b,"status":%b,"fields":%b}' % (quoted(self.subject), self.status, self.fields)


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
        rows = snapshot.probe(_ONE, None, subject, *_bounds(point))
    told = _told(subject, rows[0][0], point) if rows and point else next(_folded(snapshot, [subject], clocks), None)
    if told is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    return told


def outlines(snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str] | None = None) -> Iterator[Outline]:
    """The outlines of all subjects that are named by the position, or of those of some, in no order."""
    point = point_of(clocks)
    folded: list[str] = []
    for subject, body in bodies(snapshot, clocks, subjects):
        if body is None or point is None:
            folded.append(subject)
        elif (told := _told(subject, body, point)) is not None:
            yield told
    yield from _folded(snapshot, folded, clocks)


def outlines_by_id(snapshot: Snapshot, clocks: Clocks) -> bytes:
    """The outlines of all subjects that are named by the position, as one JSON object: `{id: {status, fields}}`."""
    with uncollected():
        told = (
            b'%b:{"status":%b,"fields":{%b}}' % (quoted(subject), status, b",".join(members))
            for subject, status, members in outlines(snapshot, clocks)
        )
        return b"{%b}" % b",".join(told)


def _told(subject: str, body: bytes, point: Point) -> Outline | None:
    here = found(body, point.moment, point.turn)
    if not here.numbers:
        return None
    status, *members = pieces(body, *here)
    return Outline(subject, status, members)


def bodies(
    snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str] | None = None
) -> Iterator[tuple[str, bytes | None]]:
    """For each subject the leaf that holds the clocks; None for one whose state must be folded."""
    point = point_of(clocks)
    asked = _bounds(point) if point else (-1, 0, 0, 0, 0)
    settled = clocks.position if point and point.plane == REPORTING else HEAD
    some = [None] if subjects is None else chunks(subjects)
    for chunk in some:
        for subject, touched, body in snapshot.probe(_ALL if chunk is None else _SOME, chunk, *asked):
            yield subject, body if touched <= settled else None


def _bounds(point: Point) -> tuple[int, ...]:
    return (point.plane, point.moment, point.moment, point.turn, point.turn)


def _is_settled(snapshot: Snapshot, subject: str, clocks: Clocks) -> bool:
    """Whether nothing was recorded of the subject after the position."""
    if clocks.position == snapshot.position:
        return True
    rows = snapshot.probe(_TOUCHED, None, subject)
    return bool(rows) and rows[0][0] <= clocks.position


def _folded(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> Iterator[Outline]:
    for state in states(snapshot, subjects, clocks):
        fields = {name: state["fields"][name]["value"] for name in sorted(state["fields"])}
        members = [b"%b:%b" % (quoted(name), json_of(value)) for name, value in fields.items()]
        yield Outline(state["id"], json_of(state["status"]["value"]), members)
