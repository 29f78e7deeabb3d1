"""Many clients at once: importing the same, amending the same, and a long mixture whose history is checked."""

import json
import os
import pickle
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.databases.chronology import Chronology
from service.settings import Settings
from tests.survival.anomalies import Operation, anomalies
from tests.survival.clients import prepare, race
from tests.survival.seen import token_for
from tests.survival.servers import PROGRAM, Client, postgres_server, served
from tests.survival.writers import PROCESSES, facts_of, source

OPERATIONS = 100_000
CLIENTS = 6
IMPORTERS = 8
RETRACTED = 20
_SOURCES, _FACTS = 5, 40


@dataclass
class Outcome:
    """What came of a race."""

    line: str
    failed: bool


def chronicle() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Sources, and facts that cite them."""
    sources = [source(f"same-{number}") for number in range(_SOURCES)]
    facts = [
        each for document in sources for each in facts_of(f"of-{document['id']}", _FACTS // _SOURCES, document["id"])
    ]
    return sources, facts


def import_at_once(database: str, port: int, token: str, folder: Path, importers: int) -> Outcome:
    """Half of the importers are `chronology import`, the other half send the same to the API."""
    sources, facts = chronicle()
    file = folder / "same.ndjson"
    lines = [json.dumps({"source": each}) for each in sources] + [json.dumps({"fact": each}) for each in facts]
    file.write_text("\n".join(lines))
    before = positions_in(database)
    environment = {**os.environ, "CHRONOLOGY_DATABASE": database}
    words = [str(PROGRAM), "import", str(file)]
    begun = time.monotonic()
    commands = [
        subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(importers // 2)
    ]
    answers = [folder / f"answer-{number}" for number in range(importers - len(commands))]
    senders = [PROCESSES.Process(target=send_all, args=(port, token, sources, facts, path)) for path in answers]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    said = [command.communicate()[0] for command in commands]
    told = [json.loads(path.read_text()) for path in answers]
    log = {name: position for name, position in positions_in(database).items() if name not in before}
    same = all(each == log for each in told)
    once = len(log) == len(sources) + len(facts) and all(command.returncode == 0 for command in commands)
    made = sum(int(text.split("; ")[1].split()[0]) for text in said)
    line = (
        f"{importers} importers of {len(facts)} facts and {len(sources)} sources: {len(log)} events, "
        f"{made} of them by the command line, each once {_yes(once)}, all were told the same positions {_yes(same)}; "
        f"{time.monotonic() - begun:.1f} s"
    )
    return Outcome(line, not (same and once))


def _yes(holds: bool) -> str:
    return "yes" if holds else "NO"


def send_all(port: int, token: str, sources: list[Any], facts: list[Any], path: Path) -> None:
    """Send sources and facts, and leave the positions told in the file."""
    client = Client(port, token)
    told = {}
    for document in sources:
        told[document["id"]] = client.post("/api/v1/sources", document)[1]["position"]
    for each in client.post("/api/v1/facts", facts)[1]:
        told[each["id"]] = each["position"]
    path.write_text(json.dumps(told))
    client.close()


def retract_at_once(port: int, token: str, folder: Path, clients: int, facts: int) -> Outcome:
    """All clients retract the same facts, one after the other: of each one wins."""
    paths = [folder / f"retracted-{number}" for number in range(clients)]
    names = [each["id"] for each in chronicle()[1][:facts]]
    at = time.time() + 1.0
    racers = [PROCESSES.Process(target=retract_all, args=(port, token, names, at, path)) for path in paths]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    statuses = [Counter(each) for each in zip(*(json.loads(path.read_text()) for path in paths), strict=True)]
    won = sum(each == {201: 1, 409: clients - 1} for each in statuses)
    line = f"{clients} clients retract each of {facts} facts: one wins and the rest are told 409 for {won} of {facts}"
    return Outcome(line, won != facts)


def retract_all(port: int, token: str, names: list[str], at: float, path: Path) -> None:
    """Retract the facts in order, and leave the statuses in the file."""
    client = Client(port, token)
    client.get("/healthz")
    time.sleep(max(0, at - time.time()))
    body = {"kind": "reassessment", "reason": "a race"}
    statuses = [client.post(f"/api/v1/facts/{name}/retractions", body)[0] for name in names]
    path.write_text(json.dumps(statuses))
    client.close()


def check_history(database: str, port: int, token: str, folder: Path, operations: int, clients: int) -> Outcome:
    """Run a mixture of operations, and look for anomalies in its history."""
    paths = [folder / f"history-{number}" for number in range(clients)]
    begun = time.monotonic()
    racers = [
        PROCESSES.Process(target=race, args=(number, port, token, operations // clients, 1, path))
        for number, path in enumerate(paths)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    seconds = time.monotonic() - begun
    history: list[Operation] = [each for path in paths for each in pickle.loads(path.read_bytes())]  # noqa: S301
    found = anomalies(history, positions_in(database))
    writes, conflicts = sum(each.wrote for each in history), sum(each.status == 409 for each in history)
    line = (
        f"{len(history):,} operations of {clients} clients in {seconds:.0f} s ({writes:,} writes, {conflicts:,} told "
        f"409): " + ", ".join(f"{name} {count}" for name, count in found.items())
    )
    return Outcome(line, bool(found.total()))


def positions_in(database: str) -> dict[str, int]:
    """The position of each event, by its id or, for an amendment, the fact's and its number."""
    chronology = Chronology(Settings(database=database))
    found: dict[str, int] = {}
    after = 0
    while entries := chronology.record.after(after, 1_000):
        for entry in entries:
            name = entry.data.get("id") or f"{entry.data['fact']}#{entry.version - 1}"
            assert name not in found, f"{name} stands twice in the log"
            found[name] = entry.position
        after = entries[-1].position
    chronology.close()
    return found


@contextmanager
def databases(folder: Path) -> Iterator[Iterator[tuple[str, str]]]:
    """SQLite, and a PostgreSQL: what it is called, and its address."""
    with postgres_server() as server:
        yield iter((("SQLite", f"sqlite:///{folder}/chronology.db"), ("PostgreSQL", server.address)))


def run(database: str, folder: Path, scale: float) -> Iterator[Outcome]:
    """All races on one database."""
    token = token_for(database)
    with served(database, folder) as port:
        yield import_at_once(database, port, token, folder, IMPORTERS)
        prepare(port, token)
        yield retract_at_once(port, token, folder, CLIENTS, max(2, round(RETRACTED * min(1.0, scale * 10))))
        yield check_history(database, port, token, folder, max(CLIENTS, round(OPERATIONS * scale)), CLIENTS)


def show(scale: float) -> int:
    """Print the figures on both databases; answers with how many races went wrong."""
    failed = 0
    with tempfile.TemporaryDirectory() as name, databases(Path(name)) as both:
        for called, database in both:
            folder = Path(name) / called
            folder.mkdir()
            for outcome in run(database, folder, scale):
                print(f"{called}: {outcome.line}", flush=True)
                failed += outcome.failed
    return failed
