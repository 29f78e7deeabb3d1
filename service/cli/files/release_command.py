"""`import --map --release`: releases of a table taken in, or checked."""

import hashlib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from events.errors import ChronologyError
from projections.clocks import Asked
from service.auth.roles import COMMAND_LINE
from service.chronicle.checking.faults import check_items
from service.cli.files.keeping_commands import print_report
from service.cli.terminal import printable
from service.databases.chronology import Chronology
from service.formats.tables.mapping import mapping_content, mapping_in
from service.formats.tables.names import known_names
from service.formats.tables.releases.release import Release
from service.formats.tables.releases.taking_in import TakenIn, TakingIn
from service.formats.tables.rows import Rows
from service.formats.tables.table import Table

_SECOND = 1_000_000


def take_in_release(
    chronology: Chronology, path: Path, mapping: Path, published: str, *, only_check: bool, is_part: bool
) -> int:
    """Record what a release of a table says otherwise than those before it, or check it; returns the exit status.

    Raises:
        ChronologyError: a row is refused; calls of 500 rows before it stand, and are recognised the next time.
    """
    columns = mapping_in(mapping_content(mapping))
    with chronology.ask(Asked(), patiently=True) as (snapshot, _):
        today = datetime.fromtimestamp(chronology.now() / _SECOND, UTC).date()
        release = Release(Rows(Table(path), columns, partial(known_names, snapshot), today), published)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    taking_in = TakingIn(chronology, COMMAND_LINE, release, sha256, is_part=is_part)
    if only_check:
        return 2 if print_report(path, check_items(chronology, COMMAND_LINE, taking_in.items())) else 0
    try:
        _tell(path, release, taking_in.run())
    except ChronologyError as error:
        where = error.faults[0].sentence if error.faults else error.sentence
        raise type(error)(f"{path}, {where}" if error.faults else where, *error.faults) from None
    chronology.follower.catch_up()
    return 0


def _tell(path: Path, release: Release, taken: TakenIn) -> None:
    note, told = taken.note, f"{path}: {release.reason}"
    became = ", ".join(f"{len(note.of(each))} {each}" for each in ("new", "changed", "gone", "back"))
    click.echo(printable(f"{told}: {note.rows} rows, {became}; {taken.new} new events"))
    if taken.new and taken.first:
        click.echo(f"what that changed: chronology diff --from-position {taken.first} --to-position {taken.last}")
