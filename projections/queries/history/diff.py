"""What differs between two readings of the clocks, with the events that made each difference and their cause.

An event made a difference when without it the finding would not be what it is: each event that counts at one reading
and not at the other is left out in turn. Where only together they made it, all of them are named. Causes: `new_fact`,
`late_report`, `correction:<kind>`, `retraction`, `reinstatement`, `corroboration`, `dispute`, `time_passed`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from events.amendments import AMENDMENTS
from events.facts import KINDS
from events.history.fact_as_of import cited_in
from events.history.streams import NEVER, Entry, FactHistory, SourceHistory, Sources
from projections.clocks import Clocks
from projections.fold.answer_types import Finding
from projections.fold.state import Account
from projections.fold.subject_history import SubjectHistory, described
from projections.fold.turning_points import counts_from
from projections.queries.history.answer_types import CausingEvent, Difference
from projections.queries.history.evolution import event_view, findings
from projections.queries.history.touched_subjects import may_differ
from projections.read_models.ledger import chunks
from projections.read_models.subject_histories import subject_histories
from projections.store.snapshots import Snapshot

_AT_ONCE = 200
_BY_EVENT = {
    "FactCorroborated": "corroboration",
    "FactDisputed": "dispute",
    "FactRetracted": "retraction",
    "FactReinstated": "reinstatement",
}
_SILENT = ("SourceRegistered", "SourceRevised", "SourceWithdrawn")
"""Events that change no finding by themselves: it is the facts that cite them which do."""
_UNDONE = {"FactRetracted": "reinstatement", "FactReinstated": "retraction"}

_Ground = tuple[str, list[tuple[str, int, str]]]
"""A fact, and of each of its citations the source, the number of the event and the publisher."""
_Grounded = tuple[Finding, list[_Ground]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the clocks: exclusive bounds, and a position."""

    at: int | None
    reported: int | None
    position: int

    @classmethod
    def of(cls, clocks: Clocks) -> "Reading":
        """The bounds of the clocks."""
        return cls(clocks.at, clocks.reported, clocks.position)

    def account(self, story: SubjectHistory) -> Account | None:
        """What counts of the story at this reading."""
        return story.account(self.reported, self.position)


@dataclass(frozen=True, slots=True)
class Change:
    """An event of which something counts at only one of two readings: the places of its citations, or `WHOLE`."""

    name: str
    entry: Entry
    gained: bool
    counts: set[int]
    reading: Reading


def diff(snapshot: Snapshot, one: Clocks, other: Clocks, subjects: list[str] | None = None) -> list[Difference]:
    """Every finding that differs, by subject, from the reading `one` to the reading `other`.

    Args:
        snapshot: what to read.
        one: the clocks to begin with.
        other: the clocks to end with.
        subjects: only these; None for all that may differ.
    """
    latest = one if one.position >= other.position else other
    found: list[Difference] = []
    wanted = subjects if subjects is not None else may_differ(snapshot, one, other)
    shelf: Sources = {}
    for chunk in chunks(wanted, _AT_ONCE):
        for story in subject_histories(snapshot, chunk, latest.position, latest.asked.reading, shelf).values():
            found += _differences(story, Reading.of(one), Reading.of(other))
    return found


def _differences(story: SubjectHistory, one: Reading, other: Reading) -> Iterator[Difference]:
    accounts = {reading: reading.account(story) for reading in (one, other)}
    before, after = (_grounded(story, reading, accounts[reading]) for reading in (one, other))
    differing = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not differing:
        return
    changes = list(_changes(story, one, other))
    alone = len(changes) == 1 and one.at == other.at  # then, without it, both sides are the same
    results = [] if alone else [(change, _result(story, change, accounts[change.reading])) for change in changes]
    timeless = _grounded(story, replace(other, at=one.at), accounts[other]) if one.at != other.at else after
    latest = _latest_report(story, one)
    for name in differing:
        made = [
            change for change, result in results if result.get(name) != (after if change.gained else before).get(name)
        ]
        passed = timeless.get(name) != after.get(name)
        if not made and not passed:
            made = _together(changes, before.get(name), after.get(name))
        events: list[CausingEvent] = [
            {**event_view(each.name, each.entry), "cause": _cause(story, each, one, latest)} for each in made
        ]
        causes = [event["cause"] for event in events] + (["time_passed"] if passed else [])
        yield {
            "subject": story.subject,
            "finding": name,
            "from": _shown(before.get(name)),
            "to": _shown(after.get(name)),
            "cause": causes[-1],
            "causes": list(dict.fromkeys(causes)),
            "events": events,
        }


def _grounded(story: SubjectHistory, reading: Reading, account: Account | None) -> dict[str, _Grounded]:
    """The findings at a reading, each with the words that it rests on, so that a further source is a difference too."""
    state = None if account is None else described(story.subject, account, reading.at)
    facts = {history.id: history for history in story.facts}
    return {name: (finding, _grounds(story, reading, facts, finding)) for name, finding in findings(state).items()}


def _grounds(story: SubjectHistory, reading: Reading, facts: dict[str, FactHistory], finding: Finding) -> list[_Ground]:
    grounds = []
    for name in dict.fromkeys(finding["because"]):
        standing = story.standing(facts[name], reading.reported, reading.position)
        cited = standing.cited if standing else []
        grounds.append((name, [(each.citation["source"], each.n, each.publisher) for each in cited]))
    return grounds


