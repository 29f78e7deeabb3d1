"""The belief chart of a matter of many facts: one column for each status or sort of finding, in place of each fact."""

from collections.abc import Callable, Sequence
from typing import Any

from events.facts import Fact, rung_of
from projections.queries.history.belief_history import Belief

MOST_FACTS = 30
"""Of more facts each has no column of its own."""


def in_columns(beliefs: Sequence[Belief], day: Callable[[Belief], str]) -> dict[str, dict[str, Any]]:
    """The columns by what they say, ladders from low to high first, then by when they begin; each with its letter.

    A column begins with the first version that was known, and ends with the last one where none stands any more.
    """
    gathered: dict[str, list[Belief]] = {}
    for belief in sorted(beliefs, key=_order):
        gathered.setdefault(says(belief), []).append(belief)
    columns = {}
    for place, (words, some) in enumerate(gathered.items()):
        known = sorted(some, key=lambda each: each.since)
        ends = [each.until for each in some if each.until is not None]
        columns[words] = {
            "letter": chr(65 + place % 26) + str(place // 26 or ""),
            "says": words,
            "facts": len({each.fact.id for each in some}),
            "since": known[0].since,
            "until": max(ends) if len(ends) == len(some) else None,
            "known": [each.since for each in known],
            "first": day(known[0]),
            "last": day(known[-1]),
        }
    return columns


def says(belief: Belief) -> str:
    """What the column of a version is called: the status its fact brings, else its kind; and how it is reported."""
    fact = belief.fact
    named = _status(fact.kind) or fact.kind.words
    return named if fact.modality == "actual" else f"{named}, {fact.modality}"


def _status(kind: type[Fact]) -> str | None:
    return kind.reaches or kind.halts


def _order(belief: Belief) -> tuple[bool, bool, int, int]:
    kind = belief.fact.kind
    return belief.fact.modality != "actual", _status(kind) is None, rung_of(kind).order, belief.since
