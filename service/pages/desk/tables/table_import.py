"""Rows of a table recorded in calls of bounded size; or proposed, a few rows in each proposal, under four eyes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.commands.review import propose
from events.errors import ChronologyError, Conflict
from service.chronicle.file import LISTS, ParsedChronicle
from service.chronicle.importing import ImportCounts, Item, take_in_items
from service.chronicle.proposals.incomplete_items import WITHOUT_WORDS
from service.databases.errors import STORAGE_ERRORS, trouble_of
from service.web.access import chronology, recorder
from service.web.recording.sending import waits

_ITEMS_IN_A_STEP, _FACTS_IN_A_PROPOSAL, _PROPOSALS_IN_A_STEP = 500, 20, 10


@dataclass(slots=True)
class TableImport:
    """A table that is being taken in: what is recorded of it so far, what waits for an editor, and why it stopped.

    Each call is recorded whole or not at all, and recognised when the table is sent again.
    """

    items: Sequence[Item]
    taken: ImportCounts = field(default_factory=ImportCounts)
    proposed: int = 0
    refused: list[str] = field(default_factory=list)
    stopped_by: str | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(_rows(self.items))

    def steps(self) -> Iterator[int]:
        """Take it in, call by call; after each how many rows are done. What refuses one is said, and ends it."""
        sources_wait, facts_wait = waits({"sources": [{}]}), waits({"facts": [{}]})
        waiting = {"sources": sources_wait, WITHOUT_WORDS: False}
        direct = [each for each in self.items if not waiting.get(each.name, sources_wait or facts_wait)]
        done = set[int | None]()
        try:
            for start in range(0, len(direct), _ITEMS_IN_A_STEP):
                done |= self._record(direct[start : start + _ITEMS_IN_A_STEP])
                yield len(done)
            others = [each for each in self.items if waiting.get(each.name, sources_wait or facts_wait)]
            for number, chronicle in enumerate(_chronicles(others), 1):
                done |= self._propose(chronicle)
                if number % _PROPOSALS_IN_A_STEP == 0:
                    yield len(done)
        except ChronologyError as error:
            self.stopped_by = error.sentence
        except STORAGE_ERRORS as error:
            self.stopped_by = trouble_of(error).sentence

    def _record(self, items: Sequence[Item]) -> set[int | None]:
        self.taken.add(take_in_items(chronology(), recorder(), items, names_lines=True))
        return _rows(items)

    def _propose(self, items: Sequence[Item]) -> set[int | None]:
        lists: dict[str, list[Any]] = {name: [each.given for each in items if each.name == name] for name in LISTS}
        decide = ParsedChronicle(lists).record
        try:
            receipt, _ = chronology().write(recorder(), lambda call: propose(call, lists, decide))
            self.proposed += receipt is not None
        except Conflict as error:
            self.refused.append(error.sentence)
        return _rows(items)


def _rows(items: Iterable[Item]) -> set[int | None]:
    return {each.line_of("") for each in items}


def _chronicles(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items as chronicles of a few facts each, with the documents that these cite and the subjects they name."""
    documents = {each.given["id"]: each for each in items if each.name == "sources"}
    cited: set[str] = set()
    chronicle: list[Item] = []
    for item in items:
        if item.name == "sources":
            continue
        chronicle.append(item)
        if item.name == "facts":
            needed = [each["source"] for each in item.given["citations"] if each["source"] in documents]
            chronicle += [documents[each] for each in needed if documents[each] not in chronicle]
            cited |= {*needed}
            if sum(each.name == "facts" for each in chronicle) == _FACTS_IN_A_PROPOSAL:
                yield chronicle
                chronicle = []
    chronicle += [each for name, each in documents.items() if name not in cited]
    if chronicle:
        yield chronicle
