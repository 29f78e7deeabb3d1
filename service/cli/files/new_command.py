"""`new`: files to begin with."""

from pathlib import Path

import click

from events.errors import Conflict, Invalid
from service.cli.terminal import printable
from service.formats.tables.mapping import written
from service.formats.tables.suggestions import suggested
from service.formats.tables.table import Table

_CHRONICLE = Path(__file__).parents[2] / "samples" / "new" / "chronicle.yaml"
_HEAD = """\
# What the columns of {table} seem to be: look at each, and change what is wrong. A column without a field is left out.
# `values` says what words of a column stand for, `always` what is so in every row. `chronology kinds` lists the kinds.
"""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--for", "table", type=click.Path(path_type=Path), help="A table (CSV): write a mapping that its headings suggest."
)
def new(file: Path, table: Path | None) -> None:
    """Write a commented chronicle file to begin with, or a mapping of a table, into a new FILE."""
    try:
        content = _CHRONICLE.read_text(encoding="utf-8") if table is None else _mapping(table)
        with file.open("x", encoding="utf-8") as written:
            written.write(content)
    except FileExistsError:
        raise Conflict(f"{file} is there already") from None
    except OSError as error:
        raise Invalid(f"{error.filename}: {error.strerror}") from None
    click.echo(printable(f"{file} is written"))


def _mapping(path: Path) -> str:
    table = Table(path.read_bytes())
    return _HEAD.format(table=path.name) + written(suggested(table), table.headings)
