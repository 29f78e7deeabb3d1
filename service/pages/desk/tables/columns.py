"""The columns of a table with what stands in them, and the fields that they may be, in words."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from events.facts import ENVELOPE, KINDS, fields_of_all_kinds
from events.kinds.descriptions import field_in_words
from service.formats.tables.mapping import IGNORED, SOURCE, SUBJECT, targets
from service.formats.tables.parts import parts_of
from service.formats.tables.table import Table
from service.pages.desk.forms.act_fields import LABELS

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
