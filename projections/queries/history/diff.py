"""What differs between two sets of clocks, with the events that made each difference and their cause.

An event made a difference when without it the finding would not be what it is: each event that counts on one side and
not on the other is left out in turn. Where only together they made it, all of them are named. Causes: `new_fact`,
`late_report`, `correction:<kind>`, `retraction`, `reinstatement`, `corroboration`, `dispute`, `verdict`,
`source_revised`, `source_withdrawn`, `source_reinstated`, `account` (of two readings), `time_passed`.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, TypedDict

from msgspec import Meta
from sqlalchemy import select

from events.facts import KINDS
from events.history.fact_as_of import cited_in
from events.history.streams import NEVER, FactHistory
from projections.clocks import Clocks
from projections.fold.answer_types import Finding, Mark
from projections.fold.subject_history import SubjectHistory
from projections.queries.history.evolution import EventView, event_view
from projections.queries.history.leave_one_out import MARKING, Change, Grounded, Side, changes_between, fact_of
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import in_pieces, touched_by
from projections.read_models.fact_places import latest_reports
from projections.read_models.histories import entries_between, grouping_at, subject_histories
from projections.read_models.voices import voices_of
from projections.store.snapshots import Patience, Snapshot

_SUBJECTS_AT_ONCE, _FACTS_AT_ONCE = 1_000, 20_000
BY_EVENT = {
    "SourceRevised": "source_revised",
    "SourceWithdrawn": "source_withdrawn",
    "SourceWithdrawalWithdrawn": "source_reinstated",
    "FactCorroborated": "corroboration",
    "FactDisputed": "dispute",
    "FactRetracted": "retraction",
    "FactReinstated": "reinstatement",
    "VerdictGiven": "verdict",
    "VerdictWithdrawn": "verdict",
}
_BY_WITHDRAWN = {**BY_EVENT, "FactRetracted": "reinstatement", "FactReinstated": "retraction"}
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


def diff(snapshot: Snapshot, one: Clocks, other: Clocks, subjects: list[str] | None = None) -> list[Difference]:
    """Every finding that differs, from the clocks `one` to `other`, by subject: of these, or of all that may differ."""
    latest = max(one.position, other.position)
    one, other = (with_voices_until(snapshot, clocks, latest) for clocks in (one, other))
    touched = _touched(snapshot, one, other)
    wanted = _named(snapshot, latest) if touched is None else sorted(touched)
    if subjects is None:
        grouping = grouping_at(snapshot, latest)
        wanted = [each for each in wanted if grouping.merged_into(each) is None]
    else:
        wanted = [each for each in subjects if touched is None or each in touched]
    found: list[Difference] = []
    for chunk in in_pieces(snapshot, wanted, _SUBJECTS_AT_ONCE, _FACTS_AT_ONCE):
        texts = Texts(snapshot)
        histories = subject_histories(snapshot, chunk, latest)
        reports = latest_reports(snapshot, histories, one.reported, one.position)
        for subject, history in histories.items():
            found += differences(snapshot.patience, texts, history, one, other, reports.get(subject, -NEVER))
    return found


def _touched(snapshot: Snapshot, one: Clocks, other: Clocks) -> set[str] | None:
    """The subjects that events between the positions touched; None where more than the positions differs."""
    if one.voices is not None or other.voices is not None or (one.at, one.reported) != (other.at, other.reported):
        return None
    between = entries_between(snapshot, *sorted((one.position, other.position)))
    return {subject for entries in between for subject in touched_by(snapshot, entries)}


def with_voices_until(snapshot: Snapshot, clocks: Clocks, position: int) -> Clocks:
    """The same clocks with voices that can be asked at the position too."""
    if clocks.voices is None or clocks.position == position:
        return clocks
    return replace(clocks, voices=voices_of(snapshot, clocks.voices.party, position))


def _named(snapshot: Snapshot, position: int) -> list[str]:
    """All subjects named by the position."""
    subjects = snapshot.table("subjects")
    return [row.id for row in snapshot.rows(select(subjects.c.id).where(subjects.c.opened <= position))]


def differences(
    patience: Patience, texts: Texts, history: SubjectHistory, one: Clocks, other: Clocks, latest: int
) -> Iterator[Difference]:
    """Those of one subject; `latest`: when the latest report known at the first clocks was published."""
    patience.check()
    sides = {False: Side(texts, history, one), True: Side(texts, history, other)}
    before, after = sides[False].findings, sides[True].findings
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not differing:
        return
    told_otherwise = _told_otherwise(history, one, other)
    changes = list(patience.each(changes_between(history, one, other)))
    alone = len(changes) == 1 and one.at == other.at and not told_otherwise  # without it both sides are the same
    trials = [] if alone else [each for each in changes if each.entry.name not in MARKING]
    results = [(each, sides[each.gained].without(each, differing)) for each in patience.each(trials)]
    as_dated_before = after if one.at == other.at else Side(texts, history, replace(other, at=one.at)).findings
    told_before = replace(other, voices=one.voices)
    as_told_before = Side(texts, history, told_before).findings if told_otherwise else after
    caused = _Causes(history, one, latest).of
    for name in patience.each(differing):
        was, becomes = before.get(name), after.get(name)
        made = [each for each, result in results if name in result]
        made += _marked_by(changes, was, becomes)
        time_passed = as_dated_before.get(name) != becomes
        is_account = as_told_before.get(name) != becomes
        if not (made or time_passed or is_account):
            made = _together(changes, was, becomes)
        events = [caused(each) for each in sorted(made, key=lambda each: each.entry.position)]
        if is_account:
            events += _tellings(told_otherwise, was, becomes)
        causes = [event["cause"] for event in events] + (["time_passed"] if time_passed else [])
        causes = causes or ["account"]  # who speaks for the party changed what counts
        yield {
            "subject": history.subject,
            "finding": name,
            "from": was[0] if was else None,
            "to": becomes[0] if becomes else None,
            "cause": causes[-1],
            "causes": list(dict.fromkeys(causes)),
            "events": events,
        }


def _marked_by(changes: list[Change], before: Grounded | None, after: Grounded | None) -> list[Change]:
    """The revisions and withdrawals of sources by which a finding came to be marked otherwise than before."""
    if before is None or after is None:
        return []
    marks = [{(mark["source"], mark["mark"]) for mark in _marks(grounded[0])} for grounded in (before, after)]
    sources = {source for source, _ in marks[0] ^ marks[1]}
    return [change for change in changes if change.entry.name in MARKING and change.name in sources]


def _marks(finding: Finding) -> list[Mark]:
    return [mark for each in (finding, *finding["rivals"]) for mark in each.get("marks", ())]


def _told_otherwise(history: SubjectHistory, one: Clocks, other: Clocks) -> dict[str, FactHistory]:
    """The facts that count in the account on one side and not in that on the other, at the other's clocks, by id."""
    if one.asked.reading == other.asked.reading:
        return {}
    told = [
        {part.fact.id: part.fact.modality for part in history.told_by(voices).parts_at(other.reported, other.position)}
        for voices in (one.voices, other.voices)
    ]
    return {each.id: each for each in history.facts if told[0].get(each.id) != told[1].get(each.id)}


