"""Rectangles cut into pages of a few each, packed so that a value is found without reading the others. Pure.

The plane is cut in two again and again, along the clock that cuts fewer rectangles (a k-d tree, Bentley 1975), until a
page holds few. So a page is found by its bounds in one probe of an index, whatever the shape of a subject's history:
many facts of an instant each, or many reports on the same days.

Few marks on each clock bound all rectangles of a page. So it holds, the lowest byte of each number first:
- a head: how many columns, rows and lines there are, and where what all lines have in common begins;
- where each column begins on the first clock and each row on the other one, as integers of 8 bytes;
- where each line begins, and where the last one ends, as integers of 4;
- for each row a byte for each column: which line holds the values there, the first being 1; 0 where the subject is not
  named yet;
- the lines, each `STATUS,"fields":{NAME:VALUE,...`, ready as it is answered, then the end that all have in common.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, groupby
from operator import itemgetter
from struct import Struct

from events.history.streams import HEAD
from projections.bitemporal.finding_timeline import END, FIRST, STATUS
from projections.bitemporal.sweep import Rectangle

FEW = 32
"""Up to how many rectangles a page holds; their columns, rows and lines are counted in bytes."""
_HEAD, _LINE = Struct("<BBBxI"), Struct("<II")
_MARKS = [Struct(f"<{count}q") for count in range(2 * FEW + 3)]
"""By how many marks there are: of so few rectangles, and the beginnings of the page."""
FIELDS = b',"fields":{'
"""What stands between the status and the fields; a quote within JSON is written otherwise."""
_head, _line = _HEAD.unpack_from, _LINE.unpack_from
_lo, _since = itemgetter(0), itemgetter(2)


Bounds = tuple[int, int, int, int]
"""The half-open bounds of a page: `lo` and `hi` on the first clock, `since` and `until` on the other one."""


WHOLE: Bounds = FIRST, END, FIRST, HEAD


def pages(rectangles: Sequence[Rectangle]) -> Iterator[tuple[Bounds, bytes]]:
    """The bounds and the lines of all pages of a subject's plane; together they cover it, as the rectangles do."""
    whole = FIRST, END, min(map(_since, rectangles), default=FIRST), HEAD
    for bounds, few in _cut(whole, rectangles):
        yield bounds, _body(bounds, few)


def _cut(bounds: Bounds, rectangles: Sequence[Rectangle]) -> Iterator[tuple[Bounds, Sequence[Rectangle]]]:
    """The rectangles that meet each piece. Two or more that cover the same can be parted, so it comes to an end."""
    if len(rectangles) <= FEW:
        yield bounds, rectangles
        return
    lo, hi, since, until = bounds
    moment, turn = _median(map(_lo, rectangles), lo), _median(map(_since, rectangles), since)
    early = [each for each in rectangles if each[0] < moment], [each for each in rectangles if each[1] > moment]
    old = [each for each in rectangles if each[2] < turn], [each for each in rectangles if each[3] > turn]
    if max(map(len, early)) <= max(map(len, old)):
        yield from _cut((lo, moment, since, until), early[0])
        yield from _cut((moment, hi, since, until), early[1])
    else:
        yield from _cut((lo, hi, since, turn), old[0])
        yield from _cut((lo, hi, turn, until), old[1])


def _median(marks: Iterable[int], first: int) -> int:
    """The median of the marks if it is greater than `first`, else the next that is; `first` if there is none."""
    order = sorted(marks)
    place = max(len(order) // 2, bisect_right(order, first))
    return order[place] if place < len(order) else first


def _body(bounds: Bounds, rectangles: Sequence[Rectangle]) -> bytes:
    lo, hi, since, until = bounds
    columns = sorted({lo, *(each[0] for each in rectangles if each[0] > lo)})
    rows = sorted({since, *(each[2] for each in rectangles if each[2] > since)})
    across, down = ({mark: place for place, mark in enumerate(marks)} for marks in ([*columns, hi], [*rows, until]))
    lines, end = _lines(rectangles)
    numbers = {line: number for number, line in enumerate(dict.fromkeys(lines.values()), 1)}
    grid = [bytearray(len(columns)) for _ in rows]
    for left, right, first, last, values in rectangles:
        if values is not None:
            begin, stop = across.get(left, 0), across.get(right, len(columns))
            same = bytes([numbers[lines[id(values)]]]) * (stop - begin)
            for row in grid[down.get(first, 0) : down.get(last, len(rows))]:
                row[begin:stop] = same
    begins = 8 * (1 + len(columns) + len(rows)) + 4 * (len(numbers) + 1) + len(columns) * len(rows)
    ends = [*accumulate(map(len, numbers), initial=begins)]
    head = _HEAD.pack(len(columns), len(rows), len(numbers), ends[-1])
    marks = _MARKS[len(columns) + len(rows)].pack(*columns, *rows)
    return b"".join((head, marks, Struct(f"<{len(ends)}I").pack(*ends), *grid, *numbers, end))


def _lines(rectangles: Sequence[Rectangle]) -> tuple[dict[int, bytes], bytes]:
    """The line of each rectangle's values, by their identity, and the end that all have in common."""
    found = {id(each[4]): each[4] for each in rectangles if each[4] is not None}
    if not found:
        return {}, b""
    names = [name for name in dict.fromkeys(chain.from_iterable(found.values())) if name != STATUS]
    first, *others = found.values()
    same = set(first.items()).intersection(*map(dict.items, others))
    shared = [first[name] for name in names if (name, first.get(name)) in same]
    own = [name for name in names if (name, first.get(name)) not in same]
    lines = {}
    for each, values in found.items():
        fields = [values[name] for name in own if name in values]
        line = values[STATUS] + FIELDS + b",".join(fields)
        lines[each] = line + b"," if fields and shared else line
    return lines, b",".join(shared) + b"}"


def rectangles_in(body: bytes, bounds: Bounds) -> Iterator[tuple[Bounds, bytes]]:
    """What a page of these bounds holds: disjoint rectangles, each with what is so within it, as `values_at` has it.

    What is so in neighbouring cells of a row is one rectangle; where the subject is not named there is none.
    """
    columns, rows, lines, end = _head(body)
    marks = _MARKS[columns + rows].unpack_from(body, 8)
    marked = 8 * (columns + rows + 1)
    lefts, turns = [*marks[:columns], bounds[1]], [*marks[columns:], bounds[3]]
    for row in range(rows):
        first = marked + 4 * (lines + 1) + columns * row
        column = 0
        for line, cells in groupby(body[first : first + columns]):
            begin, column = column, column + len([*cells])
            if line:
                start, stop = _line(body, marked + 4 * (line - 1))
                yield (lefts[begin], lefts[column], turns[row], turns[row + 1]), body[start:stop] + body[end:]


def values_at(body: bytes, moment: int, turn: int) -> bytes | None:
    """What is so at a moment of the first clock and a turn of the other within the page, as JSON.

    `STATUS,"fields":{NAME:VALUE,...}`; None before the subject is named.
    """
    columns, rows, lines, end = _head(body)
    marks = _MARKS[columns + rows].unpack_from(body, 8)
    marked = 8 * (columns + rows + 1)
    row = bisect_right(marks, turn, columns) - columns - 1
    line = body[marked + 4 * (lines + 1) + columns * row + bisect_right(marks, moment, 0, columns) - 1]
    if not line:
        return None
    first, last = _line(body, marked + 4 * (line - 1))
    return body[first:last] + body[end:]
