"""How much memory a process and all that it starts take at the most, together, looked at while they work."""

import resource
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

_PAUSE_SECONDS = 0.5
_SHARE = "Pss:"


class Watch:
    """Looks twice a second at what this process and those below it take, pages shared by several divided among them.

    Where the system does not tell (it is not Linux), the most that this process and the largest one that it started
    took is given.
    """

    def __init__(self) -> None:
        self._most = 0.0
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def most(self) -> float:
        """The most so far, in megabytes; no look is taken behind that."""
        self._over.set()
        self._thread.join()
        return self._most or _by_usage()

    def _look(self) -> None:
        while not self._over.is_set():
            self._most = max(self._most, sum(_megabytes(process) for process in _below(Path("/proc/self"))))
            self._over.wait(_PAUSE_SECONDS)


def _below(process: Path) -> Iterator[Path]:
    yield process
    for children in process.glob("task/*/children"):
        for child in _read(children).split():
            yield from _below(Path("/proc", child))


def _megabytes(process: Path) -> float:
    found = (line.split() for line in _read(process / "smaps_rollup").splitlines())
    return sum(int(words[1]) for words in found if words and words[0] == _SHARE) / 1024


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:  # it has ended, or there is no such file on this system
        return ""


def _by_usage() -> float:
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
