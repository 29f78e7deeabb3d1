"""The one cache of a process: objects made from a database, each kept until an event bears on it or room is needed."""

from collections.abc import Hashable
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache

MOST_BYTES = 128 << 20


class Stamp(NamedTuple):
    """As of when an object was made: the last event that bears on it, and the last redaction, by position."""

    touched: int
    redacted: int


class _Kept(NamedTuple):
    touched: int
    weight: int
    value: Any


class Cache:
    """Objects by key, those asked for longest ago dropped first. Nothing is kept across a redaction.

    Args:
        most_bytes: how much they may weigh together.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._objects: LRUCache[Hashable, _Kept] = LRUCache(most_bytes, getsizeof=lambda kept: kept.weight)
        self._redacted = 0
        self._lock = Lock()

    def get(self, key: Hashable, stamp: Stamp) -> Any:
        """The object of that key, if it is the one that would be made as of the stamp; else None."""
        with self._lock:
            self._heed(stamp)
            kept = self._objects.get(key)
        return kept.value if kept is not None and kept.touched == stamp.touched else None

    def put(self, key: Hashable, stamp: Stamp, value: Any, weight: int) -> None:
        """Keep an object, unless it is heavier than all may be, or a later one of the key or redaction is known."""
        with self._lock:
            self._heed(stamp)
            kept = self._objects.get(key)
            is_late = stamp.redacted < self._redacted or (kept is not None and kept.touched > stamp.touched)
            if not is_late and weight <= self._objects.maxsize:
                self._objects[key] = _Kept(stamp.touched, weight, value)

    def _heed(self, stamp: Stamp) -> None:
        """Drop everything once a redaction is seen that was not seen before."""
        if stamp.redacted > self._redacted:
            self._objects.clear()
            self._redacted = stamp.redacted
