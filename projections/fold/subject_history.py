"""Everything that bears on one subject, once gathered, folded at any clocks. Pure: no database, no clock."""

from bisect import bisect_right
from collections.abc import Iterable, Set
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from events.amendments import REGROUPINGS
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.grouping import Grouping, read_as_merged
from events.history.streams import HEAD, NEVER, Entry, FactHistory, Sources
from projections.fold.accounts import as_alleged, is_said_by, part_as_said_by, voices_among
from projections.fold.answer_types import State
from projections.fold.part import Part
from projections.fold.state import Account, field_value
from projections.fold.turning_points import never_turns, turning_points
from projections.fold.verdicts import verdicts_in_force

Lasting = tuple[int, int, Part]
"""From which position and from which publication on (`-NEVER`: always) a fact stands as it does."""


class ResolvedFact:
    """How a fact stands at any clocks; kept while the same events count."""

    def __init__(self, history: FactHistory, sources: Sources, acts: list[Entry]) -> None:
        self._history, self._sources, self._acts = history, sources, acts
        self._last: tuple[tuple[int, int | None], Part | None] | None = None

    def at(self, reported: int | None, position: int) -> Part | None:
        """The fact as it stands there; None where it is not visible."""
        if self.lasting is not None:
            since, published_by, part = self.lasting
            return part if since <= position and (reported is None or published_by <= reported) else None
        cell = bisect_right(self._positions, position), reported
        if self._last is None or self._last[0] != cell:
            self._last = cell, self._resolve(reported, position)
        return self._last[1]

    @cached_property
    def lasting(self) -> Lasting | None:
        """From when on the fact stands, if it stands the same ever since, as most do; None of any other."""
        part = self._resolve(None, HEAD) if not self._acts and never_turns(self._history, self._sources) else None
        if part is None:
            return None
        published = {each.published_by for each in part.fact.cited} or {-NEVER}
        return (self._history.recording.position, published.pop(), part) if len(published) == 1 else None

    @cached_property
    def _positions(self) -> list[int]:
        acts = (entry.position for entry in self._acts)
        return sorted({*turning_points(self._history, self._sources, "recorded"), *acts})

    def _resolve(self, reported: int | None, position: int) -> Part | None:
        fact = fact_as_of(self._history, self._sources, reported, position)
        if fact is None:
            return None
        if self._acts:
            read_as_merged(fact, Grouping(self._acts, position).merged_into)
        return Part.of(fact)


