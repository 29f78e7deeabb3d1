"""What can be taken out: lists of facts, values and promises at clocks, read page by page however long they are."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import quote

from events.errors import Invalid
from projections.clocks import Asked, Clocks, span_of
from projections.queries.evidence.audit import audit
from projections.queries.evidence.fact_pages import FILTERS, FLAGS, SORTS, page_of_facts
from projections.queries.following.messages import newest_messages
from projections.queries.subjects.agenda import agenda
from projections.queries.subjects.states import kinds_of
from projections.queries.subjects.values import page_of_values
from projections.queries.subjects.values_over_time import page_of_rectangles
from projections.store.snapshots import Snapshot
from service.formats.offer.told import facts_told, promises_told, spans_told, values_told
from service.web.following.asked import followed, refuse_unknown
from service.wording.message_wording import told

Filters = Mapping[str, str | None]
After = int | bytes | str
Ask = Callable[[Asked], AbstractContextManager[tuple[Snapshot, Clocks]]]
Page = tuple[list[Any], After | None]

AT_ONCE = 500
_SPANS_OF_ONE = 20
_MOST_MESSAGES = 100
CHRONICLE = "chronicle"
"""What is no list at clocks: the whole of what was recorded, in its order, as lines of a chronicle file."""


class Address(NamedTuple):
    """Where pages are served, without a slash at the end: what is taken out names things by their addresses there.

    `query` is that of the address at which a list is asked for, where it is.
    """

    base: str
    query: str = ""

    def of(self, page: str, name: str) -> str:
        """The address of the page of a fact, a subject, an actor or a source: its name for good, without clocks."""
        return f"{self.base}/{page}/{quote(name, safe='')}"

    def of_subject(self, name: str, kind: str | None) -> str:
        """The address of the page of a subject; actors have pages of their own."""
        return self.of("actors" if kind == "actor" else "subjects", name)


class ExportedList(NamedTuple):
    """What is taken out: items of a list, told in words, from first to last, as they stand at the clocks.

    Facts are `FactTold`, values `ValuesTold`, those of an agenda `PromiseTold`, spans `SpanTold`, a chain is one
    `Audit`. `filters` are those of the list.
    """

    of: str
    items: Iterator[Any]
    clocks: Clocks
    filters: Filters
    address: Address


class List(NamedTuple):
    """A list: what it holds, by what it is filtered, how a page of it is read after what, and where it begins.

    `path` is its address below that of the API; filters may stand in it. One of all clocks is asked for at none.
    """

    about: str
    filters: tuple[str, ...]
    page: Callable[[Snapshot, Clocks, Filters, Any, int], Page]
    begins: Callable[[Filters], After] = lambda _: ""
    path: str = "{of}"
    is_at_clocks: bool = True
    asks: Callable[[Asked], Asked] = lambda asked: asked


def _facts(snapshot: Snapshot, clocks: Clocks, filters: Filters, after: int | bytes, limit: int) -> Page:
    within = span_of(clocks.asked, filters.get("from"), filters.get("to"))
    views, last = page_of_facts(snapshot, clocks, filters, within, after, limit)
    return facts_told(snapshot, clocks, views), last


def _values(snapshot: Snapshot, clocks: Clocks, filters: Filters, after: str, limit: int) -> Page:
    found, last = page_of_values(snapshot, clocks, dict(filters), after, limit)
    return values_told(kinds_of(snapshot, [each.subject for each in found], clocks.position), found), last


def _agenda(snapshot: Snapshot, clocks: Clocks, _filters: Filters, _after: str, _limit: int) -> Page:
    return promises_told(snapshot, clocks, agenda(snapshot, clocks)), None


def _spans(snapshot: Snapshot, _clocks: Clocks, _filters: Filters, after: str, limit: int) -> Page:
    found, last = page_of_rectangles(snapshot, after, max(limit // _SPANS_OF_ONE, 1))
    return spans_told(kinds_of(snapshot, {each.subject for each in found}, snapshot.position), found), last


def _messages(snapshot: Snapshot, _clocks: Clocks, filters: Filters, _after: str, limit: int) -> Page:
    asked = followed(filters)
    refuse_unknown(snapshot, asked)
    return [told(snapshot, each, "") for each in newest_messages(snapshot, asked, min(limit, _MOST_MESSAGES))], None


def _of_today(asked: Asked) -> Asked:
    return asked if asked.at else replace(asked, at="now")


def _chain(snapshot: Snapshot, clocks: Clocks, filters: Filters, _after: str, _limit: int) -> Page:
    subject, finding = filters.get("subject"), filters.get("finding")
    if subject is None or finding is None:
        raise Invalid("the chain is that of one value: name its subject and its finding")
    return [audit(snapshot, subject, finding, clocks)], None


def _first_fact(filters: Filters) -> After:
    return 0 if filters.get("sort") in (None, SORTS[0]) else b""


_OF_FACTS = (*FILTERS, *FLAGS, "undated", "sort", "from", "to")
LISTS = {
    "facts": List("facts as they stand, with their quotes", _OF_FACTS, _facts, _first_fact),
    "values": List("status and fields of each subject", ("kind", "status", "part_of"), _values),
    "agenda": List("what was promised, and what became due of it", (), _agenda, asks=_of_today),
    "spans": List("values of each subject over time", (), _spans, is_at_clocks=False),
    "messages": List(
        "what changed lately, the newest first", (*FILTERS, "finding"), _messages, path="feed.atom", is_at_clocks=False
    ),
    "chain": List(
        "what a value rests on, down to quotes and recorders",
        ("subject", "finding"),
        _chain,
        path="audit/{subject}/{finding}",
    ),
}


Turns = Callable[[Iterator[tuple[Clocks, list[Any]]]], Iterator[tuple[Clocks, list[Any]]]]
"""When each page is read."""


def taken_out(
    ask: Ask, of: str, asked: Asked, filters: Filters, address: Address, in_turns: Turns = iter
) -> ExportedList:
    """The whole list: the first page is read at once, the others as they are wanted, at the position of the first.

    Raises:
        Invalid: a clock or a filter cannot be read.
    """
    if not LISTS[of].is_at_clocks and asked != Asked():
        raise Invalid(f"{of} hold every clock, and are asked for at none")
    pages = in_turns(_pages(ask, LISTS[of], asked, filters))
    clocks, first = next(pages)
    return ExportedList(of, chain(first, chain.from_iterable(items for _, items in pages)), clocks, filters, address)


def _pages(ask: Ask, wanted: List, asked: Asked, filters: Filters) -> Iterator[tuple[Clocks, list[Any]]]:
    after: After | None = wanted.begins(filters)
    asked = wanted.asks(asked)
    while after is not None:
        with ask(asked) as (snapshot, clocks):
            items, after = wanted.page(snapshot, clocks, filters, after, AT_ONCE)
        yield clocks, items
        if wanted.is_at_clocks:
            asked = replace(clocks.asked, position=clocks.position, recorded_until=None)


def page_taken_out(
    snapshot: Snapshot, clocks: Clocks, of: str, filters: Filters, after: After, limit: int, address: Address
) -> tuple[ExportedList, After | None]:
    """A page of the list, and after what the next one begins; None at the end."""
    items, last = LISTS[of].page(snapshot, clocks, filters, after, limit)
    return ExportedList(of, iter(items), clocks, filters, address), last
