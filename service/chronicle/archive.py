"""The form of a backup: one file of JSON lines that holds rows of named tables, and says of itself whether it is whole.

The first line names the form. A line `{"table", "columns"}` begins a table, each line that is an array is a row of it,
`{"rows", "sha256"}` ends it. The last line is `{"sha256"}` of all bytes before it: whatever is cut off or altered
anywhere is noticed. The same file is made on SQLite and on PostgreSQL, and can be read with any tool for JSON.
"""

import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson

from events.errors import Conflict, Invalid

_FORM = {"form": "chronology backup", "version": 1}
_BINARY = "base64"
Row = list[Any]


class Writer:
    """Writes tables into a file, line by line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._whole = hashlib.sha256()
        self._line(_FORM)

    def _line(self, value: Any) -> bytes:
        line = orjson.dumps(value) + b"\n"
        self._whole.update(line)
        self._file.write(line)
        return line

    def table(self, name: str, columns: list[str], rows: Iterable[Iterable[Any]]) -> int:
        """Write a table; answers with the number of its rows."""
        self._line({"table": name, "columns": columns})
        count, digest = 0, hashlib.sha256()
        for row in rows:
            digest.update(self._line([_plain(value) for value in row]))
            count += 1
        self._line({"rows": count, "sha256": digest.hexdigest()})
        return count

    def end(self) -> str:
        """Write the last line; answers with the SHA-256 of all before it."""
        digest = self._whole.hexdigest()
        self._line({"sha256": digest})
        return digest


def _plain(value: Any) -> Any:
    """A value as JSON has it: bytes as text where they are UTF-8, ids as hexadecimal digits, times in RFC 3339."""
    if isinstance(value, bytes | bytearray | memoryview):
        content = bytes(value)
        try:
            return content.decode()
        except UnicodeDecodeError:
            return {_BINARY: b64encode(content).decode()}
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if isinstance(value, datetime) else value


def as_stored(value: Any, kind: type) -> Any:
    """A value of the file as a column of that Python type takes it."""
    if value is None:
        return None
    if isinstance(value, dict):
        return b64decode(value[_BINARY])
    if kind is bytes:
        return value.encode()
    if kind is UUID:
        return UUID(value)
    return datetime.fromisoformat(value) if kind is datetime else value


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that is there under its name only once it is whole and on the disk; for its owner's eyes only.

    Raises:
        Conflict: a file of that name is there already.
        Invalid: it cannot be written.
    """
    if path.exists():
        raise Conflict(f"{path} is there already, and a backup overwrites nothing")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with open(unfinished, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _settle(path.parent)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _settle(folder: Path) -> None:
    """Bring the folder's list of names onto the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def check(path: Path) -> dict[str, int]:
    """Read the whole file, and answer with the number of rows of each table.

    Raises:
        Invalid: it cannot be read, is not a backup, is cut off, or was altered.
    """
    counts: dict[str, int] = {}
    whole, last = hashlib.sha256(), b""
    try:
        with path.open("rb") as file:
            for line in file:
                whole.update(last)
                last = line
        if last != orjson.dumps({"sha256": whole.hexdigest()}) + b"\n":
            raise Invalid(f"{path} is not a whole backup: its last line is not the SHA-256 of what stands before it")
        for name, _, rows in tables(path):
            counts[name] = sum(1 for _ in rows)
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from None
    return counts


def tables(path: Path) -> Iterator[tuple[str, list[str], Iterator[Row]]]:
    """The tables of a file in order: name, columns, rows; the rows are to be read before the next table is asked for.

    Raises:
        Invalid: the file is not a backup, or a table has other rows than it says.
    """
    with path.open("rb") as file:
        if next(file, b"") != orjson.dumps(_FORM) + b"\n":
            raise Invalid(f"{path} is not a backup of a version that this program reads")
        for line in file:
            head = orjson.loads(line)
            if "table" in head:
                yield head["table"], head["columns"], _rows(path, head["table"], file)


def _rows(path: Path, name: str, file: BinaryIO) -> Iterator[Row]:
    count, digest = 0, hashlib.sha256()
    for line in file:
        if not line.startswith(b"["):
            if orjson.loads(line) != {"rows": count, "sha256": digest.hexdigest()}:
                break
            return
        digest.update(line)
        count += 1  # noqa: SIM113  (needed after the last line, too)
        yield orjson.loads(line)
    raise Invalid(f"{path} does not hold the rows of {name} that it says it holds")
