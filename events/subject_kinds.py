"""What kinds of subjects there are: each a class that declares its ladder of statuses."""

from collections.abc import Mapping
from typing import ClassVar

Stems = Mapping[str, tuple[str, ...]]
"""By language, beginnings of words by which a text tells of something."""


class Subject:
    """A class of things that facts are about.

    Class attributes:
        words: its name in words.
        nouns: what texts call it, as beginnings of words in several languages.
        ladder: its statuses, low to high.
        lasting: statuses that a subject is in for a time; any other is reached on a day.
        progress: the map whose counts, stage by stage, say how far it has come, and the count that they are parts of.
        passing: what time alone does to a status: status -> (the field whose date ends it, the status then).
    """

    words: ClassVar[str] = ""
    nouns: ClassVar[Stems] = {}
    ladder: ClassVar[tuple[str, ...]] = ()
    lasting: ClassVar[tuple[str, ...]] = ()
    progress: ClassVar[tuple[str, str] | None] = None
    passing: ClassVar[dict[str, tuple[str, str]]] = {}
    title: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.title = cls.__name__.lower()
        if cls.title in SUBJECT_KINDS:
            raise TypeError(
                f"there is a kind of subject {cls.title!r} already, in {SUBJECT_KINDS[cls.title].__module__}"
            )
        SUBJECT_KINDS[cls.title] = cls


SUBJECT_KINDS: dict[str, type[Subject]] = {}


def passing_fields() -> list[str]:
    """The fields whose dates end a status."""
    return sorted({field for kind in SUBJECT_KINDS.values() for field, _ in kind.passing.values()})


def stems(written: str) -> Stems:
    """Stems by language, as in "en: agree, deal; fr: accord": languages are parted by semicolons, stems by commas."""
    found = {}
    for part in written.split(";"):
        language, _, words = part.partition(":")
        found[language.strip()] = tuple(word.strip() for word in words.split(","))
    return found
