"""Commands that keep a chronology: `backup` and `restore`; and what a check of a file found."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory

import click

from service.auth.roles import COMMAND_LINE
from service.chronicle.backup import back_up
from service.chronicle.backup import restore as restore_from
from service.chronicle.backup_file import STANDARD
from service.chronicle.checking.faults import Report, check_items
from service.chronicle.importing import EVENTS, file_at, items_of_file
from service.cli.query_commands import opened
from service.cli.terminal import printable
from service.databases.chronology import Chronology
from service.databases.primary_and_replica import LOG
from service.settings import settings_from


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


def check_file(chronology: Chronology, path: Path) -> int:
    """Print all that is wrong with a chronicle file, and return how much that is."""
    with file_at(path) as file:
        items = [each for each in items_of_file(path, file)[1] if each is not None and each.name != EVENTS]
    return print_report(path, check_items(chronology, COMMAND_LINE, items))


def print_report(path: Path, found: Report) -> int:
    """Print what a check found of a file, and return how many faults that is."""
    for sort, faults in (("", found["faults"]), ("doubtful: ", found["doubts"])):
        for each in faults:
            near = f" (the nearest is {each['nearest']!r})" if "nearest" in each else ""
            line = f"{path}, line {each['line']}, {each['pointer']}: {sort}{each['detail']}{near}"
            click.echo(printable(line), err=True)
    count = len(found["faults"]) + found["more"]
    unchecked = f", {found['unchecked']} items rest on what is refused" if found["unchecked"] else ""
    click.echo(printable(f"{path}: {count} faults{unchecked}; {found['new']} new events if it were taken in"))
    return count


KEEPING = (backup, restore)
