"""The rows of a table as items of a chronicle: the documents and matters that they name, and their facts."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from events.errors import Invalid
from events.facts import KINDS, subjects_named
from events.kinds.any_subject import SubjectDescribed
from service.chronicle.importing import Item
from service.chronicle.proposals.incomplete_items import WITHOUT_WORDS
from service.formats.tables.cells import Cells
from service.formats.tables.mapping import IGNORED, SOURCE, SUBJECT, WORDS, TableMapping, targets, without_columns
from service.formats.tables.names import Names, id_made_from
from service.formats.tables.parts import joined
from service.formats.tables.table import Row, Table

KnownNames = Callable[[Iterable[str]], Mapping[str, str]]
"""The subjects of those of the names that are known."""
_DESCRIBED = ("id", "kind", "title", "part_of", "aliases")
_WORDS = ("exact", "prefix", "suffix")
_IDENTIFYING = ("publisher", "published", "title")


class Rows:
    """Reads the rows of a table; each document and each new subject comes before the first fact that names it.

    A fact that no words carry is an item of its own sort, with the subjects that it would be the first to name.
    `known` says whom names mean, all at once; `today` is the day from which dates such as "yesterday" are told.

    Raises:
        Invalid: the mapping names a column that the table has not.
    """

    def __init__(self, table: Table, mapping: TableMapping, known: KnownNames, today: date) -> None:
        if missing := without_columns(mapping, table.headings):
            raise Invalid(f"the table has no column {missing[0]!r:.80}; it has {', '.join(table.headings)}")
        self.table = table
        self.mapping = mapping
        self._sources: set[str] = set()
        self._names = Names(known(self._met(today)))
        self._cells = Cells(mapping, self._names.id_of, today)

    def items(self) -> Iterator[Item]:
        """The items of each row in turn."""
        for row in self.table.rows():
            yield from self._items(row)

    def _met(self, today: date) -> set[str]:
        """The names in the table."""
        names, types = Names({}), targets()
        cells = Cells(self.mapping, names.id_of, today)
        fields = [(heading, field, types.get(field)) for heading, field in self.mapping.columns.items()]
        naming = [(heading, field, of) for heading, field, of in fields if of is not None and of.names]
        for row in self.table.rows():
            for heading, field, of in naming:
                if heading in row.cells:
                    cells.value(field, of, row.cells[heading])
        for field, cell in self.mapping.always.items():
            cells.value(field, types[field], cell)
        return names.met

    def _items(self, row: Row) -> Iterator[Item]:
        fact = self.values(row.cells)
        source, about = taken_out(fact, SOURCE), taken_out(fact, SUBJECT)
        words = {name: fact.pop(name) for name in _WORDS if name in fact}
        cited = fact.pop("source", None) or source.pop("id", None)
        if source:
            cited = cited or _id_of(source)
            if cited not in self._sources:
                self._sources.add(cited)
                yield item_of("sources", {"id": cited, **_titled(source)}, row)
        is_cited = bool(cited and "exact" in words)
        described = list(self.descriptions(fact, about, keeps=not is_cited))
        if fact.get("kind") == SubjectDescribed.__name__ and not is_cited:  # told here, which needs no words
            given = {**fact, **about, "id": fact.get("subject"), "kind": fact.get("subject_kind")}
            yield item_of("subjects", {name: given[name] for name in _DESCRIBED if given.get(name)}, row)
        elif is_cited:
            yield from (item_of("subjects", each, row) for each in described)
            yield item_of("facts", {**fact, "citations": [{"source": cited, **words}]}, row)
        elif fact:
            beside = {"subjects": described, "source": cited}
            yield item_of(WITHOUT_WORDS, fact | {name: value for name, value in beside.items() if value}, row)

    def values(self, by_heading: Mapping[str, str]) -> dict[str, Any]:
        """What the cells of a row give, field by field; what is always so comes last."""
        types, values = targets(), dict[str, Any]()
        cells = [(self.mapping.columns.get(heading, IGNORED), cell) for heading, cell in by_heading.items()]
        always = [(field, cell) for field, cell in self.mapping.always.items()]
        for field, cell in cells:
            if field not in (IGNORED, WORDS):
                value = self._cells.value(field, types[field], cell)
                values[field] = [*values[field], *value] if isinstance(values.get(field), list) else value
        return joined({field: self._cells.value(field, types[field], cell) for field, cell in always} | values)

    def descriptions(self, fact: dict[str, Any], about: dict[str, Any], *, keeps: bool) -> Iterator[dict[str, Any]]:
        """The descriptions of subjects that the fact is the first to name; with `keeps`, later ones have them too."""
        kind = KINDS.get(str(fact.get("kind")))
        for name, implied in subjects_named(kind, fact):
            if implied is None:
                continue
            described = self._names.described(name, implied, keeps=keeps)
            if name == fact.get("subject") and (described or about):
                described = {"id": name, "kind": implied, **(described or {}), **about}
            if described:
                yield described


def _id_of(source: Mapping[str, Any]) -> str:
    """An id for a document without one: of publisher, date and title; without title, of its address or its text too."""
    told = [source[name] for name in _IDENTIFYING if name in source]
    if "title" not in source:
        text = source.get("text")
        told.append(source.get("url") or (hashlib.sha256(text.encode()).hexdigest()[:8] if text else ""))
    return id_made_from(" ".join(told))


def _titled(source: dict[str, Any]) -> dict[str, Any]:
    """A document with a title: where the table has none, its publisher and date, or else its address."""
    noted = ", ".join(source[name] for name in ("publisher", "published") if name in source)
    title = source.get("title") or (noted if "publisher" in source else source.get("url"))
    return {**source, "title": title} if title else source


def taken_out(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The values whose names begin so, taken out, under the rest of their names."""
    names = [name for name in values if name.startswith(prefix)]
    return {name.removeprefix(prefix): values.pop(name) for name in names}


def item_of(name: str, given: dict[str, Any], row: Row) -> Item:
    """An item of that list that the row gives."""
    return Item(name, given, "", lambda _: row.line)
