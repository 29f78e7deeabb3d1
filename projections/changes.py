"""Which values differ between two readings of the clocks, without what made the difference (for that see `diff`)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from projections.clocks import Clocks
from projections.leaves import holds, told_at
from projections.ledger import chunks
from projections.lines import STATUS
from projections.outlines import bodies, outlines, point_of
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
            before, after = (
                {each.subject: each.told for each in outlines(snapshot, side, folded)} for side in (one, other)
            )
            found |= {subject: (before.get(subject), after.get(subject)) for subject in folded}
        differing = [subject for subject in chunk if found[subject][0] != found[subject][1]]
        sides = b",".join(b'{"status":%b}' % (told or _NOTHING) for subject in differing for told in found[subject])
        values = iter(orjson.loads(b"[%b]" % sides))
        for subject in differing:
            yield from _changes(subject, next(values), next(values))


_NOTHING = b'null,"fields":{}'
_Sides = tuple[bytes | None, bytes | None]
"""What outlines of a subject are made of; None where it is not named."""


def _found_in_leaves(
    snapshot: Snapshot, one: Clocks, other: Clocks, subjects: Sequence[str]
) -> Iterator[tuple[str, _Sides]]:
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
            yield subject, (told_at(body, *here[1:]), told_at(again, *there[1:]))


def _changes(subject: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[Change]:
    if one["status"] != other["status"]:
        yield Change(subject, STATUS, one["status"], other["status"])
    before, after = one["fields"], other["fields"]
    if before != after:
        for finding in sorted(before.keys() | after.keys()):
            if before.get(finding) != after.get(finding):
                yield Change(subject, finding, before.get(finding), after.get(finding))
