"""Pages of states: the finished current ones where nothing else is asked, else folded."""

from projections.clocks import Clocks
from projections.queries.subjects.states import finished_states
from projections.queries.subjects.values import named_subjects, values_of
from projections.read_models.current_states import current_page
from projections.read_models.finished_states import Finished
from projections.store.snapshots import Snapshot


def page_of_states(
    snapshot: Snapshot, clocks: Clocks, filters: dict[str, str | None], after: str, limit: int
) -> tuple[list[Finished], str | None]:
    """States of subjects in the order of their ids, from after `after`; and the last id read, if more may follow.

    Args:
        snapshot: what to read.
        clocks: at which clocks.
        filters: `kind`, `status`, `part_of`; None does not filter.
        after: the id after which to begin; empty for the beginning.
        limit: how many states at the most.
    """
    if clocks.is_current and clocks.position == snapshot.position:
        rows = current_page(snapshot, filters, after, limit + 1)
        return rows[:limit], rows[limit - 1].id if len(rows) > limit else None
    found: list[Finished] = []
    for ids in named_subjects(snapshot, clocks.position, filters.get("kind"), after):
        if filters.get("status") is not None or filters.get("part_of") is not None:
            passing = {each.subject for each in values_of(snapshot, clocks, ids) if each.passes(filters)}
            ids = [subject for subject in ids if subject in passing]
        for each in finished_states(snapshot, ids, clocks):
            if _passes(each, filters):
                found.append(each)
                if len(found) > limit:
                    return found[:limit], found[limit - 1].id
    return found, None


def _passes(each: Finished, filters: dict[str, str | None]) -> bool:
    return (
        each.merged_into is None
        and (filters.get("status") is None or each.status == filters["status"])
        and (filters.get("part_of") is None or each.part_of == filters["part_of"])
    )
