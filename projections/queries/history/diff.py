"""What differs between two sets of clocks, with the events that made each difference and their cause.

An event made a difference when without it the finding would not be what it is: each event that counts on one side and
not on the other is left out in turn. Where only together they made it, all of them are named. Causes: `new_fact`,
`late_report`, `correction:<kind>`, `retraction`, `reinstatement`, `corroboration`, `dispute`, `verdict`, `time_passed`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta
from sqlalchemy import select

from events.facts import KINDS
from events.history.fact_as_of import cited_in
from events.history.streams import NEVER, Entry, FactHistory, SourceHistory, Sources
from projections.clocks import Clocks
from projections.fold.answer_types import Finding
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import counts_from
from projections.queries.history.evolution import EventView, event_view, findings
from projections.read_models.current_states import touched_by
from projections.read_models.ledger import entries_between
from projections.read_models.subject_histories import subject_histories
from projections.store.bulk import chunks
from projections.store.engine import Patience
from projections.store.snapshots import Snapshot

_AT_ONCE = 200
_BY_EVENT = {
    "FactCorroborated": "corroboration",
    "FactDisputed": "dispute",
    "FactRetracted": "retraction",
    "FactReinstated": "reinstatement",
    "VerdictGiven": "verdict",
    "VerdictWithdrawn": "verdict",
}
_BY_WITHDRAWN = {**_BY_EVENT, "FactRetracted": "reinstatement", "FactReinstated": "retraction"}
_SILENT = ("SourceRegistered", "SourceRevised", "SourceWithdrawn", "SourceWithdrawalWithdrawn")
"""Events that change no finding by themselves: it is the facts that cite them which do."""

_Ground = tuple[str, list[tuple[str, int, str]]]
"""A fact, and of each of its citations the source, the number of the event and the publisher."""
_Grounded = tuple[Finding, list[_Ground]]
_Sides = TypedDict("_Sides", {"from": Finding | None, "to": Finding | None})


class CausingEvent(EventView):
    """An event that made a difference, and how."""

    cause: str


class Difference(_Sides):
    """A finding that is not the same on both sides, and why."""

    subject: str
    finding: str
    cause: Annotated[str, Meta(description="The last of the causes")]
    causes: list[str]
    events: list[CausingEvent]


class Change(NamedTuple):
    """An event of which something counts on one side only: at which clocks; the places of its citations, or `WHOLE`."""

    name: str
    entry: Entry
    gained: bool
    counts: set[int]
    clocks: Clocks


def diff(snapshot: Snapshot, one: Clocks, other: Clocks, subjects: list[str] | None = None) -> list[Difference]:
    """Every finding that differs, from the clocks `one` to `other`, by subject: of these, or of all that may differ."""
    latest = max(one, other, key=lambda clocks: clocks.position)
    found: list[Difference] = []
    wanted = subjects if subjects is not None else _may_differ(snapshot, one, other)
    sources: Sources = {}
    for chunk in chunks(wanted, _AT_ONCE):
        for history in subject_histories(snapshot, chunk, latest.position, latest.asked.reading, sources).values():
            found += _differences(snapshot.patience, history, one, other)
    return found


def _may_differ(snapshot: Snapshot, one: Clocks, other: Clocks) -> list[str]:
    """The subjects touched between the positions where only these differ; else all that are named by the later one."""
    first, last = sorted((one.position, other.position))
    if (one.at, one.reported, one.asked.reading) != (other.at, other.reported, other.asked.reading):
        subjects = snapshot.table("subjects")
        return [row.id for row in snapshot.rows(select(subjects.c.id).where(subjects.c.opened <= last))]
    touched = (touched_by(snapshot, entries) for entries in entries_between(snapshot, first, last))
    return sorted(set().union(*touched))


def _differences(patience: Patience, history: SubjectHistory, one: Clocks, other: Clocks) -> Iterator[Difference]:
    patience.check()
    before, after = _grounded(history, one), _grounded(history, other)
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not differing:
        return
    changes = list(patience.each(_changes(history, one, other)))
    alone = len(changes) == 1 and one.at == other.at  # then, without it, both sides are the same
    results = (
        [] if alone else [(each, _grounded(_without(history, each), each.clocks)) for each in patience.each(changes)]
    )
    as_dated_before = after if one.at == other.at else _grounded(history, replace(other, at=one.at))
    latest = _latest_report(history, one)
    for name in patience.each(differing):
        made = [each for each, result in results if result.get(name) != (after if each.gained else before).get(name)]
        time_passed = as_dated_before.get(name) != after.get(name)
        if not made and not time_passed:
            made = _together(changes, before.get(name), after.get(name))
        events: list[CausingEvent] = [
            {**event_view(each.name, each.entry), "cause": _cause(history, each, one, latest)} for each in made
        ]
        causes = [event["cause"] for event in events] + (["time_passed"] if time_passed else [])
        yield {
            "subject": history.subject,
            "finding": name,
            "from": before[name][0] if name in before else None,
            "to": after[name][0] if name in after else None,
            "cause": causes[-1],
            "causes": list(dict.fromkeys(causes)),
            "events": events,
        }


def _grounded(history: SubjectHistory, clocks: Clocks) -> dict[str, _Grounded]:
    """The findings, each with the citations that it rests on, so that a further source is a difference too."""
    facts = {each.id: each for each in history.facts}

    def ground(name: str) -> _Ground:
        part = history.resolved(facts[name]).at(clocks.reported, clocks.position)
        return name, [(each.citation["source"], each.n, each.publisher) for each in part.fact.cited] if part else []

    found = findings(history.state(clocks.at, clocks.reported, clocks.position))
    grounds = {name: dict.fromkeys(map(_fact_of, finding["because"])) for name, finding in found.items()}
    return {name: (finding, list(map(ground, grounds[name]))) for name, finding in found.items()}


def _fact_of(ground: str) -> str:
    """The fact that gives a value, or whose dispute `fact#n` does."""
    return ground.partition("#")[0]


def _changes(history: SubjectHistory, one: Clocks, other: Clocks) -> Iterator[Change]:
    """The events that count on one side and not on the other, in the order of the log."""
    for name, entry in history.entries():
        for clocks, against, gained in ((other, one, True), (one, other, False)):
            added = _counting(history, entry, clocks) - _counting(history, entry, against)
            if added:
                yield Change(name, entry, gained, added, clocks)


def _counting(history: SubjectHistory, entry: Entry, clocks: Clocks) -> set[int]:
    """What of an event counts at the clocks: the places of its citations that count, or `WHOLE`."""
    if entry.position > clocks.position or entry.name in _SILENT:
        return set()
    limit = NEVER if clocks.reported is None else clocks.reported
    return {place for place, moment in counts_from(entry, history.sources, clocks.position) if moment <= limit}


def _without(history: SubjectHistory, change: Change) -> SubjectHistory:
    """The history without what the event adds."""
    name, entry = change.name, change.entry
    whole = change.counts == _counting(history, entry, change.clocks)
    facts = [_less(each, entry, change.counts, whole) if each.id == name else each for each in history.facts]
    sources = dict(history.sources)
    moved = {name}
    if name in sources:
        left = [each for each in sources[name].entries if each.position != entry.position]
        sources[name] = SourceHistory(name, left)
        moved |= {each.id for each in facts if name in each.sources()}
    acts = [each for each in history.acts if each.position != entry.position]
    return history.otherwise([each for each in facts if each.entries], sources, acts, moved)


def _less(history: FactHistory, entry: Entry, added: set[int], whole: bool) -> FactHistory:
    """The history without the event, or without those of its citations; without its recording nothing is left."""
    if whole and entry.version == 1:
        return FactHistory(history.id, [])
    entries = [each for each in history.entries if each.position != entry.position]
    if not whole:
        citations = [each for place, each in enumerate(entry.data["citations"]) if place not in added]
        less = entry._replace(data={**entry.data, "citations": citations})
        entries = sorted([*entries, less], key=lambda each: each.version)
    return FactHistory(history.id, entries)


def _together(changes: list[Change], before: _Grounded | None, after: _Grounded | None) -> list[Change]:
    """The events of the facts that decide the finding on either side; failing that, all that changed."""
    because = {fact for grounded in (before, after) if grounded for fact in map(_fact_of, grounded[0]["because"])}
    return [change for change in changes if change.name in because] or changes


def _cause(history: SubjectHistory, change: Change, one: Clocks, latest: int) -> str:
    entry, causes = change.entry, _BY_EVENT
    if entry.name in KINDS or (entry.name == "FactCorroborated" and _brings_to_light(history, change, one)):
        return "late_report" if _is_late(history, change, one, latest) else "new_fact"
    name = entry.name
    if name == "AmendmentWithdrawn":
        of_fact = (each for _, each in history.entries() if each.data.get("fact") == change.name)
        name = next(each.name for each in of_fact if each.n == entry.data["withdraws"])
        causes = _BY_WITHDRAWN
    return causes.get(name) or f"correction:{entry.data.get('kind') or 'source'}"


def _brings_to_light(history: SubjectHistory, change: Change, one: Clocks) -> bool:
    """Whether the fact was not visible at the first clocks."""
    fact = next(each for each in history.facts if each.id == change.name)
    return change.gained and history.resolved(fact).at(one.reported, one.position) is None


def _latest_report(history: SubjectHistory, one: Clocks) -> int:
    """When the latest report was published that was known at the first clocks."""
    known = (history.resolved(each).at(one.reported, one.position) for each in history.facts)
    return max((each.published_by for part in known if part is not None for each in part.fact.cited), default=-NEVER)


def _is_late(history: SubjectHistory, change: Change, one: Clocks, latest: int) -> bool:
    """Whether the report, recorded after the first position, is older than the latest that was known there."""
    if change.entry.position <= one.position:
        return False
    reports = [each.published_by for each in cited_in(change.entry, history.sources, change.entry.position)]
    return bool(reports) and min(reports) < latest
