"""`demo`: the sample that comes with the package, in a database of its own, served."""

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import click

from service.auth.roles import COMMAND_LINE
from service.chronicle.as_recorded import take_in_as_recorded
from service.chronicle.importing import take_in
from service.cli.terminal import printable
from service.databases.chronology import Chronology
from service.settings import settings_from

SAMPLE = Path(__file__).parents[1] / "samples" / "istanbul-2025" / "istanbul-2025.chronicle.yaml"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port; PORT or 8000 if not given.")
@click.option("--database", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), default="demo.db")
def demo(port: int | None, database: Path) -> None:
    """Load the sample into FILE, demo.db here if not given, and serve it; CHRONOLOGY_DATABASE stays untouched.

    A new FILE takes it as it was recorded, in six sittings from May to November 2025.
    """
    from service.cli.serve import run

    settings = replace(settings_from(os.environ), database=f"sqlite:///{database}", read_database="", pooler="none")
    with closing(Chronology(settings, makes=True, follows=True)) as chronology:
        load = take_in if chronology.record.head() else take_in_as_recorded
        taken = load(chronology, COMMAND_LINE, SAMPLE)
        chronology.follower.catch_up()
    click.echo(f"{printable(str(database))}: {taken}")
    run(settings, settings.host, port or settings.port)
