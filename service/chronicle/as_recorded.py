"""Taking a chronology in with the instants and recorders that it was recorded with, as `export` writes them.

The log may hold nothing that its own clock recorded. Each event keeps when and by whom it was taken in. What rests on
words that were erased is taken in as it stands in the file, and erased again where it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from events.amendments import (
    ACTS_ON_SUBJECTS,
    AMENDMENTS,
    DECISIONS,
    PROPOSAL_EVENTS,
    WordsRedacted,
)
from events.dates.bounds import instant
from events.dates.calendar import instant_text
from events.errors import ChronologyError, Invalid
from events.history.streams import Entry
from events.kinds.vocabulary import KINDS
from events.log.encryption import REDACTED
from events.log.originals import description_of
from events.log.receipts import Elsewhere, Receipt
from events.log.unit_of_work import UnitOfWork
from events.sources import PSEUDONYMS, SOURCE_EVENTS
from projections.read_models.ledger import stream_of_entry
from service.chronicle.body_fields import ORIGINAL
from service.chronicle.file import ParsedChronicle
from service.chronicle.importing import EVENTS, LINES_AT_ONCE, ImportCounts, Item, bar_of, file_at, items_of_file
from service.databases.chronology import Chronology

_CLASSES: dict[str, type] = {
    **KINDS,
    **AMENDMENTS,
    **SOURCE_EVENTS,
    **ACTS_ON_SUBJECTS,
    **PROPOSAL_EVENTS,
    WordsRedacted.__name__: WordsRedacted,
}
_ERASING = (WordsRedacted.__name__, *(each.__name__ for each in DECISIONS))


class _Item(NamedTuple):
    """An item of a file: where it stands, its list, what is given, and when it was recorded (UTC microseconds)."""

    where: str
    name: str
    given: dict[str, Any]
    recorded: int
    size: int

    @property
    def erases(self) -> bool:
        """Whether keys are destroyed with it, and with them what was recorded before, in another call."""
        return self.name == EVENTS and self.given.get("event") in _ERASING


def take_in_as_recorded(chronology: Chronology, by: str, path: Path) -> ImportCounts:
    """Record what a chronicle file holds, or what comes in by standard input (`-`), with the instants that it names.

    Raises:
        ChronologyError: an item is refused, and with it all of its instant; earlier ones stand.
    """
    taken = ImportCounts()
    importing = _Importing({"at": instant_text(chronology.now()), "by": by})
    with file_at(path) as file, bar_of(path) as advance:
        for call in _calls(_checked(_items(path, file), chronology.now())):
            chronology.write(by, lambda unit, call=call: importing.record(unit, call), call[0].recorded)  # type: ignore[misc]
            taken.items.update(item.name for item in call)
            taken.new += len(call)
            importing.settle()
            advance(sum(item.size for item in call))
    return taken


def _items(path: Path, file: BinaryIO) -> Iterator[_Item]:
    is_lines, items = items_of_file(path, file)
    found = (
        _item(f"{path}, line {each.line_of('')}" if is_lines else f"{path}: {each.place}", each)
        for each in items
        if each is not None
    )
    yield from found if is_lines else sorted(found, key=lambda item: item.recorded)


def _item(where: str, item: Item) -> _Item:
    given = item.given
    recorded = given.get("recorded") if isinstance(given, dict) else None
    if not isinstance(recorded, str) or not isinstance(given.get("recorded_by"), str):
        raise Invalid.at("/recorded", f"{where}: it does not say when it was recorded, and by whom (recorded_by)")
    try:
        return _Item(where, item.name, given, instant(recorded), item.size)
    except ValueError as error:
        raise Invalid.at("/recorded", f"{where}: {error}") from None


def _checked(items: Iterable[_Item], now: int) -> Iterator[_Item]:
    last = None
    for item in items:
        said = item.given["recorded"]
        if item.recorded > now:
            raise Invalid.at("/recorded", f"{item.where}: recorded {said} lies ahead of this machine's clock")
        if last is not None and item.recorded < last.recorded:
            before = last.given["recorded"]
            raise Invalid.at("/recorded", f"{item.where}: recorded {said} is before {before}, that of the one before")
        yield item
        last = item


def _calls(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """The items of one instant, in calls of bounded size; what erases words begins a call."""
    for _, same in groupby(items, key=lambda item: item.recorded):
        call: list[_Item] = []
        for item in same:
            if call and (len(call) == LINES_AT_ONCE or item.erases):
                yield call
                call = []
            call.append(item)
        yield call


class _Importing:
    """What is known of the file so far: of which streams events were taken in as they stand, by their numbers."""

    def __init__(self, imported: dict[str, str]) -> None:
        self._imported = imported
        self._apart: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._staged: list[tuple[tuple[str, str], int]] = []

    def settle(self) -> None:
        """Take note that a call was recorded."""
        for stream, version in self._staged:
            self._apart[stream].add(version)

    def record(self, unit: UnitOfWork, call: list[_Item]) -> list[Receipt]:
        """Record the items of a call: the decision."""
        self._staged = []
        receipts: list[Receipt] = []
        for item in call:
            given = item.given
            pseudonyms = {name: given[name] for name in PSEUDONYMS.values() if given.get(name)}
            elsewhere = Elsewhere(self._imported, pseudonyms)
            with unit.recorded_elsewhere(given["recorded_by"], given.get("accepted_by"), elsewhere):
                try:
                    receipts += [self._event(unit, given)] if item.name == EVENTS else self._told(unit, item)
                except ChronologyError as error:
                    sentence = f"{item.where}: {error.sentence}; nothing from here on is recorded"
                    raise type(error)(sentence, *error.faults) from None
        return receipts

    def _told(self, unit: UnitOfWork, item: _Item) -> list[Receipt]:
        """Record an item as any import does."""
        given = item.given
        if isinstance(given.get("withdraw"), int):
            given = {**given, "withdraw": self._number(given)}
        return ParsedChronicle({item.name: [given]}, identifies=False).record(unit)

    def _number(self, given: dict[str, Any]) -> int:
        """The number of what is withdrawn: the file counts only what is told as in any chronicle."""
        about = next((name for name in ("fact", "source", "subject") if name in given), "")
        before = about != "subject"
        number: int = given["withdraw"]
        stream = about, given.get(about, "")
        for version in sorted({*self._apart[stream], *(n for at, n in self._staged if at == stream)}):
            number += version - before <= number
        return number

    def _event(self, unit: UnitOfWork, given: dict[str, Any]) -> Receipt:
        """Stage an event as it stands in the file, without the words that were erased."""
        name, data = given.get("event"), given.get("data")
        if not isinstance(name, str) or name not in _CLASSES or not isinstance(data, dict):
            raise Invalid.at("/event", f"{name!r:.80} is no event of a chronology, or says nothing")
        data = {key: value for key, value in data.items() if key != REDACTED}
        original = ORIGINAL.read(data["original"]) if isinstance(data.get("original"), dict) else None
        if original:
            data["original"] = description_of(original)
        if "citations" in data:
            data["citations"] = [{k: v for k, v in each.items() if k != REDACTED} for each in data["citations"]]
        try:
            category, stream = stream_of_entry(Entry(0, 0, name, 1, data))
        except KeyError as error:
            raise Invalid.at("/data", f"{name} lacks {error}") from None
        if name in _ERASING:
            unit.destroy(*((data["of"], data["id"]) if name == WordsRedacted.__name__ else (category, stream)))
        for subject, kind in data.get("opens", {}).items():
            unit.subjects.name(subject, kind)
        receipt = unit.stage(category, stream, _CLASSES[name], data)
        if original:
            unit.keep_original(receipt, original["content"])
        self._staged.append(((category, stream), receipt.version))
        return receipt
