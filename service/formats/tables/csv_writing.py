"""CSV as RFC 4180 has it, harmless where a spreadsheet opens it."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection), full width too.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def harmless(cell: Any) -> str:
    """The cell as text that no spreadsheet computes: an apostrophe stands before what would begin a formula."""
    if cell is None or cell == "":
        return ""
    text = str(cell)
    return f"'{text}" if _would_compute(text.lstrip("'")) else text


def bare(cell: str) -> str:
    """A cell without the apostrophe that keeps it from being computed: what `harmless` was made of."""
    return cell[1:] if cell.startswith("'") and _would_compute(cell.lstrip("'")) else cell


def _would_compute(text: str) -> bool:
    return text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)


def written(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """The lines of a table in UTF-8, its header first; they end with CR LF."""
    yield _line(columns)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[Any]) -> bytes:
    line = StringIO()
    csv.writer(line).writerow([harmless(cell) for cell in cells])
    return line.getvalue().encode()
