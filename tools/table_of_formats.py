"""Writes the table of formats in docs/formats.md anew, from the manifests: `python -m tools.table_of_formats`."""

import re
from pathlib import Path

from service.formats.offer.known_formats import HEADINGS, table_of_formats

PAGE = Path(__file__).parents[1] / "docs" / "formats.md"
TABLE = re.compile(r"^\| Name \|.*\n(?:\|.*\n)+", re.MULTILINE)


def in_markdown() -> str:
    """The table as Markdown."""
    rows = [HEADINGS, ["---"] * len(HEADINGS), *table_of_formats()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    PAGE.write_text(TABLE.sub(lambda _: in_markdown(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
