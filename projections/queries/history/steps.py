"""How the understanding of a subject evolved: each step, the events that caused it, and the findings it changed."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from events.amendments import AMENDMENTS
from events.commands.merge_and_split import REGROUPINGS
from events.dates.calendar import instant_text
from events.errors import NotFound
from events.facts import KINDS
from events.history.fact_as_of import cited_in, effective_by
from events.history.streams import NEVER, Entry
from projections.clocks import Clocks
from projections.fold.state import State
from projections.fold.subject_history import SubjectHistory
from projections.read_models.subject_histories import subject_history
from projections.store.snapshots import Snapshot

Step = dict[str, Any]

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
    story = subject_history(snapshot, subject, clocks)
    if story is None:
        raise NotFound(f"no subject {subject!r} is named up to position {clocks.position}")
    if by == "recorded":
        return list(recorded_steps(story, clocks))
    return [step for _, step in reported_steps(story, clocks)]


def recorded_steps(story: SubjectHistory, clocks: Clocks) -> Iterator[Step]:
    """One step for each event that changed a finding, in the order of the log."""
    before: State | None = None
    for name, entry in story.entries():
        after = story.state(clocks.at, clocks.reported, entry.position)
        changed = changes(before, after)
        if changed:
            yield {
                "subject": story.subject,
                "position": entry.position,
                "recorded": instant_text(entry.recorded),
                "events": [event_view(name, entry)],
                "changes": changed,
            }
        before = after


def reported_steps(story: SubjectHistory, clocks: Clocks) -> Iterator[tuple[int, Step]]:
    """One step for each moment of publication that changed a finding, in order, each with that moment.

    What we said ourselves, without a source, comes first: its `reported_until` is None. What was published at a time
    still open comes last: its `reported_until` is `..`, as EDTF writes it.
    """
    before: State | None = None
    for moment, events in {-NEVER: _uncited(story, clocks), **publications(story, clocks)}.items():
        after = story.state(clocks.at, None if moment == NEVER else moment, clocks.position)
        changed = changes(before, after)
        if changed:
            until = _MARKS[moment] if moment in _MARKS else instant_text(moment - 1)
            shown = [event_view(name, entry) for name, entry in events]
            yield moment, {"subject": story.subject, "reported_until": until, "events": shown, "changes": changed}
        before = after


def _uncited(story: SubjectHistory, clocks: Clocks) -> list[tuple[str, Entry]]:
    recordings = [(history.id, history.recording) for history in story.facts]
    return [each for each in recordings if not each[1].data.get("citations") and each[1].position <= clocks.position]


def publications(story: SubjectHistory, clocks: Clocks) -> dict[int, list[tuple[str, Entry]]]:
    """The moments up to the reported clock at which events on the story's facts came to count, in order."""
    moments: dict[int, list[tuple[str, Entry]]] = defaultdict(list)
    until = NEVER + 1 if clocks.reported is None else clocks.reported + 1
    for history in story.facts:
        for entry in history.entries:
            for moment in reported_at(story, entry, clocks.position):
                if -NEVER < moment < until and entry.position <= clocks.position:
                    moments[moment].append((history.id, entry))
    return dict(sorted(moments.items()))


def reported_at(story: SubjectHistory, entry: Entry, position: int) -> set[int]:
    """When an event comes to count on the reported clock: with each citation that it adds, or as a source's act."""
    if entry.name in KINDS or entry.name == "FactCorroborated":
        return {each.published_by for each in cited_in(entry, story.shelf, position)}
    return {effective_by(entry, story.shelf, position)}


def changes(before: State | None, after: State | None) -> list[dict[str, Any]]:
    """The findings that differ between two states, each as it was and as it is."""
    one, other = findings(before), findings(after)
    return [
        {"finding": name, "before": one.get(name), "after": other.get(name)}
        for name in [*other, *(name for name in one if name not in other)]
        if one.get(name) != other.get(name)
    ]


def findings(state: State | None) -> dict[str, Any]:
    """The status, where there is one, and the fields of a state, by name."""
    if state is None:
        return {}
    known: dict[str, Any] = {"status": state["status"]} if state["status"]["value"] is not None else {}
    known.update(state["fields"])
    return known


def event_view(name: str, entry: Entry) -> dict[str, Any]:
    """An event in short: its id (`fact`, `fact#n` or `source@position`), what it is, when it was recorded by whom."""
    if entry.name in KINDS:
        identity: dict[str, Any] = {"id": name, "fact": name, "n": 0, "kind": entry.name}
    elif entry.name in AMENDMENTS:
        identity = {"id": f"{name}#{entry.n}", "fact": name, "n": entry.n, "kind": entry.data.get("kind")}
    elif entry.name in REGROUPINGS:
        identity = {
            "id": f"{name}#{entry.version}",
            "subject": name,
            "n": entry.version,
            "kind": entry.data.get("kind"),
        }
    else:
        identity = {"id": f"{name}@{entry.position}", "source": name, "kind": entry.data.get("kind")}
    return identity | {
        "event": "FactRecorded" if entry.name in KINDS else entry.name,
        "position": entry.position,
        "recorded": instant_text(entry.recorded),
        "recorded_by": entry.data.get("recorded_by"),
    }
