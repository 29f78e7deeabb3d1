"""Twelve invented articles in six languages, with the dates and facts that they tell written down as truth."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from service.chronicle.json_limits import yaml_in

FOLDER = Path(__file__).parent / "articles"


@dataclass(frozen=True)
class ToldDate:
    """A date in words at `[start, end)` of an article, and its EDTF."""

    start: int
    end: int
    edtf: str


@dataclass(frozen=True)
class Article:
    """An article: what its page would say of it, its text, and its facts.

    Each fact has its kind, subject, modality, `occurred`, own fields, its quote, and by field the words of its dates.
    """

    name: str
    title: str
    publisher: str
    published: str
    zone: str
    language: str
    text: str
    facts: list[dict[str, Any]]
    other_dates: dict[str, str]

    @property
    def day(self) -> date:
        return date.fromisoformat(self.published)

    def dates(self) -> list[ToldDate]:
        """All dates in words: those of facts, within their quotes where they stand there, and others."""
        found = []
        for fact in self.facts:
            for field, words in fact["words"].items():
                quoted = self.text.index(fact["quote"])
                start = self.text.find(words, quoted, quoted + len(fact["quote"]))
                start = self.text.index(words) if start < 0 else start
                edtf = fact["occurred"] if field == "occurred" else fact["fields"][field]
                found.append(ToldDate(start, start + len(words), edtf))
        for words, edtf in self.other_dates.items():
            start = self.text.index(words)
            found.append(ToldDate(start, start + len(words), edtf))
        return found


def articles() -> list[Article]:
    """All twelve, in the order of their names."""
    return [
        Article(name=path.stem, **yaml_in(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml"))
    ]
