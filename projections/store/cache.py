"""The one cache of a process: objects made from a database, each kept until an event bears on it or room is needed."""

from collections.abc import Hashable
from operator import itemgetter
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache

MOST_BYTES = 128 << 20


class Stamp(NamedTuple):
    """As of when an object was made: the last event that bears on it, and the last redaction, by position."""

    touched: int
    redacted: int


class Cache:
    """Objects by key, those asked for longest ago dropped first. Nothing is kept across a redaction.

    Args:
        most_bytes: how much they may weigh together.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._objects: LRUCache[Hashable, tuple[int, int, Any]] = LRUCache(most_bytes, getsizeof=itemgetter(1))
        self._redacted = 0
        self._lock = Lock()

    def get(self, key: Hashable, stamp: Stamp) -> Any:
        """The object of that key, if it is the one that would be made as of the stamp; else None."""
        with self._lock:
            self._heed(stamp)
            touched, _, value = self._objects.get(key, (None, 0, None))
        return value if touched == stamp.touched else None

    def put(self, key: Hashable, stamp: Stamp, value: Any, weight: int) -> None:
        """Keep an object, unless it is heavier than all may be, or a later one of the key or redaction is known."""
        with self._lock:
            self._heed(stamp)
            is_late = stamp.redacted < self._redacted or self._objects.get(key, (0,))[0] > stamp.touched
            if not is_late and weight <= self._objects.maxsize:
                self._objects[key] = stamp.touched, weight, value

    def _heed(self, stamp: Stamp) -> None:
        """Drop everything once a redaction is seen that was not seen before."""
        if stamp.redacted > self._redacted:
            self._objects.clear()
            self._redacted = stamp.redacted
