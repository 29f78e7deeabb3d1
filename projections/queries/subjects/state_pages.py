"""Pages of states: the finished current ones where nothing else is asked, else folded."""

from projections.clocks import Clocks
from projections.queries.subjects.states import finished_states, is_current_but_for_time
from projections.queries.subjects.values import named_subjects, values_of
from projections.read_models.current_states import current_page
from projections.read_models.finished_states import Finished
from projections.store.snapshots import Snapshot


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
        ids = [each.id for each in current_page(snapshot, filters, after, limit + 1)]
        page = [*finished_states(snapshot, ids[:limit], clocks)]
        return page, ids[limit - 1] if len(ids) > limit else None
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