def _shown(grounded: _Grounded | None) -> Finding | None:
    return None if grounded is None else grounded[0]


def _changes(story: SubjectHistory, one: Reading, other: Reading) -> Iterator[Change]:
    """The events that count at one reading and not at the other, in the order of the log."""
    for name, entry in _doubtful(story, one, other):
        for reading, against, gained in ((other, one, True), (one, other, False)):
            added = _counting(story, entry, reading) - _counting(story, entry, against)
            if added:
                yield Change(name, entry, gained, added, reading)


def _doubtful(story: SubjectHistory, one: Reading, other: Reading) -> Iterator[tuple[str, Entry]]:
    """The events of which something may count at one reading alone, in the order of the log."""
    if one.reported != other.reported:
        return iter(story.entries())
    first, last = sorted((one.position, other.position))
    moved = {entry.position for history in story.shelf.values() for entry in history.entries}
    is_quiet = not any(first < position <= last for position in moved)
    return ((name, entry) for name, entry in story.entries() if not is_quiet or first < entry.position <= last)


def _counting(story: SubjectHistory, entry: Entry, reading: Reading) -> set[int]:
    """What of an event counts at a reading: the places of its citations that count, or `WHOLE`."""
    if entry.position > reading.position or entry.name in _SILENT:
        return set()
    limit = NEVER if reading.reported is None else reading.reported
    return {place for place, moment in counts_from(entry, story.shelf, reading.position) if moment <= limit}


def _result(story: SubjectHistory, change: Change, account: Account | None) -> dict[str, _Grounded]:
    """The findings without the event at the reading at which it counts; `account` is what counts there with it."""
    less, reading = _without(story, change), change.reading
    if account is None or (change.entry.name not in KINDS and change.entry.name not in AMENDMENTS):
        return _grounded(less, reading, reading.account(less))
    left = [history for history in less.facts if history.id == change.name]
    parts = less.parts(less.standings(reading.reported, reading.position, left))
    return _grounded(less, reading, account.but(change.name, parts))


def _without(story: SubjectHistory, change: Change) -> SubjectHistory:
    """The story without what the event adds."""
    name, entry = change.name, change.entry
    whole = change.counts == _counting(story, entry, change.reading)
    facts = [_less(history, entry, change.counts, whole) if history.id == name else history for history in story.facts]
    moved = {history.id for history in story.facts if name in story.shelf and name in history.sources()} | {name}
    shelf = {
        source: SourceHistory(source, [each for each in history.entries if each.position != entry.position])
        if source == name
        else history
        for source, history in story.shelf.items()
    }
    regrouped = [each for each in story.regroupings if each.position != entry.position]
    kept = [each for each in facts if each.entries]
    return story.otherwise(kept, shelf, regrouped, moved)


def _less(history: FactHistory, entry: Entry, added: set[int], whole: bool) -> FactHistory:
    """The history without the event, or without those of its citations; without its recording nothing is left."""
    if whole and entry.version == 1:
        return FactHistory(history.id, [each for each in history.entries if each.position < entry.position])
    kept = [each for each in history.entries if each.position != entry.position]
    if not whole:
        citations = [each for place, each in enumerate(entry.data["citations"]) if place not in added]
        less = entry._replace(data={**entry.data, "citations": citations})
        kept = sorted([*kept, less], key=lambda each: each.version)
    return FactHistory(history.id, kept)


def _together(changes: list[Change], before: _Grounded | None, after: _Grounded | None) -> list[Change]:
    """The events of the facts that decide the finding on either side; failing that, all that changed."""
    because = {fact for grounded in (before, after) if grounded for fact in grounded[0]["because"]}
    return [change for change in changes if change.name in because] or changes


def _cause(story: SubjectHistory, change: Change, one: Reading, latest: int) -> str:
    entry = change.entry
    correction = f"correction:{entry.data.get('kind') or 'source'}"
    if entry.name in KINDS:
        return "late_report" if _is_late(story, change, one, latest) else "new_fact"
    if entry.name == "FactCorroborated" and _brings_to_light(story, change, one):
        return "late_report" if _is_late(story, change, one, latest) else "new_fact"
    if entry.name == "AmendmentWithdrawn":
        undone = next(each for _, each in story.entries() if _is_amendment(each, change, entry.data["withdraws"]))
        return _UNDONE.get(undone.name) or _BY_EVENT.get(undone.name) or correction
    return _BY_EVENT.get(entry.name) or correction


def _is_amendment(entry: Entry, change: Change, n: int) -> bool:
    return entry.data.get("fact") == change.name and entry.n == n


def _brings_to_light(story: SubjectHistory, change: Change, one: Reading) -> bool:
    """Whether the fact was not visible at the first reading."""
    history = next(each for each in story.facts if each.id == change.name)
    return change.gained and story.standing(history, one.reported, one.position) is None


def _latest_report(story: SubjectHistory, one: Reading) -> int:
    """When the latest report was published that was known at the first reading."""
    known = (story.standing(history, one.reported, one.position) for history in story.facts)
    return max((each.published_by for fact in known if fact is not None for each in fact.cited), default=-NEVER)


def _is_late(story: SubjectHistory, change: Change, one: Reading, latest: int) -> bool:
    """Whether the report, recorded after the first reading, is older than the latest that was known there."""
    if change.entry.position <= one.position:
        return False
    reports = [each.published_by for each in cited_in(change.entry, story.shelf, change.entry.position)]
    return bool(reports) and min(reports) < latest
