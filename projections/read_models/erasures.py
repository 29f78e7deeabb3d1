"""When words were redacted last: whatever a process keeps of words ends there."""

from threading import Lock

from projections.read_models.erasure import last_redaction
from projections.store.snapshots import Snapshot


class Erasures:
    """What was seen of redactions. `last` is the position of the last one, 0 if there is none."""

    def __init__(self) -> None:
        self.last = 0
        self._looked = 0
        self._lock = Lock()

    def are_new_in(self, snapshot: Snapshot) -> bool:
        """Whether the views have followed a redaction since the last look; asked only where they have gone on."""
        if snapshot.position <= self._looked:
            return False
        last = last_redaction(snapshot)
        with self._lock:
            is_new = last > self.last
            self.last = max(self.last, last)
            self._looked = max(self._looked, snapshot.position)
        return is_new
