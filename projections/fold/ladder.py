"""The ladder of statuses: how far facts in order bring a subject. Pure: no database, no clock."""

from collections.abc import Iterable
from typing import NamedTuple

from projections.fold.part import Part


class Climb(NamedTuple):
    """How far a status has come: the rung, whether it is halted there, and the fact that decided it."""

    level: int = -1
    halted: bool = False
    status: str | None = None
    decided_by: Part | None = None


BELOW = Climb()
"""Before anything has happened."""


def climb(order: Iterable[Part], ladder: tuple[str, ...], reached: Climb = BELOW) -> Climb:
    """The ladder: rungs only rise, a halt holds until a resumption or a rung as high as the one before it.

    Args:
        order: the facts, in order.
        ladder: the statuses of the subject's kind.
        reached: how far it had come before these.
    """
    level, halted, status, decided_by = reached
    for part in order:
        step, halts, resumes, _ = part.rung
        if halts:
            if level < len(ladder) - 1 or not ladder:
                status, decided_by, halted = part.fact.kind.halts, part, True
        elif resumes:
            if halted or step > level:
                level = max(level, step)
                status, decided_by, halted = (ladder[level] if level >= 0 else None), part, False
        elif step > level or (halted and step >= max(level, 0)):
            level = step
            status, decided_by, halted = ladder[level], part, False
    return Climb(level, halted, status, decided_by)
