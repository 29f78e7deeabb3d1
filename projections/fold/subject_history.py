"""Everything that bears on one subject, once gathered, folded at any clocks."""

from bisect import bisect_right
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from events.commands.merge_and_split import Grouping
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.streams import HEAD, NEVER, Entry, FactHistory, Shelf
from projections.fold.fold import Part
from projections.fold.party_view import as_read_by
from projections.fold.state import Account, State
from projections.read_models.grouping import counted_under

_Seen = tuple[int, int | None]
Lasting = tuple[int, int, FactAsOf]
"""From which position and from which publication on (`-NEVER`: always) a fact stands as it does."""
_UNKNOWN: Any = object()


@dataclass(slots=True)
class Memory:
    """What was worked out of a story's facts, by their ids."""

    lasting: dict[str, Lasting | None] = field(default_factory=dict)
    standings: dict[str, tuple[_Seen, FactAsOf | None]] = field(default_factory=dict)
    bearing: dict[str, list[int]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)

    def without(self, facts: Set[str]) -> "Memory":
        """The same of all but those facts."""
        kept = Memory(dict(self.lasting), dict(self.standings), dict(self.bearing), dict(self.parts))
        for fact in facts:
            for each in (kept.lasting, kept.standings, kept.bearing, kept.parts):
                each.pop(fact, None)
        return kept


@dataclass(slots=True)
class SubjectHistory:
    """The histories of all facts that were ever about the subject, and of their sources, up to a position.

    `named` are the positions at which it, and what it was grouped with, was first named and its kind became known.
    """

    subject: str
    kinds: list[tuple[int, str | None]]
    named: list[int]
    facts: list[FactHistory]
    shelf: Shelf
    regroupings: list[Entry]
    reading: str | None
    memory: Memory = field(default_factory=Memory)

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
        """The fact as it stands there; as at the last look where nothing that bears on it lies between."""
        lasting = self.lasting(history)
        if lasting is not None:
            since, published_by, standing = lasting
            return standing if since <= position and (reported is None or published_by <= reported) else None
        seen = bisect_right(self._bearing(history), position), reported
        known = self.memory.standings.get(history.id)
        if known is None or known[0] != seen:
            known = self.memory.standings[history.id] = seen, self._look(history, reported, position)
        return known[1]

    def lasting(self, history: FactHistory) -> Lasting | None:
        """From when on a fact stands, if it stands the same ever since, as most do; None of any other."""
        lasting: Lasting | None = self.memory.lasting.get(history.id, _UNKNOWN)
        if lasting is _UNKNOWN:
            lasting = self.memory.lasting[history.id] = self._lasting(history)
        return lasting

    def part(self, standing: FactAsOf) -> Part:
        """The part that a fact as it stands takes in folds, worked out once."""
        part = self.memory.parts.get(standing.id)
        if part is None or part.fact is not standing:
            part = self.memory.parts[standing.id] = Part.of(standing)
        return part

    def touched(self) -> int:
        """The position of the last event that bears on the subject, or names it, or one that it was grouped with."""
        told = (history.entries[-1].position for history in self.facts)
        cited = (history.entries[-1].position for history in self.shelf.values())
        return max(chain(self.named, told, cited, (entry.position for entry in self.regroupings)))

    def _look(self, history: FactHistory, reported: int | None, position: int) -> FactAsOf | None:
        standing = fact_as_of(history, self.shelf, reported, position)
        if standing is not None and self.reading is not None:
            as_read_by(self.reading, standing)
        return standing

    def _bearing(self, history: FactHistory) -> list[int]:
        """The positions of all events that bear on the fact."""
        bearing = self.memory.bearing.get(history.id)
        if bearing is None:
            cited = (entry.position for source in history.sources() for entry in self.shelf[source].entries)
            bearing = sorted([*(entry.position for entry in history.entries), *cited])
            self.memory.bearing[history.id] = bearing
        return bearing

    def _lasting(self, history: FactHistory) -> Lasting | None:
        """A fact that stands the same ever since it was recorded and published, as most do; None of any other."""
        entry = history.entries[0]
        if len(history.entries) > 1:
            return None
        for citation in entry.data.get("citations", ()):
            if self.shelf[citation["source"]].entries[-1].position > entry.position:
                return None
        standing = self._look(history, None, HEAD)
        if standing is None:
            return None
        published = [each.published_by for each in standing.cited]
        if not published:
            return entry.position, -NEVER, standing
        if min(published) < max(published):
            return None
        return entry.position, published[0], standing

    def entries(self) -> list[tuple[str, Entry]]:
        """Every event that bears on the subject, in order, each with the id of its fact or source."""
        facts = [(history.id, entry) for history in self.facts for entry in history.entries]
        sources = [(name, entry) for name, history in self.shelf.items() for entry in history.entries[1:]]
        regrouped = [(entry.data["subject"], entry) for entry in self.regroupings]
        return sorted(facts + sources + regrouped, key=lambda each: each[1].position)


def described(subject: str, account: Account, at: int | None) -> State:
    """The state by the first clock, with the subject's name put before it."""
    folded = account.state(at)
    fields = folded["fields"]
    return {
        "id": subject,
        "kind": account.subject_kind,
        "title": fields["title"]["value"] if "title" in fields else None,
        "part_of": fields["part_of"]["value"] if "part_of" in fields else None,
        **folded,
    }
