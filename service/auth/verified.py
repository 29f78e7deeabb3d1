"""Secrets that were found good a moment ago, so that authenticating costs little."""

import hashlib
import time
from datetime import UTC, datetime
from threading import Lock

from cachetools import LRUCache

from service.auth.roles import Bearer

FRESH_SECONDS = 0.5
_MOST_KEPT = 4096


class Verified:
    """The bearers of tokens and sessions looked up lately, by the digest of the secret; bounded.

    A secret found good counts as good for half a second from when its look-up began: what another process revokes is
    refused here before a second is over.
    """

    def __init__(self) -> None:
        self._found: LRUCache[bytes, tuple[float, Bearer]] = LRUCache(_MOST_KEPT)
        self._lock = Lock()

    def get(self, secret: str) -> Bearer | None:
        """Its bearer, where that is known freshly."""
        key = _key(secret)
        with self._lock:
            found = self._found.get(key)
        if found is None or time.monotonic() - found[0] >= FRESH_SECONDS:
            return None
        until = found[1].until
        return None if until and until <= datetime.now(UTC) else found[1]

    def keep(self, secret: str, bearer: Bearer, asked: float) -> Bearer:
        """Keep what was found good.

        Args:
            secret: the token or session.
            bearer: who bears it.
            asked: the monotonic second at which the look-up began.
        """
        with self._lock:
            self._found[_key(secret)] = (asked, bearer)
        return bearer

    def knows(self, secret: str) -> bool:
        """Whether it was found good before, however long ago."""
        with self._lock:
            return _key(secret) in self._found

    def forget(self) -> None:
        """Look everything up anew from now on."""
        with self._lock:
            self._found.update({key: (float("-inf"), bearer) for key, (_, bearer) in self._found.items()})


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
