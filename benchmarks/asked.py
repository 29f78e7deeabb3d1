"""What the roads are asked: questions drawn at random, the address of each, and the function that its route calls."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any, NamedTuple

from benchmarks.peers.rows import bound
from benchmarks.reference import Answer, Reference
from benchmarks.scale import Workload
from events.dates.bounds import Bounds
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.evidence.fact_pages import page_of_facts
from projections.queries.history.diff import diff
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import state_json
from projections.queries.subjects.values import page_of_values, values
from projections.store.snapshots import Snapshot

SUBJECTS, WINDOW, LIST, PAGE, ALL = 200, 1_000, 100, 50, 10_000
NO_FILTERS: dict[str, str | None] = dict.fromkeys(("kind", "status", "part_of"))


class Question(NamedTuple):
    """A subject, a date in the world and a position in the log."""

    subject: str
    at: str
    position: int

    @property
    def asked(self) -> Asked:
        """The clocks."""
        return Asked(at=self.at, position=self.position)


@dataclass(frozen=True)
class Road:
    """One sort of question.

    Attributes:
        title: what it is called.
        address: its address, with places for the question's parts; `{before}` is a position so many events earlier.
        call: the function that its route calls; None for a page, which is asked of the application.
        slow: it is asked once a round, and not pressed.
        lately: about a few subjects, which have been asked about lately; else about all ordinary ones in turn.
    """

    title: str
    address: str
    call: Callable[[Snapshot, Clocks, Question], Any] | None
    slow: bool = False
    lately: bool = True

    def path(self, question: Question) -> str:
        """The address of a question."""
        return self.address.format(**question._asdict(), before=question.position - WINDOW)


def _two(snapshot: Snapshot, question: Question) -> tuple[Clocks, Clocks]:
    one, other = (Asked(position=question.position - back) for back in (WINDOW, 0))
    return clocks_for(snapshot, one), clocks_for(snapshot, other)


_API, _CLOCKS = "/api/v1", "at={at}&position={position}"
_WINDOW = "from_position={before}&to_position={position}"
STATE = Road(
    "state of one subject with its evidence",
    f"{_API}/subjects/{{subject}}?{_CLOCKS}",
    lambda snapshot, clocks, question: state_json(snapshot, question.subject, clocks),
    lately=False,
)
STATES = (STATE, replace(STATE, title=f"{STATE.title}, of {SUBJECTS} asked lately", lately=True))
ROADS = (
    *STATES,
    Road(
        "values of one subject",
        f"{_API}/subjects/{{subject}}/values?{_CLOCKS}",
        lambda snapshot, clocks, question: values(snapshot, question.subject, clocks),
    ),
    Road(
        f"values of {ALL:,} subjects",
        f"{_API}/values?{_CLOCKS}&limit={ALL}",
        lambda snapshot, clocks, _: page_of_values(snapshot, clocks, NO_FILTERS, "", ALL),
        slow=True,
    ),
    Road(
        f"list of {LIST} states",
        f"{_API}/subjects?{_CLOCKS}&limit={LIST}",
        lambda snapshot, clocks, _: page_of_states(snapshot, clocks, NO_FILTERS, "", LIST),
        slow=True,
    ),
    Road(
        f"list of {PAGE} facts",
        f"{_API}/facts?{_CLOCKS}&limit={PAGE}",
        lambda snapshot, clocks, _: page_of_facts(snapshot, clocks, {}, Bounds(None, None), 0, PAGE),
    ),
    Road(
        f"differences made by {WINDOW:,} events, with causes",
        f"{_API}/diff?{_WINDOW}",
        lambda snapshot, _, question: diff(snapshot, *_two(snapshot, question)),
        slow=True,
    ),
    Road("page of one subject", f"/subjects/{{subject}}?{_CLOCKS}", None),
)


class Questions:
    """Questions about ordinary subjects, none of them twice.

    Args:
        workload: what they are about.
        head: where the log ends.
    """

    def __init__(self, workload: Workload, head: int) -> None:
        self._chance = random.Random(5)
        early = {workload.fact(number)["subject"] for number in range(workload.facts // 4)}
        ordinary = sorted(early.intersection(workload.names()[workload.hot :]))
        self._chance.shuffle(ordinary)
        self._few, self._in_turn = ordinary[:SUBJECTS], cycle(ordinary[SUBJECTS:] or ordinary)
        self._first, self._head = head - workload.facts // 2, head
        self._reference = Reference(workload, self._few)
        self._put: set[Question] = set()

    def fresh(self, *, lately: bool = True) -> Iterator[Question]:
        """Questions without end, about a few subjects, or about the others in turn."""
        chance = self._chance
        while True:
            subject = chance.choice(self._few) if lately else next(self._in_turn)
            at = f"{2015 + chance.randrange(11)}-{1 + chance.randrange(12):02}-{1 + chance.randrange(28):02}"
            question = Question(subject, at, chance.randrange(self._first, self._head + 1))
            if question not in self._put:
                self._put.add(question)
                yield question

    def wanted(self, question: Question) -> Answer:
        """The right status and values, of one of the few."""
        return self._reference.state(question.subject, bound(question.at), question.position)
