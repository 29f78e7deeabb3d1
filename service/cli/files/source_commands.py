"""`source add`: a document taken in as a source, from its file."""

import mimetypes
from base64 import b64encode
from pathlib import Path
from typing import Any

import click

from events.commands.record_sources import register_source
from events.errors import Invalid
from projections.clocks import Asked
from projections.queries.evidence.reprints import repeated_sources
from service.auth.roles import COMMAND_LINE
from service.chronicle.schemas import SourceSchema, read
from service.cli.query_commands import opened
from service.cli.terminal import printable
from service.documents.suggestions import suggested_id
from service.documents.taking_in import read_document

_NOTED = ("title", "publisher", "published", "zone", "language", "agency", "url")
_GUESSED = (*_NOTED, "retrieved_at", "text")


@click.group()
def source() -> None:
    """Take documents in."""


@source.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "name", help="Its id; made from publisher, date and title if not given.")
@click.option("--title")
@click.option("--publisher")
@click.option("--published", help="EDTF, as 2025-05-16 or 2025-05-16T10:00+03:00.")
@click.option("--zone", help="The IANA zone of its dates.")
@click.option("--language", help="BCP 47, as en.")
@click.option("--agency", help="Whose words the publisher passes on.")
@click.option("--url")
@click.option("--text-is", help="original, excerpt, digest or translation.")
@click.option("--check", "only_read", is_flag=True, help="Record nothing; show what is read and guessed.")
def add(file: Path, name: str | None, only_read: bool, **given: str | None) -> None:
    """Read FILE (HTML, PDF, DOCX, e-mail, text, WARC, WACZ), guess what was not given, and record it as a source.

    Its bytes are kept beside its text. What is recorded already under the same id is recognised.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from None
    found: dict[str, Any] = {**read_document(content, file.name)}
    said = {key: value for key, value in given.items() if value}
    body = {key: found[key] for key in _GUESSED if found.get(key)} | said
    body["id"] = name or suggested_id(body)
    for key in _NOTED:
        guessed = " (guessed)" if key in body and key not in said else ""
        click.echo(printable(f"{key:<10} {body.get(key, 'not said')}{guessed}"))
    click.echo(f"{'text':<10} {len(found['text']):,} characters from {found['format']}, {len(content):,} bytes")
    kind = found.get("media_type") or mimetypes.guess_type(file.name)[0]
    original = {"media_type": kind, "name": file.name, "base64": b64encode(content).decode()}
    _record(body, original, only_read=only_read)


def _record(body: dict[str, Any], original: dict[str, Any], *, only_read: bool) -> None:
    checked = read(SourceSchema(), {**body, "original": original})
    with opened() as chronology:
        with chronology.ask(Asked()) as (snapshot, _):
            for each in repeated_sources(snapshot, body["text"], {body["id"]}):
                click.echo(f"repeats    {each['source']}: {each['share']:.0%} of the shorter text stands in both")
        if only_read:
            click.echo(f"id         {body['id']} (not recorded)")
            return
        receipt = chronology.write(COMMAND_LINE, lambda call: register_source(call, checked))
        chronology.follower.catch_up()
    how = "recorded" if receipt.created else "recorded before"
    click.echo(f"id         {receipt.id}, {how} at position {receipt.position}")
