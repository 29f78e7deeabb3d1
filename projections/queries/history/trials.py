"""One side of a difference: its findings with what they rest on, and what they would be without an event.

An event is left out by letting the facts that it is about stand otherwise; of the findings only those are made anew on
which these facts may bear.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from events.amendments import ACTS_ON_SUBJECTS
from events.history.fact_as_of import FactAsOf
from events.history.streams import FactHistory
from projections.clocks import Clocks
from projections.fold.answer_types import Finding
from projections.fold.claims import Answering
from projections.fold.part import Part
from projections.fold.subject_history import SubjectHistory
from projections.queries.history.changes import Change, without
from projections.queries.subjects.findings_by_name import CLAIMS, findings
from projections.read_models.citation_warnings import Texts
from projections.read_models.finished_states import Resolved

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
