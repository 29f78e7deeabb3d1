"""The tables of the pages as CSV: for each the names of its columns, and the rows that its page shows.

Rows are made of what the page itself is made of, filtered and sorted as it is, from where it begins. Where a page has
no more than some, its table goes on to 2,000 rows.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from flask import request

from events.errors import Invalid, NotFound
from service.pages.history.compare import comparison_page, two_page_requests
from service.pages.history.timeline import MOST_DRAWN, timeline_page
from service.pages.lists.actor_list import actor_list
from service.pages.lists.matter_list import MOST_WRITTEN, matter_list
from service.pages.lists.source_list import source_list
from service.pages.matters import every_state, matter
from service.pages.request import PageRequest, page_request
from service.pages.subject import subject_page
from service.web.responses import whole
from service.wording.date_wording import in_words
from service.wording.phrases import Piece, plain

Row = list[Any]


class CsvTable(NamedTuple):
    """A table: the names of its columns, and its rows, which read the address."""

    columns: tuple[str, ...]
    rows: Callable[[], Iterable[Row]]
    of_subject: bool = False


def rows_of(table: CsvTable) -> list[Row]:
    """The rows of the table at the clocks of the address."""
    if table.of_subject and not request.args.get("subject"):
        raise Invalid.at("/subject", "this table is of one matter: name it as subject")
    return [*table.rows()]


def table_named(name: str) -> CsvTable:
    """The table of that name; NotFound if there is none."""
    if name not in TABLES:
        raise NotFound(f"{name!r:.80} is no table; there are {', '.join(TABLES)}")
    return TABLES[name]


def _of_page(rows: Callable[[PageRequest], Iterable[Row]]) -> Callable[[], Iterable[Row]]:
    """The rows that one page shows, at the clocks of the address."""

    def asked() -> Iterable[Row]:
        with page_request() as page:
            return [*rows(page)]

    return asked


def _matters(page: PageRequest) -> Iterator[Row]:
    part_of = request.args.get("part_of")
    if part_of:
        found, _ = every_state(page, part_of=part_of)
        page.know([], [each["id"] for each in found])
        shown = [matter(page, each) for each in found if each["kind"] != "actor"]
    else:
        shown = [each for group in matter_list(page, MOST_WRITTEN)["groups"] for each in group["matters"]]
    for each in shown:
        whole_of = page.named(each["part_of"]) if each["part_of"] else ""
        since = each["passed"].promise if each["passed"] else _date(each["since"])
        counts = [each[name] for name in ("contested", "denied", "planned", "alleged")]
        yield [
            each["title"],
            each["kind"],
            whole_of,
            each["status"],
            since,
            each["since"],
            *counts,
            whole(each["href"]),
        ]


def _chronology(page: PageRequest) -> Iterator[Row]:
    for each in timeline_page(page, MOST_DRAWN)["rows"]:
        yield [*_fact(each, page), page.who(each["by"]).text, _sources(each), whole(each["href"])]


def _fact(fact: dict[str, Any], page: PageRequest) -> Row:
    """What every table says of a fact: its date in words and in EDTF, matter, sentence, what it is held to be."""
    held = "retracted" if fact["retracted"] else "fact" if fact["modality"] == "actual" else fact["modality"]
    return [fact["when"], fact["occurred"], page.named(fact["subject"]), plain(fact["said"]), held]


def _sources(fact: dict[str, Any]) -> str:
    published = [f"{each['publisher']}, {_date(each['published']) or 'no date'}" for each in fact["quotes"]]
    return "; ".join(dict.fromkeys(published))


def _documents(page: PageRequest) -> Iterator[Row]:
    for each in source_list(page, MOST_WRITTEN)["sources"]:
        published = [_date(each["published"]), each["published"]]
        withdrawn = "withdrawn" if each["withdrawn"] else ""
        address = whole(page.link("source", name=each["id"]))
        yield [each["title"], each["publisher"], *published, each["version"], withdrawn, each["url"], address]


def _actors(page: PageRequest) -> Iterator[Row]:
    for each in actor_list(page, MOST_WRITTEN)["actors"]:
        yield [each["title"], ", ".join(each["aliases"]), each["type"], whole(each["href"])]


def _compared() -> Iterator[Row]:
    with two_page_requests() as two:
        shown = comparison_page(two, request.args.get("subject") or None, is_whole=True)
        for group in (group for sort in shown["sorts"] for group in sort["groups"]):
            for row in (row for block in group["blocks"] for row in block):
                causes = [mark[1] for mark in row["alone"]]
                causes += [f"{each['mark'][1]}: {_said(each['fact'])}".rstrip(": ") for each in row["events"]]
                sides = [*_side(row["before"]), *_side(row["after"])]
                yield [group["title"], row["name"], *sides, "; ".join(causes), whole(group["href"])]


def _understanding(page: PageRequest) -> Iterator[Row]:
    for step in _subject(page)["steps_of"] or ():
        for change in step["changes"]:
            sides = [*_side(change["before"]), *_side(change["after"])]
            href = step["href"] or step["source_href"]
            yield [step["when"], step["mark"][1], change["name"], *sides, href and whole(href)]


def _versions(page: PageRequest) -> Iterator[Row]:
    for each in _subject(page)["belief"]["rows"]:
        ended = f"{each['until']}, {each['ended']}" if each["until"] else "still stands"
        notes = "; ".join(f"{what} {when}" for what, when in each["notes"])
        yield [each["letter"], *_fact(each["fact"], page), each["since"], ended, notes, whole(each["fact"]["href"])]


def _findings(page: PageRequest) -> Iterator[Row]:
    for group in _subject(page)["groups"]:
        fact, words = group["fact"], "; ".join(each["exact"] for each in group["quotes"])
        for each in group["values"]:
            row = [each["name"], plain(each["value"]), each["since"], each["told"], words]
            yield [*row, plain(fact["said"]), whole(fact["href"])]


def _subject(page: PageRequest) -> dict[str, Any]:
    evolved = "evolved" in request.args
    return subject_page(page, request.args["subject"], request.args.get("by", "reported"), evolved=evolved)


def _side(side: dict[str, Any] | None) -> Row:
    """A finding at one side of a comparison: its values, and since when."""
    return ["nothing known", ""] if side is None else [_values(side["values"]), side["since"]]


def _values(values: Iterable[Iterable[Piece]]) -> str:
    return " or ".join(map(plain, values))


def _said(fact: dict[str, Any] | None) -> str:
    return plain(fact["said"]) if fact else ""


def _date(text: str | None) -> str:
    return in_words(text) if text else ""


_FACT = ("Happened", "Happened (EDTF)", "Matter", "What", "Held to be")
_CHANGE = ("Before", "Before: since", "After", "After: since")

TABLES = {
    "matters": CsvTable(
        (
            *("Matter", "Kind", "Part of", "State", "Since", "Since (EDTF)"),
            *("Values contested", "Denied", "Planned", "Alleged", "Address"),
        ),
        _of_page(_matters),
    ),
    "chronology": CsvTable((*_FACT, "By", "Sources", "Address"), _of_page(_chronology)),
    "sources": CsvTable(
        (
            *("Title", "Publisher", "Published", "Published (EDTF)"),
            *("Versions", "Withdrawn", "Original address", "Address"),
        ),
        _of_page(_documents),
    ),
    "actors": CsvTable(("Name", "Also known as", "Is a", "Address"), _of_page(_actors)),
    "compare": CsvTable(("Matter", "Finding", "A", "A: since", "B", "B: since", "Causes", "Address"), _compared),
    "understanding": CsvTable(
        ("When", "Cause", "Finding", *_CHANGE, "Address"), _of_page(_understanding), of_subject=True
    ),
    "versions": CsvTable(
        ("Letter", *_FACT, "Known since", "Stood until", "Notes", "Address"), _of_page(_versions), of_subject=True
    ),
    "findings": CsvTable(
        ("Finding", "Value", "Since", "Carried by", "Words", "Because", "Address"), _of_page(_findings), of_subject=True
    ),
}
