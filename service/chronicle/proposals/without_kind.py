"""Passages of which nobody has said what kind of fact they tell; and all that is proposed by itself, as it is sent."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from events.commands.review import propose_passages
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from service.chronicle.proposals.without_words import WITHOUT_WORDS, propose_items

WITHOUT_KIND = "without_kind"
"""The list of passages that are no citations of a fact yet."""

Propose = Callable[[UnitOfWork, Sequence[Any], Sequence[str]], list[Receipt]]
PROPOSED: Mapping[str, Propose] = {WITHOUT_WORDS: propose_items, WITHOUT_KIND: propose_passages}
"""The lists of items that are none of a chronicle yet, and what proposes them."""


def propose_lacking(unit: UnitOfWork, lacking: Mapping[str, Sequence[Any]]) -> Iterator[Receipt]:
    """Propose what lists of these names hold; refusals point into the lists."""
    for name, bodies in lacking.items():
        yield from PROPOSED[name](unit, bodies, [f"/{name}/{at}" for at in range(len(bodies))])
