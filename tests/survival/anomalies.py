"""What a history of operations must not show, checked after the fact from when each began, ended and was answered.

Times are of one clock for all processes, in nanoseconds. A write is one that the service answered 201: it made an
event; a repeat is answered 200 with the position of the first.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

KINDS = {
    "lost": "an acknowledged event is not in the log at its position",
    "made twice": "one id made two events, or two clients were told that they made it",
    "two positions": "one id was answered with two positions",
    "shared position": "two events were answered with one position",
    "client out of order": "a later write of a client has an earlier position",
    "real time": "a write that began after another had ended has an earlier position",
    "own write unread": "a client read a position before its own last write",
    "read went back": "a client read an earlier position than it had read before",
    "stale": "a reading that began after a write had ended does not hold it",
    "permalink changed": "one permalink gave two answers",
    "retracted twice": "a retracted fact was retracted, or a standing one reinstated",
    "refused": "an answer that the operation cannot have",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one client.

    Attributes:
        client: which.
        sort: fact, retractions, reinstatements, state, permalink.
        begun, ended: nanoseconds.
        status: of the answer.
        made: ids and positions that the answer names.
        position: what a reading was computed at; 0 for a write.
        address, digest: of a permalink and its bytes.
        expected: the statuses that it may have.
    """

    client: int
    sort: str
    begun: int
    ended: int
    status: int
    expected: tuple[int, ...]
    made: Mapping[str, int]
    position: int = 0
    address: str = ""
    digest: str = ""

    @property
    def wrote(self) -> bool:
        """Whether it made an event."""
        return self.status == 201


def anomalies(history: Iterable[Operation], log: Mapping[str, int]) -> Counter[str]:
    """How often each kind of anomaly is seen.

    Args:
        history: all operations of all clients.
        log: the position of each event in the log, by the name under which operations know it.
    """
    operations = sorted(history, key=lambda each: each.begun)
    found: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    found["refused"] = sum(each.status not in each.expected for each in operations)
    _events(operations, log, found)
    _real_time(operations, found)
    for client in {each.client for each in operations}:
        _session([each for each in operations if each.client == client], found)
    _permalinks(operations, found)
    _retractions(operations, found)
    return found


def _events(operations: list[Operation], log: Mapping[str, int], found: Counter[str]) -> None:
    told: dict[str, int] = {}
    owners: dict[int, str] = {}
    makers: Counter[str] = Counter()
    for each in operations:
        for name, position in each.made.items():
            found["two positions"] += told.setdefault(name, position) != position
            found["shared position"] += owners.setdefault(position, name) != name
            if each.wrote:
                makers[name] += 1
    found["lost"] += sum(log.get(name) != position for name, position in told.items())
    found["made twice"] += sum(count > 1 for count in makers.values())


def _real_time(operations: list[Operation], found: Counter[str]) -> None:
    """Go through beginnings and ends in time; what ended before must stand before, and be read."""
    moments: list[tuple[int, int, Any]] = []
    for each in operations:
        if each.wrote or each.position:
            moments.append((each.begun, 1, each))
        if each.wrote:
            moments.append((each.ended, 0, each))
    latest, required = 0, {}
    for _, begins, each in sorted(moments, key=lambda moment: moment[:2]):
        if not begins:
            latest = max(latest, *each.made.values())
            if id(each) in required:
                found["real time"] += min(each.made.values()) <= required[id(each)]
        elif each.wrote:
            required[id(each)] = latest
        elif each.sort == "state":
            found["stale"] += each.position < latest


def _session(operations: list[Operation], found: Counter[str]) -> None:
    written = read = 0
    for each in operations:
        if each.wrote:
            found["client out of order"] += min(each.made.values()) <= written
            written = max(each.made.values())
        elif each.sort == "state" and each.position:
            found["own write unread"] += each.position < written
            found["read went back"] += each.position < read
            read = each.position


def _permalinks(operations: list[Operation], found: Counter[str]) -> None:
    known: dict[str, str] = {}
    for each in operations:
        if each.sort == "permalink" and each.status == 200:
            found["permalink changed"] += known.setdefault(each.address, each.digest) != each.digest


def _retractions(operations: list[Operation], found: Counter[str]) -> None:
    """In the order of the log, retractions and reinstatements of a fact take turns, a retraction first."""
    acts: dict[str, list[tuple[int, str]]] = {}
    for each in operations:
        if each.wrote and each.sort in ("retractions", "reinstatements"):
            acts.setdefault(each.address, []).extend((position, each.sort) for position in each.made.values())
    for taken in acts.values():
        for turn, (_, act) in enumerate(sorted(taken)):
            found["retracted twice"] += act != ("retractions", "reinstatements")[turn % 2]
