"""Claims: what is denied, planned or alleged beside a state, and which facts answer it. Pure: no database, no clock."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, islice
from operator import attrgetter
from typing import cast

from events.facts import own_fields
from projections.fold.answer_types import Answer, Claim, How, ListedFact
from projections.fold.part import Part, Place

ANSWERS: dict[How, str] = {
    "contradicts": "contradicted by",
    "overtakes": "overtaken by",
    "carries out": "carried out by",
    "confirms": "confirmed by",
}
"""What became of a claim, by how a fact answers it, in words before that fact."""


MOST_ANSWERS = 100
"""How many answers a claim lists: on a subject of very many facts a single denial is overtaken by all that follow."""


def listed_fact(part: Part) -> ListedFact:
    """A fact that does not move the state, as a state lists it."""
    fact = part.fact
    return {
        "fact": fact.id,
        "kind": fact.kind.__name__,
        "occurred": fact.values.get("occurred"),
        "by": fact.by,
        "values": {name: fact.values[name] for name in own_fields(fact.kind) if name in fact.values},
    }


class Answering:
    """The certain facts that may answer claims.

    Args:
        certain: the actual facts that are certain, in the order of section 3.3.
        at: the exclusive bound of the first clock; None where it was not asked for.
    """

    def __init__(self, certain: Sequence[Part], at: int | None) -> None:
        self._certain, self._at = certain, at
        self._unlisted: dict[str, Place | None] = {}

    @cached_property
    def _halts(self) -> list[int]:
        """How many halts stand before each place in the order."""
        return list(accumulate(map(attrgetter("rung.halts"), self._certain), initial=0))

    @cached_property
    def _ended(self) -> list[Place]:
        """Of the facts up to each place in the order the one that is over last."""
        return list(accumulate(map(attrgetter("by_hi"), self._certain), max))

    def claims(self, parts: Iterable[Part]) -> list[Claim]:
        """The claims, each with what answers it; a plan that is over and was not carried out is overdue."""
        return [self._claim(part) for part in parts]

    def may_list(self, claim: Part, part: Part) -> bool:
        """Whether an actual fact that does not halt, certain or not yet there, would stand among a claim's answers.

        Any other may go, come or stand elsewhere, and the claim stays as it is.
        """
        if not _is_alike(claim, part) or not any(_how(claim, part, is_halted=halted) for halted in (False, True)):
            return False
        if claim.fact.id not in self._unlisted:
            more = next(islice(self._answers(claim), MOST_ANSWERS, None), None)
            self._unlisted[claim.fact.id] = None if more is None else more[0].by_lo
        unlisted = self._unlisted[claim.fact.id]
        return unlisted is None or part.by_lo <= unlisted

    def _claim(self, part: Part) -> Claim:
        found = list(islice(self._answers(part), MOST_ANSWERS + 1))
        answers: list[Answer] = [{"fact": each.fact.id, "how": how} for each, how in found[:MOST_ANSWERS]]
        claim = cast(Claim, {**listed_fact(part), "answered_by": answers})
        if len(found) > len(answers):
            claim["more_answers"] = True
        at, over = self._at, part.fact.bounds.hi
        if part.fact.modality == "planned" and at is not None and over is not None and over <= at and not answers:
            claim["overdue"] = True
        return claim

    def _answers(self, claim: Part) -> Iterator[tuple[Part, How]]:
        """The facts of the same kind, and of the same value that the kind is `per`, that answer the claim, in order."""
        place = bisect_left(self._certain, claim.by_lo, key=attrgetter("by_lo"))
        for number in range(self._begin(claim), len(self._certain)):
            part = self._certain[number]
            if _is_alike(claim, part):
                first, last = (place, number) if place <= number else (number + 1, place)
                how = _how(claim, part, is_halted=self._halts[last] > self._halts[first])
                if how is not None:
                    yield part, how

    def _begin(self, claim: Part) -> int:
        """The place of the first fact that may answer: those before it were over when what is claimed began."""
        begins = claim.fact.bounds.lo
        if begins is None or (claim.fact.kind.once and claim.fact.modality == "planned"):
            return 0
        return bisect_left(self._ended, (False, begins + 1, -1, 0, ""))


def _is_alike(claim: Part, actual: Part) -> bool:
    """Whether the fact is of the claim's kind, and of the same value that the kind is `per`."""
    kind = claim.fact.kind
    if actual.fact.kind is not kind or not kind.per:
        return actual.fact.kind is kind
    key = claim.fact.values.get(kind.per)
    return key is not None and actual.fact.values.get(kind.per) == key


def _how(claim: Part, actual: Part, *, is_halted: bool) -> How | None:
    """How an actual fact answers a claim; `is_halted`: a halt stands between them."""
    said, done = claim.fact.bounds, actual.fact.bounds
    if claim.fact.modality == "planned":
        is_after = said.lo is None or done.hi is None or done.hi > said.lo
        return "carries out" if is_after or (claim.fact.kind.once and not is_halted) else None
    if said.overlaps(done):
        return "contradicts" if claim.fact.modality == "denied" else "confirms"
    is_after = said.hi is not None and done.lo is not None and done.lo >= said.hi
    return "overtakes" if is_after and claim.fact.modality == "denied" else None
