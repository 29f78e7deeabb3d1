"""The events of which something counts at one of two sets of clocks alone, and findings without one of them.

An event is left out by letting the facts that it is about stand otherwise; of the findings only those are made anew on
which these facts may bear.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from events.amendments import ACTS_ON_SUBJECTS
from events.history.fact_as_of import FactAsOf
from events.history.streams import NEVER, Entry, FactHistory, SourceHistory, Sources
from projections.clocks import Clocks
from projections.fold.answer_types import Finding
from projections.fold.claims import Answering
from projections.fold.part import Part
from projections.fold.subject_history import SubjectHistory, Voices
from projections.fold.turning_points import WHOLE, counts_from, turns_of_source
from projections.queries.subjects.findings_by_name import CLAIMS, findings
from projections.read_models.citation_warnings import Texts
from projections.read_models.finished_states import Resolved

MARKING = ("SourceRevised", "SourceWithdrawn", "SourceWithdrawalWithdrawn")
"""Events that change no value, but mark what rests on their source."""


class Change(NamedTuple):
    """An event of which something counts on one side only: at which clocks; the places of its citations, or `WHOLE`.

    `whole`: nothing of it counts on the other side.
    """

    name: str
    entry: Entry
    gained: bool
    counts: set[int]
    whole: bool
    clocks: Clocks


def changes_between(history: SubjectHistory, one: Clocks, other: Clocks) -> Iterator[Change]:
    """The events that count on one side and not on the other, in the order of the log."""
    bearing = [history, *(actor for clocks in (one, other) if clocks.voices for actor in clocks.voices.actors)]
    sources = {name: source for each in bearing for name, source in each.sources.items()}
    is_all_reported = one.reported is None and other.reported is None
    first = min(one.position, other.position) if is_all_reported else 0  # what was recorded by then counts on both
    events = {
        entry.position: (name, entry) for each in bearing for name, entry in each.entries() if entry.position > first
    }
    for _, (name, entry) in sorted(events.items()):
        for clocks, against, gained in ((other, one, True), (one, other, False)):
            counting = _counting(sources, name, entry, clocks)
            added = counting - _counting(sources, name, entry, against)
            if added:
                yield Change(name, entry, gained, added, added == counting, clocks)


def _counting(sources: Sources, name: str, entry: Entry, clocks: Clocks) -> set[int]:
    """What of an event counts at the clocks: the places of its citations that count, or `WHOLE`."""
    if entry.position > clocks.position:
        return set()
    limit = NEVER if clocks.reported is None else clocks.reported
    if entry.name in MARKING:
        turns = turns_of_source(sources[name], clocks.position).items()
        return {WHOLE for moment, events in turns if moment <= limit and (name, entry) in events}
    return {place for place, moment in counts_from(entry, sources, clocks.position) if moment <= limit}


def without(history: SubjectHistory, change: Change) -> tuple[SubjectHistory, Clocks]:
    """The history without what the event adds, and the clocks at which that counts, with voices that lack it too."""
    voices = change.clocks.voices
    if voices is not None:
        actors = [_less(actor, change) for actor in voices.actors]
        voices = Voices(voices.party, actors, _but(voices.regroupings, change))
    return _less(history, change), replace(change.clocks, voices=voices)


def _less(history: SubjectHistory, change: Change) -> SubjectHistory:
    name = change.name
    facts = [_fact_less(each, change) if each.id == name else each for each in history.facts]
    sources = dict(history.sources)
    moved = {name}
    if name in sources:
        sources[name] = SourceHistory(name, _but(sources[name].entries, change))
        moved |= {each.id for each in facts if name in each.sources()}
    acts = _but(history.acts, change)
    return history.otherwise([each for each in facts if each.entries], sources, acts, moved)


def _fact_less(history: FactHistory, change: Change) -> FactHistory:
    """The history without the event, or without those of its citations; without its recording nothing is left."""
    entry = change.entry
    if change.whole and entry.version == 1:
        return FactHistory(history.id, [])
    entries = _but(history.entries, change)
    if not change.whole:
        citations = [each for place, each in enumerate(entry.data["citations"]) if place not in change.counts]
        less = entry._replace(data={**entry.data, "citations": citations})
        entries = sorted([*entries, less], key=lambda each: each.version)
    return FactHistory(history.id, entries)


def _but(entries: list[Entry], change: Change) -> list[Entry]:
    return [each for each in entries if each.position != change.entry.position]


Ground = tuple[str, list[tuple[str, int, str]]]
"""A fact, and of each of its citations the source, the number of the event and the publisher."""
Grounded = tuple[Finding, list[Ground]]


class Side:
    """A subject at the clocks of one side.

    Args:
        texts: those of later versions.
        history: what bears on the subject.
        clocks: the side's.
    """

    def __init__(self, texts: Texts, history: SubjectHistory, clocks: Clocks) -> None:
        self._texts, self._history, self._clocks = texts, history, clocks
        told = history.told_by(clocks.voices)
        self._resolved = Resolved.of(texts, told, clocks.reported, clocks.position)
        self._grounded: dict[str, Ground] = {}

    @cached_property
    def findings(self) -> dict[str, Grounded]:
        """Every finding, with the citations that it rests on: a further source differs too."""
        if self._resolved is None:
            return {}
        found = findings(self._resolved.state(self._clocks.at)).items()
        return {name: (finding, self._grounds(finding, {})) for name, finding in found}

    def without(self, change: Change, names: Collection[str]) -> dict[str, Grounded | None]:
        """Those of the findings that would not be the same without the event, as they would be."""
        voices, clocks = self._clocks.voices, self._clocks
        if self._resolved is None:
            return {}
        history = self._history.only(self._moved.get(change.name, []))
        less, lacking = without(history, change)
        heard = [each and each.at(clocks.reported, clocks.position) for each in (voices, lacking.voices)]
        if change.entry.name in ACTS_ON_SUBJECTS or heard[0] != heard[1]:
            found = Side(self._texts, *without(self._history, change)).findings
            return self._unlike(names, found)
        before, after = (
            each.told_by(heard_by).parts_at(clocks.reported, clocks.position)
            for each, heard_by in ((history, voices), (less, lacking.voices))
        )
        touched = [name for name in names if any(self._bears_on(part, name) for part in (*before, *after))]
        if not touched:
            return {}
        resolved = self._resolved.otherwise(self._texts, less.sources, before, after)
        return self._unlike(touched, self._found(resolved, touched, {part.fact.id: part.fact for part in after}))

    def _unlike(self, names: Iterable[str], found: Mapping[str, Grounded]) -> dict[str, Grounded | None]:
        return {name: found.get(name) for name in names if found.get(name) != self.findings.get(name)}

    def _found(self, resolved: Resolved, names: Collection[str], facts: Mapping[str, FactAsOf]) -> dict[str, Grounded]:
        """Those of the findings that are named, of facts some of which stand otherwise."""
        parted = [_parted(name) for name in names]
        claims = {fact for sort, fact in parted if sort in CLAIMS}
        folds = any(sort not in CLAIMS for sort, _ in parted)
        found = findings(resolved.state(self._clocks.at, claims, folds=folds))
        return {name: (found[name], self._grounds(found[name], facts)) for name in names if name in found}

    def _grounds(self, finding: Finding, otherwise: Mapping[str, FactAsOf]) -> list[Ground]:
        """The facts that give a value, or whose dispute `fact#n` does, with their citations."""
        names = dict.fromkeys(fact_of(name) for name in finding["because"])
        return [_ground(otherwise[name]) if name in otherwise else self._known(name) for name in names]

    def _known(self, name: str) -> Ground:
        if name not in self._grounded:
            self._grounded[name] = _ground(self._facts[name])
        return self._grounded[name]

    @cached_property
    def _moved(self) -> dict[str, list[FactHistory]]:
        """The facts that may stand otherwise without an event, by what it is recorded of: a fact, or a source."""
        found: dict[str, list[FactHistory]] = {}
        for fact in self._history.facts:
            for name in {fact.id, *fact.sources()}:
                found.setdefault(name, []).append(fact)
        return found

    @cached_property
    def _facts(self) -> dict[str, FactAsOf]:
        return {} if self._resolved is None else {fact.id: fact for fact in self._resolved.account.facts}

    def _bears_on(self, part: Part, name: str) -> bool:
        """Whether a finding may be another where the fact stands otherwise."""
        assert self._resolved is not None
        sort, of = _parted(name)
        if sort in CLAIMS and part.fact.id == of:
            return True
        if part.fact.retracted or part.fact.modality != "actual":
            return False
        if sort not in CLAIMS:
            return self._resolved.account.bears_on(part, of if sort == "possibly" else name)
        claim = self._claims.get(of)
        return claim is not None and (part.rung.halts or self._answering.may_list(claim, part))

    @cached_property
    def _claims(self) -> dict[str, Part]:
        return {} if self._resolved is None else self._resolved.account.claims()

    @cached_property
    def _answering(self) -> Answering:
        assert self._resolved is not None
        return self._resolved.account.answering(self._clocks.at)


def _parted(name: str) -> tuple[str, str]:
    """What sort of finding it is, and the fact that is claimed, or what else may be."""
    sort, _, of = name.partition("[")
    return sort, of.removesuffix("]")


def _ground(fact: FactAsOf) -> Ground:
    return fact.id, [(each.citation["source"], each.n, each.publisher) for each in fact.cited]


def fact_of(ground: str) -> str:
    """The fact that gives a value, or whose dispute `fact#n` does."""
    return ground.partition("#")[0]
