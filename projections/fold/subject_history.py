"""Everything that bears on one subject, once gathered, folded at any clocks. Pure: no database, no clock."""

from bisect import bisect_right
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.grouping import Grouping
from events.history.streams import HEAD, NEVER, Entry, FactHistory, Sources
from projections.fold.answer_types import State
from projections.fold.part import Part
from projections.fold.party_view import as_read_by
from projections.fold.state import Account, field_value
from projections.fold.turning_points import never_turns, turning_points

Lasting = tuple[int, int, FactAsOf]
"""From which position and from which publication on (`-NEVER`: always) a fact stands as it does."""


class ResolvedFact:
    """How a fact stands at any clocks; between the same events it is resolved once.

    Args:
        history: the fact.
        shelf: its sources.
        reading: the party that is heard, if any.
    """

    def __init__(self, history: FactHistory, shelf: Sources, reading: str | None) -> None:
        self.history = history
        self._shelf = shelf
        self._reading = reading
        self._last: tuple[tuple[int, int | None], FactAsOf | None] | None = None
        self._part: Part | None = None

    def at(self, reported: int | None, position: int) -> FactAsOf | None:
        """The fact as it stands there; None where it is not visible."""
        if self.lasting is not None:
            since, published_by, fact = self.lasting
            return fact if since <= position and (reported is None or published_by <= reported) else None
        cell = bisect_right(self._positions, position), reported
        last = self._last
        if last is None or last[0] != cell:
            last = self._last = cell, self._resolve(reported, position)
        return last[1]

    def part(self, fact: FactAsOf) -> Part:
        """The part that the fact takes in folds as it stands."""
        part = self._part
        if part is None or part.fact is not fact:
            part = self._part = Part.of(fact)
        return part

    @cached_property
    def lasting(self) -> Lasting | None:
        """From when on the fact stands, if it stands the same ever since, as most do; None of any other."""
        entry = self.history.recording
        if not never_turns(self.history, self._shelf):
            return None
        fact = self._resolve(None, HEAD)
        if fact is None:
            return None
        published = {each.published_by for each in fact.cited}
        if len(published) > 1:
            return None
        return entry.position, published.pop() if published else -NEVER, fact

    @cached_property
    def _positions(self) -> list[int]:
        return [*turning_points(self.history, self._shelf, "recorded")]

    def _resolve(self, reported: int | None, position: int) -> FactAsOf | None:
        fact = fact_as_of(self.history, self._shelf, reported, position)
        if fact is not None and self._reading is not None:
            as_read_by(self._reading, fact)
        return fact


@dataclass(slots=True)
class SubjectHistory:
    """The histories of all facts that were ever about the subject, and of their sources, up to a position.

    `named` are the positions at which it, and what it was grouped with, was first named and its kind became known.
    """

    subject: str
    kinds: list[tuple[int, str | None]]
    named: list[int]
    facts: list[FactHistory]
    shelf: Sources
    regroupings: list[Entry]
    reading: str | None
    _resolved: dict[str, ResolvedFact] = field(default_factory=dict)

    def state(self, at: int | None, reported: int | None, position: int) -> State | None:
        """The state at the clocks; None before the subject was named."""
        account = self.account(reported, position)
        return None if account is None else described(self.subject, account, at)

    def account(self, reported: int | None, position: int) -> Account | None:
        """What counts of the subject there, to be read at any `at`; None before it was named."""
        kind = self.kind(position)
        return None if kind is None else Account(kind[0], self.parts(self.standings(reported, position)))

    def kind(self, position: int) -> tuple[str | None] | None:
        """The kind as known at the position, in a tuple; None before the subject was named."""
        known = [kind for opened, kind in self.kinds if opened <= position]
        return (known[-1],) if known else None

    def merged_into(self, position: int) -> str | None:
        """The subject that this one is merged into at the position; None while it stands by itself."""
        return Grouping(self.regroupings, position).merged_into(self.subject) if self.regroupings else None

    def standings(
        self, reported: int | None, position: int, facts: Iterable[FactHistory] | None = None
    ) -> list[FactAsOf]:
        """The visible facts that count under the subject, or under that which it is merged into; all, or of some."""
        standings = (self.standing(history, reported, position) for history in (self.facts if facts is None else facts))
        if not self.regroupings:
            return [each for each in standings if each is not None and each.subject == self.subject]
        grouping = Grouping(self.regroupings, position)
        meant = grouping.merged_into(self.subject) or self.subject
        return [each for each in standings if each is not None and counted_under(grouping, each) == meant]

    def parts(self, standings: Iterable[FactAsOf]) -> list[Part]:
        """The parts that those take in folds which are not retracted."""
        return [self.part(each) for each in standings if not each.retracted]

    def standing(self, history: FactHistory, reported: int | None, position: int) -> FactAsOf | None:
        """The fact as it stands there; None where it is not visible."""
        return self._fact(history).at(reported, position)

    def lasting(self, history: FactHistory) -> Lasting | None:
        """From when on a fact stands, if it stands the same ever since, as most do; None of any other."""
        return self._fact(history).lasting

    def part(self, standing: FactAsOf) -> Part:
        """The part that a fact takes in folds as it stands."""
        return self._fact(standing.history).part(standing)

    def _fact(self, history: FactHistory) -> ResolvedFact:
        found = self._resolved.get(history.id)
        if found is None:
            found = self._resolved[history.id] = ResolvedFact(history, self.shelf, self.reading)
        return found

    def otherwise(
        self, facts: list[FactHistory], shelf: Sources, regroupings: list[Entry], changed: Set[str]
    ) -> "SubjectHistory":
        """The same with other facts, sources and regroupings, of which only these facts differ."""
        resolved = {name: each for name, each in self._resolved.items() if name not in changed}
        return replace(self, facts=facts, shelf=shelf, regroupings=regroupings, _resolved=resolved)

    def touched(self) -> int:
        """The position of the last event that bears on the subject, or names it, or one that it was grouped with."""
        told = (history.entries[-1].position for history in self.facts)
        cited = (history.entries[-1].position for history in self.shelf.values())
        return max(chain(self.named, told, cited, (entry.position for entry in self.regroupings)))

    def entries(self) -> list[tuple[str, Entry]]:
        """Every event that bears on the subject, in order, each with the id of its fact or source."""
        facts = [(history.id, entry) for history in self.facts for entry in history.entries]
        sources = [(name, entry) for name, history in self.shelf.items() for entry in history.entries[1:]]
        regrouped = [(entry.data["subject"], entry) for entry in self.regroupings]
        return sorted(facts + sources + regrouped, key=lambda each: each[1].position)


def described(subject: str, account: Account, at: int | None) -> State:
    """The state by the first clock, with the subject's name put before it."""
    folded = account.state(at)
    return {
        "id": subject,
        "kind": account.subject_kind,
        "title": field_value(folded, "title"),
        "part_of": field_value(folded, "part_of"),
        "status": folded["status"],
        "fields": folded["fields"],
        "possibly": folded["possibly"],
        "possible": folded["possible"],
        "denied": folded["denied"],
        "planned": folded["planned"],
        "alleged": folded["alleged"],
    }


def counted_under(grouping: Grouping, standing: FactAsOf) -> str:
    """The subject that a fact counts under; what only names or describes a subject stays with it."""
    return standing.subject if standing.kind.timeless else grouping.subject_of(standing.subject, standing.id)
