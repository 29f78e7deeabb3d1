"""Rate limits per token or address: token buckets in an LRU cache."""

import time
from collections.abc import Callable
from threading import Lock

from cachetools import LRUCache

MOST_KEPT = 50_000
BURST_SECONDS = 5
_FAILURES_A_MINUTE = 10


class Buckets:
    """A token bucket for each key: it holds `size` and fills by `per_second`.

    The `most` keys used last are kept, others begin with a full bucket; `now` is a monotonic clock in seconds.
    """

    def __init__(
        self, per_second: float, size: float, most: int = MOST_KEPT, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._size = size
        self._now = now
        self._held: LRUCache[str, tuple[float, float]] = LRUCache(most)
        self._lock = Lock()

    def take(self, key: str) -> float:
        """Take one from the key's bucket; returns the seconds to wait where it is empty, else 0."""
        return self.empty(key, take=1)

    def empty(self, key: str, take: int = 0) -> float:
        """The seconds until the key's bucket has one again; 0 while it has."""
        with self._lock:
            now = self._now()
            held, then = self._held.get(key, (self._size, now))
            held = min(self._size, held + (now - then) * self._per_second)
            if held < 1:
                return (1 - held) / self._per_second
            if take:
                self._held[key] = (held - take, now)
            return 0


class Rates:
    """The two rates of a process: of requests a second (0: no limit), and of failed sign-ins and tokens."""

    def __init__(self, per_second: float) -> None:
        self.requests = Buckets(per_second, max(1.0, per_second * BURST_SECONDS)) if per_second else None
        self.failures = Buckets(_FAILURES_A_MINUTE / 60, _FAILURES_A_MINUTE)
