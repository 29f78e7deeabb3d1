"""`export`: the chronology, or a list of it, in a format."""

from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click

from events.errors import Invalid
from projections.clocks import CLOCKS, asked_in
from service.chronicle.backup_file import new_file
from service.chronicle.exporting import Export
from service.cli.query_commands import clocks_and_reading, opened
from service.databases.chronology import Chronology
from service.formats.ndjson import FORMAT as CHRONICLE_FILE
from service.formats.offer.known_formats import FORMATS, installed
from service.formats.offer.lists import CHRONICLE, LISTS, Address, taken_out

_WRITING = {name: each for name, each in FORMATS.items() if each.writes}
_FILTERS = {
    "subject": "Facts about this subject, or the chain of a value of it.",
    "finding": "The chain of this value.",
    "kind": "Facts of this kind, or subjects of this kind.",
    "source": "Facts that cite this source.",
    "actor": "Facts that name this actor.",
    "q": "Facts with these words.",
    "from": "Facts that may have occurred on that day or later.",
    "to": "Facts that may have occurred on that day or before.",
    "status": "Subjects of this status.",
    "part_of": "Subjects that are part of this one.",
}


def _filters(command: Any) -> Any:
    for name in reversed(_FILTERS):
        command = click.option(f"--{name.replace('_', '-')}", name, help=_FILTERS[name])(command)
    return command


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@click.option("--format", "name", type=click.Choice([*_WRITING]), default=CHRONICLE_FILE.name, help="The format.")
@click.option("--of", type=click.Choice([CHRONICLE, *LISTS]), help="What of it; if not given, what is usual.")
@click.option("--address", metavar="URL", help="Where the pages are served; http and CHRONOLOGY_HOST if not given.")
@_filters
@clocks_and_reading
def export(file: Path, name: str, of: str | None, address: str | None, **given: Any) -> None:
    """Write the chronology into FILE (standard output if not given): by default as NDJSON that `import` takes in.

    In another format, or with --of, it is a list at the clocks, of any length.
    """
    form = installed(_WRITING[name])
    of = of or next(iter(form.writes))
    if of not in form.writes:
        raise Invalid(f"{of} are not written as {name}, which writes {', '.join(form.writes)}")
    known = LISTS[of].filters if of in LISTS else ()
    takes = (*known, *CLOCKS) if of in LISTS else ()
    if strange := next((each for each, value in given.items() if value is not None and each not in takes), None):
        raise Invalid(f"--{strange.replace('_', '-')} is given, by which {of} are not asked for")
    with opened(follows=of in LISTS) as chronology, new_file(file, replaces=True) as written:
        if of == CHRONICLE:
            _export(chronology, written)
            return
        base = address or f"http://{chronology.settings.host}:{chronology.settings.port}"
        filters = {each: given.get(each) for each in known}
        ask = partial(chronology.ask, patiently=True)
        written.writelines(form.writes[of](taken_out(ask, of, asked_in(given), filters, Address(base.rstrip("/")))))


def _export(chronology: Chronology, file: BinaryIO) -> None:
    exported = Export(chronology.record)
    file.writelines(exported.lines())
    if exported.left_out:
        what = "events rest on words that were erased: only `import --as-recorded` takes them in"
        click.echo(f"{exported.left_out} {what}", err=True)
