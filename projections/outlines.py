"""The outline of subjects, that is the status and the values of the fields, at any clocks: for most, by one probe.

Asked with both a reported bound and an older position, as a party would have it, or of subjects once merged or split,
outlines are made of folded states.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from events.errors import NotFound
from projections.clocks import Clocks
from projections.leaves import found
from projections.ledger import chunks
from projections.planes import RECORDING, REPORTING
from projections.states import states
from projections.store import Snapshot
from projections.timelines import FIRST, UNDATED, json_of

_HIT = "plane = ? AND lo <= ? AND hi > ? AND since <= ? AND until > ? ORDER BY lo DESC LIMIT 1"
_ONE = "SELECT body FROM {planes} WHERE subject = ? AND " + _HIT
_EACH = "SELECT id, touched, (SELECT body FROM {planes} AS planes WHERE subject = chosen.id AND " + _HIT + ") FROM "
_ALL = _EACH + "{current} AS chosen"
_SOME = "WITH chosen AS (SELECT id, touched FROM {current} WHERE id {among}) " + _EACH + "chosen"
_TOUCHED = "SELECT touched FROM {current} WHERE id = ?"


class Outline(NamedTuple):
    """What a subject's status is and its fields are, as JSON.

    `members` are `"name":value`, in the order of their names.
    """

    subject: str
    status: bytes
    members: list[bytes]

    @property
    def fields(self) -> bytes:
        """The fields as a JSON object."""
        return b"{%b}" % b",".join(self.members)


def outline(snapshot: Snapshot, subject: str, clocks: Clocks) -> Outline:
    """The outline of one subject.

    Raises:
        NotFound: no event up to the position names it.
    """
    hit = _hit(clocks)
    if hit is not None and (clocks.reported is None or _is_settled(snapshot, subject, clocks)):
        rows = snapshot.probe(_ONE, None, subject, *hit)
        if rows:
            told = found(rows[0][0], hit[1], hit[3])
            if told is None:
                raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
            return Outline(subject, told[0], told[1:])
    folded = next(_folded(snapshot, [subject], clocks), None)
    if folded is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    return folded


def outlines(snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str] | None = None) -> Iterator[Outline]:
    """The outlines of all subjects that are named by the position, or of those of some, in no order."""
    hit = _hit(clocks)
    folded: list[str] = []
    for subject, touched, body in _bodies(snapshot, hit, subjects):
        if body is None or hit is None or (clocks.reported is not None and touched > clocks.position):
            folded.append(subject)
            continue
        told = found(body, hit[1], hit[3])
        if told is not None:
            yield Outline(subject, told[0], told[1:])
    yield from _folded(snapshot, folded, clocks)


_Hit = tuple[int, int, int, int, int]


def _hit(clocks: Clocks) -> _Hit | None:
    """The plane, and the point on it as a probe has it; None where the clocks lie on neither."""
    if clocks.asked.reading is not None:
        return None
    moment = UNDATED if clocks.at is None else min(max(clocks.at, FIRST), UNDATED - 1)
    if clocks.reported is None:
        return (RECORDING, moment, moment, clocks.position, clocks.position)
    turn = min(max(clocks.reported, FIRST), UNDATED - 1)
    return (REPORTING, moment, moment, turn, turn)


def _is_settled(snapshot: Snapshot, subject: str, clocks: Clocks) -> bool:
    """Whether nothing was recorded of the subject after the position."""
    if clocks.position == snapshot.position:
        return True
    rows = snapshot.probe(_TOUCHED, None, subject)
    return bool(rows) and rows[0][0] <= clocks.position


def _bodies(snapshot: Snapshot, hit: _Hit | None, subjects: Sequence[str] | None) -> Iterable[tuple[str, int, Any]]:
    asked = hit or (-1, 0, 0, 0, 0)
    if subjects is None:
        yield from snapshot.probe(_ALL, None, *asked)
        return
    for chunk in chunks(subjects):
        yield from snapshot.probe(_SOME, chunk, *asked)


def _folded(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> Iterator[Outline]:
    for state in states(snapshot, subjects, clocks):
        fields = {name: state["fields"][name]["value"] for name in sorted(state["fields"])}
        members = [b"%b:%b" % (json_of(name), json_of(value)) for name, value in fields.items()]
        yield Outline(state["id"], json_of(state["status"]["value"]), members)
