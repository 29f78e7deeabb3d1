"""Pages of states: the finished current ones where nothing else is asked, else folded."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from events.subject_kinds import SUBJECT_KINDS
from projections.clocks import Clocks
from projections.queries.subjects.states import finished_states
from projections.queries.subjects.values import named_subjects, values_of
from projections.read_models.current_states import current_page
from projections.read_models.finished_states import Finished
from projections.read_models.subject_histories import grouping_at
from projections.store.snapshots import Snapshot

_NOT_OVER = (
    "SELECT DISTINCT fact, subject FROM {fact_places}"
    " WHERE dated AND since <= ? AND until > ? AND (hi IS NULL OR hi > ?)"
)
_NO_PLAN = b'"planned":[]'
"""Quotes inside of values are escaped, so this stands nowhere but where no plan is held."""


def page_of_states(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], after: str, limit: int
) -> tuple[list[Finished], str | None]:
    """States of subjects in the order of their ids, from after `after`; and the last id read, if more may follow.

    Filters are `kind`, `status` and `part_of`; None does not filter. Subjects merged into another are not among them.
    """
    found: list[Finished] = []
    if clocks.is_current and clocks.position == snapshot.position:
        found = current_page(snapshot, filters, after, limit + 1)
        return found[:limit], found[limit - 1].id if len(found) > limit else None
    if is_current_but_for_time(snapshot, clocks) and filters.get("status") is None:
        found = current_page(snapshot, filters, after, limit + 1)
        turned = _turned_by_time(snapshot, clocks, found)
        anew = {each.id: each for each in finished_states(snapshot, sorted(turned), clocks)}
        page = [anew.get(each.id, each) for each in found[:limit]]
        return page, found[limit - 1].id if len(found) > limit else None
    for ids in named_subjects(snapshot, clocks.position, filters.get("kind"), after, filters.get("part_of")):
        if filters.get("status") is not None or filters.get("part_of") is not None:
            passing = {each.subject for each in values_of(snapshot, clocks, ids) if each.passes(filters)}
            ids = [subject for subject in ids if subject in passing]
        for each in finished_states(snapshot, ids, clocks):
            if each.merged_into is None:
                found.append(each)
                if len(found) > limit:
                    return found[:limit], found[limit - 1].id
    return found, None


def is_current_but_for_time(snapshot: Snapshot, clocks: Clocks) -> bool:
    """Whether nothing is asked but how things stand, at a date."""
    return replace(clocks, at=None).is_current and clocks.position == snapshot.position


def _turned_by_time(snapshot: Snapshot, clocks: Clocks, found: Sequence[Finished]) -> set[str]:
    """Those of the states that may read otherwise at the first clock than without it.

    They are those whose status passes, that hold a plan, or of which a fact was not certainly over by then.
    """
    grouping = grouping_at(snapshot, clocks.position)
    rows = snapshot.flow(_NOT_OVER, None, clocks.position, clocks.position, clocks.at)
    not_over = {grouping.subject_of(subject, fact) for fact, subject in rows}
    return {
        each.id
        for each in found
        if each.id in not_over or _NO_PLAN not in each.state or each.status in _passing(each.kind)
    }


def _passing(kind: str | None) -> Collection[str]:
    found = SUBJECT_KINDS.get(kind or "")
    return found.passing if found else ()
