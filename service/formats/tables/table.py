"""A table as its file has it: CSV (RFC 4180) as spreadsheets of any country write it."""

import csv
from collections.abc import Iterator, Mapping, Set
from io import StringIO
from pathlib import Path
from typing import NamedTuple, TextIO

from events.errors import Invalid
from service.formats.tables.csv_writing import bare

MOST_COLUMNS = 200
LONGEST_CELL = 1_000_000
_SEPARATORS = ",;\t|"
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Row(NamedTuple):
    """A row below the headings: its number, from 1, the line on which it ends, and its cells by heading."""

    number: int
    line: int
    cells: dict[str, str]


class Table:
    """A table with headings: its content, or the file that has it, of which a row at a time is kept in memory.

    Raises:
        Invalid: it is no text in UTF-8 or UTF-16, has no headings, or two that are the same; or there is no such file.
    """

    def __init__(self, content: bytes | Path) -> None:
        self._content = content if isinstance(content, Path) else _text_of(content)
        with self._opened() as file:
            first = _read_line(file)
        self._separator = max(_SEPARATORS, key=first.count)
        self.headings = [each.strip() for each in next(self._lines(), (0, list[str]()))[1]]
        named = [each for each in self.headings if each]
        if not named:
            raise Invalid("the table has no headings: its first line is empty")
        if len(named) > MOST_COLUMNS:
            raise Invalid(f"the table has {len(named)} columns (at most {MOST_COLUMNS})")
        if twice := next((each for each in named if named.count(each) > 1), None):
            raise Invalid(f"two columns of the table are called {twice!r:.80}")

    def rows(self) -> Iterator[Row]:
        """The rows that hold something.

        Raises:
            Invalid: a row has more cells than there are headings.
        """
        lines = self._lines()
        next(lines)
        for number, (line, cells) in enumerate(lines, start=1):
            if any(each.strip() for each in cells[len(self.headings) :]):
                raise Invalid(f"line {line} of the table has more cells than there are headings")
            pairs = zip(self.headings, (bare(each.strip()).strip() for each in cells), strict=False)
            found = {heading: cell for heading, cell in pairs if heading and cell}
            if found:
                yield Row(number, line, found)

    @property
    def text(self) -> str:
        """The whole table, as text."""
        with self._opened() as file:
            return file.read()

    def changed(self, cells: Mapping[tuple[int, str], str], without: Set[int]) -> "Table":
        """The table with other words in some cells, each by the number of its row and its heading, and without rows."""
        written = StringIO(newline="")
        writer = csv.writer(written, delimiter=self._separator, lineterminator="\n")
        for number, (_, row) in enumerate(self._lines()):
            width = max(len(row), len(self.headings)) if any(at == number for at, _ in cells) else len(row)
            padded = row + [""] * (width - len(row))
            if number not in without:
                headings = [*self.headings, *[""] * width][:width]
                pairs = zip(headings, padded, strict=True)
                writer.writerow([cells.get((number, heading), cell) if heading else cell for heading, cell in pairs])
        return Table(written.getvalue().encode())

    def _opened(self) -> TextIO:
        if isinstance(self._content, str):
            return StringIO(self._content, newline="")
        try:
            with self._content.open("rb") as file:
                coding = _coding_of(file.read(4))
            return self._content.open(encoding=coding, newline="")
        except OSError as error:
            raise Invalid(f"{self._content}: {error.strerror}") from None

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(LONGEST_CELL)
        with self._opened() as file:
            reader = csv.reader((line.replace("\0", "") for line in file), delimiter=self._separator)
            try:
                for cells in reader:
                    yield reader.line_num, cells
            except UnicodeDecodeError as error:
                raise _no_text(error) from None
            except csv.Error as error:
                raise Invalid(f"line {reader.line_num} of the table: {error}") from None


def _read_line(file: TextIO) -> str:
    try:
        return file.readline()
    except UnicodeDecodeError as error:
        raise _no_text(error) from None


def _coding_of(content: bytes) -> str:
    return next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")


def _text_of(content: bytes) -> str:
    try:
        return content.decode(_coding_of(content)).replace("\0", "")
    except UnicodeDecodeError as error:
        raise _no_text(error) from None


def _no_text(error: UnicodeDecodeError) -> Invalid:
    return Invalid(f"the table is no text in UTF-8: {error}; save it as CSV UTF-8")
