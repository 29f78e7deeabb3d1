"""A peer in a process of its own, asked in JSON lines, so that no library meets another.

A line holds the question and lists of arguments; each answer comes with the milliseconds that it took in there.
Started as `python -m benchmarks.peers.process MODULE FOLDER [DATABASE]`.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.memory import Watch
from benchmarks.scale import Workload

QUESTIONS = ("state", "state_reported", "whole", "diff", "evidence")
"""The last one is put only to peers that can answer it."""
_BLOCK_BYTES = 1 << 20
_MEMORY_BYTES = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


class Wrong(Exception):
    """A peer failed; the sentence holds what it said."""


class Asked:
    """A peer at work in its process.

    Args:
        module: its module in `benchmarks.peers`.
        folder: where it may keep files.
        database: the address of the server that it is to use, if any.
    """

    def __init__(self, module: str, folder: Path, database: str | None = None) -> None:
        arguments = [
            sys.executable,
            "-m",
            "benchmarks.peers.process",
            module,
            str(folder),
            *([database] if database else []),
        ]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        self.database = database
        self._folder = folder
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        said, _ = self._answer()
        self.name: str = said["name"]
        self.packages: dict[str, str] = said["packages"]
        self.answers: list[str] = said["answers"]

    def ask(self, question: str, arguments: Sequence[Sequence[Any]]) -> list[tuple[Any, float]]:
        """The answers to a question put with each of the arguments in turn, and the milliseconds that each took.

        Raises:
            Wrong: the peer failed.
        """
        assert self._process.stdin
        print(json.dumps([question, arguments]), file=self._process.stdin, flush=True)
        return [self._answer() for _ in arguments]

    def warm(self) -> None:
        """Read the files through, so that the system has them in memory: it puts away what is idle for minutes.

        Files that would take more than half of its memory are left where they are.
        """
        files = [path for path in self._folder.rglob("*") if path.is_file()]
        if sum(path.stat().st_size for path in files) > _MEMORY_BYTES // 2:
            return
        for path in files:
            with path.open("rb", buffering=0) as file:
                while file.read(_BLOCK_BYTES):
                    pass

    def _answer(self) -> tuple[Any, float]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise Wrong(f"{' '.join(self._process.args[3:4])} ended without an answer")  # type: ignore[index]
        answer, milliseconds = json.loads(line)
        return answer, milliseconds

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)


def main(module: str, folder: str, *database: str) -> None:
    """Answer the questions on standard input until it ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    peer = import_module(f"benchmarks.peers.{module}").Peer(Path(folder), *database)
    packages = {name: version(name) for name in peer.packages}
    print(
        json.dumps(
            [
                {
                    "name": peer.name,
                    "packages": packages,
                    "answers": [each for each in QUESTIONS if hasattr(peer, each)],
                },
                0,
            ]
        ),
        file=answers,
        flush=True,
    )
    for line in sys.stdin:
        question, arguments = json.loads(line)
        for answer in [*_answered(peer, question, arguments)]:
            print(json.dumps(answer), file=answers, flush=True)
    peer.close()


def _answered(peer: Any, question: str, arguments: list[list[Any]]) -> Iterator[tuple[Any, float]]:
    if question == "load":
        watch = Watch()
        yield {**peer.load(Workload(*arguments[0])), "megabytes": watch.most()}, 0.0
        gc.collect()
        gc.freeze()
        return
    assert question in QUESTIONS
    for each in arguments:
        start = perf_counter()
        answer = getattr(peer, question)(*each)
        yield answer, (perf_counter() - start) * 1e3


if __name__ == "__main__":
    main(*sys.argv[1:])
