#!/usr/bin/env python3
"""Check proofs of a chronology without the service: only this file, the proofs, and the log's public key.

    verify_proof.py KEY inclusion PROOF.json [CHECKPOINT]      an event stands at its position in the signed log
    verify_proof.py KEY consistency PROOF.json OLD-CHECKPOINT  the signed log begins with the log of an old checkpoint
    verify_proof.py KEY checkpoint CHECKPOINT                  a checkpoint is signed by the key

KEY is `name+hash+key`, from `/api/v1/checkpoint/key` or `chronology checkpoint`; proofs are the answers of
`/api/v1/proofs/inclusion` and `/api/v1/proofs/consistency`, saved as they came. Exits with 0 where the proof holds,
else with 1 and one sentence. Follows RFC 9162 (2.1.3.2, 2.1.4.2) and C2SP signed-note; needs the package cryptography.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class NotProven(Exception):
    """The proof does not hold."""


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def checkpoint(note: str, key: str) -> tuple[int, bytes]:
    """The size and root that the key has signed."""
    name, number, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded)
    if public[:1] != b"\x01" or hashlib.sha256(f"{name}\n".encode() + public).hexdigest()[:8] != number:
        raise NotProven("the public key is not whole")
    text, _, signatures = note.partition("\n\n")
    for line in signatures.splitlines():
        mark, signer, signature = [*line.split(" "), "", ""][:3]
        raw = base64.b64decode(signature)
        if mark == "\u2014" and signer == name and raw[:4].hex() == number:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], f"{text}\n".encode())
            except InvalidSignature:
                continue
            _, size, root = text.split("\n")[:3]
            return int(size), base64.b64decode(root)
    raise NotProven(f"the checkpoint is not signed by {name}")


def check_inclusion(index: int, size: int, leaf: bytes, path: list[bytes], root: bytes) -> None:
    """RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise NotProven("the position lies beyond the log")
    at, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            raise NotProven("the path is too long")
        if at & 1 or at == last:
            found = node(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, each)
        at, last = at >> 1, last >> 1
    if last or found != root:
        raise NotProven("the event is not in the signed log")


def check_consistency(first: int, old: bytes, size: int, new: bytes, path: list[bytes]) -> None:
    """RFC 9162, section 2.1.4.2."""
    if first == size:
        if path or old != new:
            raise NotProven("two logs of one size differ")
        return
    if not path or first > size:
        raise NotProven("the log is shorter than it was")
    whole = [old, *path] if first & (first - 1) == 0 else path
    at, last = first - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = whole[0]
    for each in whole[1:]:
        if last == 0:
            raise NotProven("the path is too long")
        if at & 1 or at == last:
            before, after = node(each, before), node(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node(after, each)
        at, last = at >> 1, last >> 1
    if last or before != old or after != new:
        raise NotProven("the log does not begin with that of the old checkpoint: it was rewritten")


def opened(leaf: str, keys: dict[str, str]) -> dict[str, object]:
    """The sealed words of an event, by label, where the proof has their keys."""
    words = {}
    for label, text in json.loads(leaf)["state"].get("sealed", {}).items():
        if label in keys:
            sealed = base64.b64decode(text)
            try:
                plain = AESGCM(bytes.fromhex(keys[label])).decrypt(sealed[:12], sealed[12:], None)
            except InvalidTag:
                raise NotProven("a key does not open the event's words") from None
            if plain[:32] != bytes(32):
                raise NotProven("the event's words are not committed to their key")
            words[label] = json.loads(plain[32:])
    return words


def main(arguments: list[str]) -> str:
    """What the arguments ask to be proven, in one sentence."""
    key, command, file, *rest = arguments
    if command == "checkpoint":
        size, root = checkpoint(Path(file).read_text(encoding="utf-8"), key)
        return f"a log of {size} events with root {root.hex()}, signed"
    proof = json.loads(Path(file).read_text(encoding="utf-8"))
    path = [base64.b64decode(each) for each in proof["path"]]
    size, root = checkpoint(proof["checkpoint"], key)
    if size != proof["size"]:
        raise NotProven("the proof and its checkpoint are of different sizes")
    if command == "inclusion":
        if rest and checkpoint(Path(rest[0]).read_text(encoding="utf-8"), key) != (size, root):
            raise NotProven("the proof is of another checkpoint than the one given")
        leaf = hashlib.sha256(b"\x00" + proof["leaf"].encode()).digest()
        check_inclusion(proof["position"] - 1, size, leaf, path, root)
        said = json.dumps(opened(proof["leaf"], proof.get("keys", {})), ensure_ascii=False)
        return f"the event stands at position {proof['position']} of {size}; its words: {said}"
    if command == "consistency":
        first, old = checkpoint(Path(rest[0]).read_text(encoding="utf-8"), key)
        if first != proof["first"]:
            raise NotProven("the proof begins with another size than the old checkpoint")
        check_consistency(first, old, size, root, path)
        return f"the log of {size} events begins with the {first} of the old checkpoint"
    raise ValueError(command)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except (ValueError, KeyError, IndexError, TypeError, OSError) as error:
        sys.exit(f"{__doc__}\nthe proof cannot be read: {error}")
    except NotProven as refusal:
        sys.exit(str(refusal))
