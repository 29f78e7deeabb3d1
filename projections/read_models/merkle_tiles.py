"""The Merkle tree of the log in tiles of 256 hashes (as C2SP tlog-tiles has them): what proofs are read from."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table

from events.errors import Invalid
from events.history.streams import Entry
from events.log.proofs.merkle import Nodes, consistency_path, frontier_from_bytes, inclusion_path, node_hash, root_at
from projections.store.snapshots import Snapshot

_HEIGHT = 8
_WIDTH = 1 << _HEIGHT


class MerkleTiles:
    """The view of the tree: level 0 holds the hashes of leaves, each further level the roots of full tiles below."""

    def define(self, metadata: MetaData, prefix: str) -> None:
        """Define its table."""
        Table(
            f"{prefix}tiles",
            metadata,
            Column("level", Integer, primary_key=True, autoincrement=False),
            Column("number", BigInteger, primary_key=True, autoincrement=False),
            Column("hashes", LargeBinary, nullable=False),
        )

    def load(self, snapshot: Snapshot, batch: Sequence[Entry]) -> None:
        """Append the leaves of a batch."""
        level, start, hashes = 0, batch[0].position - 1, [entry.leaf for entry in batch]
        rows: list[tuple[int, int, bytes]] = []
        while hashes:
            number, full = start // _WIDTH, []
            hashes = (_tile(snapshot, level, number)[: start % _WIDTH] if start % _WIDTH else []) + hashes
            for at in range(0, len(hashes), _WIDTH):
                tile = hashes[at : at + _WIDTH]
                rows.append((level, number + at // _WIDTH, b"".join(tile)))
                full += [_top(tile, _HEIGHT)] if len(tile) == _WIDTH else []
            level, start, hashes = level + 1, number, full
        snapshot.pour("tiles", rows, replacing=True)


def root(snapshot: Snapshot, size: int) -> bytes:
    """The root of the tree of the first `size` events."""
    return root_at(size, _nodes(snapshot))


def inclusion(snapshot: Snapshot, position: int, size: int) -> list[bytes]:
    """The path from the event at the position to the root of the tree of the first `size` events (RFC 9162, 2.1.3).

    Raises:
        Invalid: the position is not in that tree.
    """
    if not 1 <= position <= size:
        raise Invalid.at("/position", f"position {position} is not among the first {size} events")
    return inclusion_path(position - 1, size, _nodes(snapshot))


def consistency(snapshot: Snapshot, first: int, size: int) -> list[bytes]:
    """The hashes that show the first `first` events to be the beginning of the first `size` (RFC 9162, 2.1.4).

    Raises:
        Invalid: `first` is 0, or greater than `size`.
    """
    if not 1 <= first <= size:
        raise Invalid.at("/first", f"a tree of {first} events is not the beginning of one of {size}")
    return consistency_path(first, size, _nodes(snapshot))


def _nodes(snapshot: Snapshot) -> Nodes:
    tile = cache(lambda level, number: _tile(snapshot, level, number))

    def node(level: int, index: int) -> bytes:
        above, within = divmod(level, _HEIGHT)
        number, first = divmod(index << within, _WIDTH)
        return _top(tile(above, number)[first : first + (1 << within)], within)

    return node


def _tile(snapshot: Snapshot, level: int, number: int) -> list[bytes]:
    found = snapshot.probe("SELECT hashes FROM {tiles} WHERE level = ? AND number = ?", None, level, number)
    return frontier_from_bytes(bytes(found[0][0])) if found else []


def _top(hashes: list[bytes], height: int) -> bytes:
    """The root of the perfect subtree over `2**height` hashes."""
    assert len(hashes) == 1 << height, "the views have not followed the tree so far"
    while height:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
        height -= 1
    return hashes[0]
