"""One fact of a subject's history, resolved at the clocks it was asked for last. Pure: no database, no clock."""

from bisect import bisect_right
from functools import cached_property

from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.streams import HEAD, NEVER, FactHistory, Sources
from projections.fold.fold import Part
from projections.fold.party_view import as_read_by
from projections.fold.turning_points import turning_points

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
        if len(self._positions) > 1:
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
