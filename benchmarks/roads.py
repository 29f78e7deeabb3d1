"""The roads that users take: each question in the library and over HTTP, on both databases, in one run.

In the library a question is what its route does between parsing and writing: a snapshot is opened and one function is
called. Over HTTP it is put to a real `chronology serve`, one process, with a token; beside it the same server is asked
for nothing, after the same authentication. Pages are asked of the application without a server instead of the library.
No question is put twice. A sample of states and values is asked again at the end and held against the reference.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks import report
from benchmarks.asked import ROADS, STATE, STATES, Question, Questions, Road
from benchmarks.client import CONNECTIONS, Client, Measured
from benchmarks.peers.ours import Ours
from benchmarks.peers.ranges import Ranges
from benchmarks.peers.servers import postgres_named
from benchmarks.reference import told
from benchmarks.scale import Workload
from benchmarks.serving import EMPTY_ADDRESS, served
from service.app import create_app
from service.databases.chronology import Chronology

MOST, LEAST = 100_000, 2_000
ROUNDS, SECONDS, IN_A_ROW, CHECKED = 5, 1.0, 40, 100
EMPTY, HELLO = "nothing, after the same authentication", "a bare Flask hello"
BY_HAND = "values of one subject by SQL written by hand, bare Flask"
LEAST_SHARE = 0.3
"""The rate of a state over HTTP as a share of that of the empty route."""
Library = dict[tuple[str, str], list[float]]
Pressed = dict[tuple[str, str], Measured]


def measure(facts: int, *, write: bool = False, **_: Any) -> None:
    """Print the times of each road, and whether the bar is met; write them where asked to."""
    workload = Workload(max(LEAST, min(facts, MOST)))
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        databases = {"SQLite": f"sqlite:///{folder}/chronology.db", "PostgreSQL": postgres_named("bench_roads")}
        ranges = postgres_named("bench_roads_ranges")
        ours = {name: _filled(stack, workload, Path(folder), name, databases[name]) for name in databases}
        by_hand = Ranges(Path(folder), ranges)
        by_hand.load(workload)
        by_hand.close()
        questions = Questions(workload, ours["SQLite"].record.head())
        clients = {name: stack.enter_context(served("ours", database)) for name, database in databases.items()}
        hello = stack.enter_context(served("hello", databases["SQLite"]))
        hand = stack.enter_context(served("ranges", databases["SQLite"], BENCH_RANGES=ranges))
        library = _in_library(ours, questions)
        together, alone = _over_http(clients, hello, hand, questions)
        for client in clients.values():
            _check(client, questions)
    text = _text(workload, library, together, alone)
    print(text)
    if write:
        report.put("roads", text)


def _filled(stack: ExitStack, workload: Workload, folder: Path, name: str, database: str) -> Chronology:
    """A chronology on the database, with the workload taken in."""
    ours = Ours(folder, None if name == "SQLite" else database)
    stack.callback(ours.close)
    ours.load(workload)
    return ours.chronology


def _in_library(ours: dict[str, Chronology], questions: Questions) -> Library:
    """Milliseconds of each road on each database, after one question that is not timed."""
    times: Library = {(road.title, name): [] for road in ROADS for name in ours}
    applications = {name: create_app(chronology).test_client() for name, chronology in ours.items()}
    for _ in range(ROUNDS):
        for road in ROADS:
            for name, chronology in ours.items():
                asked = islice(questions.fresh(lately=road.lately), 2 if road.slow else IN_A_ROW)
                took = [_timed(road, chronology, applications[name], question) for question in asked]
                times[road.title, name] += took[1:]
    return times


def _timed(road: Road, chronology: Chronology, application: Any, question: Question) -> float:
    start = perf_counter()
    if road.call is None:
        assert application.get(road.path(question)).status_code == 200
    else:
        with chronology.ask(question.asked) as (snapshot, clocks):
            road.call(snapshot, clocks, question)
    return (perf_counter() - start) * 1e3


def _over_http(
    clients: dict[str, Client], hello: Client, hand: Client, questions: Questions
) -> tuple[Pressed, Pressed]:
    """Each road on some connections and on one, in turn; slow ones on one alone, a question a round."""
    cases: dict[tuple[str, str], tuple[Client, Iterator[str], bool]] = {
        (HELLO, ""): (hello, cycle(["/"]), False),
        (BY_HAND, "PostgreSQL"): (hand, (STATE.path(each) for each in questions.fresh()), False),
    }
    for name, client in clients.items():
        cases[EMPTY, name] = (client, cycle([EMPTY_ADDRESS]), False)
        for road in ROADS:
            cases[road.title, name] = (client, map(road.path, questions.fresh(lately=road.lately)), road.slow)
    together: Pressed = {case: Measured() for case, (_, _, slow) in cases.items() if not slow}
    alone: Pressed = {case: Measured() for case in cases}
    for _ in range(ROUNDS):
        for case, (client, paths, slow) in cases.items():
            if not slow:
                client.press(paths, SECONDS, together[case])
            replace(client, connections=1).press(paths, 0.0 if slow else SECONDS / 2, alone[case])
    return together, alone


def _check(client: Client, questions: Questions) -> None:
    """Ask states and values again: at a position the answer must be what the reference says."""
    for question in islice(questions.fresh(), CHECKED):
        wanted = questions.wanted(question)
        state = json.loads(client.ask(STATE.path(question)))
        fields = told({name: each["value"] for name, each in state["fields"].items()})
        found = {"status": state["status"]["value"], "fields": fields}
        if found != wanted:
            sys.exit(f"a wrong answer over HTTP: {STATE.path(question)}\n  answered {found}\n  must be  {wanted}")


def _text(workload: Workload, library: Library, together: Pressed, alone: Pressed) -> str:
    titles = ["", "library, SQLite", "library, PostgreSQL", "HTTP, SQLite", "HTTP, PostgreSQL"]
    titles += ["a second, SQLite", "a second, PostgreSQL", "/ empty, SQLite", "/ empty, PostgreSQL"]
    rows = []
    for title in dict.fromkeys(title for title, _ in alone):
        own = [(title, name) for name in ("SQLite", "PostgreSQL")]
        if title == HELLO:
            own = [(HELLO, "")] * 2
        cells = [report.shown(median(library[case])) if case in library else "" for case in own]
        cells += [report.shown(alone[case].middle) if case in alone else "" for case in own]
        cells += [f"{together[case].rate:,.0f}" if case in together else "" for case in own]
        cells += [f"{_share(together, case):.2f}" if case in together and case[1] else "" for case in own]
        rows.append([title, *cells])
    packages = {name: version(name) for name in ("waitress", "Flask", "psycopg", "eventsourcing", "SQLAlchemy")}
    heading = (
        f"{workload.facts:,} facts. Medians in milliseconds of who asks alone; then requests a second on {CONNECTIONS} "
        f"connections to one process, and these as a share of those of the empty route. {ROUNDS} rounds, in turn."
    )
    bars = [
        report.bar(
            f"{road.title}, over HTTP on {name}, as a share of the empty route",
            _share(together, (road.title, name)),
            LEAST_SHARE,
        )
        for road in STATES
        for name in ("SQLite", "PostgreSQL")
    ]
    command = f"python -m benchmarks roads --facts {workload.facts} --write"
    return "\n\n".join([report.circumstances(command, packages), heading, report.table(titles, rows), "\n".join(bars)])


def _share(together: Pressed, case: tuple[str, str]) -> float:
    return together[case].rate / together[EMPTY, case[1]].rate
