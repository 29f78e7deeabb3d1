"""The Merkle tree over the log (RFC 6962 and RFC 9162, section 2.1): its root, and proofs about it.

Leaf `i` (from 0) is the event at position `i + 1`. A tree grows by its frontier, the roots of the perfect subtrees
that the leaves so far make up, largest first; there are as many as the size has ones in binary.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from eventsourcing.persistence import StoredEvent

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""The root of the perfect subtree at a level and an index: `(0, i)` is leaf `i`, `(k, i)` covers `2**k` leaves."""


def leaf_bytes(stored: StoredEvent) -> bytes:
    """A stored event as canonical JSON (RFC 8785): what its leaf is the hash of."""
    stream, topic, version = stored.originator_id, stored.topic, stored.originator_version
    return b'{"state":' + stored.state + f',"stream":"{stream}","topic":"{topic}","version":{version}}}'.encode()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]) -> tuple[int, list[bytes]]:
    """The size and frontier of a tree after appending the leaf hashes."""
    stack = list(frontier)
    for leaf in leaves:
        node, mark = leaf, size
        while mark & 1:
            node = node_hash(stack.pop(), node)
            mark >>= 1
        stack.append(node)
        size += 1
    return size, stack


def root_of(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree with that frontier."""
    if not frontier:
        return EMPTY
    root = frontier[-1]
    for node in reversed(frontier[:-1]):
        root = node_hash(node, root)
    return root


def packed(frontier: Sequence[bytes]) -> bytes:
    """A frontier as bytes."""
    return b"".join(frontier)


def unpacked(data: bytes) -> list[bytes]:
    """A frontier from its bytes."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def root_at(size: int, nodes: Nodes) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _root(0, size, nodes) if size else EMPTY


def inclusion_path(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the tree of `size` leaves, `index < size`."""
    return _path(index, 0, size, nodes)


def consistency_path(first: int, size: int, nodes: Nodes) -> list[bytes]:
    """The hashes that show the tree of `first` leaves to be the beginning of that of `size`, `0 < first <= size`."""
    return _subproof(first, 0, size, nodes, known=True) if first < size else []


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def _root(start: int, size: int, nodes: Nodes) -> bytes:
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level)
    left = _split(size)
    return node_hash(nodes(left.bit_length() - 1, start // left), _root(start + left, size - left, nodes))


def _path(index: int, start: int, size: int, nodes: Nodes) -> list[bytes]:
    if size == 1:
        return []
    left = _split(size)
    if index < left:
        return [*_path(index, start, left, nodes), _root(start + left, size - left, nodes)]
    return [*_path(index - left, start + left, size - left, nodes), _root(start, left, nodes)]


def _subproof(first: int, start: int, size: int, nodes: Nodes, *, known: bool) -> list[bytes]:
    if first == size:
        return [] if known else [_root(start, size, nodes)]
    left = _split(size)
    if first <= left:
        rest = _root(start + left, size - left, nodes)
        return [*_subproof(first, start, left, nodes, known=known), rest]
    rest = _root(start, left, nodes)
    return [*_subproof(first - left, start + left, size - left, nodes, known=False), rest]
