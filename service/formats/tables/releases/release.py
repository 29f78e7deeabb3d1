"""A release of a table: its rows as documents of one publisher, each with its words and the fact that it gives."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from events.commands.record_facts import DEFAULTS, read_facts
from events.errors import Invalid
from events.field_types import Json, edtf_text
from service.chronicle.importing import Item
from service.formats.tables.mapping import IGNORED, SOURCE, SUBJECT, WORDS, TableMapping
from service.formats.tables.names import id_made_from
from service.formats.tables.rows import Rows, item_of, taken_out
from service.formats.tables.table import Row

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_NOTED = ("id", "title", "publisher")
_AROUND = 200
"""How many characters of the lines beside a quote tell its place."""


class ReleasedRow(NamedTuple):
    """A row by its id, with its words: a line for each column, as `fatalities: 3`; the first one names the row."""

    id: str
    lines: dict[str, str]
    row: Row

    @property
    def text(self) -> str:
        """Its words."""
        return "\n".join(self.lines.values())

    @property
    def sha256(self) -> str:
        """The digest of its words."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def quote(self, heading: str) -> dict[str, str]:
        """The line of a column, with what stands before and after it."""
        headings, lines = list(self.lines), list(self.lines.values())
        at = headings.index(heading)
        around = {"prefix": "".join(lines[:at][-1:])[-_AROUND:], "suffix": "".join(lines[at + 1 : at + 2])[:_AROUND]}
        return {"exact": lines[at], **{name: words for name, words in around.items() if words}}


class Release:
    """A release of a table that its mapping describes: `id` names the rows, `always` the document that the table is.

    Args:
        rows: the table.
        published: when this release was published (EDTF).

    Raises:
        Invalid: the mapping says nothing of that, or something that rows of releases have not.
    """

    def __init__(self, rows: Rows, published: str) -> None:
        _check(rows.mapping)
        self.published = edtf_text(published)
        self.source: dict[str, Json] = taken_out(rows.values({}), SOURCE)
        self._rows = rows
        columns = rows.mapping.columns
        self._id_heading = next(heading for heading, field in columns.items() if field == "id")
        given = [each for each, field in columns.items() if field != IGNORED and each != self._id_heading]
        self._headings = [self._id_heading, *given]

    @property
    def name(self) -> str:
        """The release in words."""
        return f"release of {self.published}"

    @property
    def reason(self) -> str:
        """Why values change by it."""
        return f"{self.name} of {self.source['title']}"

    def rows(self) -> Iterator[ReleasedRow]:
        """Its rows in turn.

        Raises:
            Invalid: a row has no id, one that is none, or that of an earlier row.
        """
        seen: set[str] = set()
        for row in self._rows.table.rows():
            name = row.cells.get(self._id_heading, "")
            if not _ID.fullmatch(name):
                raise Invalid(f"line {row.line}: {name!r:.80} in {self._id_heading!r} is not an id of a row")
            if name in seen:
                raise Invalid(f"line {row.line}: two rows of the table have the id {name!r}")
            seen.add(name)
            yield ReleasedRow(name, self._lines(row), row)

    def _lines(self, row: Row) -> dict[str, str]:
        columns = self._rows.mapping.columns
        cells = [(each, " ".join(row.cells.get(each, "").split())) for each in self._headings]
        return {each: f"{each}: {cell}".strip() for each, cell in cells if cell or columns[each] != WORDS}

    def id_of(self, row: str) -> str:
        """The id of the document that a row is, and of its fact."""
        return f"{self.source['id']}:{row}"

    def document(self, row: ReleasedRow) -> Item:
        """The row as a document."""
        noted = {**self.source, "id": self.id_of(row.id), "title": f"{self.source['title']}, {row.id}"}
        return item_of("sources", {**noted, "published": self.published, "text": row.text}, row.row)

    def fact(self, row: ReleasedRow) -> tuple[dict[str, Json], list[Item]]:
        """The fact that the row gives, as it is sent, and descriptions of the subjects that it is the first to name."""
        values = self._rows.values(row.row.cells)
        taken_out(values, SOURCE)
        about = taken_out(values, SUBJECT)
        values.setdefault("subject", id_made_from(f"{self.source['id']} {row.id}"))
        described = [item_of("subjects", each, row.row) for each in self._rows.descriptions(values, about, keeps=False)]
        quote = {"source": self.id_of(row.id), "version": 1, **row.quote(self._id_heading)}
        return {**values, "id": self.id_of(row.id), "citations": [quote]}, described

    def quotes(self, row: ReleasedRow, fields: Sequence[str]) -> list[dict[str, str]]:
        """The lines of the columns that give the fields; the line that names the row, where none does."""
        columns = self._rows.mapping.columns
        given = [each for each in row.lines if columns[each].partition(".")[0] in fields]
        return [row.quote(each) for each in given or [self._id_heading]]


def _check(mapping: TableMapping) -> None:
    fields = set(mapping.columns.values())
    if "id" not in fields:
        raise Invalid("rows of releases are told apart by a column of ids: the mapping has none that is `id`")
    if lacking := [each for each in _NOTED if SOURCE + each not in mapping.always]:
        raise Invalid(f"of releases the mapping says under `always` what the table is: it lacks source.{lacking[0]}")
    own = {"exact", "prefix", "suffix", "source"}
    if unfit := sorted(each for each in fields if each in own or each.startswith(SOURCE)):
        raise Invalid(f"in releases each row is itself the document that it cites: no column is {unfit[0]!r}")


def changes_of(told: Mapping[str, Any], fact: Mapping[str, Json]) -> dict[str, Json]:
    """What a fact as it is sent says otherwise than was told before; None for what it says no more.

    Raises:
        Invalid: it is no whole fact.
    """
    [body] = read_facts([fact], [""])
    now = {"kind": body.kind.__name__, **DEFAULTS, **body.values}
    names = {*told, *now} - {"citations", "subject_kind"}
    return {name: now.get(name) for name in sorted(names) if told.get(name) != now.get(name)}
