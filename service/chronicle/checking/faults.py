"""All that is wrong with a chronicle, found without recording any of it: each fault with its line, place and remedy."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from events.amendments import OUR_KINDS
from events.commands.record_facts import FactBody
from events.errors import ChronologyError, Fault
from events.facts import ENVELOPE, KINDS, fields_of_all_kinds, own_fields
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from events.subject_kinds import SUBJECT_KINDS
from projections.clocks import Asked
from projections.store.snapshots import Snapshot
from service.chronicle.checking.edited import edited_in
from service.chronicle.file import CALL_NAMES, LISTS, ParsedChronicle, read_ahead
from service.chronicle.importing import LINES_AT_ONCE, Item
from service.chronicle.proposals.incomplete_items import PROPOSED, WITHOUT_WORDS
from service.databases.chronology import Chronology

MOST_FAULTS = 1_000
_NEIGHBOURS = 200
_CLOSE = 0.75
_NAMED = re.compile(r"no (fact|source|subject) '([^']+)' is |(?P<new>)'([^']+)' is new: its first fact")
_LACKS = re.compile(r"has no field |there is no field ")
_STREAMS = (
    "SELECT stream FROM {{{{entries}}}} WHERE sort = '{}' AND version = 1 AND stream {{}} ? "
    "ORDER BY stream {{}} LIMIT ?"
)
_OF = {
    "source": _STREAMS.format("source"),
    "fact": _STREAMS.format("fact"),
    "subject": "SELECT id FROM {{subjects}} WHERE id {} ? ORDER BY id {} LIMIT ?",
}


class ChronicleFault(TypedDict):
    """A value of a chronicle that is refused, or may be a slip."""

    line: Annotated[int | None, Meta(description="The line that it stands on, or its item begins on")]
    pointer: Annotated[str, Meta(description="JSON pointer (RFC 6901) into the body; of NDJSON, into its line")]
    detail: str
    nearest: NotRequired[Annotated[str, Meta(description="The name that exists and is most like the one at fault")]]


class Report(TypedDict):
    """What a chronicle would come to if it were taken in."""

    faults: list[ChronicleFault]
    more: Annotated[int, Meta(description="How many further faults are not listed")]
    unchecked: Annotated[int, Meta(description="Items that are refused only as they rest on others that are")]
    doubts: Annotated[
        list[ChronicleFault], Meta(description="New names that are very like known ones, and facts like recorded ones")
    ]
    new: Annotated[int, Meta(description="Events that it would add, those of items at fault aside")]


def check_items(chronology: Chronology, by: str, items: Sequence[Item]) -> Report:
    """What the items would come to."""
    with chronology.ask(Asked()) as (snapshot, _):
        checking = _Checking(snapshot, items)
        chronology.rehearse(by, checking.run)
        return checking.report()


class _Checking:
    def __init__(self, snapshot: Snapshot, items: Sequence[Item]) -> None:
        self._snapshot = snapshot
        self._items = items
        self._found: list[tuple[Item, Fault]] = []
        self._doubts: list[tuple[Item, str, str]] = []
        self._names: dict[str, set[str]] = {"source": set(), "fact": set(), "subject": set()}
        for item in items:
            if isinstance(item.given, dict) and isinstance(item.given.get("id"), str) and item.name in LISTS[:3]:
                self._names[item.name.removesuffix("s")].add(item.given["id"])
        self._new = self._unchecked = 0
        self._facts: list[tuple[Item, FactBody]] = []
        self._told_again: set[str] = set()

    def run(self, unit: UnitOfWork) -> None:
        """Decide item after item as if they were recorded; what is refused leaves the others alone."""
        refused: set[str] = set()
        known = 0
        self._found, self._doubts, self._facts, self._new, self._unchecked = [], [], [], 0, 0
        for item, reading in self._read_ahead(unit):
            try:
                receipts = _decided(unit, item, reading)
            except ChronologyError as error:
                faults = [replace(each, pointer=_below(each.pointer)) for each in error.faults]
                rests = any(repr(name) in each.sentence for each in faults for name in refused)
                self._unchecked += rests
                self._found += [] if rests else [(item, each) for each in faults]
                said = item.given if isinstance(item.given, dict) else {}
                refused |= {name for name in [said.get("id")] if isinstance(name, str)}
            else:
                self._new += sum(receipt.created for receipt in receipts)
                if isinstance(reading, ParsedChronicle) and item.name == "facts":
                    self._facts += [(item, reading.facts[0])] if receipts[0].created else []
                    self._told_again.add(receipts[0].id)
            opened = unit.subjects.named_after(known)
            known += len(opened)
            for name in opened if item.name != "subjects" else ():
                near = self._nearest_of("subject", name)
                is_told = any(at is item and repr(name) in fault.sentence for at, fault in self._found[-9:])
                if near is not None and not is_told and _without_digits(near) != _without_digits(name):
                    self._doubts.append((item, name, near))
            self._names["subject"].update(opened)

    def _read_ahead(self, unit: UnitOfWork) -> Iterator[tuple[Item, ParsedChronicle | ChronologyError]]:
        """The items, each read or refused; what deciding them asks for is read for many at once."""
        seen: Counter[bytes] = Counter()
        for start in range(0, len(self._items), LINES_AT_ONCE):
            items = self._items[start : start + LINES_AT_ONCE]
            readings = [_reading_of(item, seen) for item in items]
            read_ahead(unit, [each for each in readings if isinstance(each, ParsedChronicle)])
            yield from zip(items, readings, strict=True)

    def report(self) -> Report:
        """What was found, with places and nearest names."""
        return {
            "faults": [self._placed(item, fault) for item, fault in self._found[:MOST_FAULTS]],
            "more": max(0, len(self._found) - MOST_FAULTS),
            "unchecked": self._unchecked,
            "doubts": [
                _fault(item, "", f"{name!r} is named here for the first time", near)
                for item, name, near in self._doubts[:MOST_FAULTS]
            ]
            + self._edited()[:MOST_FAULTS],
            "new": self._new,
        }

    def _edited(self) -> list[ChronicleFault]:
        items = {fact.id: item for item, fact in self._facts}
        found = edited_in(self._snapshot, [fact for _, fact in self._facts], self._told_again)
        return [_fault(items[each.id], "", each.sentence, each.recorded) for each in found]

    def _placed(self, item: Item, fault: Fault) -> ChronicleFault:
        return _fault(item, fault.pointer, fault.sentence, self._nearest(item, fault))

    def _nearest(self, item: Item, fault: Fault) -> str | None:
        if named := _NAMED.search(fault.sentence):
            return self._nearest_of(named[1] or "subject", named[2] or named[4])
        *above, step = fault.pointer.split("/")
        if _LACKS.search(fault.sentence):
            return _closest(step, _fields(item, is_change="changes" in above))
        value: Any = item.given
        for each in fault.pointer.split("/")[1:]:
            value = value.get(each) if isinstance(value, dict) else None
        known: dict[str, list[str]] = {"subject_kind": [*SUBJECT_KINDS], "call": [*CALL_NAMES]}
        is_of_facts = item.name in ("facts", WITHOUT_WORDS) or "changes" in above
        known["kind"] = [*(KINDS if is_of_facts else SUBJECT_KINDS if item.name == "subjects" else OUR_KINDS)]
        return _closest(value, known[step]) if step in known and isinstance(value, str) else None

    def _nearest_of(self, sort: str, name: str) -> str | None:
        """The id most like the name, of those in the file and of those beside it in the order of the log's."""
        near = {row[0] for row in self._snapshot.probe(_OF[sort].format("<", "DESC"), None, name, _NEIGHBOURS)}
        near |= {row[0] for row in self._snapshot.probe(_OF[sort].format(">", "ASC"), None, name, _NEIGHBOURS)}
        return _closest(name, (near | self._names[sort]) - {name})


