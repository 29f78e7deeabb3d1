"""Whether a subject's answer grows with the log: 20 facts in a log of 1,000 and of 100,000, interleaved."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.workload import batches, desk_in, facts
from events.commands.record_facts import record_facts
from projections.clocks import Asked
from projections.queries.subjects.states import state
from service.databases.chronology import Chronology

LOGS = (1_000, 100_000)
FACTS_OF_THE_SUBJECT = 20
ROUNDS = 300
_CLOCKS = {
    "current": Asked(),
    "arbitrary clocks": Asked(at="2024-07-01", reported_until="2024-09-30", zone="Europe/Istanbul"),
    "arbitrary position": Asked(at="2024-07-01", position=900),
}


def filled(folder: Path, count: int) -> Chronology:
    """A desk with so many facts, twenty of them about the subject `swap-probe`."""
    chronology = desk_in(folder)
    probe = [fact for fact in facts(200, 1, seed=3) if fact["subject"] == "swap-0"][:FACTS_OF_THE_SUBJECT]
    probe = [{**fact, "id": f"probe-{fact['id']}", "subject": "swap-probe"} for fact in probe]
    for batch in [probe, *batches(list(facts(count - len(probe), count // 20)))]:
        pointers = [f"/{number}" for number in range(len(batch))]
        chronology.write("bench", lambda call, batch=batch, pointers=pointers: record_facts(call, batch, pointers))
    chronology.follower.catch_up()
    return chronology


def timed(question: Callable[[], Any]) -> float:
    """Milliseconds for one answer."""
    start = time.perf_counter()
    question()
    return (time.perf_counter() - start) * 1e3


def ask(chronology: Chronology, asked: Asked) -> Any:
    """The state of the probe."""
    with chronology.ask(asked) as (snapshot, clocks):
        return state(snapshot, "swap-probe", clocks)


def measure() -> None:
    """Print medians and their ratio; at most 1.5 is wanted."""
    with tempfile.TemporaryDirectory() as folder:
        chronologies = []
        for count in LOGS:
            (Path(folder) / str(count)).mkdir()
            chronologies.append(filled(Path(folder) / str(count), count))
        for name, asked in _CLOCKS.items():
            times: list[list[float]] = [[] for _ in chronologies]
            for _ in range(ROUNDS):
                for chronology, found in zip(chronologies, times, strict=True):
                    found.append(timed(lambda chronology=chronology, asked=asked: ask(chronology, asked)))
            small, large = map(statistics.median, times)
            print(
                f"{name:20} {small:7.2f} ms in {LOGS[0]:,}   {large:7.2f} ms in {LOGS[1]:,}   {large / small:.2f} times"
            )
        for chronology in chronologies:
            chronology.close()
