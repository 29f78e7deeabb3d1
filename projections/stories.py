"""Everything that bears on one subject, read once, so that its state can be folded at many clocks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from events.history import Entry, FactHistory, Shelf
from events.regrouping import Grouping
from events.standing import Standing, standing_of
from projections.clocks import Clocks
from projections.grouping import regroupings
from projections.ledger import facts_and_shelf, linked
from projections.readings import as_read_by
from projections.states import counted_under, described, kinds_of
from projections.store import Snapshot
from projections.understanding import State, state_of

_Seen = tuple[int, int | None]


@dataclass(slots=True)
class Story:
    """The histories of all facts that were ever about the subject, and of their sources, up to a position."""

    subject: str
    kinds: list[tuple[int, str | None]]
    facts: list[FactHistory]
    shelf: Shelf
    regroupings: list[Entry]
    reading: str | None
    _standings: dict[str, tuple[_Seen, Standing | None]] = field(default_factory=dict)

    def state(self, at: int | None, reported: int | None, position: int) -> State | None:
        """The state at the clocks; None before the subject was named."""
        known = [kind for opened, kind in self.kinds if opened <= position]
        if not known:
            return None
        standings = (self._standing(history, reported, position) for history in self.facts)
        grouping = Grouping(self.regroupings, position)
        meant = grouping.merged_into(self.subject) or self.subject
        about = [each for each in standings if each is not None and counted_under(grouping, each) == meant]
        return described(self.subject, known[-1], state_of(known[-1], about, at))

    def _standing(self, history: FactHistory, reported: int | None, position: int) -> Standing | None:
        """The fact as it stands there; as at the last look where nothing that bears on it was recorded since."""
        bearing = sum(entry.position <= position for entry in self._bearing_on(history))
        seen = bearing, reported
        known = self._standings.get(history.id)
        if known is None or known[0] != seen:
            standing = standing_of(history, self.shelf, reported, position)
            if standing is not None and self.reading is not None:
                as_read_by(self.reading, standing)
            known = seen, standing
            self._standings[history.id] = known
        return known[1]

    def _bearing_on(self, history: FactHistory) -> Iterator[Entry]:
        yield from history.entries
        for source in history.sources():
            yield from self.shelf[source].entries

    def entries(self) -> list[tuple[str, Entry]]:
        """Every event that bears on the subject, in order, each with the id of its fact or source."""
        facts = [(history.id, entry) for history in self.facts for entry in history.entries]
        sources = [(name, entry) for name, history in self.shelf.items() for entry in history.entries[1:]]
        regrouped = [(entry.data["subject"], entry) for entry in self.regroupings]
        return sorted(facts + sources + regrouped, key=lambda each: each[1].position)


def story_of(snapshot: Snapshot, subject: str, clocks: Clocks) -> Story | None:
    """What bears on the subject up to the clocks' position; None if nothing names it by then."""
    found = stories_of(snapshot, [subject], clocks)
    return found.get(subject)


def stories_of(snapshot: Snapshot, subjects: Iterable[str], clocks: Clocks) -> dict[str, Story]:
    """The same for several subjects, read together."""
    wanted = list(subjects)
    kinds = kinds_of(snapshot, wanted, clocks.position)
    regrouped = regroupings(snapshot, clocks.position)
    gathered = {subject: _gathered(regrouped, subject) for subject in kinds}
    about = linked(snapshot, "about", {each for names in gathered.values() for each in names}, clocks.position)
    histories, shelf = facts_and_shelf(snapshot, {fact for facts in about.values() for fact in facts}, clocks.position)
    by_name = {history.id: history for history in histories}
    return {
        subject: Story(
            subject,
            _kinds_over_time(snapshot, subject, clocks.position),
            [by_name[fact] for fact in _facts(about, gathered[subject]) if fact in by_name],
            shelf,
            [entry for entry in regrouped if entry.data["subject"] in gathered[subject]],
            clocks.asked.reading,
        )
        for subject in kinds
    }


def _gathered(regrouped: list[Entry], subject: str) -> set[str]:
    """The subjects that were ever merged with this one or split from it, whether or not that is still in force."""
    found = {subject}
    for _ in regrouped:
        for entry in regrouped:
            pair = {entry.data["subject"], entry.data.get("into", entry.data["subject"])}
            if pair & found:
                found |= pair
    return found


def _facts(about: dict[str, list[str]], subjects: set[str]) -> list[str]:
    return list(dict.fromkeys(fact for subject in sorted(subjects) for fact in about.get(subject, ())))


def _kinds_over_time(snapshot: Snapshot, subject: str, position: int) -> list[tuple[int, str | None]]:
    table = snapshot.table("subjects")
    row: Any = snapshot.rows(table.select().where(table.c.id == subject))[0]
    if row.kind_known is None or row.kind_known > position:
        return [(row.opened, None)]
    return [(row.opened, None if row.kind_known > row.opened else row.kind), (row.kind_known, row.kind)]
