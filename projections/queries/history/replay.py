"""The steps of all subjects, in the order of the log or of publication, one after another."""

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import select

from events.history.streams import Entry
from projections.clocks import Clocks
from projections.fold.subject_history import SubjectHistory
from projections.queries.history.steps import Step, changes, event_view, reported_steps
from projections.read_models.grouping import reached_from
from projections.read_models.ledger import entry_from, linked, subjects_of
from projections.read_models.subject_histories import subject_histories
from projections.store.snapshots import Snapshot

_AT_ONCE = 200


def replay(snapshot: Snapshot, clocks: Clocks, by: str, after: int = 0) -> Iterator[Step]:
    """The steps of all subjects.

    Args:
        snapshot: what to read.
        clocks: how far to go on the clock that moves, and where the others stand.
        by: the clock to move: `recorded` or `reported`.
        after: by recorded, the position behind which to begin.
    """
    return _by_recorded(snapshot, clocks, after) if by == "recorded" else _by_reported(snapshot, clocks)


def _by_recorded(snapshot: Snapshot, clocks: Clocks, after: int) -> Iterator[Step]:
    """Entry by entry: only the subjects that one touches are folded, before it and behind it."""
    table = snapshot.table("entries")
    while True:
        wanted = select(table).where(table.c.position > after, table.c.position <= clocks.position)
        rows = snapshot.rows(wanted.order_by(table.c.position).limit(_AT_ONCE))
        touched = {row.position: _touched(snapshot, row, clocks.position) for row in rows}
        names = {subject for subjects in touched.values() for subject in subjects}
        stories = subject_histories(snapshot, sorted(names), clocks.position, clocks.asked.reading)
        for row in rows:
            for subject in sorted(touched[row.position] & stories.keys()):
                step = _step(stories[subject], clocks, row.stream, entry_from(row))
                if step is not None:
                    yield step
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].position


def _touched(snapshot: Snapshot, row: Any, position: int) -> set[str]:
    entry = entry_from(row)
    if row.sort == "subject":
        return reached_from(snapshot, [row.stream], position)
    if row.sort == "fact":
        return reached_from(snapshot, subjects_of(snapshot, [row.stream]), position) | set(entry.data.get("opens", {}))
    return subjects_of(snapshot, linked(snapshot, "cites", [row.stream], position).get(row.stream, []))


def _step(story: SubjectHistory, clocks: Clocks, name: str, entry: Entry) -> Step | None:
    before = story.state(clocks.at, clocks.reported, entry.position - 1)
    changed = changes(before, story.state(clocks.at, clocks.reported, entry.position))
    if not changed:
        return None
    event = event_view(name, entry)
    shared = {"position": entry.position, "recorded": event["recorded"]}
    return {"subject": story.subject, **shared, "events": [event], "changes": changed}


def _by_reported(snapshot: Snapshot, clocks: Clocks) -> Iterator[Step]:
    """Moment by moment; the steps of every subject are found first, then put in order, meanwhile kept as JSON."""
    table = snapshot.table("subjects")
    names = [row.id for row in snapshot.rows(select(table.c.id).where(table.c.opened <= clocks.position))]
    steps: list[tuple[int, str, bytes]] = []
    for start in range(0, len(names), _AT_ONCE):
        stories = subject_histories(snapshot, names[start : start + _AT_ONCE], clocks.position, clocks.asked.reading)
        for story in stories.values():
            steps += ((moment, story.subject, orjson.dumps(step)) for moment, step in reported_steps(story, clocks))
    for _, _, step in sorted(steps, key=lambda each: each[:2]):
        yield orjson.loads(step)
