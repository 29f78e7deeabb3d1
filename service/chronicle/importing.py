"""Taking chronicle files in: a YAML file as a whole, lines of NDJSON in calls of bounded size, however many there are.

Each call is recorded whole or not at all. What is recorded already is recognised, so an import that was refused or
killed midway goes on when it is run again.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from rich import progress
from rich.console import Console

from events.errors import ChronologyError, Fault, Invalid
from events.log.receipts import Receipt, Recorder
from events.log.unit_of_work import UnitOfWork
from service.chronicle.backup_file import STANDARD
from service.chronicle.file import BODY, LISTS, Chronicle, Place, Reading, chronicle_in, with_text
from service.chronicle.json_limits import LinesOf, json_in
from service.chronicle.proposals.incomplete_items import PROPOSED, propose_lacking
from service.databases.chronology import Chronology

LINES_AT_ONCE = 2_000
MOST_ITEMS = 10_000
"""How many items one call over HTTP takes in."""
BYTES_AT_ONCE = 4 << 20
LONGEST_LINE_BYTES = 64 << 20
LINES_SUFFIXES = (".ndjson", ".jsonl")
EVENTS = "events"
"""Lines for imports as recorded alone."""


@dataclass(slots=True)
class Taken:
    """How much a file held, by list, and how many events it added."""

    items: Counter[str] = field(default_factory=Counter)
    new: int = 0
    left_out: int = 0

    def __str__(self) -> str:
        names = (*LISTS, EVENTS, *PROPOSED)
        counted = ", ".join(f"{self.items[name]} {name.replace('_', ' ')}" for name in names if self.items[name])
        left = f"; {self.left_out} left out, which only --as-recorded takes in" if self.left_out else ""
        return f"{counted or 'nothing'}; {self.new} new events{left}"


def take_in(chronology: Chronology, by: str, path: Path) -> Taken:
    """Record what a chronicle file holds, or where the path is `-` what comes in by standard input.

    Raises:
        ChronologyError: an item is refused, and with it its file; of NDJSON its call, while earlier calls stand.
    """
    taken = Taken()
    try:
        with nullcontext(sys.stdin.buffer) if path == STANDARD else path.open("rb") as file:
            first = file.readline(LONGEST_LINE_BYTES + 1)
            if path.suffix in LINES_SUFFIXES or (path == STANDARD and is_line(first)):
                _take_in_lines(chronology, by, path, numbered(path, first, file), taken)
            else:
                _record(chronology, by, Reading(chronicle_in(path, first + file.read())), taken)
    except OSError as error:
        raise Invalid(f"{path}: {error}") from None
    return taken


def _take_in_lines(
    chronology: Chronology, by: str, path: Path, lines: Iterable[tuple[int, bytes]], taken: Taken
) -> None:
    seen: Counter[bytes] = Counter()
    with bar_of(path) as advance:
        for batch in batches(path, lines):
            taken.left_out += batch.left_out
            try:
                _record(chronology, by, Reading(batch.lists, seen, batch.order), taken)
            except ChronologyError as error:
                raise batch.refused(error) from None
            advance(batch.size)


def is_line(first: bytes) -> bool:
    """Whether it is a line of NDJSON: an object with one of its four keys, which no YAML chronicle has."""
    with suppress(ValueError, Invalid):
        item = json_in(first)
        return isinstance(item, dict) and len(item) == 1 and f"{next(iter(item))}s" in (*LISTS, EVENTS)
    return False


def _record(chronology: Chronology, by: str, reading: Reading, taken: Taken) -> None:
    receipts = chronology.write(by, reading.record)
    taken.new += sum(receipt.created for receipt in receipts)
    taken.items.update({name: len(items) for name, items in reading.given.items()})


@contextmanager
def bar_of(path: Path) -> Iterator[Callable[[int], None]]:
    """A bar of how much of the file is recorded, where standard error is a terminal; yields what moves it on."""
    console = Console(stderr=True)
    columns = (*progress.Progress.get_default_columns(), progress.DownloadColumn(), progress.TransferSpeedColumn())
    with progress.Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(path.name, total=None if path == STANDARD else path.stat().st_size)
        yield lambda size: bar.advance(task, size)


def numbered(path: Path, first: bytes, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers; `first` was read already."""
    rest = iter(lambda: file.readline(LONGEST_LINE_BYTES + 1), b"")
    for number, line in enumerate(chain([first], rest), start=1):
        if len(line) > LONGEST_LINE_BYTES:
            raise Invalid(f"{path}, line {number}: longer than {LONGEST_LINE_BYTES} bytes")
        yield number, line


def item_in(path: Path, number: int, line: bytes) -> tuple[str, Any]:
    """The item of a line: the name of its list, and what is given; Invalid if it is none of a chronicle."""
    try:
        item = json_in(line)
    except ValueError as error:
        raise Invalid(f"{path}, line {number}: not JSON ({error})") from None
    except Invalid as error:
        raise Invalid(f"{path}, line {number}: {error.sentence}", *error.faults) from None
    name = f"{next(iter(item))}s" if isinstance(item, dict) and len(item) == 1 else ""
    if name not in (*LISTS, EVENTS):
        raise Invalid(f"{path}, line {number}: neither a source, a subject, a fact nor an amendment")
    return name, next(iter(item.values()))


