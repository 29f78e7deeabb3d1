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
    """Every finding whose value differs from the reading `one` to the reading `other`, by subject, then by name."""
    for chunk in chunks(may_differ(snapshot, one, other), _AT_ONCE):
        before, after = ({each.subject: each for each in outlines(snapshot, clocks, chunk)} for clocks in (one, other))
        for subject in chunk:
            if before.get(subject) != after.get(subject):
                yield from _changes(subject, _findings(before.get(subject)), _findings(after.get(subject)))


def _findings(outline: Outline | None) -> dict[str, Any]:
    return {} if outline is None else {STATUS: orjson.loads(outline.status), **orjson.loads(outline.fields)}


def _changes(subject: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for finding in sorted(before.keys() | after.keys()):
        if before.get(finding) != after.get(finding):
            yield Change(subject, finding, before.get(finding), after.get(finding))
