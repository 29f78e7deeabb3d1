"""Which values differ between two readings of the clocks, without what made the difference (for that see `diff`)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from projections.clocks import Clocks
from projections.ledger import chunks
from projections.outlines import Outline, outlines
from projections.store import Snapshot
from projections.timelines import STATUS
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
        before, after = ({each.subject: each for each in outlines(snapshot, clocks, chunk)} for clocks in (one, other))
        for subject in chunk:
            yield from _changes(subject, before.get(subject), after.get(subject))


def _changes(subject: str, one: Outline | None, other: Outline | None) -> Iterator[Change]:
    statuses = [orjson.loads(each.status) if each else None for each in (one, other)]
    if statuses[0] != statuses[1]:
        yield Change(subject, STATUS, *statuses)
    old, new = (set(each.members) if each else set() for each in (one, other))
    before, after = (orjson.loads(b"{%b}" % b",".join(members)) for members in (old - new, new - old))
    for finding in sorted(before.keys() | after.keys()):
        yield Change(subject, finding, before.get(finding), after.get(finding))
