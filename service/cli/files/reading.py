"""Files of other formats on the command line: taken in, or checked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from events.errors import ChronologyError, Invalid
from projections.clocks import Asked
from service.auth.roles import COMMAND_LINE
from service.chronicle.checking.faults import check_items
from service.chronicle.importing import LINES_AT_ONCE, Item, Taken, bar_of, take_in_items
from service.chronicle.proposals.incomplete_items import WITHOUT_KIND, WITHOUT_WORDS
from service.cli.files.keeping_commands import print_report
from service.cli.terminal import printable
from service.databases.chronology import Chronology
from service.formats.offer.manifest import Incoming, Read
from service.formats.tables.mapping import mapping_content
from service.formats.tables.names import known_names

_SECOND = 1_000_000


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
            today = datetime.fromtimestamp(chronology.now() / _SECOND, UTC).date()
            items = list(read(Incoming(path, _content(path), partial(known_names, snapshot), today, given)))
        if only_check:
            faults += print_report(path, check_items(chronology, COMMAND_LINE, items))
        else:
            taken = _taken(chronology, path, items)
            click.echo(f"{printable(str(path))}: {taken}, the log ends at {chronology.record.head()}")
        if waiting := sum(item.name == WITHOUT_KIND for item in items):
            told = f"{waiting} passages wait at /proposals until somebody says what kind of fact they tell"
            click.echo(f"{printable(str(path))}: {told}")
        if waiting := sum(item.name == WITHOUT_WORDS for item in items):
            told = f"{waiting} rows quote no words of a source, and wait for one at /proposals"
            click.echo(f"{printable(str(path))}: {told}")
    chronology.follower.catch_up()
    return 2 if faults else 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}") from None


def _taken(chronology: Chronology, path: Path, items: Sequence[Item]) -> Taken:
    taken = Taken()
    with bar_of(path) as advance:
        for start in range(0, len(items), LINES_AT_ONCE):
            some = items[start : start + LINES_AT_ONCE]
            try:
                part = take_in_items(chronology, COMMAND_LINE, some, names_lines=True)
            except ChronologyError as error:
                where = error.faults[0].sentence if error.faults else error.sentence
                raise type(error)(f"{path}, {where}", *error.faults) from None
            taken.add(part)
            advance(path.stat().st_size * len(some) // len(items))
    return taken
