"""Lists of subjects of any length: filtered, sorted and counted by outlines, which are read where they are written."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from projections.clocks import Clocks
from projections.queries.subjects.states import is_current_but_for_time
from projections.queries.subjects.values import named_subjects
from projections.read_models.citation_warnings import Texts
from projections.read_models.current_states import FOLDED_AT_ONCE
from projections.read_models.finished_states import Resolved
from projections.read_models.lists import Outline, outlines_of_all
from projections.read_models.subject_histories import subject_histories
from projections.store.bulk import chunks
from projections.store.snapshots import Snapshot

MOST_FOLDED = 2_000
"""Of how many subjects outlines are made for a question, where they are not written: in the past, or of an account."""

FLAGS = ("disputed", "denied", "planned", "alleged", "late")
"""What may beset a subject: the names by which lists are filtered."""

SORTS: dict[str, Callable[[Outline], int]] = {
    "told": lambda each: -each.told,
    "since": lambda each: -each.since,
    "disputed": lambda each: -each.disputed,
}
"""By the newest report, by when the state began, by how much is disputed: those first."""


class SubjectFilter(NamedTuple):
    """What a list is filtered by; None does not filter.

    `told_after` is a moment in UTC microseconds: the newest report was published by a later one.
    """

    kind: str | None = None
    status: str | None = None
    part_of: str | None = None
    actor: str | None = None
    flag: str | None = None
    told_after: int | None = None
    among: Collection[str] | None = None

    def takes(self, each: Outline, but: str = "") -> bool:
        """Whether the outline passes every filter, or all but one."""
        return all(
            (
                self.kind in (None, each.kind) or but == "kind",
                self.status in (None, each.status) or but == "status",
                self.part_of in (None, each.part_of) or but == "part_of",
                self.actor is None or each.names(self.actor) or but == "actor",
                self.flag is None or bool(getattr(each, self.flag)) or but == "flag",
                self.told_after is None or each.told > self.told_after or but == "told_after",
                self.among is None or each.id in self.among,
            )
        )


def outlines(snapshot: Snapshot, clocks: Clocks, kinds: Collection[str]) -> tuple[list[Outline], bool]:
    """The outlines of all subjects of these kinds, in no order, and whether there are more than could be folded.

    At the head they are read from their table but for subjects that something is still ahead of.
    """
    if not is_current_but_for_time(snapshot, clocks):
        return _folded(snapshot, clocks, _named(snapshot, clocks, kinds))
    found, ahead = [], []
    for each, settled, turned in outlines_of_all(snapshot):
        if each.kind in kinds:
            holds = not turned if clocks.at is None else settled <= clocks.at
            if holds:
                found.append(each)
            else:
                ahead.append(each.id)
    folded, is_cut = _folded(snapshot, clocks, ahead)
    return found + folded, is_cut


def _named(snapshot: Snapshot, clocks: Clocks, kinds: Iterable[str]) -> Iterator[str]:
    for kind in kinds:
        for ids in named_subjects(snapshot, clocks.position, kind):
            yield from ids


def _folded(snapshot: Snapshot, clocks: Clocks, subjects: Iterable[str]) -> tuple[list[Outline], bool]:
    ids = [*islice(subjects, MOST_FOLDED + 1)]
    batches = chunks(ids[:MOST_FOLDED], FOLDED_AT_ONCE)
    return [each for some in batches for each in _outlines(snapshot, clocks, some)], len(ids) > MOST_FOLDED


def _outlines(snapshot: Snapshot, clocks: Clocks, subjects: Sequence[str]) -> list[Outline]:
    found = []
    histories = subject_histories(snapshot, subjects, clocks.position, clocks.voices)
    for history in snapshot.patience.each(histories.values()):
        resolved = Resolved.of(Texts(snapshot), history, clocks.reported, clocks.position)
        if resolved is not None and resolved.merged_into is None:
            found.append(resolved.outline(clocks.at))
    return found


def facets(found: Iterable[Outline], wanted: SubjectFilter) -> dict[str, Counter[str]]:
    """For each filter how many of the subjects each of its values would leave, with the others as they are."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("kind", "status", "part_of", "actor", "flag")}
    for each in found:
        for name, values in _values(each):
            if wanted.takes(each, but=name):
                counts[name].update(values)
    return counts


def _values(each: Outline) -> Iterator[tuple[str, list[str]]]:
    yield "kind", [each.kind] if each.kind else []
    yield "status", [each.status] if each.status else []
    yield "part_of", [each.part_of] if each.part_of else []
    yield "actor", each.actors.split()
    yield "flag", [flag for flag in FLAGS if getattr(each, flag)]
