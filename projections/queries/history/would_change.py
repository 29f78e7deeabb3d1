"""What commands would change that are not recorded: the head of the log with what they stage, against it without.

It is the diff of any two clocks, of which the one ends before what is staged and the other after it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, NamedTuple, NotRequired, TypedDict

from msgspec import Meta

from events.dates.bounds import bounds_of
from events.dates.calendar import instant_text
from events.history.streams import HEAD, NEVER, Entry, FactHistory
from events.log.unit_of_work import STAGED, UnitOfWork
from events.subject_kinds import SUBJECT_KINDS
from projections.clocks import Clocks
from projections.fold.answer_types import Finding
from projections.fold.origins import Documents, documents_of, facts_carrying
from projections.fold.subject_history import SubjectHistory
from projections.queries.history.diff import Difference, differences
from projections.queries.history.leave_one_out import MARKING
from projections.queries.subjects.at_head import subject_at_head
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import touched_by
from projections.read_models.fact_places import latest_reports
from projections.store.snapshots import Snapshot

MOST_SUBJECTS = 40
_Sides = TypedDict("_Sides", {"from": Finding | None, "to": Finding | None})


class FindingWouldDiffer(_Sides):
    """A finding that would not be the same any more, and why; `fact#1` is the first amendment of a fact."""

    subject: str
    finding: str
    cause: Annotated[str, Meta(description="The last of the causes")]
    causes: list[str]


class WouldPass(TypedDict):
    """A status that time alone would bring, unless a report comes."""

    subject: str
    status: str
    since: Annotated[str, Meta(description="The first moment at which it would read so (RFC 3339)")]


class WouldChange(TypedDict):
    """What would change if it were recorded, as things stand: nothing was recorded."""

    new: Annotated[int, Meta(description="How many events it would add; none where all of it is recorded already")]
    changes: list[FindingWouldDiffer]
    passing: list[WouldPass]
    unread: NotRequired[Annotated[int, Meta(description="How many further subjects it may bear on, not looked at")]]


class Trial(NamedTuple):
    """What a trial of commands has staged, and the histories of the subjects that it bears on, with it."""

    staged: list[Entry]
    histories: list[SubjectHistory]
    unread: int


def trial_of(snapshot: Snapshot, unit: UnitOfWork) -> Trial:
    """What is staged in the unit of work, and the subjects that it bears on: to be called in the writer's turn."""
    staged = unit.staged()
    subjects = list(_subjects(snapshot, staged))
    later = unit.since(snapshot.position)
    histories = [subject_at_head(snapshot, unit, each, later, judged=True) for each in subjects[:MOST_SUBJECTS]]
    return Trial(staged, histories, max(0, len(subjects) - MOST_SUBJECTS))


def _subjects(snapshot: Snapshot, staged: list[Entry]) -> Mapping[str, int]:
    """The subjects on which what is staged bears, those first that it names."""
    if not staged:
        return {}
    named: dict[str, int] = {}
    for entry in staged:
        values = entry.data.get("changes", {})
        said = (entry.data.get("subject"), entry.data.get("into"), values.get("subject"))
        named |= {each: entry.position for each in said if isinstance(each, str)}
    return named | touched_by(snapshot, staged)


def would_change(snapshot: Snapshot, trial: Trial, clocks: Clocks) -> WouldChange:
    """What the trial would change, at the reading of the first clock."""
    before, after = replace(clocks, position=STAGED - 1), replace(clocks, position=HEAD)
    revised = {
        (entry.data["id"], entry.data["version"]): entry.data["text"]
        for entry in trial.staged
        if entry.name == MARKING[0] and "text" in entry.data
    }
    texts = Texts(snapshot, revised)
    found: list[FindingWouldDiffer] = []
    passing: list[WouldPass] = []
    reports = latest_reports(snapshot, [each.subject for each in trial.histories], None, snapshot.position)
    for history in (each for each in trial.histories if each.merged_into(HEAD) is None):
        latest = reports.get(history.subject, -NEVER)
        differing = list(differences(snapshot.patience, texts, history, before, after, latest))
        if differing:
            told = [_documents(history, clocks.position) for clocks in (before, after)]
            found += [_shown(each, *told) for each in differing]
            passing += _passing(history, clocks, {each["finding"] for each in differing})
    answer: WouldChange = {"new": len(trial.staged), "changes": found, "passing": passing}
    return {**answer, "unread": trial.unread} if trial.unread else answer


def _documents(history: SubjectHistory, position: int) -> Documents:
    """The documents that carry each fact and dispute."""
    facts = [part.fact for part in history.parts_at(None, position)]
    return documents_of(facts, history.sources, None, position)


def _shown(each: Difference, before: Documents, after: Documents) -> FindingWouldDiffer:
    return {
        "subject": each["subject"],
        "finding": each["finding"],
        "from": _carried(each["from"], before),
        "to": _carried(each["to"], after),
        "cause": each["cause"],
        "causes": each["causes"],
    }


def _carried(finding: Finding | None, documents: Documents) -> Finding | None:
    """The finding with the number of reports that carry its value."""
    if finding is None:
        return None
    carried = set[str]().union(*(documents.get(name, ()) for name in facts_carrying(finding)))
    return {**finding, "reports": len(carried)}


def _passing(history: SubjectHistory, clocks: Clocks, differing: set[str]) -> Iterator[WouldPass]:
    """What time would make of a status that would be new, or of one whose date would be."""
    account = history.account(None, HEAD)
    kind = SUBJECT_KINDS.get(account.subject_kind or "") if account is not None else None
    if account is None or kind is None:
        return
    state = account.state(clocks.at)
    name, then = kind.passing.get(str(state["status"]["value"]), ("", ""))
    finding = state["fields"].get(name)
    if finding is None or not {"status", name} & differing:
        return
    end = _end(history, finding)
    if end is None or (clocks.at is not None and end < clocks.at):
        return
    if account.state(end)["status"]["value"] == then:
        yield {"subject": history.subject, "status": then, "since": instant_text(end)}


def _end(history: SubjectHistory, finding: Finding) -> int | None:
    """When the date that a finding gives is certainly over, in the zone of the fact that set it."""
    facts: dict[str, FactHistory] = {each.id: each for each in history.facts}
    setting = facts.get(finding["because"][-1].partition("#")[0]) if finding["because"] else None
    part = history.resolved(setting).at(None, HEAD) if setting is not None else None
    return bounds_of(str(finding["value"]), part.fact.zone).hi if part is not None else None
