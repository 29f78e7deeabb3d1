"""`mcp`: the door for assistants on standard input and output."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import click
import orjson

from events.errors import ChronologyError
from events.field_types import JsonObject
from events.log.receipts import Recorder
from service.assistants.protocol import Call, refusal_of_text, reply
from service.auth.roles import Forbidden, Unauthorized
from service.chronicle.json_limits import json_in
from service.cli.query_commands import opened
from service.databases.chronology import Chronology


@click.command()
@click.option("--address", metavar="URL", help="Where the pages are served; http and CHRONOLOGY_HOST if not given.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file with the token of a recorder, to propose with; without it the assistant may only ask.",
)
def mcp(address: str | None, token_file: Path | None) -> None:
    """Answer an assistant on standard input and output (Model Context Protocol)."""
    from service.assistants.calls import Desk, call
    from service.assistants.offer import TOOLS_LISTED

    with opened() as chronology:
        own = f"http://{chronology.settings.host}:{chronology.settings.port}"
        desk = Desk(
            chronology, (address or own).rstrip("/"), lambda: _proposer(chronology, token_file), lambda _: nullcontext()
        )
        for answer in _answers(sys.stdin.buffer, TOOLS_LISTED, partial(call, desk)):
            sys.stdout.buffer.write(answer + b"\n")
            sys.stdout.buffer.flush()


def _answers(lines: Iterable[bytes], tools: list[JsonObject], calls: Call) -> Iterator[bytes]:
    """The answers to messages, one on each line."""
    for line in lines:
        try:
            body = reply(json_in(line), tools, calls).body
        except (ValueError, ChronologyError) as error:
            body = refusal_of_text(str(error))
        if body is not None:
            yield orjson.dumps(body)


def _proposer(chronology: Chronology, token_file: Path | None) -> Recorder:
    if token_file is None:
        raise Unauthorized("a token of role recorder is needed to propose: begin with --token-file")
    bearer = chronology.keyring.bearer_of(token_file.read_text().strip())
    if not bearer.may("recorder"):
        raise Forbidden(f"a token of role {bearer.role} may not propose; it needs recorder")
    return Recorder(bearer.name, bearer.token)
