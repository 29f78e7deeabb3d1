"""The axis of a timeline: which days are shown, and the long stretch without marks that is left out."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from events.dates.calendar import DAY

DAY_MS = DAY // 1000
_WORTH = 0.3
_PAD = 0.04
_PAD_OF_LEFT_OUT = 0.06
_FEWEST = 4
_MANY = 500


class Axis(NamedTuple):
    """From when to when, in milliseconds, and the stretch in between that is left out, if any."""

    begin: float
    end: float
    left_out: tuple[float, float] | None


def axis_of(instants: Iterable[float], outside: float) -> Axis | None:
    """The axis that shows the instants, of many all but a share at either end; None where there are none."""
    ends = sorted(instants)
    if not ends:
        return None
    last = len(ends) - 1
    cut = int(len(ends) * outside) if len(ends) >= _MANY else 0
    first, final = ends[cut], ends[last - cut]
    pad = max(DAY_MS, (final - first) * _PAD)
    begin, end = first - pad, final + pad
    return Axis(begin, end, _left_out(sorted(set(ends[cut : last - cut + 1])), begin, end))


def _left_out(ends: list[float], begin: float, end: float) -> tuple[float, float] | None:
    """The longest stretch between neighbours where it is worth leaving out: nearly a third of what is shown."""
    if len(ends) < _FEWEST:
        return None
    before, after = max(pairwise(ends), key=lambda pair: pair[1] - pair[0])
    if after - before < _WORTH * (end - begin):
        return None
    pad = (end - begin - (after - before)) * _PAD_OF_LEFT_OUT
    return before + pad, after - pad
