"""What is asked in the comparisons, the same at every run: subjects and clocks drawn at random, windows of the log."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmarks.peers.rows import bound
from benchmarks.reference import NOTHING, Answer, Reference, differences
from benchmarks.scale import Workload

WINDOW = 1_000
_OF_ONE = ("state", "state_reported", "evidence")
_WHOLE, _WINDOWS = 3, 5
MANY = 2_000_000
"""With more facts only one subject at a time is asked about: a brute-force reading of all takes many minutes."""


@dataclass(frozen=True)
class Asking:
    """One line of the table: questions of one type, so many in a row; the first of them is not timed where `warms`."""

    title: str
    question: str
    arguments: list[tuple[Any, ...]]
    warms: bool = False
    at_once: int = 1


def askings(workload: Workload, head: int, seed: int = 11) -> Iterator[Asking]:
    """All types of questions about a log that ends at the position `head`, drawn by the seed."""
    chance = random.Random(seed)
    names = workload.names()
    few = workload.facts > MANY
    ordinary, hot = names[workload.hot :], names[: workload.hot]
    probes = list(workload.probes)
    many, more = (
        f"values of one subject, {workload.probes[name]:,} facts at instants of their own" for name in probes[:2]
    )
    sorts = (
        ("values of one subject, ordinary", ordinary, 400, 2016),
        ("values of one subject, hot", hot, 200, 2016),
        (f"values of one subject, {workload.probes[probes[2]]} facts", probes[2:], 200, 2016),
        (many, probes[:1], 100, 2000),
        (more, probes[1:2], 50, 2000),
    )
    for title, subjects, count, year in sorts:
        asked = [_as_recorded(chance, subjects, year, head) for _ in range(count // 4 if few else count)]
        yield Asking(title, "state", asked, warms=True, at_once=len(asked) // 2)
    asked = [_as_reported(chance, names) for _ in range(400)]
    yield Asking("values of one subject, as reported", "state_reported", asked, warms=True, at_once=200)
    if not few:
        yield from _about_all(chance, len(names), head)
    asked = [_as_recorded(chance, ordinary, 2016, head) for _ in range(120)]
    yield Asking("state of one subject with its evidence, ordinary", "evidence", asked, warms=True, at_once=30)


def _about_all(chance: random.Random, count: int, head: int) -> Iterator[Asking]:
    dates = [(_date(chance, 2018), head - 7 * place) for place in range(_WHOLE)]
    yield Asking(f"values of all {count:,} subjects", "whole", dates, warms=True, at_once=_WHOLE)
    ends = [(max(0, last - WINDOW), last) for last in (head - 3 * WINDOW * place for place in range(_WINDOWS))]
    yield Asking(f"differences made by {WINDOW:,} events", "diff", ends, warms=True, at_once=_WINDOWS)


def subjects_of(asked: Iterable[Asking]) -> set[str] | None:
    """The subjects that are asked about; None where all are."""
    asked = list(asked)
    if any(asking.question not in _OF_ONE for asking in asked):
        return None
    return {subject for asking in asked for subject, *_ in asking.arguments}


def _date(chance: random.Random, year: int) -> str:
    return f"{year + chance.randrange(9)}-{1 + chance.randrange(12):02}-{1 + chance.randrange(28):02}"


def _as_recorded(chance: random.Random, subjects: list[str], year: int, head: int) -> tuple[str, str, int]:
    return chance.choice(subjects), _date(chance, year), chance.randrange(head // 2, head + 1)


def _as_reported(chance: random.Random, names: list[str]) -> tuple[str, str, str]:
    return chance.choice(names), _date(chance, 2016), _date(chance, 2018)


def answer(reference: Reference, question: str, arguments: tuple[Any, ...]) -> Any:
    """What must be answered."""
    if question in ("state", "evidence"):
        subject, at, recorded = arguments
        return reference.state(subject, bound(at), recorded)
    if question == "state_reported":
        subject, at, reported = arguments
        return reference.state(subject, bound(at), reported=bound(reported))
    if question == "whole":
        at, recorded = arguments
        return _states(reference, reference.subjects(), bound(at), recorded)
    return _differences(reference, *arguments)


@cache
def _differences(reference: Reference, first: int, last: int) -> list[list[Any]]:
    """The same for both types of questions about a window."""
    touched = reference.touched(first, last)
    return differences(*(_states(reference, touched, None, position) for position in (first, last)))


def _states(reference: Reference, subjects: list[str], at: int | None, position: int) -> dict[str, Answer]:
    states = {subject: reference.state(subject, at, position) for subject in subjects}
    return {subject: state for subject, state in states.items() if state != NOTHING}
