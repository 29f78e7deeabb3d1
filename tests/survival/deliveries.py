"""Messages delivered to hooks while the service is killed at random moments: none is lost, each comes in its order."""

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from threading import Event
from typing import Any

from events.commands.amend_facts import amend
from events.commands.record_sources import register_source
from events.dates.calendar import civil_date
from projections.clocks import Asked
from projections.queries.following.messages import messages
from projections.read_models.histories import entries_between
from service.databases.chronology import Chronology
from service.hooks.delivery import Deliveries
from service.hooks.sending import new_secret
from service.settings import Settings
from service.web.following.asked import followed
from tests.fixtures.receivers import Receiver, receiving
from tests.fixtures.recording import record_facts
from tests.survival.seen import token_for
from tests.survival.servers import Client, Service

KILLS = 200
EVENTS_PER_KILL = 27
REQUESTS_PER_KILL = 20
MOMENTS = 200
_SUBJECTS = 400
_PROCESSES = get_context("forkserver")  # which has read the modules: a kill every second
_PROCESSES.set_forkserver_preload(["tests.survival.deliveries"])
_LONGEST_SECONDS = 0.4
_PATIENCE_SECONDS = 120
_STANDS_STILL_SECONDS = 15
"""Where nothing comes for so long, all is delivered, or lost."""
FOLLOWED: tuple[dict[str, Any], ...] = (
    {},
    {"kind": "SwapAgreed"},
    {"messages": ["new", "corrected", "retracted", "contested"]},
)
"""What the hooks follow."""


class Writer:
    """Records facts and amendments at random, the same at every run."""

    def __init__(self, chronology: Chronology, seed: int) -> None:
        self._chronology = chronology
        self._chance = random.Random(seed)
        self._count = 0
        source = {
            "id": "paper",
            "title": "Paper",
            "publisher": "Gazette",
            "published": "2024-06-01",
            "text": "It is done.",
        }
        chronology.write("teller", lambda call: register_source(call, source))

    def write(self, events: int) -> None:
        """Record so many events, each in a call of its own."""
        for _ in range(events):
            name = f"f{self._chance.randrange(self._count)}" if self._count and self._chance.random() < 0.4 else None
            changes = {"count_each": self._chance.randrange(1, 90)}
            if name is None:
                self._record(changes)
            else:
                body = {"kind": "reassessment", "reason": "read again", "changes": changes}
                self._chronology.write(
                    "editor", lambda call, name=name, body=body: amend(call, name, "corrections", body)
                )

    def _record(self, values: dict[str, Any]) -> None:
        _, month, day = civil_date(19_700 + self._chance.randrange(150))
        body = {
            "id": f"f{self._count}",
            "kind": self._chance.choice(("SwapAgreed", "SwapCompleted")),
            "subject": f"swap-{self._chance.randrange(_SUBJECTS)}",
            "occurred": f"2024-{month:02}-{day:02}",
            "citations": [{"source": "paper", "exact": "It is done."}],
            **values,
        }
        self._chronology.write("teller", lambda call: record_facts(call, [body], [""]))
        self._count += 1


class Outcome:
    """What came of it."""

    def __init__(self, kills: int) -> None:
        self.kills = kills
        self.expected = self.requests = self.lost = self.disordered = self.unknown = self.unlike = 0

    def examine(self, expected: Sequence[str], receiver: Receiver) -> None:
        """Count what a hook should have been sent and what it was; each is verified by the library of the standard."""
        first: dict[str, Any] = {}
        for body, name in zip(receiver.verified(), receiver.ids, strict=True):
            self.unlike += first.setdefault(name, body) != body
        known = set(expected)
        came = [name for name in first if name in known]
        self.expected += len(expected)
        self.requests += len(receiver.requests)
        self.lost += len(known - first.keys())
        self.unknown += len(first.keys() - known)
        self.disordered += sum(
            one != other for one, other in zip(came, [e for e in expected if e in first], strict=True)
        )

    def line(self) -> str:
        """The figures, in one line."""
        return (
            f"{self.kills} kills, {self.expected:,} messages, {self.requests:,} requests verified "
            f"({self.requests - self.expected:,} repeated with the same id): lost {self.lost}, out of order "
            f"{self.disordered}, of no event {self.unknown}, repeated otherwise {self.unlike}"
        )

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.lost + self.disordered + self.unknown + self.unlike)


def deliver_until_killed(database: str) -> None:
    """Follow and deliver, as `chronology serve` does on SQLite."""
    chronology = Chronology(Settings(database=database, hook_hosts="127.0.0.1"))
    chronology.start_following()
    Deliveries(chronology).run(Event())


