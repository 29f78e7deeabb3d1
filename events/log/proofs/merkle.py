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


def with_leaves(size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]) -> tuple[int, list[bytes]]:
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


def frontier_to_bytes(frontier: Sequence[bytes]) -> bytes:
    """A frontier as bytes."""
    return b"".join(frontier)


def frontier_from_bytes(data: bytes) -> list[bytes]:
    """A frontier from its bytes."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def root_at(size: int, nodes: Nodes, start: int = 0) -> bytes:
    """The root of the tree of `size` leaves from leaf `start` on."""
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return nodes(level, start >> level) if size else EMPTY
    left = _split(size)
    return node_hash(root_at(left, nodes, start), root_at(size - left, nodes, start + left))


def inclusion_path(index: int, size: int, nodes: Nodes, start: int = 0) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the tree of `size` leaves, `index < size`.

    Both are counted from leaf `start` on.
    """
    if size == 1:
        return []
    left = _split(size)
    if index < left:
        return [*inclusion_path(index, left, nodes, start), root_at(size - left, nodes, start + left)]
    return [*inclusion_path(index - left, size - left, nodes, start + left), root_at(left, nodes, start)]


def extends(first: int, old: bytes, size: int, new: bytes, path: Sequence[bytes]) -> bool:
    """Whether a consistency path shows that the tree of `size` leaves begins with that of `first` (2.1.4.2)."""
    if not 0 < first < size or not path:
        return not path and (old == new if first == size else first == 0 and old == EMPTY)
    whole = [old, *path] if first & (first - 1) == 0 else [*path]
    at, last = first - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = whole[0]
    for each in whole[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, each)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old and after == new


def consistency_path(first: int, size: int, nodes: Nodes, start: int = 0, *, known: bool = True) -> list[bytes]:
    """The hashes that show the tree of `first` leaves to be the beginning of that of `size`, `0 < first <= size`.

    Both are counted from leaf `start` on; `known` says that whoever checks has the root of the first.
    """
    if first == size:
        return [] if known else [root_at(size, nodes, start)]
    left = _split(size)
    if first <= left:
        return [*consistency_path(first, left, nodes, start, known=known), root_at(size - left, nodes, start + left)]
    rest = consistency_path(first - left, size - left, nodes, start + left, known=False)
    return [*rest, root_at(left, nodes, start)]
