"""Commands that keep a chronology: `export`, `backup` and `restore`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO

import click

from service.chronicle.backup import back_up
from service.chronicle.backup import restore as restore_from
from service.chronicle.backup_file import STANDARD
from service.chronicle.exporting import Export
from service.cli.query_commands import opened
from service.databases.primary_and_replica import LOG
from service.settings import settings_from


@click.command()
@click.argument("file", type=click.File("wb", lazy=False, atomic=True), default="-")
def export(file: BinaryIO) -> None:
    """Write the chronology into FILE (standard output if not given) as NDJSON that `import` takes in again."""
    with opened(follows=False) as chronology:
        exported = Export(chronology.record)
        file.writelines(exported.lines())
    if exported.left_out:
        what = "events rest on words that were erased: only `import --as-recorded` takes them in"
        click.echo(f"{exported.left_out} {what}", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write all that cannot be rebuilt into a new FILE, or to standard output (-), while the service runs."""
    counts, digest = back_up(settings_from(os.environ).primary, file)
    held = ", ".join(f"{count} rows of {name}" for name, count in counts.items())
    click.echo(f"{file}: {held}; SHA-256 {digest}", err=file == STANDARD)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Take a backup FILE, or standard input (-), into an empty database, whole or not at all, and build the views."""
    with opened(follows=False) as chronology, _readable(file) as whole:
        counts = restore_from(chronology.store.engine, whole)
        position = chronology.follower.rebuild()
    click.echo(f"{file}: {counts[LOG]} events restored; the views are built up to position {position}")


@contextmanager
def _readable(file: Path) -> Iterator[Path]:
    """The file, which is read twice; what comes in by standard input is kept until then."""
    if file != STANDARD:
        yield file
        return
    with TemporaryDirectory() as folder:
        kept = Path(folder, "standard input")
        with kept.open("wb") as copy:
            copyfileobj(sys.stdin.buffer, copy)
        yield kept


KEEPING = (export, backup, restore)
