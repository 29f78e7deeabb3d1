"""How answers grow with the log: ours with a tenth of the facts beside ours with all, asked in turn in the same run."""

from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import report
from benchmarks.peers.process import Asked
from benchmarks.questions import Asking, askings
from benchmarks.reference import Reference
from benchmarks.scale import Workload

LEAST = 20_000
MOST = 2_000_000
"""With fewer facts there is nothing to be seen; with more, loading a tenth as well takes too long."""


class Tenth:
    """Ours on SQLite with a tenth of the facts, loaded when it is made."""

    def __init__(self, stack: ExitStack, workload: Workload, folder: Path) -> None:
        self.workload = Workload(workload.facts // 10, workload.subjects, workload.seed)
        folder.mkdir()
        self.peer = Asked("ours", folder)
        stack.callback(self.peer.close)
        self.peer.ask("load", [(self.workload.facts, self.workload.subjects, self.workload.seed)])
        head = self.workload.source_count + sum(1 for _ in self.workload.calls())
        self.askings = list(askings(self.workload, head))
        self.reference = Reference(self.workload)


def growth(rows: list[tuple[Asking, list[float], Asking, list[float]]], facts: int) -> str:
    """A table of the medians with a tenth and with all, and how they grow."""
    found = []
    for small, before, large, after in rows:
        title = large.title if small.title == large.title else f"{large.title} (before: {small.title.split(', ')[-1]})"
        grows = f"{median(after) / median(before):.2f}"
        found.append([title, report.shown(median(before)), report.shown(median(after)), grows])
    titles = ["ours on SQLite, ms", f"{facts // 10:,} facts", f"{facts:,} facts", "grows"]
    return report.table(titles, found)
