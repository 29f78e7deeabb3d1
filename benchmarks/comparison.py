"""The service and its peers put to the same questions in the same run, in turn, each some questions in a row.

Every answer is checked against the brute-force reference; a wrong one ends the run with exit status 1 and is named. A
peer that has spent its minute on one type of question is not asked the rest of these.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import report
from benchmarks.peers.process import Asked, Wrong
from benchmarks.peers.servers import mariadb, postgres_named
from benchmarks.questions import Asking, answer, askings, subjects_of
from benchmarks.reference import Reference
from benchmarks.scale import Workload

PATIENCE_MILLISECONDS = 60_000
LOADED = "loaded.json"
"""How long loading took, beside what was loaded."""
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

BARS = {"continuum": (10, 5), "simple_history": (20, 5)}
"""How many times faster ours should be: values of one ordinary subject, and of all."""

Times = dict[str, list[float]]


def measure(facts: int, *, only: str = "", write: bool = False, keep: Path | None = None) -> None:
    """Load everybody, ask, check, print the table, and write it where asked to.

    Args:
        facts: how many facts.
        only: which peers, separated by commas; all where it is empty.
        write: whether the table goes into docs/performance.md.
        keep: a folder in which what peers without a server have loaded stays; what is there is not loaded again.
    """
    workload = Workload(facts)
    named = only.split(",") if only else list(PEERS)
    with ExitStack() as stack, tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if keep is None else keep / str(facts)
        peers = dict(_started(stack, named, folder))
        loads = {name: _loaded(peer, workload, folder / name / LOADED) for name, peer in peers.items()}
        head = workload.source_count + sum(1 for _ in workload.calls())
        asked = list(askings(workload, head))
        reference = Reference(workload, subjects_of(asked))
        found = [(asking, _asked(asking, peers, reference)) for asking in asked]
        text = _text(facts, head, peers, loads, found)
    print(text)
    if write:
        report.put(f"peers --facts {facts}", text)


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
        (folder / name).mkdir(parents=True, exist_ok=True)
        peer = Asked(name.removesuffix("_postgres"), folder / name, database)
        stack.callback(peer.close)
        yield name, peer


def _loaded(peer: Asked, workload: Workload, noted: Path) -> dict[str, float]:
    if noted.exists() and peer.database is None:
        seconds = dict(json.loads(noted.read_text()))
    else:
        (answered, _), *_ = peer.ask("load", [(workload.facts, workload.subjects, workload.seed)])
        seconds = dict(answered)
        noted.write_text(json.dumps(seconds))
    print(f"{peer.name}: " + ", ".join(f"{name} {each:.1f}" for name, each in seconds.items()), flush=True)
    return seconds


def _asked(asking: Asking, peers: dict[str, Asked], reference: Reference) -> Times:
    """Milliseconds of each peer; no question is put twice, so that nobody is timed at remembering an answer."""
    times: Times = {name: [] for name in peers}
    for together, wanted in _rounds(asking, reference):
        for name, peer in peers.items():
            if asking.question in peer.answers and sum(times[name]) <= PATIENCE_MILLISECONDS:
                took = _check(peer, asking, together, wanted)
                times[name] += took[1:] if asking.warms else took
    shown = "  ".join(f"{name} {report.shown(median(each))}" for name, each in times.items() if each)
    print(f"{asking.title}: {shown} ms; every answer right", flush=True)
    return times


def _rounds(asking: Asking, reference: Reference) -> list[tuple[list[tuple[Any, ...]], list[Any]]]:
    """What is asked in a row, with what must be answered: worked out first, so that nobody waits and grows cold."""
    wanted = [answer(reference, asking.question, arguments) for arguments in asking.arguments]
    begins = range(0, len(wanted), asking.at_once)
    return [(asking.arguments[at : at + asking.at_once], wanted[at : at + asking.at_once]) for at in begins]


def _check(peer: Asked, asking: Asking, together: Sequence[tuple[Any, ...]], wanted: list[Any]) -> list[float]:
    """The milliseconds of each answer; all must be right."""
    peer.warm()
    try:
        given = peer.ask(asking.question, together)
    except Wrong as error:
        sys.exit(f"{peer.name}, {asking.title}, {asking.question}{together[0]}: {error}")
    for arguments, (found, _), right in zip(together, given, wanted, strict=True):
        if found != right:
            first = _first_difference(found, right)
            sys.exit(f"{peer.name} is wrong: {asking.title}, {asking.question}{arguments}\n{first}")
    return [milliseconds for _, milliseconds in given]


def _first_difference(given: Any, wanted: Any) -> str:
    if isinstance(given, dict) and isinstance(wanted, dict):
        for name in sorted(given.keys() | wanted.keys()):
            if given.get(name) != wanted.get(name):
                return f"  {name}: answered {given.get(name)!s:.300}, must be {wanted.get(name)!s:.300}"
    return f"  answered {given!s:.300}, must be {wanted!s:.300}"


def _text(
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
    rows.append(["megabytes in memory at the most, loading", *(f"{load['megabytes']:,.0f}" for load in loads.values())])
    packages = {name: version for peer in peers.values() for name, version in peer.packages.items()}
    command = f"python -m benchmarks peers --facts {facts} --write"
    heading = (
        f"{facts:,} facts about 10,000 subjects, a log of {head:,} events. Medians in milliseconds; in brackets, how "
        "many times our own."
    )
    return "\n\n".join(
        [
            report.circumstances(command, packages),
            heading,
            report.table(["", *(peer.name for peer in peers.values())], rows),
            *_bars(peers, found),
        ]
    )


def _bars(peers: dict[str, Asked], found: list[tuple[Asking, Times]]) -> list[str]:
    """Which bars are met, as one list; empty where ours or those peers were not asked."""
    questions = {asking.question: times for asking, times in reversed(found) if asking.question in ("state", "whole")}
    bars = []
    for name, least in BARS.items():
        for title, question, times in zip(("one subject", "all"), ("state", "whole"), least, strict=True):
            asked = questions.get(question, {})
            if asked.get("ours") and asked.get(name):
                faster = median(asked[name]) / median(asked["ours"])
                bars.append(report.bar(f"values of {title}, times faster than {peers[name].name}", faster, times))
    return ["\n".join(bars)] if bars else []


def _cell(times: list[float], ours: list[float]) -> str:
    if not times:
        return ""
    middle, own = median(times), median(ours)
    times_ours = f"{middle / own:,.{0 if middle > 10 * own else 1}f}"
    return report.shown(middle) if times is ours else f"{report.shown(middle)} ({times_ours})"
