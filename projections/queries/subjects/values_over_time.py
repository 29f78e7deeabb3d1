"""The values of subjects over both planes: every rectangle of two clocks in which they hold, as the index has it."""

from collections.abc import Sequence
from typing import NamedTuple

from projections.bitemporal.index import RECORDING
from projections.bitemporal.pages import Bounds, rectangles_in
from projections.queries.subjects.values import ValuesJson
from projections.store.snapshots import Snapshot

_PAGES = (
    "SELECT plane, subject, lo, hi, since, until, body FROM {planes} WHERE subject {among}"
    " ORDER BY subject, plane, lo, since"
)
_SUBJECTS = "SELECT id FROM {current} WHERE id > ? ORDER BY id LIMIT ?"


class ValuesOverTime(NamedTuple):
    """What is so of a subject within bounds of the first clock and of the other one, which is one of two.

    Bounds are half-open: `lo` and `hi` UTC microseconds, `since` and `until` positions of the log where it is of
    recording, else UTC microseconds. `values` is None where a subject was merged, split or judged: it is folded, and
    has no rectangles.
    """

    subject: str
    is_of_recording: bool
    bounds: Bounds
    values: ValuesJson | None


def page_of_rectangles(snapshot: Snapshot, after: str, limit: int) -> tuple[list[ValuesOverTime], str | None]:
    """The rectangles of subjects in the order of their ids, from after `after`; and the last id, if more follow."""
    subjects = [subject for (subject,) in snapshot.probe(_SUBJECTS, None, after, limit)]
    return _rectangles(snapshot, subjects), subjects[-1] if len(subjects) == limit else None


def _rectangles(snapshot: Snapshot, subjects: Sequence[str]) -> list[ValuesOverTime]:
    found: list[ValuesOverTime] = []
    for plane, subject, lo, hi, since, until, body in snapshot.flow(_PAGES, subjects):
        whole: Bounds = lo, hi, since, until
        of_recording = plane == RECORDING
        if not body:
            found.append(ValuesOverTime(subject, of_recording, whole, None))
            continue
        for bounds, content in rectangles_in(bytes(body), whole):
            found.append(ValuesOverTime(subject, of_recording, bounds, ValuesJson(subject, content)))
    return found