def _reading_of(item: Item, seen: Counter[bytes]) -> ParsedChronicle | ChronologyError:
    try:
        return ParsedChronicle({item.name: [item.given]}, seen)
    except ChronologyError as error:
        return error


def _decided(unit: UnitOfWork, item: Item, reading: ParsedChronicle | ChronologyError) -> Sequence[Receipt]:
    if isinstance(reading, ChronologyError):
        raise reading
    if propose := PROPOSED.get(item.name):
        return propose(unit, [item.given], [f"/{item.name}/0"])
    return reading.decided(unit)


def _fault(item: Item, pointer: str, sentence: str, near: str | None) -> ChronicleFault:
    found: ChronicleFault = {"line": item.line_of(pointer), "pointer": item.place + pointer, "detail": sentence}
    return found if near is None else {**found, "nearest": near}


def _below(pointer: str) -> str:
    """A pointer into lists of one item, as one into the item."""
    return "".join(f"/{step}" for step in pointer.split("/")[3:])


def _fields(item: Item, *, is_change: bool) -> list[str]:
    if is_change:
        return list(fields_of_all_kinds())
    if item.name in ("facts", WITHOUT_WORDS):
        return [*ENVELOPE, *own_fields(KINDS[item.given["kind"]]), "id", "citations", "subject_kind"]
    return ["title", "publisher", "published", "zone", "url", "language", "text", "retrieved_at", "agency", "aliases"]


def _closest(name: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(name, sorted(known), 1, _CLOSE)), None)


def _without_digits(name: str) -> str:
    return re.sub(r"\d", "", name)
