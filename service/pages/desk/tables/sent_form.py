"""A table and its mapping as the form has them: nothing of them is kept between two requests."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import request

from events.errors import Invalid
from service.formats.tables.mapping import TableMapping, check_mapping, mapping_in, written
from service.formats.tables.suggestions import kind_suggested, suggested, values_in
from service.formats.tables.table import Table

_COLUMN, _KIND, _WITHOUT = "column.", "kind.", "without."
_CELL = re.compile(r"cell\.(\d{1,9})\.(\d{1,3})")
KIND = "kind"
MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class SentTable:
    """A table with what its columns are."""

    table: Table
    mapping: TableMapping

    @property
    def seal(self) -> str:
        """By what the form knows that what is recorded is what was shown."""
        told = f"{written(self.mapping, self.table.headings)}\n{self.table.text}"
        return hashlib.sha256(told.encode()).hexdigest()

    def kinds(self) -> list[tuple[str, str]]:
        """The words of the column of kinds, each with the kind that it stands for or seems to."""
        heading = next((each for each, field in self.mapping.columns.items() if field == KIND), None)
        words = values_in(self.table, heading) if heading else []
        said = self.mapping.values.get(KIND, {})
        return [(each, said.get(each) or kind_suggested(each) or "") for each in words]


def first_sent() -> SentTable:
    """The table that was chosen or pasted, with a mapping that was chosen too, or that its headings suggest.

    Raises:
        Invalid: neither was, or one of them cannot be read.
    """
    file, pasted = request.files.get("file"), request.form.get("pasted", "")
    content = file.read() if file and file.filename else b""
    if bool(content) == bool(pasted.strip()):
        raise Invalid("choose a file or paste a table, not both" if content else "paste a table, or choose a file")
    table = Table(Table(content or pasted.encode("utf-8", "replace")).text.replace("\r\n", "\n").encode())
    chosen = request.files.get("map")
    return SentTable(table, mapping_in(chosen.read()) if chosen and chosen.filename else suggested(table))


def sent_again() -> SentTable:
    """The table that the form holds, with the cells that were changed in it, and the mapping that was put right."""
    table = Table(_text("table").encode("utf-8", "replace"))
    cells = {(number, heading): words for number, heading, words in _cells(table)}
    without = {int(each.removeprefix(_WITHOUT)) for each in request.form if _is_number(each, _WITHOUT)}
    return SentTable(table.changed(cells, without) if cells or without else table, _mapping(table))


def check_typed(sent: SentTable) -> None:
    """Refuse what was typed as no mapping.

    Raises:
        Invalid: a line cannot be read, there is no such field, two columns give one value, or there are too many rows.
    """
    if (rows := sum(1 for _ in sent.table.rows())) > MOST_ROWS:
        raise Invalid(f"the table has {rows:,} rows (at most {MOST_ROWS:,} here; `chronology import --map` takes more)")
    if wrong := [each for name in ("always", "values") for each in _lines(name) if _read(name, each) is None]:
        raise Invalid(f"{wrong[0]!r:.200} does not have the form of the example beside it")
    check_mapping(sent.mapping)


def _text(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n")


def _cells(table: Table) -> Iterator[tuple[int, str, str]]:
    for name in request.form:
        found = _CELL.fullmatch(name)
        if found and int(found[2]) < len(table.headings):
            yield int(found[1]), table.headings[int(found[2])], _text(name)


def _is_number(name: str, prefix: str) -> bool:
    return name.startswith(prefix) and name.removeprefix(prefix).isdecimal()


def _mapping(table: Table) -> TableMapping:
    columns = {heading: _text(f"{_COLUMN}{at}") for at, heading in enumerate(table.headings) if heading}
    kinds = {each.removeprefix(_KIND): _text(each) for each in request.form if each.startswith(_KIND)}
    values = _meanings()
    if said := {words: kind for words, kind in kinds.items() if kind}:
        values[KIND] = said
    return TableMapping(
        columns=columns,
        values=values,
        always={pair[0]: pair[1] for each in _lines("always") if (pair := _read("always", each))},
        language=_text("language").strip() or "en",
        months_first=_text("months_first") == "yes",
        zone=_text("zone").strip() or None,
        between=_text("between") or ";",
    )


def _lines(name: str) -> list[str]:
    return [each.strip() for each in _text(name).splitlines() if each.strip()]


_FORMS = {"always": re.compile(r"([^:]+):(.+)"), "values": re.compile(r"([^:]+):([^=]+)=(.+)")}
"""`field: cell`, and `field: words = meaning`."""


def _read(name: str, line: str) -> tuple[str, ...] | None:
    found = _FORMS[name].fullmatch(line)
    return tuple(each.strip() for each in found.groups()) if found else None


def _meanings() -> dict[str, dict[str, str]]:
    """What words of other columns stand for."""
    values: dict[str, dict[str, str]] = {}
    for field, words, meaning in filter(None, (_read("values", each) for each in _lines("values"))):
        values.setdefault(field, {})[words] = meaning
    return values


def lines_of(sent: SentTable) -> dict[str, str]:
    """What is always so, and what words stand for, as they are typed, or were."""
    if "table" in request.form:
        return {name: _text(name) for name in _FORMS}
    others = [(field, said) for field, said in sent.mapping.values.items() if field != KIND]
    return {
        "always": "\n".join(f"{field}: {cell}" for field, cell in sent.mapping.always.items()),
        "values": "\n".join(f"{field}: {words} = {is_}" for field, said in others for words, is_ in said.items()),
    }
