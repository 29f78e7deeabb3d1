"""How the understanding of a subject evolved: each step, the events that caused it, and the findings it changed."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from events.amendments import ACTS_ON_SUBJECTS, AMENDMENTS
from events.dates.calendar import instant_text
from events.errors import NotFound
from events.facts import KINDS
from events.history.streams import NEVER, Entry
from projections.clocks import Clocks
from projections.fold.answer_types import Finding, State
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import Event, turning_points, turns_of_source
from projections.queries.subjects.findings_by_name import findings
from projections.read_models.citation_warnings import Texts
from projections.read_models.finished_states import marked_state
from projections.read_models.histories import subject_history
from projections.store.snapshots import Patience, Snapshot

_MARKS: dict[int, str | None] = {-NEVER: None, NEVER: ".."}


class EventView(TypedDict):
    """An event in short: what it is, of what, when it was recorded and by whom."""

    id: Annotated[str, Meta(description="`fact`, `fact#n`, `subject#n` or `source@position`")]
    event: str
    kind: str | None
    fact: NotRequired[str]
    source: NotRequired[str]
    subject: NotRequired[str]
    n: NotRequired[int]
    position: int
    recorded: str
    recorded_by: str | None


class FindingChange(TypedDict):
    """A finding as it was and as it is; null where there was none."""

    finding: str
    before: Finding | None
    after: Finding | None


class Step(TypedDict):
    """One change of a subject's state: `position` and `recorded`, or `reported_until`, say when."""

    subject: str
    position: NotRequired[int]
    recorded: NotRequired[str]
    reported_until: NotRequired[Annotated[str | None, Meta(description="Null for what we said; `..` if open")]]
    events: list[EventView]
    changes: list[FindingChange]


def understanding(snapshot: Snapshot, subject: str, clocks: Clocks, by: str) -> list[Step]:
    """How the subject's state evolved on the clock `by`, `recorded` or `reported`, up to where the clocks stand on it.

    Raises:
        NotFound: no event up to the position names the subject.
    """
    history, texts = subject_history(snapshot, subject, clocks), Texts(snapshot)
    if history is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    if by == "recorded":
        return list(_recorded_steps(snapshot.patience, texts, history, clocks))
    return [step for _, step in reported_steps(snapshot.patience, texts, history, clocks)]


def _recorded_steps(patience: Patience, texts: Texts, history: SubjectHistory, clocks: Clocks) -> Iterator[Step]:
    before: State | None = None
    for name, entry in patience.each(history.entries()):
        after = marked_state(texts, history, clocks.at, clocks.reported, entry.position)
        yield from recorded_step(history.subject, name, entry, before, after)
        before = after


def recorded_step(subject: str, name: str, entry: Entry, before: State | None, after: State | None) -> Iterator[Step]:
    """The step that an event made; none if it changed no finding."""
    changed = state_changes(before, after)
    if changed:
        event = event_view(name, entry)
        yield {
            "subject": subject,
            "position": entry.position,
            "recorded": event["recorded"],
            "events": [event],
            "changes": changed,
        }


def reported_steps(
    patience: Patience, texts: Texts, history: SubjectHistory, clocks: Clocks
) -> Iterator[tuple[int, Step]]:
    """One step for each moment of publication that changed a finding, in order, each with that moment.

    What we said ourselves, without a source, comes first: its `reported_until` is None. What was published at a time
    still open comes last: its `reported_until` is `..`, as EDTF writes it.
    """
    before: State | None = None
    for moment, events in patience.each(publications(history, clocks).items()):
        after = marked_state(texts, history, clocks.at, None if moment == NEVER else moment, clocks.position)
        step = reported_step(history.subject, moment, events, before, after)
        if step is not None:
            yield moment, step
        before = after


def reported_step(
    subject: str, moment: int, events: list[Event], before: State | None, after: State | None
) -> Step | None:
    """The step that what was published by a moment made; none if it changed no finding."""
    changed = state_changes(before, after)
    return step_of(subject, moment, events, changed) if changed else None


def step_of(subject: str, moment: int, events: list[Event], changes: list[FindingChange]) -> Step:
    """What was published by a moment, and the changes that it made."""
    until = _MARKS[moment] if moment in _MARKS else instant_text(moment - 1)
    views = [event_view(name, entry) for name, entry in events]
    return {"subject": subject, "reported_until": until, "events": views, "changes": changes}


def publications(history: SubjectHistory, clocks: Clocks) -> dict[int, list[Event]]:
    """The moments up to the reported clock at which events came to count, in order, with those events."""
    moments: dict[int, list[Event]] = defaultdict(list, {-NEVER: []})
    until = NEVER + 1 if clocks.reported is None else clocks.reported + 1
    bearing = [history, *([] if history.voices is None else history.voices.actors)]
    turns = [turning_points(f, each.sources, "reported", clocks.position) for each in bearing for f in each.facts]
    turns += [turns_of_source(source, clocks.position) for each in bearing for source in each.sources.values()]
    for turn in turns:
        for moment, events in turn.items():
            if moment < until:
                known = moments[moment]
                known += (
                    event for event in events if (moment > -NEVER or event[1].version == 1) and event not in known
                )
    return dict(sorted(moments.items()))


def state_changes(before: State | None, after: State | None) -> list[FindingChange]:
    """The findings that differ between two states, each as it was and as it is."""
    one, other = findings(before), findings(after)
    return [
        {"finding": name, "before": one.get(name), "after": other.get(name)}
        for name in {**other, **one}
        if one.get(name) != other.get(name)
    ]


def event_view(name: str, entry: Entry) -> EventView:
    """An event in short; `name` is the fact, source or subject that it is recorded of."""
    is_fact = entry.name in KINDS
    view: EventView = {
        "id": f"{name}@{entry.position}",
        "event": "FactRecorded" if is_fact else entry.name,
        "kind": entry.name if is_fact else entry.data.get("kind"),
        "position": entry.position,
        "recorded": instant_text(entry.recorded),
        "recorded_by": entry.data.get("recorded_by"),
    }
    if is_fact:
        view["id"], view["fact"], view["n"] = name, name, 0
    elif entry.name in AMENDMENTS:
        view["id"], view["fact"], view["n"] = f"{name}#{entry.n}", name, entry.n
    elif entry.name in ACTS_ON_SUBJECTS:
        view["id"], view["subject"], view["n"] = f"{name}#{entry.version}", name, entry.version
    else:
        view["source"] = name
    return view
