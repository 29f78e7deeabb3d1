"""The differences of a comparison sorted out: which matters changed, are now disputed, are new."""

from collections.abc import Iterable, Mapping
from typing import Any

from projections.queries.history.diff import Difference
from projections.queries.subjects.states import states
from service.pages.matters import is_known
from service.pages.request import PageRequest

MOST_MATTERS = 30
MOST_FINDINGS = 40

_IN_TIME = {
    "changed": ("Changed", "changed", "changed"),
    "disputed": ("Now disputed", "is now disputed", "are now disputed"),
    "new": ("New", "is new", "are new"),
    "gone": ("No longer known", "is no longer known", "are no longer known"),
    "grounds": ("The same on other grounds", "rests on other grounds", "rest on other grounds"),
}
_IN_ACCOUNTS = {
    "changed": ("Told otherwise", "is told otherwise", "are told otherwise"),
    "disputed": ("Disputed in B", "is disputed in B alone", "are disputed in B alone"),
    "new": ("Told in B alone", "is told in B alone", "are told in B alone"),
    "gone": ("Told in A alone", "is told in A alone", "are told in A alone"),
    "grounds": ("The same on other grounds", "rests on other grounds", "rest on other grounds"),
}
"""The sorts in order: their heading, and what one matter of it does, or several do."""
_PEOPLE = ("People and parties", "person or party", "people and parties")


def sorted_out(one: PageRequest, other: PageRequest, found: Mapping[str, list[Difference]]) -> list[dict[str, Any]]:
    """The subjects with differences by what became of them, each in one sort only; people and parties last, apart."""
    unknown = [name for name, each in found.items() if all(row["from"] is None for row in each)]
    vanished = [name for name, each in found.items() if all(row["to"] is None for row in each)]
    was_known, is_still = _known(one, unknown), _known(other, vanished)
    by_sort: dict[str, list[str]] = {}
    for name, rows in found.items():
        if other.label(name).kind == "actor":
            sort = "people"
        elif name in unknown and name not in was_known:
            sort = "new"
        elif name in vanished and name not in is_still:
            sort = "gone"
        else:
            sort = _sort_of(rows)
        by_sort.setdefault(sort, []).append(name)
    is_account = one.kept.get("reading") != other.kept.get("reading")
    words = {**(_IN_ACCOUNTS if is_account else _IN_TIME), "people": _PEOPLE}
    return [
        {
            "sort": sort,
            "title": title,
            "names": by_sort[sort],
            "count": len(by_sort[sort]),
            "said": one_does if len(by_sort[sort]) == 1 else several_do,
        }
        for sort, (title, one_does, several_do) in words.items()
        if sort in by_sort
    ]


def _known(page: PageRequest, names: list[str]) -> set[str]:
    """Those of which any fact was known at the clocks of the page."""
    return {state["id"] for state in states(page.snapshot, names, page.clocks) if is_known(state)}


def _sort_of(rows: Iterable[Difference]) -> str:
    """What became of a matter that was known before and is known after."""
    sides = [(row["from"], row["to"]) for row in rows]
    if any(after and after["rivals"] and not (before and before["rivals"]) for before, after in sides):
        return "disputed"
    same = all(before and after and before["value"] == after["value"] for before, after in sides)
    return "grounds" if same else "changed"
