"""Which values differ between two readings of the clocks, without what made the difference (for that see `diff`)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from projections.clocks import Clocks
from projections.leaves import Found, found, holds, pieces
from projections.ledger import chunks
from projections.lines import STATUS
from projections.outlines import Outline, bodies, outlines, point_of
from projections.planes import RECORDING
from projections.store import Snapshot
from projections.touched import may_differ

_AT_ONCE = 500


class Change(NamedTuple):
    """A finding whose value is not the same; None on the side where it has none."""

    subject: str
    finding: str
    before: Any
    after: Any


def changes(snapshot: Snapshot, one: Clocks, other: Clocks) -> Iterator[Change]:
    """Every finding whose value differs from the reading `one` to the reading `other`, by subject, the status first."""
    for chunk in chunks(may_differ(snapshot, one, other), _AT_ONCE):
        found = dict(_found_in_leaves(snapshot, one, other, chunk))
        folded = [subject for subject in chunk if subject not in found]
        if folded:
            before, after = ({each.subject: each for each in outlines(snapshot, side, folded)} for side in (one, other))
            found |= {subject: (_pieces(before.get(subject)), _pieces(after.get(subject))) for subject in folded}
        for subject in chunk:
            yield from _changes(subject, *found[subject])


_Side = tuple[bytes, list[bytes]]
"""The status, and of the other findings those that may not be the same on the other side."""


def _found_in_leaves(
    snapshot: Snapshot, one: Clocks, other: Clocks, subjects: Sequence[str]
) -> Iterator[tuple[str, tuple[_Side, _Side]]]:
    """Both sides of those subjects that need not be folded. Often they lie in one leaf, which is then read once."""
    here, there = point_of(one), point_of(other)
    if here is None or there is None:
        return
    first = dict(bodies(snapshot, one, subjects))
    alike = here.plane == there.plane and (here.plane == RECORDING or one.position <= other.position)
    both = {name for name, body in first.items() if alike and body is not None and holds(body, *there[1:])}
    second = dict(bodies(snapshot, other, [subject for subject in subjects if subject not in both]))
    for subject, body in first.items():
        again = body if subject in both else second.get(subject)
        if body is not None and again is not None:
            before, after = found(body, *here[1:]), found(again, *there[1:])
            same = {*before.numbers} & {*after.numbers} if again is body else set[int]()
            yield subject, (_side(body, before, same), _side(again, after, same))


def _side(body: bytes, found: Found, left_out: set[int]) -> _Side:
    numbers = found.numbers[:1] + tuple(number for number in found.numbers[1:] if number not in left_out)
    status, *members = pieces(body, numbers, found.starts, found.begin) or [b"null"]
    return status, members


def _pieces(outline: Outline | None) -> _Side:
    return (b"null", []) if outline is None else (outline.status, outline.members)


def _changes(subject: str, one: _Side, other: _Side) -> Iterator[Change]:
    if one[0] != other[0]:
        yield Change(subject, STATUS, orjson.loads(one[0]), orjson.loads(other[0]))
    if one[1] != other[1]:
        before, after = (orjson.loads(b"{%b}" % b",".join(members)) for _, members in (one, other))
        for finding in sorted(before.keys() | after.keys()):
            if before.get(finding) != after.get(finding):
                yield Change(subject, finding, before.get(finding), after.get(finding))
