"""Rectangles cut into pages of a few each, written as lines of JSON. Pure.

The plane is cut in two again and again, along the clock that cuts fewer rectangles (a k-d tree, Bentley 1975), until a
page holds few. So a page is found by its bounds in one probe of an index, whatever the shape of a subject's history:
many facts of an instant each, or many reports on the same days.

Few marks on each clock bound all rectangles of a page. So its first line is `[COLUMNS, ROWS, GRID]`: the marks on the
first clock and on the other one, the last of which end the page, and for each row a string with a digit (of base 36)
for each column: which further line holds the values there; 0 where the subject is not named yet. Such a line is
`STATUS,"fields":{NAME:VALUE,...`, ready as it is answered; the last line, which ends each of them, is what all have in
common.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter

import orjson

from events.history.streams import HEAD
from projections.bitemporal.finding_timeline import END, FIRST, STATUS
from projections.bitemporal.sweep import Rectangle

FEW = 32
"""Up to how many rectangles a page holds; fewer than there are digits."""
_DIGITS = b"0123456789abcdefghijklmnopqrstuvwxyz"
FIELDS = b',"fields":{'
"""What stands between the status and the fields; a quote within JSON is written otherwise."""
_lo, _since = itemgetter(0), itemgetter(2)


Bounds = tuple[int, int, int, int]
"""The half-open bounds of a page: `lo` and `hi` on the first clock, `since` and `until` on the other one."""


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
    columns = sorted({lo, *(each[0] for each in rectangles if each[0] > lo), hi})
    rows = sorted({since, *(each[2] for each in rectangles if each[2] > since), until})
    across, down = ({mark: place for place, mark in enumerate(marks)} for marks in (columns, rows))
    lines, end = _lines(rectangles)
    digits = {line: _DIGITS[place : place + 1] for place, line in enumerate(dict.fromkeys(lines.values()), 1)}
    grid = [bytearray(b"0") * (len(columns) - 1) for _ in rows[1:]]
    for left, right, first, last, values in rectangles:
        if values is not None:
            begin, stop = across.get(left, 0), across.get(right, len(columns) - 1)
            same = digits[lines[id(values)]] * (stop - begin)
            for row in grid[down.get(first, 0) : down.get(last, len(rows) - 1)]:
                row[begin:stop] = same
    return b"\n".join((orjson.dumps([columns, rows, [row.decode() for row in grid]]), *digits, end))


def _lines(rectangles: Sequence[Rectangle]) -> tuple[dict[int, bytes], bytes]:
    """The line of each rectangle's values, by their identity, and the last line."""
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


Place = tuple[int, int]
"""A moment of the first clock, and a turn of the other."""


def values_at(body: bytes, place: Place) -> bytes | None:
    """What is so at a place within the page: `STATUS,"fields":{NAME:VALUE,...}` as JSON; None before it is named."""
    lines = body.split(b"\n")
    columns, rows, grid = orjson.loads(lines[0])
    line = grid[bisect_right(rows, place[1]) - 1][bisect_right(columns, place[0]) - 1]
    return None if line == "0" else lines[int(line, 36)] + lines[-1]
