"""How much one bearer or address may ask: token buckets, as many as fit, the longest unused forgotten first."""

import time
from collections.abc import Callable
from threading import Lock

from cachetools import LRUCache

MOST_KEPT = 50_000
BURST_SECONDS = 5
_FAILURES_A_MINUTE = 10


class Buckets:
    """A token bucket for each key: it holds `size` and fills by `per_second`.

    Args:
        per_second: how much may be taken each second in the long run.
        size: how much may be taken at once.
        most: how many keys are kept; a key that was forgotten begins with a full bucket.
        now: seconds on a clock that never goes back.
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
        """Take one from the key's bucket; answers with the seconds to wait where it has none, else with 0."""
        with self._lock:
            held, now = self._level(key)
            if held < 1:
                return (1 - held) / self._per_second
            self._held[key] = (held - 1, now)
            return 0

    def empty(self, key: str) -> float:
        """The seconds until the key's bucket has one again; 0 while it has. Nothing is taken."""
        with self._lock:
            held, _ = self._level(key)
            return 0 if held >= 1 else (1 - held) / self._per_second

    def _level(self, key: str) -> tuple[float, float]:
        now = self._now()
        held, then = self._held.get(key, (self._size, now))
        return min(self._size, held + (now - then) * self._per_second), now


class Rates:
    """The two rates of a process: of requests, and of failed sign-ins and tokens.

    Args:
        per_second: requests that one bearer, or one address without token, may make each second; 0 sets no bound.
    """

    def __init__(self, per_second: float) -> None:
        self.requests = Buckets(per_second, max(1.0, per_second * BURST_SECONDS)) if per_second else None
        self.failures = Buckets(_FAILURES_A_MINUTE / 60, _FAILURES_A_MINUTE)
