"""Signed checkpoints of the log: C2SP signed notes with Ed25519 (RFC 8032) over the size and root of its Merkle tree.

A checkpoint is three lines (origin, size, root in base64), one more that says the same of the log of tokens, an empty
line, and a signature. The key lies in a file outside the database, so that who can rewrite the log cannot sign it.
"""

import base64
import hashlib
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from events.errors import Invalid, NotYet

log = logging.getLogger("chronology.checkpoints")

_ALGORITHM = b"\x01"
_PRIVATE = "PRIVATE+KEY"
_TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Signed:
    """How many events, and the root of their tree."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint(Signed):
    """Whose log, its size and root; `tokens` has those of the log of tokens, an extension of C2SP's format."""

    origin: str
    tokens: Signed

    @property
    def text(self) -> str:
        """What is signed."""
        tokens = f"{_TOKENS} {self.tokens.size} {_encoded(self.tokens.root)}"
        return f"{self.origin}\n{self.size}\n{_encoded(self.root)}\n{tokens}\n"


def read_checkpoint(note: str) -> Checkpoint:
    """The checkpoint of a note, whoever has signed it.

    Raises:
        Invalid: it is no checkpoint.
    """
    try:
        origin, size, root, tokens = note.partition("\n\n")[0].split("\n")
        what, tokens_size, tokens_root = tokens.split(" ")
        signed = Signed(int(tokens_size), base64.b64decode(tokens_root, validate=True))
        found = Checkpoint(int(size), base64.b64decode(root, validate=True), origin, signed)
        if what != _TOKENS:
            raise ValueError(what)
    except ValueError:
        sentence = "this is not a checkpoint: origin, size, root and tokens on four lines, then a signature"
        raise Invalid(sentence) from None
    return found


class Verifier:
    """A public key: `name+hash+key`, as C2SP writes it."""

    def __init__(self, name: str, key: Ed25519PublicKey) -> None:
        self.name = name
        self._key = key

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """The key from its text.

        Raises:
            Invalid: it is no such key.
        """
        try:
            name, number, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            verifier = cls(name, Ed25519PublicKey.from_public_bytes(raw[1:]))
        except ValueError:
            raise Invalid(f"{text.strip()!r:.200} is not a public key (name+hash+key)") from None
        if raw[:1] != _ALGORITHM or number != verifier.number.hex():
            raise Invalid(f"{text.strip()!r:.200} is not a public key for Ed25519: its hash or algorithm is another")
        return verifier

    @property
    def number(self) -> bytes:
        """The four bytes that name the key in a signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ALGORITHM + self._key.public_bytes_raw()).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(_ALGORITHM + self._key.public_bytes_raw()).decode()
        return f"{self.name}+{self.number.hex()}+{encoded}"

    def opened(self, note: str) -> Checkpoint:
        """The checkpoint of a note that this key has signed.

        Raises:
            Invalid: it is no checkpoint, or not signed by this key.
        """
        text, _, signatures = note.partition("\n\n")
        checkpoint = read_checkpoint(note)
        if not any(self._has_signed(text + "\n", line) for line in signatures.splitlines()):
            raise Invalid(f"the checkpoint of {checkpoint.size} events is not signed by the key {self.name!r}")
        return checkpoint

    def _has_signed(self, text: str, line: str) -> bool:
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        if mark != "\u2014" or name != self.name:
            return False
        try:
            raw = base64.b64decode(encoded, validate=True)
            self._key.verify(raw[4:], text.encode())
        except (ValueError, InvalidSignature):
            return False
        return raw[:4] == self.number


class NoKey(NotYet):
    """The file of the signing key holds none, or can neither be read nor made."""

    problem = "no-signing-key"


class Signer:
    """A private key with the name of the log that it signs for."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifier = Verifier(name, key.public_key())

    def signed(self, log: Signed, tokens: Signed) -> str:
        """The signed checkpoint of a log and of the log of tokens beside it."""
        text = Checkpoint(log.size, log.root, self.verifier.name, tokens).text
        signature = base64.b64encode(self.verifier.number + self._key.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.verifier.name} {signature}\n"

    def last_in(self, path: Path) -> Checkpoint | None:
        """The checkpoint that is kept in a file, as this key has signed it; None where there is no file.

        Raises:
            Invalid: the file cannot be read, or holds no checkpoint of this key.
        """
        try:
            return self.verifier.opened(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, Invalid) as error:
            raise Invalid(f"{str(path)!r}, where the last checkpoint is kept: {error}") from None


def signer_in(path: Path, name: str) -> Signer:
    """The signer whose key lies in the file; a new key is made where there is none, readable by its owner alone.

    Raises:
        NoKey: the file holds no key, or can neither be read nor made.
    """
    try:
        if not path.exists():
            _make(path, name)
        return _read(path, path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise NoKey(f"the signing key {str(path)!r} cannot be read or made: {error}") from None


def _read(path: Path, text: str) -> Signer:
    try:
        private, kind, name, _, encoded = text.strip().split("+", 4)
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(encoded, validate=True)[1:])
    except ValueError:
        raise NoKey(f"{str(path)!r} holds no signing key ({_PRIVATE}+name+hash+key)") from None
    if f"{private}+{kind}" != _PRIVATE:
        raise NoKey(f"{str(path)!r} holds no private key")
    return Signer(name, key)


def _make(path: Path, name: str) -> None:
    """Write a new key whole or not at all, and never over one that is there."""
    key = Ed25519PrivateKey.generate()
    number = Verifier(name, key.public_key()).number.hex()
    encoded = base64.b64encode(_ALGORITHM + key.private_bytes_raw()).decode()
    draft = path.with_name(f"{path.name}.{token_hex(8)}")  # threads of one process may make it at once
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{_PRIVATE}+{name}+{number}+{encoded}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
        log.warning("a new signing key was made at %s: keep it, or what it signs cannot be checked", path.resolve())
    except FileExistsError:
        pass  # another process was faster: its key is the key
    except OSError:  # a file system without such links
        if not path.exists():
            draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


def _encoded(root: bytes) -> str:
    return base64.b64encode(root).decode()
