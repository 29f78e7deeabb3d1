"""What is typed as values of facts, in a cell or a form; what cannot be read stays as it is, and is refused later."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import orjson

from events.dates.in_words.reader import edtf_typed
from events.field_types import FieldType
from projections.queries.reading.numbers import count_typed
from service.formats.tables.mapping import TableMapping, is_list

_YES = frozenset({"true", "yes", "y", "x", "1", "так", "да", "evet", "oui", "نعم"})
_NO = frozenset({"false", "no", "n", "0", "ні", "нет", "hayır", "non", "لا"})
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2}) 0?0:00(:00(\.0+)?)?")
"""A day as databases write it that know no days."""
_MONTH_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")


class Cells:
    """Reads cells of a table, or what was typed into a form, by the type of their field.

    Args:
        mapping: how dates, numbers and lists are written.
        id_of: the id of whom or what a name means.
        today: the day from which dates such as "yesterday" are told.
    """

    def __init__(self, mapping: TableMapping, id_of: Callable[[str], str], today: date) -> None:
        self._mapping = mapping
        self._id_of = id_of
        self._today = today
        self._dates: dict[str, str] = {}
        self._by_type: dict[str, Callable[[str], Any]] = {
            "date": self._date,
            "count": self._count,
            "counts": self._counts,
            "integer": _whole,
            "version": _whole,
            "flag": _flag,
        }

    def value(self, field: str, of: FieldType | None, cell: str) -> Any:
        """The value that a cell of the field holds; of a list its members, with marks between or as a JSON array."""
        if is_list(of):
            given = _array(cell) or cell.split(self._mapping.between)
            members = [self._mapping.meaning(field, each.strip()) for each in given]
            return [self._one(of, each) for each in members if each]
        return self._one(of, self._mapping.meaning(field, cell))

    def _one(self, of: FieldType | None, words: str) -> Any:
        if of is None:
            return words
        if of.names and not of.keyed:
            return self._id_of(words)
        return self._by_type.get(of.title, str)(words)

    def _date(self, words: str) -> str:
        if words not in self._dates:
            self._dates[words] = self._date_of(words)
        return self._dates[words]

    def _date_of(self, words: str) -> str:
        if day := _MIDNIGHT.fullmatch(words):
            return day[1]
        written = _MONTH_FIRST.fullmatch(words) if self._mapping.months_first else None
        return edtf_typed(f"{written[3]}.{written[1]}.{written[4]}" if written else words, self._today)

    def _count(self, words: str) -> Any:
        return count_typed(words, self._mapping.language) or words

    def _counts(self, words: str) -> Any:
        pairs = [each.rpartition(":") for each in words.split(self._mapping.between) if each.strip()]
        if not all(name.strip() for name, _, _ in pairs):
            return words
        return {self._id_of(name.strip()): self._count(number.strip()) for name, _, number in pairs}


def _array(cell: str) -> list[str] | None:
    """The members of a JSON array of texts; None if the cell is none."""
    with suppress(ValueError):
        found = orjson.loads(cell) if cell.startswith("[") else None
        return found if isinstance(found, list) and all(isinstance(each, str) for each in found) else None
    return None


def _whole(words: str) -> Any:
    with suppress(ValueError):
        return int(words)
    return words


def _flag(words: str) -> Any:
    folded = words.casefold()
    return folded in _YES if folded in _YES | _NO else words
