"""The manifest of a format: what it is called, what it holds, who reads it, and what is lost on the way.

Each module of `service.formats` has one, as `FORMAT`. The command line, `Accept`, suffixes of addresses, menus of pages
and the table in the documents are made of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from service.chronicle.importing import Item
from service.formats.offer.lists import ExportedList

Write = Callable[[ExportedList], Iterator[bytes]]
"""Writes what is taken out, piece by piece; it holds no more than a few items at once."""

KnownNames = Callable[[Iterable[str]], Mapping[str, str]]
"""The subjects of those of the names that are known."""


@dataclass(frozen=True)
class Incoming:
    """A file that is taken in.

    `mapping` says what is what in it, where the format needs that said; `today` is the day from which dates such as
    "yesterday" are told.
    """

    path: Path
    content: bytes
    known: KnownNames
    today: date
    mapping: bytes | None = None


Read = Callable[[Incoming], Iterable[Item]]
"""Reads a file as items of a chronicle, each with its line; Invalid names what cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """An interchange format.

    Attributes:
        name: what it is called on the command line.
        title: what people call it.
        media_type: what HTTP calls it (RFC 6838), by which it is asked for in `Accept`.
        suffix: the ending of its files and addresses, without the first dot.
        follows: the standard that it follows.
        loses: what of the chronology it does not hold, each in a few words.
        writes: what can be written in it, by the name of the list, the most usual first.
        reads: how a file is read; None where it is only written.
        described_by: the name of the format that describes what is written, as metadata beside it.
        extra: the extra that has to be installed for it (`pip install three-clocks[EXTRA]`).
        needs: the module that this brings.
    """

    name: str
    title: str
    media_type: str
    suffix: str
    follows: str
    loses: tuple[str, ...]
    writes: Mapping[str, Write] = field(default_factory=dict)
    reads: Read | None = None
    described_by: str | None = None
    extra: str | None = None
    needs: str | None = None

    @property
    def is_installed(self) -> bool:
        """Whether what it needs is there."""
        return self.needs is None or find_spec(self.needs) is not None