def _tellings(
    told_otherwise: dict[str, FactHistory], before: Grounded | None, after: Grounded | None
) -> list[CausingEvent]:
    """The facts behind the finding that only one of two accounts counts; failing that, all such facts."""
    sides = [each[0] for each in (before, after) if each is not None]
    behind = {fact.partition("#")[0] for side in sides for each in (side, *side["rivals"]) for fact in each["because"]}
    found = [each for name, each in told_otherwise.items() if name in behind] or [*told_otherwise.values()]
    return [{**event_view(each.id, each.recording), "cause": "account"} for each in found]


def _together(changes: list[Change], before: Grounded | None, after: Grounded | None) -> list[Change]:
    """The events of the facts that decide the finding on either side; failing that, all that changed."""
    because = {fact for grounded in (before, after) if grounded for fact in map(fact_of, grounded[0]["because"])}
    return [change for change in changes if change.name in because] or changes


class _Causes:
    """The events that made differences of a subject, each with its cause.

    Args:
        history: what bears on the subject.
        one: the first clocks.
        latest: when the latest report was published that was known there.
    """

    def __init__(self, history: SubjectHistory, one: Clocks, latest: int) -> None:
        self._history, self._one, self._latest = history, one, latest
        self._found: dict[tuple[int, bool], CausingEvent] = {}

    def of(self, change: Change) -> CausingEvent:
        """The event with its cause."""
        key = change.entry.position, change.gained
        if key not in self._found:
            self._found[key] = {**event_view(change.name, change.entry), "cause": self._cause(change)}
        return {**self._found[key]}

    def _cause(self, change: Change) -> str:
        entry, causes = change.entry, BY_EVENT
        fact = next((each for each in self._history.facts if each.id == change.name), None)  # of a voice, none of these
        if entry.name in KINDS or (entry.name == "FactCorroborated" and fact and self._brings_to_light(fact, change)):
            return "late_report" if fact and self._is_late(change) else "new_fact"
        name = entry.name
        if name == "AmendmentWithdrawn":
            of_fact = (each for _, each in self._history.entries() if each.data.get("fact") == change.name)
            name = next(each.name for each in of_fact if each.n == entry.data["withdraws"])
            causes = _BY_WITHDRAWN
        return causes.get(name) or f"correction:{entry.data.get('kind') or 'source'}"

    def _brings_to_light(self, fact: FactHistory, change: Change) -> bool:
        """Whether the fact was not visible at the first clocks."""
        return change.gained and self._history.resolved(fact).at(self._one.reported, self._one.position) is None

    def _is_late(self, change: Change) -> bool:
        """Whether the report, recorded after the first position, is older than the latest that was known there."""
        if change.entry.position <= self._one.position:
            return False
        reports = [each.published_by for each in cited_in(change.entry, self._history.sources, change.entry.position)]
        return bool(reports) and min(reports) < self._latest
