"""How the understanding of subjects evolved: each step, the events that caused it, and the findings it changed."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import select

from events.amendments import AMENDMENTS, REGROUPINGS
from events.dates.calendar import instant_text
from events.errors import NotFound
from events.facts import KINDS
from events.history.streams import NEVER, Entry
from projections.clocks import Clocks
from projections.fold.answer_types import Finding, State
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import Event, turning_points
from projections.queries.history.answer_types import EventView, FindingChange, Step
from projections.queries.history.replay_places import BEGINNING, Place
from projections.read_models.ledger import entry_from, linked, subjects_of
from projections.read_models.subject_histories import reached_from, subject_histories, subject_history
from projections.store.snapshots import Snapshot

_AT_ONCE = 200
_MARKS: dict[int, str | None] = {-NEVER: None, NEVER: ".."}


def understanding(snapshot: Snapshot, subject: str, clocks: Clocks, by: str) -> list[Step]:
    """How the subject's state evolved on one clock, up to where the clocks stand on it; the others stay as asked.

    Args:
        snapshot: what to read.
        subject: its id.
        clocks: at which clocks.
        by: the clock to move: `recorded` or `reported`.

    Raises:
        NotFound: no event up to the position names the subject.
    """
    history = subject_history(snapshot, subject, clocks)
    if history is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    if by == "recorded":
        return list(recorded_steps(history, clocks))
    return [step for _, step in reported_steps(history, clocks)]


def recorded_steps(history: SubjectHistory, clocks: Clocks) -> Iterator[Step]:
    """One step for each event that changed a finding, in the order of the log."""
    before: State | None = None
    for name, entry in history.entries():
        after = history.state(clocks.at, clocks.reported, entry.position)
        changed = changes(before, after)
        if changed:
            yield {
                "subject": history.subject,
                "position": entry.position,
                "recorded": instant_text(entry.recorded),
                "events": [event_view(name, entry)],
                "changes": changed,
            }
        before = after


def reported_steps(history: SubjectHistory, clocks: Clocks) -> Iterator[tuple[int, Step]]:
    """One step for each moment of publication that changed a finding, in order, each with that moment.

    What we said ourselves, without a source, comes first: its `reported_until` is None. What was published at a time
    still open comes last: its `reported_until` is `..`, as EDTF writes it.
    """
    before: State | None = None
    for moment, events in _publications(history, clocks).items():
        after = history.state(clocks.at, None if moment == NEVER else moment, clocks.position)
        changed = changes(before, after)
        if changed:
            until = _MARKS[moment] if moment in _MARKS else instant_text(moment - 1)
            shown = [event_view(name, entry) for name, entry in events]
            yield moment, {"subject": history.subject, "reported_until": until, "events": shown, "changes": changed}
        before = after


def _publications(history: SubjectHistory, clocks: Clocks) -> dict[int, list[Event]]:
    """The moments up to the reported clock at which events on the facts came to count, in order, with those events."""
    moments: dict[int, list[Event]] = defaultdict(list, {-NEVER: []})
    until = NEVER + 1 if clocks.reported is None else clocks.reported + 1
    for fact in history.facts:
        for moment, events in turning_points(fact, history.shelf, "reported", clocks.position).items():
            if moment < until:
                moments[moment] += (each for each in events if moment > -NEVER or each[1].version == 1)
    return dict(sorted(moments.items()))


def replay(snapshot: Snapshot, clocks: Clocks, by: str, after: Place = BEGINNING) -> Iterator[Step]:
    """The steps of all subjects.

    Args:
        snapshot: what to read.
        clocks: how far to go on the clock that moves, and where the others stand.
        by: the clock to move: `recorded` or `reported`.
        after: where to begin.
    """
    return _by_recorded(snapshot, clocks, after) if by == "recorded" else _by_reported(snapshot, clocks, after)


def _by_recorded(snapshot: Snapshot, clocks: Clocks, begin: Place) -> Iterator[Step]:
    """Entry by entry: only the subjects that one touches are folded, before it and after it."""
    table = snapshot.table("entries")
    after = max(0, begin.moment - 1)
    while True:
        wanted = select(table).where(table.c.position > after, table.c.position <= clocks.position)
        rows = snapshot.rows(wanted.order_by(table.c.position).limit(_AT_ONCE))
        touched = {row.position: _touched(snapshot, row, clocks.position) for row in rows}
        names = {subject for subjects in touched.values() for subject in subjects}
        histories = subject_histories(snapshot, sorted(names), clocks.position, clocks.asked.reading)
        for row in rows:
            for subject in sorted(touched[row.position] & histories.keys()):
                if (row.position, subject) <= begin:
                    continue
                step = _step(histories[subject], clocks, row.stream, entry_from(row))
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


def _step(history: SubjectHistory, clocks: Clocks, name: str, entry: Entry) -> Step | None:
    before = history.state(clocks.at, clocks.reported, entry.position - 1)
    changed = changes(before, history.state(clocks.at, clocks.reported, entry.position))
    if not changed:
        return None
    event = event_view(name, entry)
    return {
        "subject": history.subject,
        "position": entry.position,
        "recorded": event["recorded"],
        "events": [event],
        "changes": changed,
    }


def _by_reported(snapshot: Snapshot, clocks: Clocks, begin: Place) -> Iterator[Step]:
    """Moment by moment; the steps of every subject are found first, then put in order, meanwhile kept as JSON."""
    table = snapshot.table("subjects")
    names = [row.id for row in snapshot.rows(select(table.c.id).where(table.c.opened <= clocks.position))]
    steps: list[tuple[int, str, bytes]] = []
    for start in range(0, len(names), _AT_ONCE):
        histories = subject_histories(snapshot, names[start : start + _AT_ONCE], clocks.position, clocks.asked.reading)
        for history in histories.values():
            steps += (
                (moment, history.subject, orjson.dumps(step))
                for moment, step in reported_steps(history, clocks)
                if (moment, history.subject) > begin
            )
    for _, _, step in sorted(steps, key=lambda each: each[:2]):
        yield orjson.loads(step)


def changes(before: State | None, after: State | None) -> list[FindingChange]:
    """The findings that differ between two states, each as it was and as it is."""
    one, other = findings(before), findings(after)
    return [
        {"finding": name, "before": one.get(name), "after": other.get(name)}
        for name in [*other, *(name for name in one if name not in other)]
        if one.get(name) != other.get(name)
    ]


def findings(state: State | None) -> dict[str, Finding]:
    """The status, where there is one, and the fields of a state, by name."""
    if state is None:
        return {}
    known: dict[str, Finding] = {"status": state["status"]} if state["status"]["value"] is not None else {}
    known.update(state["fields"])
    return known


def event_view(name: str, entry: Entry) -> EventView:
    """An event in short: its id (`fact`, `fact#n` or `source@position`), what it is, when it was recorded by whom."""
    view: EventView = {
        "id": f"{name}@{entry.position}",
        "event": "FactRecorded" if entry.name in KINDS else entry.name,
        "kind": entry.name if entry.name in KINDS else entry.data.get("kind"),
        "position": entry.position,
        "recorded": instant_text(entry.recorded),
        "recorded_by": entry.data.get("recorded_by"),
    }
    if entry.name in KINDS:
        view["id"], view["fact"], view["n"] = name, name, 0
    elif entry.name in AMENDMENTS:
        view["id"], view["fact"], view["n"] = f"{name}#{entry.n}", name, entry.n
    elif entry.name in REGROUPINGS:
        view["id"], view["subject"], view["n"] = f"{name}#{entry.version}", name, entry.version
    else:
        view["source"] = name
    return view
