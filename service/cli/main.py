"""The command line, `chronology`: serving, importing, tokens; the other commands are in the modules beside."""

import gc

_COLLECTED_AFTER = 50_000, 20, 20
"""Importing, reading and folding make many objects without cycles: to walk over them more often took a tenth of the
start of a command, and a seventh of a rebuild."""
gc.set_threshold(*_COLLECTED_AFTER)

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from events.errors import ChronologyError
from projections.follow.follower import wait_for
from service.auth.roles import COMMAND_LINE, ROLES
from service.chronicle.as_recorded import take_in_as_recorded
from service.chronicle.importing import take_in
from service.cli.demo import demo
from service.cli.evidence_commands import EVIDENCE
from service.cli.files.export_command import export
from service.cli.files.keeping_commands import KEEPING, check_file
from service.cli.files.new_command import new
from service.cli.files.reading import take_in_files, take_in_release
from service.cli.files.source_commands import source
from service.cli.kinds_command import kinds
from service.cli.mcp_command import mcp
from service.cli.query_commands import QUESTIONS, opened
from service.cli.tables import show_tokens
from service.cli.terminal import printable
from service.databases.errors import in_one_line, is_trouble, trouble_of
from service.formats import csv, ndjson
from service.formats.offer.known_formats import FORMATS
from service.settings import settings_from

_STANDS_STILL_SECONDS = 5


class _Commands(click.Group):
    """Refusals are one sentence on standard error and exit status 2."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(context)
        except ChronologyError as error:
            _refuse(error.sentence)
        except Exception as error:
            if not is_trouble(error):
                raise
            _refuse(f"{trouble_of(error).sentence} ({in_one_line(error)})")


def _refuse(sentence: str) -> NoReturn:
    click.echo(printable(" ".join(sentence.split())), err=True)
    sys.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="three-clocks", message="chronology %(version)s")
def main() -> None:
    """A chronology: what happened, who says so, and what was believed when."""


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port; PORT or 8000 if not given.")
@click.option("--host", help="Address; CHRONOLOGY_HOST or 127.0.0.1 if not given.")
def serve(port: int | None, host: str | None) -> None:
    """Serve the API and the pages."""
    from service.cli.serve import run

    settings = settings_from(os.environ)
    run(settings, host or settings.host, port or settings.port)


@main.command()
def follow() -> None:
    """Follow the log into the views until stopped: the process beside the web workers on PostgreSQL."""
    from service.cli.serve import follow_until_stopped

    follow_until_stopped(settings_from(os.environ))


@main.command()
def ready() -> None:
    """Say how far the views are; exit with 1 where they lack events and stand still. For health checks of followers."""
    with opened(follows=False) as chronology:
        with chronology.store.reading() as snapshot:
            head, expected = snapshot.head, min(snapshot.head, snapshot.position + 1)
        reached = wait_for(chronology.store, expected, _STANDS_STILL_SECONDS)
    click.echo(f"the views stand at position {reached} of {head}")
    sys.exit(reached < expected)


@main.command()
def migrate() -> None:
    """Make the tables that are not there, and rebuild views of an older layout; wait a minute for the database."""
    from service.cli.serve import make_tables

    make_tables(settings_from(os.environ))
    click.echo("the tables are there")


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--as-recorded",
    is_flag=True,
    help="With the instants and recorders that the files name, into a log of such alone.",
)
@click.option(
    "--check", "only_check", is_flag=True, help="Record nothing; say all that is wrong, and exit with 2 if so."
)
@click.option(
    "--format",
    "name",
    type=click.Choice([each.name for each in FORMATS.values() if each.reads]),
    help="What the files are; chronicle files if not given, and tables with --map.",
)
@click.option(
    "--map",
    "mapping",
    type=click.Path(path_type=Path),
    help="What the columns of tables (CSV) are, in YAML; acled and ucdp-ged come with the program.",
)
@click.option(
    "--release",
    metavar="DATE",
    help="The table is the release of that date: rows that read otherwise are corrected, those gone retracted.",
)
@click.option("--part", "is_part", is_flag=True, help="It is a part of the release: rows that it lacks are not gone.")
def import_(
    files: tuple[Path, ...],
    as_recorded: bool,
    only_check: bool,
    name: str | None,
    mapping: Path | None,
    release: str | None,
    is_part: bool,
) -> None:
    """Take in chronicle files: YAML as a whole or not at all, NDJSON in calls of up to 2,000 lines, each as a whole.

    A line may rest on lines before it. What is recorded already is recognised: run again to go on after a refusal. A
    FILE of - is standard input. With --format they are of another format, with --map tables, CSV with headings;
    `new --for` writes a mapping.
    """
    name = name or (csv.FORMAT.name if mapping else ndjson.FORMAT.name)
    is_chronicle = name == ndjson.FORMAT.name
    if as_recorded and (only_check or not is_chronicle):
        raise click.UsageError("--as-recorded is for chronicle files, and neither for --check nor for --map")
    if mapping and name != csv.FORMAT.name:
        raise click.UsageError(f"--map is for tables, and not for {name}")
    if (release and not (mapping and len(files) == 1)) or (is_part and not release):
        raise click.UsageError("--release is for one table with --map, and --part for a release")
    with opened() as chronology:
        if release and mapping:
            sys.exit(take_in_release(chronology, files[0], mapping, release, only_check=only_check, is_part=is_part))
        if not is_chronicle and (read := FORMATS[name].reads):
            sys.exit(take_in_files(chronology, files, read, mapping, only_check=only_check))
        if only_check:
            sys.exit(2 if sum([check_file(chronology, path) for path in files]) else 0)
        for path in files:
            taken = (take_in_as_recorded if as_recorded else take_in)(chronology, COMMAND_LINE, path)
            for doubt in taken.doubts:
                click.echo(printable(f"{path}: {doubt}"), err=True)
            click.echo(f"{printable(str(path))}: {taken}, the log ends at {chronology.record.head()}")
        chronology.follower.catch_up()


@main.command()
def rebuild() -> None:
    """Build all views anew beside those in use, then swap."""
    with opened(follows=False) as chronology, Console(stderr=True).status("rebuilding") as status:
        head = chronology.record.head()
        position = chronology.follower.rebuild(lambda at: status.update(f"rebuilding: {at} of {head}"))
    click.echo(f"the views are rebuilt up to position {position}")


@main.group()
def token() -> None:
    """Issue, list and revoke tokens."""


@token.command("create")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="Whose it is: the name under which its bearer records.")
@click.option("--days", type=click.IntRange(1, 36_500), help="Days until it expires.")
def create_token(role: str, name: str, days: int | None) -> None:
    """Issue a token and print it, once."""
    with opened(follows=False) as chronology:
        lasts = timedelta(days=days) if days else None
        token_id, secret = chronology.keyring.issue(name or role, role, COMMAND_LINE, lasts)
    click.echo(secret)
    click.echo(f"token {token_id} of role {role}; it is not shown again", err=True)


@token.command("list")
def list_tokens() -> None:
    """List the tokens issued, without their secrets."""
    with opened(follows=False) as chronology:
        show_tokens(chronology.keyring.issued())


@token.command("revoke")
@click.argument("token_id")
def revoke_token(token_id: str) -> None:
    """Revoke a token from now on."""
    with opened(follows=False) as chronology:
        chronology.keyring.revoke(token_id, COMMAND_LINE)
    click.echo(f"token {token_id} is revoked")


for _command in (demo, export, kinds, mcp, new, source, *QUESTIONS, *EVIDENCE, *KEEPING):
    main.add_command(_command)
