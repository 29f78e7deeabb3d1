"""Pages of states and of outlines; of states the finished current ones where nothing else is asked, else folded."""

from collections.abc import Sequence

import orjson
from sqlalchemy import select

from projections.clocks import Clocks
from projections.queries.subjects.states import finished
from projections.queries.subjects.values import Outline, outlines
from projections.read_models.current_states import current_page
from projections.read_models.kept import Finished
from projections.store.snapshots import Snapshot

_AT_ONCE = 200


def page_of_states(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], after: str, limit: int
) -> tuple[list[Finished], str | None]:
    """States of subjects in the order of their ids, from behind `after`; and the last id read, if more may follow.

    Args:
        snapshot: what to read.
        clocks: at which clocks.
        filters: `kind`, `status`, `part_of`; None does not filter.
        after: the id behind which to begin; empty for the beginning.
        limit: how many states at the most.
    """
    if clocks.is_current and clocks.position == snapshot.position:
        rows = current_page(snapshot, filters, after, limit + 1)
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None
    found: list[Finished] = []
    while True:
        ids = _ids(snapshot, clocks.position, filters.get("kind"), after)
        for each in finished(snapshot, _with_values(snapshot, clocks, ids, filters), clocks):
            if _passes(each, filters):
                found.append(each)
                if len(found) > limit:
                    return found[:limit], found[limit - 1].id
        if len(ids) < _AT_ONCE:
            return found, None
        after = ids[-1]


def page_of_outlines(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], after: str, limit: int
) -> tuple[list[Outline], str | None]:
    """The same with outlines, of subjects merged into another too."""
    found: list[Outline] = []
    while True:
        ids = _ids(snapshot, clocks.position, filters.get("kind"), after)
        told = {each.subject: each for each in outlines(snapshot, clocks, ids)}
        found += [told[subject] for subject in ids if subject in told and _is_wanted(told[subject], filters)]
        if len(found) > limit:
            return found[:limit], found[limit - 1].subject
        if len(ids) < _AT_ONCE:
            return found, None
        after = ids[-1]


def _ids(snapshot: Snapshot, position: int, kind: str | None, after: str) -> list[str]:
    table = snapshot.table("subjects")
    wanted = select(table.c.id).where(table.c.id > after, table.c.opened <= position)
    if kind is not None:
        wanted = wanted.where(table.c.kind == kind, table.c.kind_known <= position)
    return [row.id for row in snapshot.rows(wanted.order_by(table.c.id).limit(_AT_ONCE))]


def _with_values(snapshot: Snapshot, clocks: Clocks, ids: list[str], filters: dict[str, str | None]) -> Sequence[str]:
    """Those whose status and whole are the ones wanted, by their outlines."""
    if filters.get("status") is None and filters.get("part_of") is None:
        return ids
    kept = {each.subject for each in outlines(snapshot, clocks, ids) if _is_wanted(each, filters)}
    return [subject for subject in ids if subject in kept]


def _is_wanted(outline: Outline, filters: dict[str, str | None]) -> bool:
    status, part_of = filters.get("status"), filters.get("part_of")
    return (status is None or orjson.loads(outline.status) == status) and (
        part_of is None or orjson.loads(outline.fields).get("part_of") == part_of
    )


def _passes(each: Finished, filters: dict[str, str | None]) -> bool:
    return (
        each.merged_into is None
        and (filters.get("status") is None or each.status == filters["status"])
        and (filters.get("part_of") is None or each.part_of == filters["part_of"])
    )
