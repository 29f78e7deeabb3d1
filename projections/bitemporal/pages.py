"""Rectangles cut into leaves of a few each, written as bytes in which one is found without reading the rest. Pure.

The plane is cut in two again and again, along the clock that cuts fewer rectangles (a k-d tree, Bentley 1975), until a
leaf holds few. So a leaf is found by its bounds in one probe of an index, whatever the shape of a subject's history:
many facts of an instant each, or many reports on the same days.

Few marks on each clock bound all rectangles of a leaf. They are written once, and a grid tells for each cell between
them which of the leaf's texts is so there. A text is JSON as it is answered; what all texts of a leaf have in common is
written once and ends each of them.

A leaf: how many columns and rows the grid has (2 times 16 bits), and where the common end of the texts begins (32
bits); the marks of the columns, then those of the rows, one more than these are, as the last one ends the leaf (64 bits
each); the grid row by row, in each cell the number of a text (8 bits); where each text begins, and the end of the last
one (32 bits each); the texts, and their common end.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

from events.history.streams import HEAD
from projections.bitemporal.finding_timeline import END, FIRST, STATUS
from projections.bitemporal.sweep import Rectangle

FEW = 32
"""Up to how many rectangles a leaf holds; fewer than a byte has numbers."""
_NOT_NAMED = 255
"""Instead of a text's number: the subject is not named yet."""
_NUMBERED = tuple(bytes((number,)) for number in range(_NOT_NAMED + 1))
FIELDS = b',"fields":{'
"""What stands between the status and the fields; a quote within JSON is written otherwise."""
_SIZES, _PLACES = Struct("2HI"), Struct("2I")
_LO, _SINCE = itemgetter(0), itemgetter(2)


class Leaf(NamedTuple):
    """A piece of the plane that holds every rectangle within it: its bounds, half-open, and its bytes."""

    lo: int
    hi: int
    since: int
    until: int
    body: bytes


_Box = tuple[int, int, int, int]


def leaves(rectangles: Sequence[Rectangle]) -> Iterator[Leaf]:
    """All leaves of a subject's plane; together they cover it, as the rectangles do."""
    whole = FIRST, END, min(map(_SINCE, rectangles), default=FIRST), HEAD
    for box, few in _cut(whole, rectangles):
        yield Leaf(*box, _written(box, few))


def _cut(box: _Box, rectangles: Sequence[Rectangle]) -> Iterator[tuple[_Box, Sequence[Rectangle]]]:
    """The rectangles that meet each piece. Two or more that cover a box can be parted, so it comes to an end."""
    if len(rectangles) <= FEW:
        yield box, rectangles
        return
    lo, hi, since, until = box
    moment, turn = _middle(map(_LO, rectangles), lo), _middle(map(_SINCE, rectangles), since)
    early = [each for each in rectangles if each[0] < moment], [each for each in rectangles if each[1] > moment]
    old = [each for each in rectangles if each[2] < turn], [each for each in rectangles if each[3] > turn]
    if max(map(len, early)) <= max(map(len, old)):
        yield from _cut((lo, moment, since, until), early[0])
        yield from _cut((moment, hi, since, until), early[1])
    else:
        yield from _cut((lo, hi, since, turn), old[0])
        yield from _cut((lo, hi, turn, until), old[1])


