"""Signs checkpoints: only of a log that extends the one signed last, which is kept in a file beside the key.

Whoever can rewrite the database cannot write that file. Where the log is taken back on purpose, as when an older backup
is restored, the file is removed by hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from filelock import FileLock

from events.errors import ChronologyError, Invalid
from events.log.proofs.merkle import extends, leaf_bytes, leaf_hash, root_of, with_leaves
from projections.clocks import Asked
from projections.read_models.merkle_tiles import consistency, root
from projections.store.snapshots import Snapshot
from service.auth.tokens import Keyring
from service.chronicle.backup_file import new_file
from service.chronicle.checkpoints import Checkpoint, Signed, Signer, signer_in
from service.databases.chronology import Chronology

_AT_ONCE = 2_000
_grown: WeakKeyDictionary[Keyring, tuple[int, list[bytes]]] = WeakKeyDictionary()
"""The size and frontier of logs of tokens as far as they were read and found to extend what was signed."""


class Rewritten(ChronologyError):
    """The log does not extend the one that was signed last: it was cut or rewritten, or an older one was restored."""

    problem = "rewritten"


def checkpoint_of(chronology: Chronology) -> str:
    """The signed checkpoint of the log as it stands; where there are replicas, as far as its views have followed."""
    if chronology.reads_apart:
        with chronology.databases.vouched.store.reading() as snapshot:
            return signed(chronology, snapshot, snapshot.position)
    with chronology.record.reading() as reader:
        tree = reader.tree()
    with chronology.ask(Asked(position=tree.size)) as (snapshot, _):
        return signed(chronology, snapshot, tree.size, root_of(tree.frontier))


def signed(chronology: Chronology, snapshot: Snapshot, size: int, noted: bytes | None = None) -> str:
    """The signed checkpoint of the first events of the log, up to where the views have followed.

    `noted` is their root as the log has it; that of the views if not given.

    Raises:
        Rewritten: they do not extend what was signed last, or are not its beginning.
    """
    signer, log = signer_of(chronology), Signed(size, root(snapshot, size) if noted is None else noted)
    with _locked(chronology.settings.signing_key_file) as file:
        last = signer.last_in(file)
        if last is not None:
            _refuse_other(chronology, snapshot, log, last)
        tokens = _tokens(chronology.databases.freshest.keyring, last)
        note = signer.signed(log, tokens)
        if last is None or log.size > last.size or (log.size == last.size and tokens.size > last.tokens.size):
            with new_file(file, replaces=True) as kept:
                kept.write(note.encode())
    return note


def trouble_of(chronology: Chronology, snapshot: Snapshot) -> str | None:
    """Why a checkpoint of the log would be refused, as far as can be told at a glance."""
    try:
        last = last_signed(chronology)
    except ChronologyError as error:
        return error.sentence
    if last is None:
        return None
    if snapshot.position >= last.size and root(snapshot, last.size) != last.root:
        return _other("the log", last)
    if chronology.reads_apart:  # a replica may be behind
        return None
    if snapshot.head < last.size:
        return _cut("the log", snapshot.head, last)
    with chronology.keyring.reading() as reader:
        tokens = reader.tree()
    if tokens.size < last.tokens.size:
        return _cut("the log of tokens", tokens.size, last.tokens)
    is_same = tokens.size > last.tokens.size or root_of(tokens.frontier) == last.tokens.root
    return None if is_same else _other("the log of tokens", last.tokens)


def signer_of(chronology: Chronology) -> Signer:
    """The signer of a chronology's checkpoints; its key is made on first use."""
    return signer_in(chronology.settings.signing_key_file, chronology.settings.origin)


def last_signed(chronology: Chronology) -> Checkpoint | None:
    """The checkpoint that was signed last; None where none was."""
    path = chronology.settings.signing_key_file
    return signer_of(chronology).last_in(_last(path)) if path.exists() else None


def _refuse_other(chronology: Chronology, snapshot: Snapshot, log: Signed, last: Checkpoint) -> None:
    """Refuse a log of which the one signed last is not the beginning, or that is not the beginning of that."""
    with _followed(chronology, snapshot, last) as further:
        first, later = sorted((log, last), key=lambda each: each.size)
        path = consistency(further, first.size, later.size) if first.size else []
    if not extends(first.size, first.root, later.size, later.root, path):
        raise Rewritten(_other("the log", last))


@contextmanager
def _followed(chronology: Chronology, snapshot: Snapshot, last: Checkpoint) -> Iterator[Snapshot]:
    """A snapshot of views that have followed as far as what was signed."""
    if snapshot.position >= last.size:
        yield snapshot
        return
    try:
        with chronology.ask(Asked(position=last.size), vouched=True) as (further, _):
            yield further
    except Invalid:
        raise Rewritten(_cut("the log", snapshot.head, last)) from None


def _tokens(keyring: Keyring, last: Checkpoint | None) -> Signed:
    """The size and root of the log of tokens, read from where it was read before."""
    before = last.tokens if last else Signed(0, root_of([]))
    size, frontier = _grown.get(keyring, (0, []))
    size, frontier = _read(keyring, before.size, *((size, frontier) if size <= before.size else (0, [])))
    if size < before.size:
        raise Rewritten(_cut("the log of tokens", size, before))
    if root_of(frontier) != before.root:
        raise Rewritten(_other("the log of tokens", before))
    with keyring.reading() as reader:
        noted = reader.tree()
    size, frontier = _read(keyring, noted.size, size, frontier)
    if frontier != noted.frontier:
        raise Rewritten("the log of tokens is not the one noted when its last event was stored")
    _grown[keyring] = size, frontier
    return Signed(size, root_of(frontier))


def _read(keyring: Keyring, until: int, size: int, frontier: list[bytes]) -> tuple[int, list[bytes]]:
    while size < until and (found := keyring.stored_after(size, min(_AT_ONCE, until - size))):
        size, frontier = with_leaves(size, frontier, (leaf_hash(leaf_bytes(each)) for each in found))
    return size, frontier


def _cut(what: str, size: int, last: Signed) -> str:
    return (
        f"{what} has {size} events, but a checkpoint of {last.size} was signed: its tail is cut, or it is an old copy"
    )


def _other(what: str, last: Signed) -> str:
    return f"{what} is not the one whose first {last.size} events were signed: it was rewritten, or is another"


def _last(key: Path) -> Path:
    return key.with_name(f"{key.name}.last")


@contextmanager
def _locked(key: Path) -> Iterator[Path]:
    """The file of the checkpoint signed last, which no other process or thread changes meanwhile."""
    with FileLock(f"{key}.lock"):
        yield _last(key)
