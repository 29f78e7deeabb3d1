"""The file of a backup: JSON lines, the same on either database.

The first line names the form. A line `{"table", "columns"}` begins a table, each array is a row of it. The last line is
`{"sha256"}` of all bytes before it.
"""

import hashlib
import os
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby, islice
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson

from events.errors import Conflict, Invalid

STANDARD = Path("-")
"""Standard output, or input."""
ROWS_AT_ONCE = 50
Row = list[Any]
_FORM = {"form": "chronology backup", "version": 3}
_BINARY = "base64"


class Writer:
    """Writes tables into a file, line by line, and counts their rows."""

    def __init__(self, file: BinaryIO) -> None:
        self.counts: dict[str, int] = {}
        self._file = file
        self._digest = hashlib.sha256()
        self._line(_FORM)

    def _line(self, value: Any) -> None:
        line = orjson.dumps(value) + b"\n"
        self._digest.update(line)
        self._file.write(line)

    def table(self, name: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> None:
        """Write a table."""
        self._line({"table": name, "columns": columns})
        self.counts[name] = 0
        for row in rows:
            self._line([_plain(value) for value in row])
            self.counts[name] += 1

    def end(self) -> str:
        """Write the last line; return the SHA-256 of all before it."""
        digest = self._digest.hexdigest()
        self._line({"sha256": digest})
        return digest


@contextmanager
def new_file(path: Path, *, replaces: bool = False) -> Iterator[BinaryIO]:
    """A file that has its name only once it is whole and on the disk; or `-`, standard output.

    With `replaces` it takes the place of one of that name; without, it is its owner's only.

    Raises:
        Conflict: a file of that name is there already.
        Invalid: it cannot be written.
    """
    if path == STANDARD:
        yield sys.stdout.buffer
        return
    if replaces and path.exists() and not path.is_file():  # a pipe or a device, whose place nothing takes
        with path.open("wb") as written:
            yield written
        return
    if path.exists() and not replaces:
        raise Conflict(f"{path} is there already, and a backup overwrites nothing")
    unfinished, mode = path.with_name(f".{path.name}.{os.getpid()}.unfinished"), 0o666 if replaces else 0o600
    try:
        with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        if hasattr(os, "O_DIRECTORY"):  # Windows opens none
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)  # its list of names
            finally:
                os.close(folder)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()


def check(path: Path) -> None:
    """Refuse a file that is no whole backup."""
    digest, first, last = hashlib.sha256(), b"", b""
    try:
        with path.open("rb") as file:
            for line in file:
                first = first or line
                digest.update(last)
                last = line
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from None
    if last != orjson.dumps({"sha256": digest.hexdigest()}) + b"\n":
        raise Invalid(f"{path} is not a whole backup: its last line is not the SHA-256 of what stands before it")
    if first != orjson.dumps(_FORM) + b"\n":
        raise Invalid(f"{path} is not a backup of a version that this program reads")


def chunks_of(path: Path) -> Iterator[tuple[str, list[str], list[Row]]]:
    """The tables of a checked file: name, columns and no rows where one begins, then its rows, a few at a time."""
    head: dict[str, Any] = {}
    with path.open("rb") as file:
        for are_rows, lines in groupby(file, key=lambda line: line.startswith(b"[")):
            read = map(orjson.loads, lines)
            while some := list(islice(read, ROWS_AT_ONCE if are_rows else 1)):
                head = head if are_rows else some[0]
                if "table" in head:
                    yield head["table"], head["columns"], some if are_rows else []


def as_stored(value: Any, of: type) -> Any:
    """A value of the file as a column of that Python type takes it."""
    if isinstance(value, dict):
        return b64decode(value[_BINARY])
    if value is not None and of is bytes:
        return value.encode()
    return UUID(value) if value is not None and of is UUID else value


def _plain(value: Any) -> Any:
    """A value as JSON has it: bytes as text where they are UTF-8, ids as hexadecimal digits."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {_BINARY: b64encode(value).decode()}
    return value.hex if isinstance(value, UUID) else value