def kill_deliverer(folder: Path, kills: int, seed: int = 7) -> Outcome:
    """Kill the process that delivers, again and again, and hold what came against the log."""
    database, chance, outcome = f"sqlite:///{folder}/log.db", random.Random(seed), Outcome(kills)
    chronology = Chronology(Settings(database=database))
    writer = Writer(chronology, seed)
    with receiving() as one, receiving() as two, receiving() as three:
        receivers = (one, two, three)
        for number, (receiver, follows) in enumerate(zip(receivers, FOLLOWED, strict=True)):
            receiver.secret = new_secret()
            hooks = chronology.databases.primary.hooks
            hooks.add(f"hook-{number}", receiver.url, follows, receiver.secret, "admin", chronology.now(), 0)
        for _ in range(kills):
            before = sum(len(each.requests) for each in receivers)
            deliverer = _begun(database)
            writer.write(EVENTS_PER_KILL)
            _wait(lambda before=before: sum(len(each.requests) for each in receivers) >= before + REQUESTS_PER_KILL)
            time.sleep(chance.uniform(0, _LONGEST_SECONDS))
            deliverer.kill()
            deliverer.join()
        deliverer = _begun(database)
        expected = [_expected(chronology, each) for each in FOLLOWED]
        before = -1
        while before < (before := sum(len(each.requests) for each in receivers)):
            time.sleep(_STANDS_STILL_SECONDS)
        deliverer.kill()
        for ids, receiver in zip(expected, receivers, strict=True):
            outcome.examine(ids, receiver)
    chronology.close()
    return outcome


def _begun(database: str) -> Any:
    process = _PROCESSES.Process(target=deliver_until_killed, args=(database,))
    process.start()
    return process


def seconds_until_delivered(folder: Path, moments: int) -> list[float]:
    """How long after each of so many calls was answered its message came, in seconds."""
    database = f"sqlite:///{folder}/log.db"
    service = Service(database, folder, CHRONOLOGY_HOOK_HOSTS="127.0.0.1")
    token, found, came = token_for(database, "admin"), [], Event()

    def answering(handler: Any, _: int) -> None:
        handler.send_response(204)
        handler.end_headers()
        came.set()

    with receiving(answering) as receiver:
        service.start()
        _add_hooks(service.port, token, (receiver,))
        client = Client(service.port, token)
        client.post(
            "/api/v1/sources", {"id": "p", "title": "P", "publisher": "P", "published": "2024-06-01", "text": "Yes."}
        )
        for number in range(moments):
            came.clear()
            body = {"kind": "SwapAgreed", "subject": f"s{number}", "occurred": "2024-01-01"}
            status, _ = client.post("/api/v1/facts", {**body, "citations": [{"source": "p", "exact": "Yes."}]})
            answered = time.monotonic()
            assert status == 201
            assert came.wait(_PATIENCE_SECONDS)
            found.append(time.monotonic() - answered)
        client.close()
        service.kill()
    return found


def _add_hooks(port: int, token: str, receivers: Sequence[Receiver]) -> None:
    client = Client(port, token)
    for receiver, follows in zip(receivers, FOLLOWED, strict=False):
        status, made = client.post("/api/v1/hooks", {"url": receiver.url, "after": 0, **follows})
        assert status == 201, made
        receiver.secret = made["secret"]
    client.close()


def _expected(chronology: Chronology, follows: dict[str, Any]) -> list[str]:
    """The ids of the messages of the whole log."""
    only = follows.get("messages")
    with chronology.ask(Asked(), patiently=True) as (snapshot, _):
        batches = entries_between(snapshot, 0, snapshot.head)
        found = (each for entries in batches for each in messages(snapshot, followed(follows), entries))
        return [each["id"] for each in found if not only or each["kind"] in only]


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not until():
        if time.monotonic() > deadline:
            raise TimeoutError("nothing is delivered")
        time.sleep(0.005)


def show(scale: float) -> int:
    """Print the figures; answers with how many failed."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        begun = time.monotonic()
        outcome = kill_deliverer(Path(one), max(1, round(KILLS * scale)))
        print(
            f"the process killed while it delivers, on SQLite: {outcome.line()}; {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        seconds = seconds_until_delivered(Path(other), max(20, round(MOMENTS * scale)))
    twentieths = quantiles(seconds, n=20)
    print(
        f"from the answer of a call to its message: median {twentieths[9]:.3f} s, p95 {twentieths[18]:.3f} s",
        flush=True,
    )
    return outcome.failed
