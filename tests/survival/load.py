"""Clients that go on while servers die: each notes down what it was answered, and when."""

import hashlib
import http.client
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.survival.servers import Client
from tests.survival.writers import facts_of, source

_RECENT = 30
_PAUSE_SECONDS = 0.005
_PERMALINKS = 400


@dataclass
class Answers:
    """What a client was answered.

    Attributes:
        statuses: how often each status; 0 where no answer came.
        slowest: the seconds of the slowest answer.
        acknowledged: begin and end of each writing call that was acknowledged, and the positions told.
        permalinks: the digest of what was answered at addresses that never change.
        changed: addresses of those that were answered otherwise later.
        behind: how often an answer was of an earlier position than one before.
        refused: what was refused, and in which words.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    acknowledged: list[tuple[float, float, dict[str, int]]] = field(default_factory=list)
    permalinks: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    behind: int = 0
    refused: list[str] = field(default_factory=list)


class Noting:
    """A client whose answers are counted; they are left in a file, a line each second or so, and whole at the end."""

    def __init__(self, port: int, token: str) -> None:
        self.client = Client(port, token, timeout_seconds=60)
        self.answers = Answers()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Status and bytes of an answer; status 0 where none came. A reading is asked again as `Retry-After` says."""
        begun = time.monotonic()
        status, content = self._answer(method, path, body)
        if method == "GET" and status == 503:  # its connection died with the database
            time.sleep(1)
            status, content = self._answer(method, path, body)
        self.answers.statuses[status] += 1
        if status not in (200, 201, 404):
            self.answers.refused.append(f"{method} {path}: {status} {content.decode(errors='replace')[:300]}")
        self.answers.slowest = max(self.answers.slowest, time.monotonic() - begun)
        return status, content

    def _answer(self, method: str, path: str, body: Any) -> tuple[int, bytes]:
        try:
            return self.client.ask(method, path, body)
        except (OSError, http.client.HTTPException):
            return 0, b""


def keep_sending(port: int, token: str, name: str, folder: Path) -> None:
    """Record arrays of facts until the file `stop` is there; what was refused is sent again as it was."""
    noting, chance, number = Noting(port, token), random.Random(name), 0
    with (folder / f"{name}.told").open("ab", buffering=0) as told:
        while not (folder / "stop").exists():
            number += 1
            document = source(f"report-{name}-{number}")
            size = chance.randrange(2, 6)
            facts = facts_of(f"{name}-{number}", size, document["id"])
            for path, body in (("/api/v1/sources", document), ("/api/v1/facts", facts)):
                while (made := _sent(noting, path, body)) is None and not (folder / "stop").exists():
                    time.sleep(_PAUSE_SECONDS)
                if made is not None:
                    noting.answers.acknowledged.append(made)
                    told.write(json.dumps([made[0], made[1], max(made[2].values())]).encode() + b"\n")
    _leave(noting, folder / f"{name}.json")


def _sent(noting: Noting, path: str, body: Any) -> tuple[float, float, dict[str, int]] | None:
    begun = time.monotonic()
    status, content = noting.ask("POST", path, body)
    if status not in (200, 201):
        return None
    told = json.loads(content)
    made = {each["id"]: each["position"] for each in (told if isinstance(told, list) else [told])}
    return begun, time.monotonic(), made


def keep_reading(port: int, token: str, name: str, folder: Path) -> None:
    """Ask questions of all sorts until the file `stop` is there: now, and at positions that answers have told."""
    noting, chance = Noting(port, token), random.Random(name)
    answers, seen, furthest = noting.answers, [0], 0
    while not (folder / "stop").exists():
        subject = f"swap-{chance.randrange(20)}"
        position = chance.choice(seen[-_RECENT:])
        path = chance.choice(
            (
                f"/api/v1/subjects/{subject}",
                f"/api/v1/subjects/{subject}?position={position}",
                f"/api/v1/subjects/{subject}?position={position}",
                "/api/v1/subjects?kind=swap&limit=20",
                f"/api/v1/events?after={position}&limit=20",
                "/checkpoint",
                "/",
            )
        )
        status, content = noting.ask("GET", path)
        if status not in (200, 404) or not path.startswith("/api/v1/subjects"):
            continue
        if "?position=" in path:
            hold(answers, path, status, content)
        elif status == 200:
            position = json.loads(content)["asked"]["position"]
            answers.behind += position < furthest
            furthest = max(furthest, position)
            seen.append(position)
    _leave(noting, folder / f"{name}.json")


def hold(answers: Answers, path: str, status: int, content: bytes) -> None:
    """Hold an answer that never changes against what was answered before."""
    digest = f"{status} {hashlib.sha256(content).hexdigest()}"
    if len(answers.permalinks) < _PERMALINKS or path in answers.permalinks:
        known = answers.permalinks.setdefault(path, digest)
        if known != digest:
            answers.changed.append(path)


def _leave(noting: Noting, path: Path) -> None:
    """Leave the answers in the file, which is there only once it is whole."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(vars(noting.answers)))
    draft.replace(path)


def left(path: Path) -> Answers:
    """The answers that a client has left."""
    given = json.loads(path.read_text())
    given["statuses"] = Counter({int(status): count for status, count in given["statuses"].items()})
    return Answers(**given)


def told_since(folder: Path, names: list[str], moment: float) -> dict[str, tuple[float, int]]:
    """For each writer that has begun a call after the moment and had it acknowledged: when, and the last position."""
    found: dict[str, tuple[float, int]] = {}
    for name in names:
        path = folder / f"{name}.told"
        for line in path.read_bytes().split(b"\n")[:-1] if path.exists() else ():
            begun, ended, position = json.loads(line)
            if begun >= moment and name not in found:
                found[name] = ended, position
    return found
