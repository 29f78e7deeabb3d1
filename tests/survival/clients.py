"""Clients that race: real processes over HTTP, each noting down what it asked when, and what it was answered."""

import hashlib
import json
import pickle
import random
import time
from pathlib import Path
from typing import Any

from tests.survival.anomalies import Operation
from tests.survival.servers import Client
from tests.survival.writers import source

SOURCE = "report-of-races"
SUBJECTS = 10
SHARED = 40
_RECENT = 50
_BLOCK = 20  # operations of a client, in which it works on what the others work on, too
_CHAPTER = 200  # operations of a client, after which it turns to other subjects, so that none grows without end


def fact(name: str, subject: int, content: int = 1) -> dict[str, Any]:
    """A fact; two with one name and other content contradict each other."""
    return {
        "id": name,
        "kind": "SwapAgreed",
        "subject": f"swap-{subject}",
        "occurred": "2024-01-01",
        "count_each": content,
        "citations": [{"source": SOURCE, "exact": f"{SOURCE} says so."}],
    }


def prepare(port: int, token: str) -> dict[str, int]:
    """Record what the clients work with; answers with the position of each event made."""
    client = Client(port, token)
    _, taken = client.post("/api/v1/sources", source(SOURCE))
    shared = [fact(f"shared-{number}", number % SUBJECTS) for number in range(SHARED)]
    _, made = client.post("/api/v1/facts", shared)
    client.close()
    return {SOURCE: taken["position"], **{each["id"]: each["position"] for each in made}}


class Racer:
    """One client, with chances of its own."""

    def __init__(self, number: int, port: int, token: str, round_number: int) -> None:
        self.number = number
        self._chance = random.Random(f"{number} {round_number}")
        self._client = Client(port, token)
        self._name = f"r{round_number}"
        self._made = 0
        self._positions: list[int] = []
        self._bodies: list[dict[str, Any]] = []
        self.done: list[Operation] = []

    def run(self, operations: int) -> None:
        """So many operations, one after the other."""
        calls = (self.fact, self.facts, self.repeat, self.contend, self.quarrel, self.amend, self.state, self.permalink)
        weights = (14, 6, 8, 8, 4, 10, 32, 18)
        for call in self._chance.choices(calls, weights, k=operations):
            call()
        self._client.close()

    def _post(self, sort: str, path: str, body: Any, *expected: int, address: str = "") -> None:
        begun = time.monotonic_ns()
        status, answer = self._client.post(path, body)
        ended = time.monotonic_ns()
        made = {}
        if status in (200, 201):
            for each in answer if isinstance(answer, list) else [answer]:
                made[each["id"] if "id" in each else f"{each['fact']}#{each['n']}"] = each["position"]
        self.done.append(Operation(self.number, sort, begun, ended, status, expected, made, address=address))
        self._positions.extend(made.values())

    def _subject(self) -> int:
        """A subject of this chapter, the same ones for all clients."""
        return len(self.done) // _CHAPTER * SUBJECTS + self._chance.randrange(SUBJECTS)

    def _new(self) -> dict[str, Any]:
        self._made += 1
        body = fact(f"{self._name}-{self.number}-{self._made}", self._subject())
        self._bodies = [*self._bodies[-_RECENT:], body]
        return body

    def fact(self) -> None:
        """A new fact."""
        self._post("fact", "/api/v1/facts", self._new(), 201)

    def facts(self) -> None:
        """An array of new facts."""
        self._post("fact", "/api/v1/facts", [self._new() for _ in range(3)], 201)

    def repeat(self) -> None:
        """A fact sent before, or one that was there from the start."""
        number = self._chance.randrange(SHARED)
        body = self._chance.choice(self._bodies) if self._bodies else fact(f"shared-{number}", number % SUBJECTS)
        self._post("fact", "/api/v1/facts", body, 200)

    def contend(self) -> None:
        """A fact that the other clients send at about the same time, too."""
        block = len(self.done) // _BLOCK
        self._post("fact", "/api/v1/facts", fact(f"{self._name}-all-{block}", block), 200, 201)

    def quarrel(self) -> None:
        """A fact that other clients send with other content: one of them is right."""
        block = len(self.done) // _BLOCK
        body = fact(f"{self._name}-either-{block}", block, self.number % 2 + 1)
        self._post("fact", "/api/v1/facts", body, 200, 201, 409)

    def amend(self) -> None:
        """A retraction or a reinstatement of a fact that others work on; it may not have been recorded at all."""
        name, act = f"{self._name}-all-{len(self.done) // _BLOCK - 1}", self._chance.choice(_ACTS)
        body = {"kind": "reassessment", "reason": "a race"}
        self._post(act, f"/api/v1/facts/{name}/{act}", body, 201, 404, 409, address=name)

    def _get(self, sort: str, path: str, *expected: int) -> None:
        begun = time.monotonic_ns()
        status, content = self._client.ask("GET", path)
        ended = time.monotonic_ns()
        position = json.loads(content)["asked"]["position"] if status == 200 else 0
        digest = hashlib.sha256(content).hexdigest()
        self.done.append(
            Operation(self.number, sort, begun, ended, status, expected, {}, position, address=path, digest=digest)
        )
        if sort == "state" and position:
            self._positions.append(position)

    def state(self) -> None:
        """The state now of a subject about which this client has recorded something, or that was there before."""
        subject = self._chance.choice(self._bodies)["subject"] if self._bodies else "swap-0"
        self._get("state", f"/api/v1/subjects/{subject}", 200)

    def permalink(self) -> None:
        """The state of a subject at a position; few addresses, so that several clients ask the same."""
        known = [position // 10 * 10 for position in self._positions[-_RECENT:]]
        position = self._chance.choice(known) if known else SHARED + 1
        self._get("permalink", f"/api/v1/subjects/swap-{self._subject() // 5 * 5}?position={position}", 200, 404)


_ACTS = ("retractions", "reinstatements")


def race(number: int, port: int, token: str, operations: int, round_number: int, path: Path) -> None:
    """Run a client in this process, and leave its operations in the file."""
    racer = Racer(number, port, token, round_number)
    racer.run(operations)
    path.write_bytes(pickle.dumps(racer.done))
