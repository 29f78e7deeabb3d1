"""Pages of lists of subjects: in an order, or in groups of one whole, from any place on."""

from collections.abc import Iterator
from itertools import islice

from projections.queries.subjects.outlines import Key, Outlines, SubjectFilter, key_of
from projections.read_models.lists import Outline

Placed = tuple[Key, Outline]
"""An outline with its place in the list."""


def page_of_outlines(
    outlines: Outlines, wanted: SubjectFilter, order: str, after: Key | None, limit: int
) -> tuple[list[Placed], bool]:
    """Those that pass the filter in an order, beyond a place in it, and whether more follow."""
    found = [(key_of(each, order), each) for each in outlines.first(wanted, order, after, limit + 1)]
    return found[:limit], len(found) > limit


def page_of_groups(
    outlines: Outlines, wanted: SubjectFilter, after: Key | None, limit: int
) -> tuple[list[Placed], bool]:
    """The same by the newest report, in groups: that with the newest one first, and last what is part of nothing."""
    found = [*islice(_in_groups(outlines, wanted, after, limit + 1), limit + 1)]
    return found[:limit], len(found) > limit


def _in_groups(outlines: Outlines, wanted: SubjectFilter, after: Key | None, limit: int) -> Iterator[Placed]:
    wholes = outlines.wholes(wanted)
    groups: list[tuple[tuple[int, int, str], SubjectFilter]] = [
        ((0, -newest, whole), wanted._replace(part_of=whole)) for whole, (newest, _) in wholes.items()
    ]
    for group, inside in [*sorted(groups), ((1, 0, ""), wanted._replace(alone=True))]:
        if after is not None and group < after[:3]:
            continue
        begin = after[3:] if after is not None and group == after[:3] else None
        for each in outlines.first(inside, "told", begin, limit):
            yield (*group, *key_of(each, "told")), each