def _middle(bounds: Iterable[int], first: int) -> int:
    """The middle one of the bounds if it lies behind the first, else the next that does; the first one if none does."""
    order = sorted(bounds)
    place = max(len(order) // 2, bisect_right(order, first))
    return order[place] if place < len(order) else first


def _written(box: _Box, rectangles: Sequence[Rectangle]) -> bytes:
    lo, hi, since, until = box
    columns = _marks(map(_LO, rectangles), lo)
    rows = _marks(map(_SINCE, rectangles), since)
    chosen, texts, end = _texts(rectangles)
    grid = _grid(rectangles, columns, rows, chosen)
    marks = array("q", (*columns, hi, *rows, until)).tobytes()
    begins = _SIZES.size + len(marks) + len(grid) + 4 * len(texts) + 4
    places = array("I", accumulate(map(len, texts), initial=begins))
    return b"".join(
        (_SIZES.pack(len(columns), len(rows), places[-1]), marks, grid, places.tobytes(), *texts, end),
    )


def _marks(bounds: Iterable[int], first: int) -> dict[int, int]:
    """Where the bounds behind the first lie in their order, and the first one itself."""
    return {mark: place for place, mark in enumerate(sorted({first, *(bound for bound in bounds if bound > first)}))}


def _grid(
    rectangles: Sequence[Rectangle], columns: dict[int, int], rows: dict[int, int], chosen: dict[int, bytes]
) -> bytearray:
    """Which text is so in each cell; every bound within the leaf is one of its marks, as the rectangles cover it."""
    wide, high = len(columns), len(rows)
    grid = bytearray(wide * high)
    for lo, hi, since, until, values in rectangles:
        left, right = columns.get(lo, 0), columns.get(hi, wide)
        first, last = rows.get(since, 0), rows.get(until, high)
        text = chosen[id(values)]
        if right - left == 1:
            grid[first * wide + left : last * wide : wide] = text * (last - first)
        else:
            across = text * (right - left)
            for row in range(first * wide, last * wide, wide):
                grid[row + left : row + right] = across
    return grid


def _texts(rectangles: Sequence[Rectangle]) -> tuple[dict[int, bytes], dict[bytes, bytes], bytes]:
    """Which values have which text, by their identity; the texts, each with its number; and their common end."""
    told = {id(values): values for _, _, _, _, values in rectangles if values is not None}
    chosen, texts = {id(None): _NUMBERED[_NOT_NAMED]}, dict[bytes, bytes]()
    if not told:
        return chosen, texts, b""
    names = dict.fromkeys(chain.from_iterable(told.values()))
    del names[STATUS]
    first = next(iter(told.values()))
    same = set(first.values()).intersection(*map(dict.values, told.values()))
    shared = {name: value for name, value in first.items() if value in same and name in names}
    own = [name for name in names if name not in shared]
    between = b"," if shared else b""
    for each, values in told.items():
        fields = b",".join(filter(None, map(values.get, own)))
        text = values[STATUS] + FIELDS + (fields + between if fields else b"")
        number = texts.get(text)
        if number is None:
            number = texts[text] = _NUMBERED[len(texts)]
        chosen[each] = number
    return chosen, texts, b",".join(shared.values()) + b"}"


_SAME = None, None

Place = tuple[int, int]
"""A moment of the first clock, and a turn of the other."""


def told_at(body: bytes, place: Place) -> bytes | None:
    """What is so at a place within the leaf: `STATUS,"fields":{NAME:VALUE,...}` as JSON; None before it is named."""
    wide, high, end = _SIZES.unpack_from(body)
    grid = 24 + 8 * (wide + high)
    text = body[grid + _cell(memoryview(body)[8:grid].cast("q"), wide, high, place)]
    if text == _NOT_NAMED:
        return None
    first, last = _PLACES.unpack_from(body, grid + wide * high + 4 * text)
    return body[first:last] + body[end:]


def told_at_both(body: bytes, here: Place, there: Place) -> tuple[bytes | None, bytes | None] | None:
    """What is so at a place within the leaf and at another, without fields that are the same in all of the leaf.

    None if the other place lies elsewhere, or if the subject is named in one of them only.
    """
    wide, high, _ = _SIZES.unpack_from(body)
    grid = 24 + 8 * (wide + high)
    marks = memoryview(body)[8:grid].cast("q")
    column, row = bisect_right(marks, there[0], 0, wide + 1), bisect_right(marks, there[1], wide + 1)
    if not (0 < column <= wide and wide + 1 < row < len(marks)):
        return None
    other = body[grid + (row - wide - 2) * wide + column - 1]
    one = body[grid + _cell(marks, wide, high, here)]
    if one == other:
        return _SAME
    if one == _NOT_NAMED or other == _NOT_NAMED:
        return None
    places = grid + wide * high
    first, last = _PLACES.unpack_from(body, places + 4 * one)
    begins, ends = _PLACES.unpack_from(body, places + 4 * other)
    return body[first:last].removesuffix(b",") + b"}", body[begins:ends].removesuffix(b",") + b"}"


def _cell(marks: memoryview, wide: int, high: int, place: Place) -> int:
    row = bisect_right(marks, place[1], wide + 1, wide + 1 + high) - wide - 2
    return row * wide + bisect_right(marks, place[0], 0, wide) - 1
