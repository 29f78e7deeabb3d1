"""The list of matters: filtered, sorted, in groups of one whole, page by page; all of it in the address."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from events.subject_kinds import SUBJECT_KINDS
from projections.queries.evidence.search import subjects_named
from projections.queries.subjects.outline_pages import page_of_groups, page_of_outlines
from projections.queries.subjects.outlines import ALL, FLAGS, Outlines, SubjectFilter
from projections.queries.subjects.states import finished_states
from projections.read_models.lists import Outline
from projections.read_models.texts.folding import folded_words, sought_in
from service.pages.lists.filter_bar import (
    PER_PAGE,
    Choice,
    Field,
    bar,
    counted,
    day_given,
    given,
    key_given,
    one_of,
    written_key,
)
from service.pages.matters import matter
from service.pages.request import REACHED, PageRequest

MOST_WRITTEN = 2_000
"""Of how many matters the list leaves the pages at once."""

_MOST_NAMED = 1_000
_OPEN_AT_MOST = 20
FLAGS_IN_WORDS = {
    "disputed": "disputed",
    "denied": "with a denial",
    "planned": "with a plan",
    "alleged": "with an allegation",
    "late": "overdue, lapsed or expired",
}
_SORTS = {"told": "newest report", "since": "newest state", "disputed": "most disputed"}
_GROUPED = (0, 0, "", 0, 0, "")
"""What a place in a list in groups looks like; and in one without, by its order."""
_PLAIN = {"told": (0, 0, ""), "since": (0, 0, ""), "disputed": (0, 0, 0, "")}
_FILTERS = ("q", "kind", "state", "part_of", "party", "only", "since", "sort", "after", REACHED)


def matters_wanted(page: PageRequest) -> SubjectFilter:
    """What the address filters matters by."""
    words = given("q")
    named = None
    if folded_words(words):
        found, _ = subjects_named(page.snapshot, sought_in(words), page.clocks, _MOST_NAMED)
        named = {state["id"] for state in found}
    since, flag = day_given(page, "since"), one_of("only", FLAGS)
    return SubjectFilter(
        kind=one_of("kind", ladder_kinds()),
        status=given("state") or None,
        part_of=given("part_of") or None,
        actor=given("party") or None,
        flags=(flag,) if flag else (),
        told_after=since and since[0],
        among=named,
    )


def ladder_kinds() -> list[str]:
    """The kinds of subjects whose status climbs a ladder: those of matters."""
    return [name for name, kind in SUBJECT_KINDS.items() if kind.ladder]


def matter_list(page: PageRequest, most: int = PER_PAGE) -> dict[str, Any]:
    """A page of the list, and the form that filters it; `outlines` of all matters, of which `wanted` pass.

    In the past only matters of which something was known are among them.
    """
    wanted, sort = matters_wanted(page), one_of("sort", _SORTS) or "told"
    outlines = Outlines(page.snapshot, page.clocks, ladder_kinds(), known=not page.is_of_today)
    is_grouped = sort == "told" and wanted.part_of is None
    after = key_given(_GROUPED if is_grouped else _PLAIN[sort])
    found, is_more = (
        page_of_groups(outlines, wanted, after, most)
        if is_grouped
        else page_of_outlines(outlines, wanted, sort, after, most)
    )
    shown, count = [each for _, each in found], outlines.total(wanted)
    wholes = outlines.wholes(wanted) if sort == "told" else None
    return {
        "groups": _grouped(page, shown, count, wholes),
        "bar": _bar(page, outlines, wanted, sort),
        "outlines": outlines,
        "wanted": wanted,
        "count": count,
        "of_all": outlines.total(ALL),
        "is_cut": outlines.is_cut,
        "is_first": after is None,
        "following": written_key(found[-1][0]) if is_more else None,
        "shown": [each.id for each in shown],
        "timeline_src": page.address_of("timeline", _FILTERS, of="matters"),
    }


def _grouped(
    page: PageRequest, shown: Sequence[Outline], count: int, wholes: Mapping[str, tuple[int, int]] | None
) -> list[dict[str, Any]]:
    """Neighbours of one whole together; it heads their group. Long lists have all groups but the first one folded.

    Without wholes all `count` matters are one group.
    """
    sizes = {} if wholes is None else {whole: size for whole, (_, size) in wholes.items()}
    alone = count - sum(sizes.values())
    rows = {each["id"]: each for each in _rows(page, shown)}
    groups: list[dict[str, Any]] = []
    for whole, inside in groupby(shown, key=lambda each: each.part_of if each.part_of in sizes else None):
        matters = [rows[each.id] for each in inside]
        groups.append(
            {
                "id": whole,
                "title": page.named(whole) if whole else None,
                "href": page.subject_link(whole) if whole else None,
                "matters": matters,
                "count": sizes[whole] if whole else alone,
                "is_open": not groups or len(shown) <= _OPEN_AT_MOST,
                "alone": page.here(part_of=whole, after=None) if whole else None,
            }
        )
    return groups


def _rows(page: PageRequest, shown: Sequence[Outline]) -> Iterator[dict[str, Any]]:
    page.know([], {name for each in shown for name in (each.id, each.part_of) if name})
    for state in finished_states(page.snapshot, [each.id for each in shown], page.clocks):
        yield matter(page, state.read())


def _bar(page: PageRequest, outlines: Outlines, wanted: SubjectFilter, sort: str) -> dict[str, Any]:
    counts, flag = outlines.facets(wanted), next(iter(wanted.flags), None)
    actors = [name for name, _ in counts["actor"].most_common(40)]
    wholes = [name for name, _ in counts["part_of"].most_common(40)]
    page.know([], {*actors, *wholes, *(each for each in (wanted.actor, wanted.part_of) if each)})
    kinds = {name: kind.words for name, kind in SUBJECT_KINDS.items()}
    titles = {name: page.named(name) for name in (*actors, *wholes, wanted.actor, wanted.part_of) if name}
    fields = [
        Field("q", "Words in the name", given("q")),
        Field("kind", "Kind", wanted.kind or "", counted(counts["kind"], kinds, wanted.kind)),
        Field("state", "State", wanted.status or "", counted(counts["status"], {}, wanted.status)),
        Field("part_of", "Part of", wanted.part_of or "", counted(counts["part_of"], titles, wanted.part_of)),
        Field("party", "Who takes part", wanted.actor or "", counted(counts["actor"], titles, wanted.actor)),
        Field("only", "Only those", flag or "", counted(counts["flag"], FLAGS_IN_WORDS, flag)),
        Field("since", "Reported since", given("since"), hint="a day, as 20 May 2025"),
        Field("sort", "First", sort, [Choice(name, words) for name, words in _SORTS.items()]),
    ]
    return bar(page, fields)
