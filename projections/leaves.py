"""Rectangles cut into leaves of a few each, written as bytes in which one is found without reading the rest. Pure.

The plane is cut in two again and again, along the clock that cuts fewer rectangles (a k-d tree, Bentley 1975), until a
leaf holds few. So a leaf is found by its bounds in one probe of an index, whatever the shape of a subject's history:
many facts of an instant each, or many reports on the same days. Within a leaf each value is written once.

A leaf: its own bounds (4 times 64 bits); how many rectangles, combinations of values, numbers in these and values it
has (4 times 32 bits); the rectangles' bounds, four columns of 64 bits, in the order of `lo`; for each the number of its
combination (16 bits); where each combination begins (32 bits) and the numbers of its values (16 bits); where each value
begins (32 bits), and the values: `"name":value`, and of the status the value alone.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from struct import Struct, unpack_from
from typing import NamedTuple

from events.history import HEAD
from projections.lines import END, FIRST
from projections.rectangles import Rectangle

FEW = 48
"""Up to how many rectangles a leaf holds."""
ABSENT = 0xFFFF
"""The combination of a subject that is not named yet."""
_HEAD = 48
_COUNTS, _BOUNDS, _SIZES = Struct("4q4I"), Struct("4q"), Struct("32x4I")
_PLACES, _NUMBER = Struct("2I"), Struct("H")


class Leaf(NamedTuple):
    """A piece of the plane that holds every rectangle within it: its bounds, half-open, and its bytes."""

    lo: int
    hi: int
    since: int
    until: int
    body: bytes


_Box = tuple[int, int, int, int]


def leaves(rectangles: Sequence[Rectangle]) -> Iterator[Leaf]:
    """All leaves of a subject's plane; together they cover it."""
    whole = FIRST, END, min((each.since for each in rectangles), default=FIRST), HEAD
    for box, few in _cut(whole, rectangles):
        yield Leaf(*box, _written(box, sorted(few, key=lambda each: each.lo)))


def _cut(box: _Box, rectangles: Sequence[Rectangle]) -> Iterator[tuple[_Box, Sequence[Rectangle]]]:
    if len(rectangles) <= FEW:
        yield box, rectangles
        return
    lo, hi, since, until = box
    middle = len(rectangles) // 2
    moment = max(sorted(each.lo for each in rectangles)[middle], lo)
    turn = max(sorted(each.since for each in rectangles)[middle], since)
    early = [each for each in rectangles if each.lo < moment], [each for each in rectangles if each.hi > moment]
    old = [each for each in rectangles if each.since < turn], [each for each in rectangles if each.until > turn]
    best = min((early, old), key=lambda halves: max(map(len, halves)))
    if max(map(len, best)) >= len(rectangles):
        yield box, rectangles
    elif best is early:
        yield from _cut((lo, moment, since, until), early[0])
        yield from _cut((moment, hi, since, until), early[1])
    else:
        yield from _cut((lo, hi, since, turn), old[0])
        yield from _cut((lo, hi, turn, until), old[1])


def _written(box: _Box, rectangles: Sequence[Rectangle]) -> bytes:
    told = {id(each.values): each.values for each in rectangles if each.values is not None}
    places = {values: place for place, values in enumerate(told)}
    combinations = [values.values() for values in told.values()]
    numbers = {piece: number for number, piece in enumerate(dict.fromkeys(chain.from_iterable(combinations)))}
    chosen = (ABSENT if each.values is None else places[id(each.values)] for each in rectangles)
    bounds = zip(*(each[:4] for each in rectangles), strict=True)
    named = array("H", map(numbers.__getitem__, chain.from_iterable(combinations)))
    return b"".join(
        (
            _COUNTS.pack(*box, len(rectangles), len(combinations), len(named), len(numbers)),
            array("q", chain.from_iterable(bounds)).tobytes(),
            array("H", chosen).tobytes(),
            array("I", accumulate(map(len, combinations), initial=0)).tobytes(),
            named.tobytes(),
            array("I", accumulate(map(len, numbers), initial=0)).tobytes(),
            *numbers,
        )
    )


def holds(body: bytes, moment: int, turn: int) -> bool:
    """Whether a point lies within the leaf."""
    lo, hi, since, until = _BOUNDS.unpack_from(body)
    return bool(lo <= moment < hi and since <= turn < until)


class Found(NamedTuple):
    """What is so at a point of a leaf: the numbers of its values, which `pieces` reads; empty before it is named."""

    numbers: tuple[int, ...]
    starts: int
    begin: int


def found(body: bytes, moment: int, turn: int) -> Found:
    """What is so at a moment of the first clock and a turn of the other, which lie within the leaf."""
    count, combinations, total, values = _SIZES.unpack_from(body)
    columns = memoryview(body)[_HEAD : _HEAD + 32 * count].cast("q")
    place = bisect_right(columns, moment, 0, count) - 1
    while columns[count + place] <= moment or not columns[2 * count + place] <= turn < columns[3 * count + place]:
        place -= 1
    begins = _HEAD + 34 * count
    numbered = begins + 4 * combinations + 4
    starts = numbered + 2 * total
    (chosen,) = _NUMBER.unpack_from(body, _HEAD + 32 * count + 2 * place)
    if chosen == ABSENT:
        return Found((), starts, starts + 4 * values + 4)
    first, last = _PLACES.unpack_from(body, begins + 4 * chosen)
    return Found(unpack_from(f"{last - first}H", body, numbered + 2 * first), starts, starts + 4 * values + 4)


def pieces(body: bytes, numbers: Iterable[int], starts: int, begin: int) -> list[bytes]:
    """The values of those numbers, as `found` tells where they are: the status as JSON, or a member of an object."""
    places = memoryview(body)[starts:begin].cast("I")
    return [body[begin + places[number] : begin + places[number + 1]] for number in numbers]
