"""What the page of a table shows: columns and their fields in words, first rows as sentences, and what is wrong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from events.facts import ENVELOPE, KINDS, fields_of_all_kinds
from events.field_types import Json
from events.kinds.descriptions import field_in_words
from projections.clocks import Asked
from service.chronicle.checking.faults import ChronicleFault, Report
from service.chronicle.importing import Item
from service.chronicle.proposals.incomplete_items import WITHOUT_WORDS
from service.formats.tables.mapping import IGNORED, SOURCE, SUBJECT, targets
from service.formats.tables.names import known_names
from service.formats.tables.parts import parts_of
from service.formats.tables.rows import Rows
from service.formats.tables.table import Table
from service.pages.desk.forms.act_fields import LABELS
from service.pages.desk.tables.sent_form import SentTable
from service.pages.request import PageRequest, today
from service.web.access import chronology
from service.wording.date_wording import in_words
from service.wording.phrases import plain, sentence

_FIRST_ROWS = 10
_SAMPLES = 3
_LOOKED_AT = 50
_LONGEST_SAMPLE = 60
_OWN_LABELS = {
    "kind": "What happened (the kind of fact)",
    "subject": "Which matter",
    "subject_kind": "What kind of matter",
    "exact": "The exact words of the source",
    "prefix": "The words just before",
    "suffix": "The words just after",
    "source": "Id of a source that is registered",
    "id": "Id of the fact",
    "source.id": "Id of the document",
    "source.text": "Text of the document",
    "source.language": "Language of the document",
    "subject.title": "Title of the matter",
}
_PARTS = {"low": "at least", "high": "at most", "earliest": "from this day on", "latest": "until this day"}
_FIRST = ("kind", "subject", "occurred", "exact", "attributed_to")

Groups = list[tuple[str, list[tuple[str, str]]]]
_OF_FACTS = ("facts", WITHOUT_WORDS)


def items_of(sent: SentTable) -> list[Item]:
    """The rows as items of a chronicle; their places begin with the list that each belongs to."""
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        rows = Rows(sent.table, sent.mapping, partial(known_names, snapshot), today())
        return [each._replace(place=f"/{each.name}") for each in rows.items()]


def shown(page: PageRequest, sent: SentTable, items: Sequence[Item], report: Report) -> dict[str, Any]:
    """The first rows in words, how many would be recorded, and the faults by row."""
    faults = _by_line(report["faults"])
    by_line: dict[int | None, list[Item]] = defaultdict(list)
    for item in items:
        by_line[item.line_of("")].append(item)
    lines = {row.line: row for row in sent.table.rows()}
    waiting = [line for line, found in by_line.items() if any(each.name == WITHOUT_WORDS for each in found)]
    titles = {each.given["id"]: str(each.given.get("title")) for each in items if each.name == "subjects"}
    titles |= {each["id"]: str(each["title"]) for item in items for each in _described(item)}
    return {
        "first": [_row(page, by_line[line], faults.get(line, []), titles) for line in islice(lines, _FIRST_ROWS)],
        "count": len(lines),
        "good": sum(line not in faults for line in lines),
        "waiting": sum(line not in faults for line in waiting),
        "new": report["new"],
        "faults": [_fault(sent, lines[line], found) for line, found in faults.items() if line in lines],
        "more": report["more"],
        "doubts": report["doubts"],
        "unchecked": report["unchecked"],
    }


def _described(item: Item) -> Sequence[Mapping[str, Json]]:
    return item.given.get("subjects", ()) if item.name == WITHOUT_WORDS else ()


def _by_line(faults: Sequence[ChronicleFault]) -> dict[int | None, list[ChronicleFault]]:
    found: dict[int | None, list[ChronicleFault]] = defaultdict(list)
    for each in faults:
        found[each["line"]].append(each)
    return dict(found)


def _row(
    page: PageRequest, items: Sequence[Item], faults: Sequence[ChronicleFault], titles: Mapping[str, str]
) -> dict[str, Any]:
    """A row as it would read: sentence, date and words, the document, and the faults."""
    fact = next((each for each in items if each.name in _OF_FACTS), None)
    given = fact.given if fact else {}
    cited = given.get("citations") or [{}]
    document: Mapping[str, Json] = next((each.given for each in items if each.name == "sources"), {})
    return {
        "says": _says(page, given, titles),
        "when": _when(given.get("occurred")),
        "words": cited[0].get("exact"),
        "from": document.get("title") or cited[0].get("source") or "",
        "waits": fact is not None and fact.name == WITHOUT_WORDS,
        "faults": [each["detail"] for each in faults],
    }


def _says(page: PageRequest, given: Mapping[str, Json], titles: Mapping[str, str]) -> str | None:
    kind = KINDS.get(str(given.get("kind")))
    if kind is None:
        return None
    try:
        said = plain(sentence(kind, dict(given), lambda name: titles.get(name) or page.named(name)))
    except (TypeError, AttributeError, KeyError, ValueError):
        return kind.words  # a value that is no value of its field is said among the faults
    subject = str(given.get("subject", ""))
    about = titles.get(subject) or (page.named(subject) if subject else "")
    return f"{said} ({about})" if about and about not in said else said


def _when(occurred: Json) -> str:
    try:
        return in_words(occurred) if occurred else ""
    except ValueError:
        return str(occurred)


def _fault(sent: SentTable, row: Any, faults: Sequence[ChronicleFault]) -> dict[str, Any]:
    """What is wrong with a row: by cell, and what is wrong with none."""
    cells: dict[str, dict[str, Any]] = {}
    elsewhere = []
    for each in faults:
        near = f". The nearest is {each['nearest']}" if "nearest" in each else ""
        told, heading = each["detail"] + near, _heading(sent, each["pointer"])
        if heading is None:
            elsewhere.append(told)
            continue
        at = f"cell.{row.number}.{sent.table.headings.index(heading)}"
        made = {"name": at, "heading": heading, "text": row.cells.get(heading, ""), "told": []}
        cells.setdefault(heading, made)["told"].append(told)
    return {"number": row.number, "line": row.line, "cells": list(cells.values()), "elsewhere": elsewhere}


def _heading(sent: SentTable, pointer: str) -> str | None:
    """The column at fault, where there is one."""
    field = field_at(pointer)
    return next((heading for heading, each in sent.mapping.columns.items() if each == field), None)


def field_at(pointer: str) -> str:
    """The field that a pointer of an item names, whose place begins with its list."""
    _, name, *steps = [*pointer.split("/"), ""]
    if name == "sources":
        return "source" if steps[0] == "id" else SOURCE + steps[0]
    if name == "subjects":
        return "subject" if steps[0] == "id" else SUBJECT + steps[0]
    if steps[0] == "citations":
        return steps[2] if len(steps) > 2 and steps[2] else "exact"
    return steps[0]


def columns_of(table: Table) -> list[dict[str, Any]]:
    """The columns in order: number, heading, and the first cells that hold something."""
    rows = list(islice(table.rows(), _LOOKED_AT))
    found = []
    for at, heading in enumerate(table.headings):
        cells = (row.cells[heading] for row in rows if heading in row.cells)
        samples = [_short(each) for each in islice(cells, _SAMPLES)]
        found += [{"at": at, "heading": heading, "samples": samples}] if heading else []
    return found


def _short(cell: str) -> str:
    return cell if len(cell) <= _LONGEST_SAMPLE else f"{cell[:_LONGEST_SAMPLE]}…"


def fields_in_groups() -> Groups:
    """The fields that a column can give, in words."""
    own = [name for name in targets() if name not in fields_of_all_kinds() and "." not in name]
    of_facts = [*_FIRST, *(name for name in (*own, *ENVELOPE) if name not in _FIRST)]
    of_kinds = sorted((label_of(name), name) for name in fields_of_all_kinds() if name not in ENVELOPE)
    return [
        ("", [(IGNORED, "left out")]),
        ("The fact", [(name, label_of(name)) for name in of_facts]),
        ("The document that says so", list(_beginning(SOURCE))),
        ("The matter", list(_beginning(SUBJECT))),
        ("What only some kinds say", [(name, label) for label, name in of_kinds]),
        ("A part of it, by a column of its own", list(_parts())),
    ]


def _parts() -> Iterator[tuple[str, str]]:
    for field, of in fields_of_all_kinds().items():
        yield from ((part, f"{label_of(field)}: {_PARTS[part.rpartition('.')[2]]}") for part in parts_of(field, of))


def _beginning(prefix: str) -> Iterator[tuple[str, str]]:
    return ((name, label_of(name)) for name in targets() if name.startswith(prefix) and name != f"{SOURCE}original")


def label_of(name: str) -> str:
    """What a field is called."""
    bare = name.rpartition(".")[2]
    found = _OWN_LABELS.get(name) or LABELS.get(bare) or field_in_words(bare)
    return f"{found or bare.replace('_', ' ').capitalize()}"


def kinds_in_words() -> list[tuple[str, str]]:
    """All kinds of facts by what they are called."""
    return sorted(((name, kind.words or name) for name, kind in KINDS.items()), key=lambda each: each[1])
