"""Lists of subjects of any length: filtered, sorted and counted by outlines, in the database where it has them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, literal, select, tuple_

from projections.clocks import Clocks
from projections.queries.subjects.values import named_subjects
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import FOLDED_AT_ONCE
from projections.read_models.finished_states import Resolved
from projections.read_models.histories import subject_histories
from projections.read_models.lists import Outline
from projections.store.snapshots import Snapshot, chunks

MOST_FOLDED = 2_000
"""Of how many subjects outlines are made for a question, where they are not written: in the past, or of an account."""

FLAGS = ("disputed", "denied", "planned", "alleged", "late")
"""What may beset a subject: the names by which lists are filtered."""

ORDERS: dict[str, Sequence[str]] = {
    "told": ("told", "since"),
    "since": ("since", "told"),
    "disputed": ("disputed", "told", "since"),
    "id": (),
}
"""By the newest report, by when the state began, by how much is disputed: those first; and by id."""

FACETS = ("kind", "status", "part_of", "actor", "flag")
_MOST_VALUES = 1_000
_COLUMNS = Outline._fields[:-1]

Key = tuple[int | str, ...]
"""Where a subject stands in an order."""


class SubjectFilter(NamedTuple):
    """What a list is filtered by; None does not filter.

    `flags` must all beset it. `told_after` is a moment in UTC microseconds: the newest report was published by a later
    one. Where it is `alone`, it is part of nothing.
    """

    kind: str | None = None
    status: str | None = None
    part_of: str | None = None
    actor: str | None = None
    flags: tuple[str, ...] = ()
    told_after: int | None = None
    among: Collection[str] | None = None
    alone: bool = False

    def takes(self, each: Outline) -> bool:
        """Whether the outline passes every filter."""
        return all(
            (
                self.kind in (None, each.kind),
                self.status in (None, each.status),
                self.part_of in (None, each.part_of),
                self.actor is None or self.actor in each.actors,
                all(getattr(each, flag) for flag in self.flags),
                self.told_after is None or each.told > self.told_after,
                self.among is None or each.id in self.among,
                not self.alone or each.part_of is None,
            )
        )

    def but(self, facet: str) -> "SubjectFilter":
        """The same without one of the filters."""
        without: Any = {"flags": ()} if facet == "flag" else {facet: None}
        return self._replace(**without)


ALL = SubjectFilter()


class Outlines:
    """The outlines of all subjects of some kinds as they stand at the clocks.

    With everything reported they are asked of their table, but for subjects that something is still ahead of, or that
    were touched since the position: those are folded, and so are all elsewhere. No more than 2,000 are; `is_cut` says
    whether there were more. With `known` only those are listed of which more is known than a description.
    """

    def __init__(self, snapshot: Snapshot, clocks: Clocks, kinds: Collection[str], *, known: bool = False) -> None:
        self._snapshot, self._clocks, self._kinds = snapshot, clocks, kinds
        self._of, self._actors = snapshot.table("outlines").c, snapshot.table("outlined_actors").c
        self._is_written = clocks.reported is None and clocks.asked.reading is None
        self._known = [self._of.known] if known else []
        ids = [*islice(self._unwritten(), MOST_FOLDED + 1)]
        self.is_cut = len(ids) > MOST_FOLDED
        folded = (each for some in chunks(ids[:MOST_FOLDED], FOLDED_AT_ONCE) for each in self._outlines(some))
        self._folded = [each for each in folded if each.kind in kinds and (each.known or not known)]

    def _unwritten(self) -> Iterator[str]:
        """The subjects whose outlines at the clocks are not written."""
        if not self._is_written:
            for kind in self._kinds:
                for ids in named_subjects(self._snapshot, self._clocks.position, kind):
                    yield from ids
            return
        of, current, position = self._of, self._snapshot.table("current").c, self._clocks.position
        ahead = select(of.id).where(of.kind.in_(self._kinds), of.touched <= position, ~self._holds)
        yield from (row.id for row in self._snapshot.rows(ahead.order_by(of.id).limit(MOST_FOLDED + 1)))
        if position < self._snapshot.position:
            named = self._snapshot.table("subjects").c
            of_kinds = select(named.id).where(named.kind.in_(self._kinds))
            since = select(current.id).where(current.touched > position, current.id.in_(of_kinds))
            yield from (row.id for row in self._snapshot.rows(since.order_by(current.id).limit(MOST_FOLDED + 1)))

    @property
    def _holds(self) -> ColumnElement[bool]:
        """Whether an outline holds at the first clock."""
        return ~self._of.turned if self._clocks.at is None else self._of.settled <= self._clocks.at

    def _outlines(self, subjects: Sequence[str]) -> Iterator[Outline]:
        clocks, texts = self._clocks, Texts(self._snapshot)
        histories = subject_histories(self._snapshot, subjects, clocks.position, clocks.voices)
        for history in self._snapshot.patience.each(histories.values()):
            resolved = Resolved.of(texts, history, clocks.reported, clocks.position)
            if resolved is not None and resolved.merged_into is None:
                yield resolved.outline(clocks.at)

    @cached_property
    def _standing(self) -> ColumnElement[bool]:
        """Which outlines of the table stand at the clocks."""
        of = self._of
        return and_(of.kind.in_(self._kinds), of.touched <= self._clocks.position, self._holds, *self._known)

    def _passing(self, wanted: SubjectFilter) -> ColumnElement[bool]:
        of, actors, conditions = self._of, self._actors, [self._standing]
        equal = (("kind", wanted.kind), ("status", wanted.status), ("part_of", wanted.part_of))
        conditions += [of[name] == value for name, value in equal if value is not None]
        conditions += [self._besets(flag) for flag in wanted.flags]
        conditions += [] if wanted.told_after is None else [of.told > wanted.told_after]
        conditions += [] if wanted.among is None else [of.id.in_(wanted.among)]
        conditions += [of.part_of.is_(None)] if wanted.alone else []
        if wanted.actor is not None:
            conditions.append(of.id.in_(select(actors.subject).where(actors.actor == wanted.actor)))
        return and_(*conditions)

    def _besets(self, flag: str) -> ColumnElement[bool]:
        return self._of[flag] if flag == "late" else self._of[flag] > 0

    def _asked(self, *columns: Any, wanted: SubjectFilter, by: Any = None) -> list[Any]:
        """The rows of a question to the table; grouped by a column those of most subjects."""
        if not self._is_written:
            return []
        question = select(*columns).where(self._passing(wanted))
        if by is self._actors.actor:
            question = question.where(self._actors.subject == self._of.id)
        if by is not None:
            question = question.where(by.is_not(None)).group_by(by).order_by(func.count().desc()).limit(_MOST_VALUES)
        return self._snapshot.rows(question)

    def _taken(self, wanted: SubjectFilter) -> Iterator[Outline]:
        return (each for each in self._folded if wanted.takes(each))

    def total(self, wanted: SubjectFilter, column: str | None = None) -> int:
        """How many pass the filter, or the sum of a column of theirs, such as `disputed`."""
        counted = func.count() if column is None else func.coalesce(func.sum(self._of[column]), 0)
        written = sum(int(each) for (each,) in self._asked(counted, wanted=wanted))
        return written + sum(1 if column is None else getattr(each, column) for each in self._taken(wanted))

    def counts(self, facet: str, wanted: SubjectFilter) -> Counter[str]:
        """How many of those that pass have each value: of a column, each `actor`, or each `flag`; 1,000 at most."""
        found = Counter({value: count for value, count in self._counted(facet, wanted) if count})
        for each in self._taken(wanted):
            found.update(_values(each, facet))
        return found

    def _counted(self, facet: str, wanted: SubjectFilter) -> Iterable[tuple[str, int]]:
        if facet == "flag":
            besets = [func.sum(case((self._besets(flag), 1), else_=0)) for flag in FLAGS]
            return [pair for row in self._asked(*besets, wanted=wanted) for pair in zip(FLAGS, row, strict=True)]
        by = self._actors.actor if facet == "actor" else self._of[facet]
        return self._asked(by, func.count(), wanted=wanted, by=by)

    def facets(self, wanted: SubjectFilter) -> dict[str, Counter[str]]:
        """For each filter how many subjects each of its values would leave, with the others as they are."""
        return {facet: self.counts(facet, wanted.but(facet)) for facet in FACETS}

    def first(self, wanted: SubjectFilter, order: str, after: Key | None, limit: int) -> list[Outline]:
        """The first in an order of those that pass, beyond a place in it if one is given."""
        written: list[Outline] = []
        if self._is_written:
            of = self._of
            places = [*(of[name] for name in ORDERS[order]), of.id]
            question = select(*(of[name] for name in _COLUMNS)).where(self._passing(wanted))
            if after is not None:
                negated = (*(-each for each in places[:-1]), of.id)
                question = question.where(tuple_(*negated) > tuple_(*map(literal, after)))
            question = question.order_by(*(each.desc() for each in places[:-1]), of.id).limit(limit)
            written = [Outline(*row) for row in self._snapshot.rows(question)]
        keyed = ((key_of(each, order), each) for each in self._taken(wanted))
        folded = sorted((key, each) for key, each in keyed if after is None or key > after)
        found = merge(((key_of(each, order), each) for each in written), folded)
        return [each for _, each in islice(found, limit)]

    def wholes(self, wanted: SubjectFilter) -> dict[str, tuple[int, int]]:
        """Of each whole that those which pass are parts of when its newest report was, and how many pass."""
        of, found = self._of, dict[str, tuple[int, int]]()
        if self._is_written:
            question = select(of.part_of, func.max(of.told), func.count()).where(self._passing(wanted))
            rows = self._snapshot.rows(question.where(of.part_of.is_not(None)).group_by(of.part_of))
            found = {whole: (told, count) for whole, told, count in rows}
        for each in self._taken(wanted):
            if each.part_of is not None:
                told, count = found.get(each.part_of, (0, 0))
                found[each.part_of] = max(told, each.told), count + 1
        return found


def key_of(each: Outline, order: str) -> Key:
    """Where it stands in an order."""
    return (*(-getattr(each, name) for name in ORDERS[order]), each.id)


def _values(each: Outline, facet: str) -> Iterable[str]:
    if facet == "actor":
        return each.actors
    if facet == "flag":
        return [flag for flag in FLAGS if getattr(each, flag)]
    value = getattr(each, facet)
    return [value] if value else []
