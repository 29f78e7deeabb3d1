"""The service and its peers put to the same questions in the same run, question by question in turn.

Every answer is checked against the brute-force reference; a wrong one ends the run with exit status 1 and is named. A
peer that has spent its minute on one sort of question is not asked the rest of these.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from bench import report
from bench.peers.process import Asked, Wrong
from bench.peers.servers import mariadb, postgres_named
from bench.questions import Asking, answer, askings
from bench.reference import Reference
from bench.scale import Workload

PATIENCE_MILLISECONDS = 60_000
PEERS = {
    "ours": (),
    "ours_postgres": (),
    "ranges": (),
    "mariadb": ("pymysql",),
    "continuum": ("sqlalchemy_continuum",),
    "versioned": (),
    "simple_history": ("django", "simple_history"),
    "replay": (),
}
"""The peers in the order of the table, with the packages beside our own that each needs."""

Times = dict[str, list[float]]


def measure(facts: int, *, only: str = "", write: bool = False) -> None:
    """Load everybody, ask, check, print the table, and write it where asked to."""
    workload = Workload(facts)
    named = only.split(",") if only else list(PEERS)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        peers = dict(_started(stack, named, Path(folder)))
        loads = {name: _loaded(peer, workload) for name, peer in peers.items()}
        head = workload.source_count + sum(1 for _ in workload.calls())
        reference = Reference(workload)
        found = [(asking, _asked(asking, peers, reference)) for asking in askings(workload, head)]
        text = _told(facts, head, peers, loads, found)
    print(text)
    if write:
        report.put("peers", text)


def _started(stack: ExitStack, named: list[str], folder: Path) -> Iterator[tuple[str, Asked]]:
    """Those that can be had here; the others are named."""
    for name in named:
        missing = [package for package in PEERS[name] if find_spec(package) is None]
        if missing:
            print(f"{name}: skipped, for {' and '.join(missing)} is not installed (pip install -e '.[bench]')")
            continue
        database = None
        if name in ("ranges", "ours_postgres"):
            database = postgres_named(f"bench_{name}")
        elif name == "mariadb" and (database := mariadb()) is None:
            print("mariadb: skipped, for no MariaDB server is installed")
            continue
        (folder / name).mkdir()
        peer = Asked(name.removesuffix("_postgres"), folder / name, database)
        stack.callback(peer.close)
        yield name, peer


def _loaded(peer: Asked, workload: Workload) -> dict[str, float]:
    seconds, _ = peer.ask("load", workload.facts, workload.subjects, workload.seed)
    print(f"{peer.name}: " + ", ".join(f"{name} {each:.1f} s" for name, each in seconds.items()), flush=True)
    return dict(seconds)


def _asked(asking: Asking, peers: dict[str, Asked], reference: Reference) -> Times:
    """Milliseconds of each peer; no question is put twice, so that nobody is timed at remembering an answer."""
    times: Times = {name: [] for name in peers}
    for place, arguments in enumerate(asking.arguments):
        wanted = answer(reference, asking.question, arguments)
        for name, peer in peers.items():
            if asking.question not in peer.answers or sum(times[name]) > PATIENCE_MILLISECONDS:
                continue
            took = _check(peer, asking, arguments, wanted)
            if not (place == 0 and asking.warms):
                times[name].append(took)
    shown = "  ".join(f"{name} {median(each):,.2f}" for name, each in times.items() if each)
    print(f"{asking.title}: {shown} ms; every answer right", flush=True)
    return times


def _check(peer: Asked, asking: Asking, arguments: tuple[Any, ...], wanted: Any) -> float:
    """The milliseconds of an answer, which must be right."""
    try:
        given, milliseconds = peer.ask(asking.question, *arguments)
    except Wrong as error:
        sys.exit(f"{peer.name}, {asking.title}, {asking.question}{arguments}: {error}")
    if given != wanted:
        first = _first_difference(given, wanted)
        sys.exit(f"{peer.name} is wrong: {asking.title}, {asking.question}{arguments}\n{first}")
    return milliseconds


def _first_difference(given: Any, wanted: Any) -> str:
    if isinstance(given, dict) and isinstance(wanted, dict):
        for name in sorted(given.keys() | wanted.keys()):
            if given.get(name) != wanted.get(name):
                return f"  {name}: answered {given.get(name)!s:.300}, must be {wanted.get(name)!s:.300}"
    return f"  answered {given!s:.300}, must be {wanted!s:.300}"


def _told(
    facts: int, head: int, peers: dict[str, Asked], loads: dict[str, Any], found: list[tuple[Asking, Times]]
) -> str:
    """The table: medians in milliseconds, and how many times ours each is; then rates of taking in."""
    first = next(iter(peers))
    rows = [[asking.title, *(_cell(times[name], times[first]) for name in peers)] for asking, times in found]
    for title, name, count in (
        ("facts stored a second", "import", facts),
        ("events made into views a second", "rebuild", head),
    ):
        rows.append([title, *(f"{count / load[name]:,.0f}" if name in load else "" for load in loads.values())])
    packages = {name: version for peer in peers.values() for name, version in peer.packages.items()}
    command = f"python -m bench peers --facts {facts} --write"
    heading = (
        f"{facts:,} facts about 10,000 subjects, a log of {head:,} events. Medians in milliseconds; in brackets, how "
        "many times our own."
    )
    return "\n\n".join(
        [
            report.circumstances(command, packages),
            heading,
            report.table(["", *(peer.name for peer in peers.values())], rows),
        ]
    )


def _cell(times: list[float], ours: list[float]) -> str:
    if not times:
        return ""
    middle, own = median(times), median(ours)
    shown = f"{middle:,.2f}" if middle < 100 else f"{middle:,.0f}"
    return shown if times is ours else f"{shown} ({middle / own:.2g})"
