"""Taking chronicle files in: a YAML file as a whole, lines of NDJSON in calls of bounded size, however many there are.

Each call is recorded whole or not at all. What is recorded already is recognised, so an import that was refused or
killed midway goes on when it is run again.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
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
from service.chronicle.checking.edited import doubts_of
from service.chronicle.file import BODY, LISTS, Chronicle, ParsedChronicle, Place, chronicle_in, with_text
from service.chronicle.json_limits import LinesOf, json_in
from service.chronicle.proposals.incomplete_items import PROPOSED, propose_lacking
from service.databases.chronology import Chronology

LINES_AT_ONCE, BYTES_AT_ONCE, LONGEST_LINE_BYTES = 2_000, 4 << 20, 64 << 20
MOST_ITEMS = 10_000  # that one call over HTTP takes in
LINES_SUFFIXES = (".ndjson", ".jsonl")
EVENTS = "events"  # lines for imports as recorded alone


@dataclass(slots=True)
class ImportCounts:
    """How much a file held, by list, and how many events it added."""

    items: Counter[str] = field(default_factory=Counter)
    new: int = 0
    left_out: int = 0
    doubts: list[str] = field(default_factory=list)

    def add(self, part: "ImportCounts") -> None:
        """Count what one call took in."""
        self.items.update(part.items)
        self.new += part.new

    def __str__(self) -> str:
        named = [(name.replace("_", " "), self.items[name]) for name in (*LISTS, EVENTS, *PROPOSED)]
        counted = ", ".join(f"{count} {name}" for name, count in named if count)
        left = f"; {self.left_out} left out, which only --as-recorded takes in" if self.left_out else ""
        return f"{counted or 'nothing'}; {self.new} new events{left}"


def take_in(chronology: Chronology, by: str, path: Path) -> ImportCounts:
    """Record what a chronicle file holds, or where the path is `-` what comes in by standard input.

    Raises:
        ChronologyError: an item is refused, and with it its file; of NDJSON its call, while earlier calls stand.
    """
    with file_at(path) as file:
        is_lines, items = items_of_file(path, file)
        if not is_lines:
            whole = list(filter(None, items))
            doubts = doubts_of(chronology, [each.given for each in whole if each.name == "facts"])
            return replace(take_in_items(chronology, by, whole, names_lines=False), doubts=doubts)
        taken, seen = ImportCounts(), Counter[bytes]()
        with bar_of(path) as advance:
            for call in _calls(items, taken):
                try:
                    taken.add(take_in_items(chronology, by, call, names_lines=True, seen=seen))
                except ChronologyError as error:
                    first = f"line {call[0].line_of('')}"
                    line = error.faults[0].sentence.partition(":")[0] if error.faults else first
                    sentence = f"{path}, {line}: {error.sentence}; nothing from {first} on is recorded"
                    raise type(error)(sentence, *error.faults) from None
                advance(sum(item.size for item in call))
    return taken


@contextmanager
def file_at(path: Path) -> Iterator[BinaryIO]:
    """The file there, or standard input (`-`); Invalid if it cannot be read."""
    try:
        with nullcontext(sys.stdin.buffer) if path == STANDARD else path.open("rb") as file:
            yield file
    except OSError as error:
        raise Invalid(f"{path}: {error}") from None


def items_of_file(path: Path, file: BinaryIO) -> tuple[bool, Iterator["Item | None"]]:
    """Whether a chronicle file is NDJSON, and its items in turn, events included; None for an empty line."""
    first = file.readline(LONGEST_LINE_BYTES + 1)
    if path.suffix in LINES_SUFFIXES or (path == STANDARD and _is_line(first)):
        return True, _lines_in(path, first, file)
    return False, items_in(path, first + file.read(), is_lines=False)


def _is_line(first: bytes) -> bool:
    """Whether it is a line of NDJSON: an object with one of its four keys, which no YAML chronicle has."""
    with suppress(ValueError, Invalid):
        item = json_in(first)
        return isinstance(item, dict) and len(item) == 1 and f"{next(iter(item))}s" in (*LISTS, EVENTS)
    return False


def _calls(items: Iterable["Item | None"], taken: ImportCounts) -> Iterator[list["Item"]]:
    """The items in calls of bounded number and size; an empty line ends one. Events are left out, and counted."""
    call: list[Item] = []
    size = 0
    for item in items:
        if item is not None and item.name == EVENTS:
            taken.left_out += 1
        elif item is not None:
            call.append(item)
            size += item.size
        if call and (item is None or len(call) >= LINES_AT_ONCE or size >= BYTES_AT_ONCE):
            yield call
            call, size = [], 0
    if call:
        yield call


@contextmanager
def bar_of(path: Path) -> Iterator[Callable[[int], None]]:
    """A bar of how much of the file is recorded, where standard error is a terminal; yields what moves it on."""
    console = Console(stderr=True)
    columns = (*progress.Progress.get_default_columns(), progress.DownloadColumn(), progress.TransferSpeedColumn())
    with progress.Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(path.name, total=None if path == STANDARD else path.stat().st_size)
        yield lambda size: bar.advance(task, size)


class Item(NamedTuple):
    """An item of a chronicle: its list, what is given, its place (JSON pointer), and the lines of what is in it.

    `size` is that of its line in bytes.
    """

    name: str
    given: Any
    place: str
    line_of: Callable[[str], int | None]
    size: int = 0


def items_in(path: Path, content: bytes, *, is_lines: bool) -> Iterator[Item]:
    """The items of a whole chronicle, in the order in which they are recorded; events, as in every import, left out."""
    if is_lines:
        file = BytesIO(content)
        lines = _lines_in(path, file.readline(LONGEST_LINE_BYTES + 1), file)
        yield from (item for item in lines if item and item.name != EVENTS)
        return
    lists, places = chronicle_in(path, content), LinesOf(content)
    for name in LISTS:
        for at, given in enumerate(lists[name]):
            place = f"/{name}/{at}"
            yield Item(name, given, place, lambda pointer, place=place: places.at(place + pointer))  # type: ignore[misc]


def _lines_in(path: Path, first: bytes, file: BinaryIO) -> Iterator[Item | None]:
    """The items of lines, of which the first was read already; None for an empty line.

    Raises:
        Invalid: a line is too long, or none of a chronicle.
    """
    rest = iter(lambda: file.readline(LONGEST_LINE_BYTES + 1), b"")
    for number, line in enumerate(chain([first], rest), start=1):
        if len(line) > LONGEST_LINE_BYTES:
            raise Invalid(f"{path}, line {number}: longer than {LONGEST_LINE_BYTES} bytes")
        yield _item_in(path, number, line) if line.strip() else None


def _item_in(path: Path, number: int, line: bytes) -> Item:
    try:
        item = json_in(line)
    except ValueError as error:
        raise Invalid(f"{path}, line {number}: not JSON ({error})") from None
    except Invalid as error:
        raise Invalid(f"{path}, line {number}: {error.sentence}", *error.faults) from None
    name = f"{next(iter(item))}s" if isinstance(item, dict) and len(item) == 1 else ""
    if name not in (*LISTS, EVENTS):
        raise Invalid(f"{path}, line {number}: neither a source, a subject, a fact nor an amendment")
    given = next(iter(item.values()))
    given = with_text(path, 0, given) if name == "sources" else given
    return Item(name, given, f"/{name.removesuffix('s')}", lambda _: number, len(line))


def take_in_body(chronology: Chronology, by: Recorder, content: bytes, *, is_lines: bool) -> ImportCounts:
    """Record a whole chronicle in one call, or nothing of it.

    Raises:
        ChronologyError: an item is refused; the pointers are into the body, of NDJSON into the line that is named.
    """
    items = list(items_in(BODY, content, is_lines=is_lines))
    if len(items) > MOST_ITEMS:
        raise Invalid.at("", f"{len(items)} items are too many for one call (at most {MOST_ITEMS}): send several")
    return take_in_items(chronology, by, items, names_lines=is_lines)


def take_in_items(
    chronology: Chronology,
    by: Recorder | str,
    items: Sequence[Item],
    *,
    names_lines: bool,
    seen: Counter[bytes] | None = None,
) -> ImportCounts:
    """Record items in one call, or none of them; refusals name lines where pointers alone would not tell the place.

    `seen` counts the amendments without ids of earlier calls of the same file.

    Raises:
        ChronologyError: an item is refused; its faults point into what the items were read from.
    """
    taken, lists, order = ImportCounts(), {name: list[Any]() for name in (*LISTS, *PROPOSED)}, list[Place]()
    for item in items:
        order.append((item.name, len(lists[item.name])))
        lists[item.name].append(item.given)
    try:
        receipts = chronology.write(by, _decision(lists, order, seen))
    except ChronologyError as error:
        places = dict(zip(order, items, strict=True))
        raise type(error)(error.sentence, *(_placed(each, places, names_lines) for each in error.faults)) from None
    taken.new = sum(receipt.created for receipt in receipts)
    taken.items.update(item.name for item in items)
    return taken


def _decision(
    lists: Chronicle, order: Sequence[Place], seen: Counter[bytes] | None
) -> Callable[[UnitOfWork], list[Receipt]]:
    """What records lists in their order, and proposes those of their items that lack words or a kind yet."""
    lacking = {name: lists[name] for name in PROPOSED}
    reading = ParsedChronicle(lists, seen, [place for place in order if place[0] in LISTS])
    return lambda unit: [*reading.record(unit), *propose_lacking(unit, lacking)]


def _placed(fault: Fault, items: Mapping[Place, Item], names_lines: bool) -> Fault:
    """A fault in lists as one in what their items were read from."""
    _, name, at, *rest = [*fault.pointer.split("/"), "", ""][: max(3, fault.pointer.count("/") + 1)]
    item, pointer = items[(name, int(at))], "".join(f"/{step}" for step in rest)
    line = f"line {item.line_of(pointer)}: " if names_lines else ""
    return Fault(item.place + pointer, line + fault.sentence)
