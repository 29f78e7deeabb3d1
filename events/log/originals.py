"""The original bytes of documents, beside the log: in pieces, each sealed under a key of its source's stream.

An event of the source says their hash, type and length under its own seal; destroying the stream's key erases both.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from events.log.encryption import Keys, decrypt, encrypt
from events.log.reader import LogReader

_PIECE_BYTES = 256 * 1024
"""Rows of backups are read and written some at a time: pieces bound how much memory that takes."""

EventKey = tuple[str, int]
"""The event beside which bytes stand: its stream, and its number there."""
Row = tuple[str, int, int, bytes]
"""Of the table: the stream, the number of the event, that of the piece, and the piece as it is sealed."""


def description_of(original: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says of a document's bytes, which are its `content`."""
    content: bytes = original["content"]
    said = {name: original[name] for name in ("media_type", "name") if original.get(name)}
    return {**said, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def sealed_rows(originals: Mapping[EventKey, bytes], keys: Keys) -> Iterator[Row]:
    """The rows in which bytes are kept, sealed with the keys of their streams."""
    for (stream, n), content in originals.items():
        for piece, start in enumerate(range(0, len(content), _PIECE_BYTES)):
            key = _key(keys[stream], n, piece)
            yield stream, n, piece, encrypt(key, content[start : start + _PIECE_BYTES])


def original_of(reader: LogReader, stream: str, n: int) -> bytes | None:
    """The bytes beside event `n` of a stream; None where there are none, or what opens them was destroyed."""
    key = reader.keys([stream]).get(stream)
    sealed = reader.original(stream, n) if key else []
    if key is None or not sealed:
        return None
    pieces = [decrypt(_key(key, n, piece), each) for piece, each in enumerate(sealed)]
    return None if None in pieces else b"".join(filter(None, pieces))


def _key(own: bytes, n: int, piece: int) -> bytes:
    return hmac.digest(own, b"".join((n.to_bytes(8, "big"), b"original", piece.to_bytes(4, "big"))), "sha256")


class Flaws(Protocol):
    """Where flaws are noted."""

    def flaw(self, sentence: str) -> None:
        """Note one."""

    def flaw_at(self, position: int, what: str) -> None:
        """Note one of an event."""


class OriginalsCheck:
    """Whether the bytes that are kept are those that the events name."""

    def __init__(self, reading: Callable[[], AbstractContextManager[LogReader]]) -> None:
        self._reading = reading
        self._named: set[EventKey] = set()
        with reading() as reader:
            self._kept = reader.originals()

    def check(self, seen: "Flaws", events: Iterable[tuple[int, Any]]) -> None:
        """Hold the bytes beside events against what these say, whose words are open, but for those that were erased."""
        for position, event in events:
            said = vars(event).get("original")
            if isinstance(said, dict):
                place = event.originator_id.hex, event.originator_version
                self._named.add(place)
                if wrong := self._flaw(place, said):
                    seen.flaw_at(position, wrong)

    def _flaw(self, place: EventKey, said: Mapping[str, Any]) -> str | None:
        with self._reading() as reader:
            content = original_of(reader, *place)
            if content is None:
                is_erased = place[0] not in reader.keys(place[:1])
                return None if is_erased else "names an original whose bytes are gone, and nobody redacted them"
        is_same = hashlib.sha256(content).hexdigest() == said.get("sha256")
        return None if is_same else "names an original whose bytes are others than those taken in"

    def conclude(self, seen: "Flaws") -> None:
        """Note the bytes that no event names."""
        with self._reading() as reader:
            count = len((self._kept & reader.originals()) - self._named)
        if count:
            seen.flaw(f"{count} {'original is' if count == 1 else 'originals are'} kept that no event names")
