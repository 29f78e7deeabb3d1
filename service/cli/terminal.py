"""What is printed on a terminal: text that cannot control it, and tables."""

import re

from rich.table import Table
from rich.text import Text

_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


def printable(text: str) -> str:
    """A text whose control and direction characters are shown, not sent to the terminal: ESC as its code."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def printable_json(content: bytes) -> bytes:
    """JSON in which the same characters are escaped (RFC 8259, section 7), which leaves its value as it is."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", content.decode()).encode()


def plain(text: str) -> Text:
    """A text without markup and without characters that control the terminal."""
    return Text(printable(text))


def table_of(title: str, *headings: str) -> Table:
    """An empty table with these headings."""
    table = Table(title=plain(title), title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def add_row(table: Table, *cells: str) -> None:
    """Add a row of plain cells."""
    table.add_row(*(plain(cell) for cell in cells))
