"""Files of other formats and releases of tables on the command line: taken in, or checked."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import click

from events.dates.calendar import SECOND
from events.errors import ChronologyError, Invalid
from projections.clocks import Asked
from service.auth.roles import COMMAND_LINE
from service.chronicle.checking.faults import check_items
from service.chronicle.importing import LINES_AT_ONCE, ImportCounts, Item, bar_of, take_in_items
from service.chronicle.proposals.incomplete_items import WITHOUT_KIND, WITHOUT_WORDS
from service.cli.files.keeping_commands import print_report
from service.cli.terminal import printable
from service.databases.chronology import Chronology
from service.formats.offer.manifest import Incoming, Read
from service.formats.tables.mapping import mapping_content, mapping_in
from service.formats.tables.names import known_names
from service.formats.tables.releases.release import Release
from service.formats.tables.releases.release_import import ImportedRelease, ReleaseImport
from service.formats.tables.rows import Rows
from service.formats.tables.table import Table


def _today(chronology: Chronology) -> date:
    """The day from which dates such as "yesterday" are told."""
    return datetime.fromtimestamp(chronology.now() / SECOND, UTC).date()


def take_in_files(
    chronology: Chronology, paths: Sequence[Path], read: Read, mapping: Path | None, *, only_check: bool
) -> int:
    """Record what files hold, or say what is wrong with them; returns the exit status.

    Raises:
        ChronologyError: an item is refused; calls of 2,000 items before it stand, and are recognised the next time.
    """
    given = None if mapping is None else mapping_content(mapping)
    faults = 0
    for path in paths:
        with chronology.ask(Asked()) as (snapshot, _):
            incoming = Incoming(path, _content(path), partial(known_names, snapshot), _today(chronology), given)
            items = list(read(incoming))
        if only_check:
            faults += print_report(path, check_items(chronology, COMMAND_LINE, items))
        else:
            taken = _taken(chronology, path, items)
            click.echo(f"{printable(str(path))}: {taken}, the log ends at {chronology.record.head()}")
        if waiting := sum(item.name == WITHOUT_KIND for item in items):
            told = f"{waiting} passages wait at /proposals until somebody says what kind of fact they tell"
            click.echo(printable(f"{path}: {told}"))
        if waiting := sum(item.name == WITHOUT_WORDS for item in items):
            told = f"{waiting} rows quote no words of a source, and wait for one at /proposals"
            click.echo(printable(f"{path}: {told}"))
    chronology.follower.catch_up()
    return 2 if faults else 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}") from None


def _taken(chronology: Chronology, path: Path, items: Sequence[Item]) -> ImportCounts:
    taken = ImportCounts()
    with bar_of(path) as advance:
        for start in range(0, len(items), LINES_AT_ONCE):
            some = items[start : start + LINES_AT_ONCE]
            try:
                taken.add(take_in_items(chronology, COMMAND_LINE, some, names_lines=True))
            except ChronologyError as error:
                raise _refusal(path, error) from None
            advance(path.stat().st_size * len(some) // len(items))
    return taken


def _refusal(path: Path, error: ChronologyError) -> ChronologyError:
    """The refusal with the file, and the line at fault where there is one."""
    sentence = f"{path}, {error.faults[0].sentence}" if error.faults else error.sentence
    return type(error)(sentence, *error.faults)


def take_in_release(
    chronology: Chronology, path: Path, mapping: Path, published: str, *, only_check: bool, is_part: bool
) -> int:
    """Record what a release of a table says otherwise than those before it, or check it; returns the exit status.

    Raises:
        ChronologyError: a row is refused; calls of 500 rows before it stand, and are recognised the next time.
    """
    columns = mapping_in(mapping_content(mapping))
    with chronology.ask(Asked(), patiently=True) as (snapshot, _):
        rows = Rows(Table(path), columns, partial(known_names, snapshot), _today(chronology))
        release = Release(rows, published)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    importing = ReleaseImport(chronology, COMMAND_LINE, release, sha256, is_part=is_part)
    if only_check:
        return 2 if print_report(path, check_items(chronology, COMMAND_LINE, importing.items())) else 0
    try:
        _tell(path, release, importing.run())
    except ChronologyError as error:
        raise _refusal(path, error) from None
    chronology.follower.catch_up()
    return 0


def _tell(path: Path, release: Release, taken: ImportedRelease) -> None:
    note, told = taken.note, f"{path}: {release.reason}"
    became = ", ".join(f"{len(note.of(each))} {each}" for each in ("new", "changed", "gone", "back"))
    click.echo(printable(f"{told}: {note.rows} rows, {became}; {taken.new} new events"))
    if taken.new and taken.first:
        click.echo(f"what that changed: chronology diff --from-position {taken.first} --to-position {taken.last}")
