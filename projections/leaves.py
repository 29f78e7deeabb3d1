"""Rectangles cut into leaves of a few each, written as bytes in which one is found without reading the rest. Pure.

The plane is cut in two again and again, along the clock that cuts fewer rectangles (a k-d tree, Bentley 1975), until a
leaf holds few. So a leaf is found by its bounds in one probe of an index, whatever the shape of a subject's history:
many facts of an instant each, or many reports on the same days. Within a leaf each value is written once.

A leaf: how many rectangles, combinations of values and values it has (3 times 32 bits); the rectangles' bounds, four
columns of 64 bits, in the order of `lo`; for each the number of its combination; where each combination begins and the
numbers of its values; where each value begins, and the values: `"name":value`, and `status` without its name.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from struct import Struct, unpack_from
from typing import NamedTuple

import orjson

from events.history import HEAD
from projections.rectangles import Rectangle, Values
from projections.timelines import END, FIRST, STATUS

FEW = 48
"""Up to how many rectangles a leaf holds."""
ABSENT = 0xFFFF
"""The combination of a subject that is not named yet."""
_HEAD = 12
_COUNTS, _PLACES, _PLACE, _NUMBER = Struct("3I"), Struct("2I"), Struct("I"), Struct("H")


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
        yield Leaf(*box, _written(sorted(few, key=lambda each: each.lo)))


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


def _written(rectangles: Sequence[Rectangle]) -> bytes:
    pieces: dict[bytes, int] = {b"null": 0}
    combinations: dict[tuple[int, ...], int] = {}
    chosen = array("H")
    seen: dict[int, int] = {}
    for each in rectangles:
        known = ABSENT if each.values is None else seen.get(id(each.values))
        if known is None:
            assert each.values is not None
            numbers = tuple(pieces.setdefault(piece, len(pieces)) for piece in _pieces(each.values))
            known = seen[id(each.values)] = combinations.setdefault(numbers, len(combinations))
        chosen.append(known)
    bounds = zip(*(each[:4] for each in rectangles), strict=True)
    return b"".join(
        (
            array("I", (len(rectangles), len(combinations), len(pieces))).tobytes(),
            array("q", chain.from_iterable(bounds)).tobytes(),
            chosen.tobytes(),
            array("I", _begins(combinations)).tobytes(),
            array("H", [number for numbers in combinations for number in numbers]).tobytes(),
            array("I", _begins(pieces)).tobytes(),
            *pieces,
        )
    )


def _pieces(values: Values) -> Iterator[bytes]:
    yield values.get(STATUS, b"null")
    for name in sorted(values):
        if name != STATUS:
            yield b"%b:%b" % (_quoted(name), values[name])


@lru_cache(maxsize=4_096)
def _quoted(name: str) -> bytes:
    return orjson.dumps(name)


def _begins(sized: Iterable[Sequence[int]]) -> list[int]:
    begins = [0]
    for each in sized:
        begins.append(begins[-1] + len(each))
    return begins


def found(body: bytes, moment: int, turn: int) -> list[bytes] | None:
    """What is so at a moment of the first clock and a turn of the other, which lie within the leaf.

    Returns:
        the status as JSON, then each field as a member of a JSON object, in the order of their names; None where the
        subject was not named yet.
    """
    count, combinations, values = _COUNTS.unpack_from(body)
    columns = memoryview(body)[_HEAD : _HEAD + 32 * count].cast("q")
    place = bisect_right(columns, moment, 0, count) - 1
    while columns[count + place] <= moment or not columns[2 * count + place] <= turn < columns[3 * count + place]:
        place -= 1
    begin = _HEAD + 32 * count
    (chosen,) = _NUMBER.unpack_from(body, begin + 2 * place)
    if chosen == ABSENT:
        return None
    begin += 2 * count
    first, last = _PLACES.unpack_from(body, begin + 4 * chosen)
    (total,) = _PLACE.unpack_from(body, begin + 4 * combinations)
    begin += 4 * combinations + 4
    numbers = unpack_from(f"{last - first}H", body, begin + 2 * first)
    begin += 2 * total
    starts = memoryview(body)[begin : begin + 4 * values + 4].cast("I")
    begin += 4 * values + 4
    return [body[begin + starts[number] : begin + starts[number + 1]] for number in numbers]
