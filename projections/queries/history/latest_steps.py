"""The newest steps of all subjects on the reported clock: what changed lately, each finding before and after."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from events.facts import KINDS
from events.history.streams import NEVER, FactHistory, Sources
from projections.clocks import Clocks
from projections.fold.subject_history import SubjectHistory
from projections.fold.turning_points import Event, turning_points, turns_of_source
from projections.queries.evidence.facts_as_of import fact_at_clocks, may_have_come
from projections.queries.history.evolution import Step, publications, reported_step, step_of
from projections.queries.subjects.states import kinds_of
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import facts_touched, touching
from projections.read_models.fact_places import ends_of, fact_of_place
from projections.read_models.finished_states import marked_state
from projections.read_models.histories import (
    entries_between,
    facts_and_sources,
    grouping_at,
    regroupings,
    subject_history,
    subjects_of,
)
from projections.store.snapshots import Snapshot

_FIRST_REPORTS = (
    "SELECT place FROM {fact_places} WHERE place > ? AND place < ? AND position <= ? ORDER BY place DESC LIMIT ?"
)
_HAS_MORE = "SELECT fact FROM {about} WHERE subject = ? AND position <= ? LIMIT 1 OFFSET ?"
_REPORTS = 10
"""How many first reports are looked at for each step asked for."""
_ENTRIES = 60
_MOST_TRIED = 6
_MOST_FOLDED = 500
"""Of how many facts a subject is folded before and after a report: a tenth of a millisecond each."""

IsNews = Callable[[str | None, str], bool]
"""Whether a change of a finding is news; given the kind of its subject, and its name."""

_Moments = dict[tuple[int, str], list[FactHistory]]
"""By moment of publication and subject, the facts of which something came to count then."""


def latest_steps(snapshot: Snapshot, clocks: Clocks, limit: int, is_news: IsNews) -> list[Step]:
    """The newest steps on the reported clock that change what is news, the newest first, with those changes alone.

    Looked at are the moments of the newest first reports and of the newest entries of the log, no more than six for
    each step asked for. What was published at no known time is none of them. Of a subject with more than 500 facts
    the facts that were reported then are told, without changes.
    """
    moments, sources = _moments(snapshot, clocks, limit)
    read = _Steps(snapshot, clocks, sources, is_news)
    steps: list[Step] = []
    for moment, subject in sorted(moments, reverse=True)[: limit * _MOST_TRIED]:
        snapshot.patience.check()
        step = read.step(subject, moment, moments[moment, subject])
        steps += [step] if step is not None else []
        if len(steps) == limit:
            break
    return steps


@dataclass
class _Steps:
    """Steps of subjects, the history of each read once; None in the place of one with too many facts."""

    snapshot: Snapshot
    clocks: Clocks
    sources: Sources
    is_news: IsNews
    _known: dict[str, tuple[SubjectHistory, dict[int, tuple[int, list[Event]]]] | None] = field(default_factory=dict)

    def step(self, subject: str, moment: int, facts: Iterable[FactHistory]) -> Step | None:
        """The step that a subject took at the moment, if it is news."""
        if subject not in self._known:
            self._known[subject] = self._read(subject)
        known = self._known[subject]
        if known is None:
            return self._told(subject, moment, facts)
        history, turns = known
        if moment not in turns:
            return None
        earlier, events = turns[moment]
        texts, at, position = Texts(self.snapshot), self.clocks.at, self.clocks.position
        before, after = (marked_state(texts, history, at, until, position) for until in (earlier, moment))
        step = reported_step(subject, moment, events, before, after)
        if step is not None and after is not None:
            step["changes"] = [each for each in step["changes"] if self.is_news(after["kind"], each["finding"])]
        return step if step is not None and step["changes"] else None

    def _read(self, subject: str) -> tuple[SubjectHistory, dict[int, tuple[int, list[Event]]]] | None:
        """The subject's history, and its moments with their events, each with the moment before it."""
        if self.snapshot.probe(_HAS_MORE, None, subject, self.clocks.position, _MOST_FOLDED):
            return None
        history = subject_history(self.snapshot, subject, self.clocks)
        assert history is not None  # its facts name it
        pairs = pairwise(publications(history, self.clocks).items())
        return history, {moment: (before, events) for (before, _), (moment, events) in pairs}

    def _told(self, subject: str, moment: int, histories: Iterable[FactHistory]) -> Step | None:
        """The facts first reported at the moment that count at the clocks."""
        kind = kinds_of(self.snapshot, [subject], self.clocks.position).get(subject)
        events: list[Event] = []
        for history in histories:
            fact = fact_at_clocks(history, self.sources, self.clocks)
            if fact is None or fact.retracted or fact.kind.timeless or not may_have_come(fact, self.clocks.at):
                continue
            if fact.first_report is not None and fact.first_report.published_by == moment:
                events.append((history.id, history.recording))
        return step_of(subject, moment, events, []) if events and self.is_news(kind, "status") else None


def _moments(snapshot: Snapshot, clocks: Clocks, limit: int) -> tuple[_Moments, Sources]:
    """The moments at which the newest facts, and those that the newest entries touched, came to stand otherwise."""
    until = NEVER if clocks.reported is None else clocks.reported + 1
    facts, sources = facts_and_sources(snapshot, _newest_facts(snapshot, clocks, limit, until), clocks.position)
    about: dict[str, set[str]] = {}
    grouping = grouping_at(snapshot, clocks.position)
    for fact, subject in subjects_of(snapshot, [each.id for each in facts]):
        about.setdefault(fact, set()).add(grouping.merged_into(subject) or subject)
    found: _Moments = {}
    for history in facts:
        turns = set(turning_points(history, sources, "reported", clocks.position))
        turns |= {at for name in history.sources() for at in turns_of_source(sources[name], clocks.position)}
        for moment in turns:
            if -NEVER < moment < until:
                for subject in about.get(history.id, ()):
                    found.setdefault((moment, subject), []).append(history)
    return found, sources


def _newest_facts(snapshot: Snapshot, clocks: Clocks, limit: int, until: int) -> set[str]:
    """The facts of the newest first reports that count at the clocks, and those touched by the newest entries."""
    rows = snapshot.probe(_FIRST_REPORTS, None, *ends_of("reported", until), clocks.position, limit * _REPORTS)
    found = {fact_of_place(bytes(place)) for (place,) in rows}
    regrouped = regroupings(snapshot, clocks.position)
    for entries in entries_between(snapshot, max(0, clocks.position - _ENTRIES), clocks.position):
        touched = facts_touched(snapshot, touching(entries), regrouped, clocks.position)
        found |= {*sorted(touched, key=lambda fact: (touched[fact], fact), reverse=True)[:_ENTRIES]}
        found |= {entry.data["id"] for entry in entries if entry.name in KINDS}
    return found