class Item(NamedTuple):
    """An item of a chronicle: its list, what is given, its place (JSON pointer), and the lines of what is in it."""

    name: str
    given: Any
    place: str
    line_of: Callable[[str], int | None]


def items_in(path: Path, content: bytes, *, is_lines: bool) -> Iterator[Item]:
    """The items of a whole chronicle, in the order in which they are recorded; events, as in every import, left out."""
    if is_lines:
        file = BytesIO(content)
        for number, line in numbered(path, file.readline(LONGEST_LINE_BYTES + 1), file):
            name, given = item_in(path, number, line) if line.strip() else (EVENTS, None)
            if name != EVENTS:
                given = with_text(path, 0, given) if name == "sources" else given
                yield Item(name, given, f"/{name.removesuffix('s')}", lambda _, number=number: number)  # type: ignore[misc]
        return
    lists, lines = chronicle_in(path, content), LinesOf(content)
    for name in LISTS:
        for at, given in enumerate(lists[name]):
            place = f"/{name}/{at}"
            yield Item(name, given, place, lambda pointer, place=place: lines.at(place + pointer))  # type: ignore[misc]


def take_in_body(chronology: Chronology, by: Recorder, content: bytes, *, is_lines: bool) -> Taken:
    """Record a whole chronicle in one call, or nothing of it.

    Raises:
        ChronologyError: an item is refused; the pointers are into the body, of NDJSON into the line that is named.
    """
    return take_in_items(chronology, by, list(items_in(BODY, content, is_lines=is_lines)), names_lines=is_lines)


def take_in_items(chronology: Chronology, by: Recorder | str, items: Sequence[Item], *, names_lines: bool) -> Taken:
    """Record items in one call, or none of them; refusals name lines where pointers alone would not tell the place.

    Raises:
        ChronologyError: an item is refused; its faults point into what the items were read from.
    """
    if len(items) > MOST_ITEMS:
        raise Invalid.at("", f"{len(items)} items are too many for one call (at most {MOST_ITEMS}): send several")
    taken, lists, order = Taken(), {name: list[Any]() for name in (*LISTS, *PROPOSED)}, list[Place]()
    for item in items:
        order.append((item.name, len(lists[item.name])))
        lists[item.name].append(item.given)
    try:
        receipts = chronology.write(by, _decision(lists, order))
    except ChronologyError as error:
        places = dict(zip(order, items, strict=True))
        raise type(error)(error.sentence, *(_placed(each, places, names_lines) for each in error.faults)) from None
    taken.new = sum(receipt.created for receipt in receipts)
    taken.items.update(item.name for item in items)
    return taken


def _decision(lists: Chronicle, order: Sequence[Place]) -> Callable[[UnitOfWork], list[Receipt]]:
    """What records lists in their order, and proposes those of their items that lack words or a kind yet."""
    lacking = {name: lists.pop(name) for name in PROPOSED}
    reading = Reading(lists, order=[place for place in order if place[0] in LISTS])
    return lambda unit: [*reading.record(unit), *propose_lacking(unit, lacking)]


def _placed(fault: Fault, items: Mapping[Place, Item], names_lines: bool) -> Fault:
    """A fault in lists as one in what their items were read from."""
    _, name, at, *rest = [*fault.pointer.split("/"), "", ""][: max(3, fault.pointer.count("/") + 1)]
    item, pointer = items[(name, int(at))], "".join(f"/{step}" for step in rest)
    line = f"line {item.line_of(pointer)}: " if names_lines else ""
    return Fault(item.place + pointer, line + fault.sentence)


class Batch:
    """Lines that are recorded in one call, each under its list, with their numbers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lists: Chronicle = {name: [] for name in LISTS}
        self.order: list[Place] = []
        self.size = self.left_out = 0
        self._numbers: dict[str, list[int]] = {name: [] for name in LISTS}

    def add(self, number: int, line: bytes) -> None:
        """Add a line; Invalid if it is none of a chronicle. An event is for imports as recorded, and left out."""
        name, given = item_in(self.path, number, line)
        if name == EVENTS:
            self.left_out += 1
            return
        at = len(self.lists[name])
        self.order.append((name, at))
        self.lists[name].append(with_text(self.path, at, given) if name == "sources" else given)
        self._numbers[name].append(number)
        self.size += len(line)

    def refused(self, error: ChronologyError) -> ChronologyError:
        """The refusal of one of the lines: which line it is, and which are not recorded."""
        where = error.faults[0].pointer.split("/")[1:3] if error.faults else []
        first = min(number for numbers in self._numbers.values() for number in numbers)
        line = self._numbers[where[0]][int(where[1])] if len(where) == 2 else first
        rest = f"nothing from line {first} on is recorded"
        return type(error)(f"{self.path}, line {line}: {error.sentence}; {rest}", *error.faults)


def batches(path: Path, lines: Iterable[tuple[int, bytes]]) -> Iterator[Batch]:
    """The lines in batches of bounded number and size; an empty line ends one."""
    batch = Batch(path)
    for number, line in lines:
        is_empty = not line.strip()
        if not is_empty:
            batch.add(number, line)
        is_full = len(batch.order) >= LINES_AT_ONCE or batch.size >= BYTES_AT_ONCE
        if (batch.order or batch.left_out) and (is_empty or is_full):
            yield batch
            batch = Batch(path)
    if batch.order or batch.left_out:
        yield batch