@dataclass(slots=True)
class SubjectHistory:
    """The histories of all facts that were ever about the subject, and of their sources, up to a position.

    `kinds` are the positions from which on it was known, and as what; `named` those at which it, and what it was
    grouped with, was first named; `acts` are the verdicts on it and on those, and the merges and splits of them and of
    the actors that its facts name; `voices` are heard, if any, of an account.
    """

    subject: str
    kinds: list[tuple[int, str | None]]
    named: list[int]
    facts: list[FactHistory]
    sources: Sources
    acts: list[Entry]
    voices: "Voices | None" = None
    _resolved: dict[str, ResolvedFact] = field(default_factory=dict)

    def state(self, at: int | None, reported: int | None, position: int) -> State | None:
        """The state at the clocks; None before the subject was named."""
        account = self.account(reported, position)
        return None if account is None else account.state(at)

    def account(self, reported: int | None, position: int) -> Account | None:
        """What counts of the subject there, to be read at any `at`; None before it was named."""
        known = [kind for since, kind in self.kinds if since <= position]
        if not known:
            return None
        verdicts = {}
        if self.acts and self.voices is None:
            merged_into = Grouping(self.acts, position).merged_into
            verdicts = verdicts_in_force(self.acts, merged_into(self.subject) or self.subject, position, merged_into)
        return Account(self.subject, known[-1], self.parts_at(reported, position), verdicts)

    def merged_into(self, position: int) -> str | None:
        """The subject that this one is merged into at the position; None while it stands by itself."""
        return Grouping(self.acts, position).merged_into(self.subject) if self.acts else None

    def parts_at(self, reported: int | None, position: int, facts: Iterable[FactHistory] | None = None) -> list[Part]:
        """The visible facts that count under the subject, or under that which it is merged into; all, or of some."""
        histories = self.facts if facts is None else facts
        parts = [part for each in histories if (part := self.resolved(each).at(reported, position)) is not None]
        if self.voices is not None:
            heard = self.voices.at(reported, position)
            parts = [part_as_said_by(part, heard) for part in parts]
        if not self.acts:
            return [part for part in parts if part.fact.subject == self.subject]
        grouping = Grouping(self.acts, position)
        meant = grouping.merged_into(self.subject) or self.subject
        return [part for part in parts if counted_under(grouping, part.fact) == meant]

    def resolved(self, fact: FactHistory) -> ResolvedFact:
        """How one of the facts stands at any clocks."""
        found = self._resolved.get(fact.id)
        if found is None:
            found = self._resolved[fact.id] = ResolvedFact(fact, self.sources, self._regroupings)
        return found

    @property
    def _regroupings(self) -> list[Entry]:
        return [entry for entry in self.acts if entry.name in REGROUPINGS]

    def otherwise(
        self, facts: list[FactHistory], sources: Sources, acts: list[Entry], changed: Set[str]
    ) -> "SubjectHistory":
        """The same with other facts, sources and acts; of the facts only those changed differ."""
        kept = self._resolved if len(acts) == len(self.acts) else {}
        resolved = {name: each for name, each in kept.items() if name not in changed}
        return replace(self, facts=facts, sources=sources, acts=acts, _resolved=resolved)

    def only(self, facts: list[FactHistory]) -> "SubjectHistory":
        """The same with no other facts than these of its own."""
        return replace(self, facts=facts, _resolved={each.id: self.resolved(each) for each in facts})

    def told_by(self, voices: "Voices | None") -> "SubjectHistory":
        """The same as others tell it, or as all do."""
        return self if voices is self.voices else replace(self, voices=voices)

    def touched(self) -> int:
        """The position of the last event that bears on the subject, or names it, or one that it was grouped with."""
        facts = (history.entries[-1].position for history in self.facts)
        sources = (history.entries[-1].position for history in self.sources.values())
        heard = () if self.voices is None else (entry.position for _, entry in self.voices.entries())
        return max(chain(self.named, facts, sources, (entry.position for entry in self.acts), heard))

    def entries(self) -> list[tuple[str, Entry]]:
        """Every event that bears on the subject, in order, each with the id of its fact, source or subject."""
        facts = [(history.id, entry) for history in self.facts for entry in history.entries]
        sources = [(name, entry) for name, history in self.sources.items() for entry in history.entries[1:]]
        acts = [(entry.data["subject"], entry) for entry in self.acts]
        events = {entry.position: (name, entry) for name, entry in facts + sources + acts}
        if self.voices is not None:
            events |= {each[1].position: each for each in self.voices.entries()}
        return [events[position] for position in sorted(events)]


@dataclass(slots=True)
class Voices:
    """Who speaks for a party, at any clocks.

    `actors` are those who ever may, with what bears on it; `regroupings` are all merges and splits.
    """

    party: str
    actors: list[SubjectHistory]
    regroupings: list[Entry]
    _last: tuple[tuple[int | None, int], frozenset[str]] | None = field(default=None, init=False, repr=False)

    def at(self, reported: int | None, position: int) -> frozenset[str]:
        """The voices as known there, whatever the first clock and without a reading; merged actors are one."""
        if self._last is None or self._last[0] != (reported, position):
            party = Grouping(self.regroupings, position).merged_into(self.party) or self.party
            self._last = (reported, position), voices_among(party, self._parties(reported, position))
        return self._last[1]

    def told(self, fact: FactAsOf, reported: int | None, position: int) -> FactAsOf:
        """A fact as the voices have it; merged actors are one, and are shown as the fact names them."""
        read = copy(fact)
        read_as_merged(read, Grouping(self.regroupings, position).merged_into)
        return fact if is_said_by(read, self.at(reported, position)) else as_alleged(fact)

    def _parties(self, reported: int | None, position: int) -> dict[str, str]:
        states = ((actor.subject, actor.state(None, reported, position)) for actor in self.actors)
        parties = ((name, field_value(state, "party")) for name, state in states if state is not None)
        return {name: party for name, party in parties if isinstance(party, str)}

    def entries(self) -> list[tuple[str, Entry]]:
        """Every event that bears on who speaks for the party."""
        return [each for actor in self.actors for each in actor.entries()]


def counted_under(grouping: Grouping, fact: FactAsOf) -> str:
    """The subject that a fact counts under; what only names or describes a subject stays with it."""
    return fact.subject if fact.kind.timeless else grouping.subject_of(fact.subject, fact.id)
