"""The list of matters: filtered, sorted, in groups of one whole, page by page; all of it in the address."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from events.subject_kinds import SUBJECT_KINDS
from projections.queries.evidence.search import subjects_named
from projections.queries.subjects.outlines import FLAGS, SORTS, SubjectFilter, facets, outlines
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
from service.pages.request import PageRequest

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
_FILTERS = ("q", "kind", "state", "part_of", "party", "only", "since", "sort", "after")
_Key = tuple[int | str, ...]


def matters_wanted(page: PageRequest) -> SubjectFilter:
    """What the address filters matters by."""
    words = given("q")
    named = None
    if folded_words(words):
        found, _ = subjects_named(page.snapshot, sought_in(words), page.clocks, _MOST_NAMED)
        named = {state["id"] for state in found}
    since = day_given(page, "since")
    return SubjectFilter(
        kind=one_of("kind", ladder_kinds()),
        status=given("state") or None,
        part_of=given("part_of") or None,
        actor=given("party") or None,
        flag=one_of("only", FLAGS),
        told_after=since and since[0],
        among=named,
    )


def ladder_kinds() -> list[str]:
    """The kinds of subjects whose status climbs a ladder: those of matters."""
    return [name for name, kind in SUBJECT_KINDS.items() if kind.ladder]


def matter_list(page: PageRequest, most: int = PER_PAGE) -> dict[str, Any]:
    """A page of the list, and the form that filters it; `found` are the outlines of all that pass, in order.

    In the past only matters of which something was known are among them.
    """
    wanted, sort = matters_wanted(page), one_of("sort", SORTS) or "told"
    everything, is_cut = outlines(page.snapshot, page.clocks, ladder_kinds())
    known = [each for each in everything if page.is_of_today or each.known]
    passing = [each for each in known if wanted.takes(each)]
    keys = _keys(passing, sort, is_grouped=sort == "told" and wanted.part_of is None)
    found = sorted(passing, key=lambda each: keys[each.id])
    after = key_given(next(iter(keys.values()), ()))
    rest = found if after is None else [each for each in found if keys[each.id] > after]
    shown = rest[:most]
    return {
        "groups": _grouped(page, shown, found, is_grouped=sort == "told"),
        "bar": _bar(page, known, wanted, sort),
        "found": found,
        "count": len(found),
        "of_all": len(known),
        "is_cut": is_cut,
        "is_first": after is None,
        "following": written_key(keys[shown[-1].id]) if len(rest) > most else None,
        "shown": [each.id for each in shown],
        "timeline_src": page.address_of("timeline", _FILTERS, of="matters"),
    }


def _keys(found: Sequence[Outline], sort: str, *, is_grouped: bool) -> dict[str, _Key]:
    """Where each stands; in groups, that of the newest report comes first, and those of no whole last."""
    newest: dict[str, int] = {}
    for each in found:
        if is_grouped and each.part_of:
            newest[each.part_of] = max(newest.get(each.part_of, 0), each.told)
    return {
        each.id: (
            *(_group_key(each.part_of, newest) if is_grouped else ()),
            SORTS[sort](each),
            -each.told,
            -each.since,
            each.id,
        )
        for each in found
    }


def _group_key(whole: str | None, newest: Mapping[str, int]) -> tuple[int, int, str]:
    return (0, -newest[whole], whole) if whole else (1, 0, "")


def _grouped(
    page: PageRequest, shown: Sequence[Outline], found: Sequence[Outline], *, is_grouped: bool
) -> list[dict[str, Any]]:
    """Neighbours of one whole together; it heads their group. Long lists have all groups but the first one folded."""
    rows = {each["id"]: each for each in _rows(page, shown)}
    counts = Counter(each.part_of for each in found)
    groups: list[dict[str, Any]] = []
    for whole, inside in groupby(shown, key=lambda each: each.part_of if is_grouped else None):
        matters = [rows[each.id] for each in inside]
        groups.append(
            {
                "id": whole,
                "title": page.named(whole) if whole else None,
                "href": page.subject_link(whole) if whole else None,
                "matters": matters,
                "count": counts[whole] if is_grouped else len(found),
                "is_open": not groups or len(shown) <= _OPEN_AT_MOST,
                "alone": page.here(part_of=whole, after=None) if whole else None,
            }
        )
    return groups


def _rows(page: PageRequest, shown: Sequence[Outline]) -> Iterator[dict[str, Any]]:
    page.know([], {name for each in shown for name in (each.id, each.part_of) if name})
    for state in finished_states(page.snapshot, [each.id for each in shown], page.clocks):
        yield matter(page, state.read())


def _bar(page: PageRequest, known: Sequence[Outline], wanted: SubjectFilter, sort: str) -> dict[str, Any]:
    counts = facets(known, wanted)
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
        Field("only", "Only those", wanted.flag or "", counted(counts["flag"], FLAGS_IN_WORDS, wanted.flag)),
        Field("since", "Reported since", given("since"), hint="a day, as 20 May 2025"),
        Field("sort", "First", sort, [Choice(name, words) for name, words in _SORTS.items()]),
    ]
    return bar(page, fields)
