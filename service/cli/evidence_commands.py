"""Commands for auditors: `verify`, `checkpoint`, and `redact`, which erases words for good."""

import sys
from pathlib import Path

import click
from rich.progress import Progress

from events.commands.redact import REDACTABLE
from events.errors import Invalid
from events.log.verification import verify as verify_log
from projections.read_models.merkle_tiles import leaves
from service.auth.roles import COMMAND_LINE
from service.chronicle.checkpoints import Checkpoint, Verifier, checkpoint_of, signer_of
from service.cli.query_commands import opened

_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--against", "notes", type=_FILE, multiple=True, help="A checkpoint kept from earlier; may be repeated.")
@click.option("--key", help="The public key of the checkpoints (name+hash+key); that of this log if not given.")
def verify(notes: tuple[Path, ...], key: str | None) -> None:
    """Check the whole log: every event, its Merkle tree, and that it begins with the checkpoints given.

    Exits with 0 where all is as it was, with 1 where it is not; each flaw is a line on standard error.
    """
    with opened(follows=False) as chronology:
        verifier = Verifier.read(key) if key else signer_of(chronology).verifier if notes else None
        checkpoints = [_read(path, verifier) for path in notes if verifier]
        bar = Progress(transient=True, disable=not sys.stderr.isatty())
        with chronology.store.reading() as snapshot, bar:
            task, record = bar.add_task("verifying", total=chronology.record.head()), chronology.record
            verdict = verify_log(
                record, _together(checkpoints), leaves(snapshot), lambda read: bar.update(task, completed=read)
            )
    for flaw in verdict.flaws:
        click.echo(flaw, err=True)
    if not verdict.is_whole:
        sys.exit(1)
    against = "".join(f", begins with the {each.size} of the checkpoint" for each in checkpoints)
    erased = f", {verdict.redacted} with redacted words" if verdict.redacted else ""
    click.echo(f"{verdict.size} events{erased}, root {verdict.root.hex()}{against}: the log is what it was")


def _read(path: Path, verifier: Verifier) -> Checkpoint:
    try:
        return verifier.opened(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path}: {error}") from None
    except Invalid as error:
        raise Invalid(f"{path}: {error.sentence}") from None


def _together(checkpoints: list[Checkpoint]) -> dict[int, bytes]:
    """The roots by size; two roots of one size are a log with two faces."""
    roots: dict[int, bytes] = {}
    for each in checkpoints:
        if roots.setdefault(each.size, each.root) != each.root:
            raise Invalid(f"two checkpoints of {each.size} events have different roots: one log with two faces")
    return roots


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
