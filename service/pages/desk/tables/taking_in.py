"""Rows of a table recorded in calls of bounded size; or proposed, a few rows in each proposal, under four eyes."""

from collections.abc import Iterator, Sequence
from typing import Any

from events.commands.review import propose
from events.errors import Conflict
from events.log.receipts import Receipt
from service.chronicle.file import LISTS, Reading
from service.chronicle.importing import LINES_AT_ONCE, Item, Taken, take_in_items
from service.chronicle.proposals.without_words import WITHOUT_WORDS
from service.web.access import chronology, recorder
from service.web.recording.sending import waits

_FACTS_IN_A_PROPOSAL = 20


def take_in_rows(items: Sequence[Item]) -> tuple[Taken, int, list[str]]:
    """Record the items, or propose those that wait for an editor.

    Returns what was taken in, how many proposals wait, and why others were not made again.

    Raises:
        ChronologyError: an item is refused; the calls before it stand, and are recognised the next time.
    """
    sources_wait, facts_wait = waits({"sources": [{}]}), waits({"facts": [{}]})
    waiting = {"sources": sources_wait, WITHOUT_WORDS: False}
    direct = [each for each in items if not waiting.get(each.name, sources_wait or facts_wait)]
    taken = Taken()
    for start in range(0, len(direct), LINES_AT_ONCE):
        part = take_in_items(chronology(), recorder(), direct[start : start + LINES_AT_ONCE], names_lines=True)
        taken.items.update(part.items)
        taken.new += part.new
    made, refused = 0, []
    for lists in _chronicles([each for each in items if waiting.get(each.name, sources_wait or facts_wait)]):
        try:
            receipt = _proposed(lists)
            made += receipt is not None
        except Conflict as error:
            refused.append(error.sentence)
    return taken, made, refused


def _proposed(lists: dict[str, list[Any]]) -> Receipt | None:
    decide = Reading(lists).record
    receipt, _ = chronology().write(recorder(), lambda call: propose(call, lists, decide))
    return receipt


def _chronicles(items: Sequence[Item]) -> Iterator[dict[str, list[Any]]]:
    """The items as chronicles of a few facts each, with the documents that these cite and the subjects they name."""
    documents = {each.given["id"]: each.given for each in items if each.name == "sources"}
    cited: set[str] = set()
    lists: dict[str, list[Any]] = {name: [] for name in LISTS}
    for item in items:
        if item.name == "sources":
            continue
        lists[item.name].append(item.given)
        if item.name == "facts":
            needed = {each["source"] for each in item.given["citations"]} & documents.keys()
            cited |= needed
            lists["sources"] += [documents[each] for each in needed if documents[each] not in lists["sources"]]
            if len(lists["facts"]) == _FACTS_IN_A_PROPOSAL:
                yield lists
                lists = {name: [] for name in LISTS}
    lists["sources"] += [given for name, given in documents.items() if name not in cited]
    if any(lists.values()):
        yield lists
