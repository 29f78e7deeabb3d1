"""Commands for auditors: `verify`, `checkpoint`, and `redact`, which erases words for good."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.progress import Progress

from events.commands.redact import REDACTABLE
from events.errors import Invalid
from service.auth.roles import COMMAND_LINE
from service.chronicle.checkpoints import Checkpoint, Verifier
from service.chronicle.evidence import Evidence, examine
from service.chronicle.signing import checkpoint_of, last_signed, signer_of
from service.cli.query_commands import opened

_FILE = click.Path(path_type=Path)
_BY_ITSELF = (
    "by its own word only: whether it was rewritten together with its hashes, only a checkpoint that somebody else has "
    "kept can show (--against)"
)


@click.command()
@click.option("--against", "notes", type=_FILE, multiple=True, help="A checkpoint kept from earlier; may be repeated.")
@click.option("--key", help="The public key of the checkpoints (name+hash+key); that of this log if not given.")
def verify(notes: tuple[Path, ...], key: str | None) -> None:
    """Check the whole log, who recorded it, the views and each quote; and that it begins with the checkpoints given.

    Exits with 0 where all is as it was, with 1 where it is not; each flaw is a line on standard error.
    """
    with opened(follows=False) as chronology:
        verifier = Verifier.read(key) if key else signer_of(chronology).verifier if notes else None
        given = [_read(path, verifier) for path in notes if verifier]
        last = last_signed(chronology)
        bar = Progress(transient=True, disable=not sys.stderr.isatty())
        with bar:
            task = bar.add_task("verifying", total=2 * chronology.record.head())
            checkpoints = [*given, last] if last else given
            found = examine(chronology, checkpoints, lambda read: bar.update(task, completed=read))
    for flaw in found.flaws:
        click.echo(flaw, err=True)
    if found.flaws:
        sys.exit(1)
    click.echo(_closing(found, given))


def _closing(found: Evidence, given: Sequence[Checkpoint]) -> str:
    """What was verified, and what only a checkpoint that somebody else has kept can show."""
    log, tokens = found.log, found.tokens
    erased = f", {log.redacted} with redacted words" if log.redacted else ""
    against = "".join(f", begins with the {each.size} of the checkpoint" for each in given)
    lines = (
        f"{log.size} events{erased}, root {log.root.hex()}{against}",
        f"{tokens.size} events of tokens, root {tokens.root.hex()}: each event is by a token that allowed it, or "
        "by the command line",
        f"the views follow from the log up to position {found.views_position}, and each quote stands in its text",
        "the log is what it was" if given else f"the log is what it was, {_BY_ITSELF}",
    )
    return "\n".join(lines)


def _read(path: Path, verifier: Verifier) -> Checkpoint:
    try:
        return verifier.opened(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path}: {error}") from None
    except Invalid as error:
        raise Invalid(f"{path}: {error.sentence}") from None


@click.command()
def checkpoint() -> None:
    """Print the signed checkpoint of the log as it stands; keep it where the log's keepers cannot change it."""
    with opened(follows=False) as chronology:
        click.echo(checkpoint_of(chronology), nl=False)
        click.echo(f"public key: {signer_of(chronology).verifier}", err=True)


@click.command()
@click.argument("kind", type=click.Choice(REDACTABLE))
@click.argument("name", metavar="ID")
@click.option("--reason", required=True, help="Kept in the open for ever: it must not repeat what is erased.")
@click.confirmation_option(prompt="The words cannot be brought back. Erase them?")
def redact(kind: str, name: str, reason: str) -> None:
    """Erase the words of a source, a fact, a subject or a proposal for good; what is left stays provable.

    Exits with 1 while words may still be on the disk.
    """
    with opened() as chronology:
        receipt, left = chronology.erase(COMMAND_LINE, kind, name, {"reason": reason})
    click.echo(f"{kind} {name!r} is redacted, at position {receipt.position}")
    if left:
        click.echo(f"{left}; the follower goes on with it, and the same command says how far it is", err=True)
        sys.exit(1)


EVIDENCE = (verify, checkpoint, redact)
