"""Dear questions against the service as it is run: `python -m tests.hostile.dear [sqlite|postgres]`.

Thirty clients ask about everything in 10,000 facts, first so that each leaves at once, then so that all wait. Meanwhile
the health probe and a good reader go on asking, and afterwards the service must come to rest. The probe is a process of
its own, first in line for a processor where it may be; it also says how late the machine lets itself wake, as what waits
for a processor by then is no fault of the service.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from statistics import median
from threading import Event, Thread
from typing import Any

import orjson

from tests.fixtures.servers import Served, serving

FACTS, SUBJECTS, CLIENTS = 10_000, 40, 30
WANTED_HEALTH_SECONDS = 0.1
"""Of the slowest probe while clients leave at once; of 99 in 100 while they stay."""
WANTED_MEDIAN_SECONDS = 1.0
WANTED_REST_SECONDS = 10.0
_STAY_SECONDS = 30.0
_WATCHED_SECONDS = 8.0
_AT_ONCE = 1_000
_IDLE = 0.05
"""How much of a processor a service at rest uses at the most."""

_PROBE_SECONDS = 0.02
_URGENT = -15
PROBE = "probe"

Asked = list[tuple[float, int]]
"""Of each request how many seconds its answer took, and its status; 0 where none came."""
Probes = list[tuple[float, int, float]]
"""The same of each probe, and how late it was sent."""


def head(path: str, token: str = "", method: str = "GET", body: bytes = b"") -> bytes:
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{bearer}{length}Connection: close\r\n\r\n".encode() + body


async def answered(served: Served, request: bytes, seconds: float) -> tuple[float, int]:
    """How long the whole answer takes on a new connection, and its status."""
    begun, status = time.monotonic(), 0
    with contextlib.suppress(OSError, TimeoutError, IndexError):
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(request)
            status = int((await reader.readline()).split()[1])
            await reader.read()
            writer.close()
    return time.monotonic() - begun, status


async def record(served: Served) -> None:
    """Record what the questions are about."""

    async def post(path: str, body: Any) -> None:
        _, status = await answered(
            served, head(f"/api/v1{path}", served.tokens["recorder"], "POST", orjson.dumps(body)), 120
        )
        assert status == 201, status

    source = {"id": "list", "title": "List", "publisher": "Gazette", "published": "2024-01-01", "text": "They agreed."}
    await post("/sources", source)
    cited = [{"source": "list", "exact": "They agreed."}]
    for first in range(0, FACTS, _AT_ONCE):
        numbers = range(first, first + _AT_ONCE)
        kinds = ("SwapAgreed", "SwapCompleted")
        await post("/facts", [
            {"id": f"fact-{n}", "kind": kinds[n % 2], "subject": f"swap-{n % SUBJECTS}", "count_each": n % 50,
             "occurred": f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}", "citations": cited}
            for n in numbers
        ])  # fmt: skip
    served.caught_up()


def dear_questions(last: int) -> list[str]:
    """Questions about everything."""
    sides = f"from_position=10&to_position={last}"
    return [
        f"/api/v1/diff?{sides}",
        f"/compare?{sides}",
        f"/api/v1/subjects/swap-1/understanding?position={last}",
        "/subjects/swap-2?evolved",
        f"/api/v1/subjects?limit=1000&position={last - 1}&at=2024-06-01",
        f"/api/v1/replay?position={last}",
    ]


async def _leaves(served: Served, path: str) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(head(path))
    await writer.drain()
    writer.close()


async def _again(served: Served, path: str, token: str, until: asyncio.Event, pause: float) -> Asked:
    found: Asked = []
    while not until.is_set():
        found.append(await answered(served, head(path, token), 120))
        await asyncio.sleep(pause)
    return found


def _await_end(over: Event) -> None:
    sys.stdin.read()
    over.set()


def probe(port: int) -> None:
    """Ask for health on a new connection again and again until standard input ends; print what was found as JSON.

    Of each how many seconds it took, its status, and how many seconds late this process woke before.
    """
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, _URGENT)
    over, found = Event(), []
    Thread(target=_await_end, args=(over,), daemon=True).start()
    begun = time.monotonic()
    while not over.wait(_PROBE_SECONDS):
        late = time.monotonic() - begun - _PROBE_SECONDS
        asked, status = time.monotonic(), 0
        with contextlib.suppress(OSError, IndexError), socket.create_connection(("127.0.0.1", port), 120) as connection:
            connection.sendall(head("/healthz"))
            with connection.makefile("rb") as answer:
                status = int(answer.readline().split()[1])
                answer.read()
        begun = time.monotonic()
        found.append((begun - asked, status, late))
    print(orjson.dumps(found).decode())


@contextlib.asynccontextmanager
async def probing(served: Served) -> AsyncIterator[Probes]:
    """A process that probes meanwhile; what it found is there afterwards."""
    words = [sys.executable, "-m", "tests.hostile.dear", PROBE, str(served.port)]
    prober = await asyncio.create_subprocess_exec(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    found: Probes = []
    yield found
    out, _ = await prober.communicate(b"")  # which ends its input
    found += orjson.loads(out)


async def _at_rest(served: Served) -> float:
    """After how many seconds the service does nothing for a second."""
    begun = time.monotonic()
    while time.monotonic() < begun + 120:
        since, worked = time.monotonic(), served.worked()
        await asyncio.sleep(1)
        if served.worked() - worked <= _IDLE:
            return since - begun
    return time.monotonic() - begun


async def _ask_dear(served: Served, last: int, *, leaving: bool) -> Counter[int]:
    """Let all clients ask, and return the statuses that they met."""
    paths = (dear_questions(last) * CLIENTS)[:CLIENTS]
    if leaving:
        await asyncio.gather(*(_leaves(served, path) for path in paths))
        await asyncio.sleep(_WATCHED_SECONDS)
        return Counter()
    answers = await asyncio.gather(*(answered(served, head(path), _STAY_SECONDS) for path in paths))
    return Counter(status for _, status in answers)


async def _under(served: Served, last: int, *, leaving: bool) -> bool:
    over = asyncio.Event()
    async with probing(served) as probes:
        reads = asyncio.create_task(_again(served, "/api/v1/subjects/swap-3", served.tokens["reader"], over, 0.1))
        await asyncio.sleep(1.5)
        met = await _ask_dear(served, last, leaving=leaving)
        over.set()
        read = await reads
    health, late = sorted(seconds for seconds, _, _ in probes), max(late for _, _, late in probes)
    ordinary = sorted(seconds for seconds, _ in read)
    refused = [status for _, status, _ in probes if status != 200] + [status for _, status in read if status != 200]
    rest = await _at_rest(served) + (_WATCHED_SECONDS if leaving else 0)
    held = (
        (health[-1] if leaving else health[len(health) * 99 // 100]) <= WANTED_HEALTH_SECONDS
        and median(ordinary) <= WANTED_MEDIAN_SECONDS
        and rest <= WANTED_REST_SECONDS
        and not refused
        and met.keys() <= {200, 429, 503, 0}
    )
    print(
        f"{CLIENTS} clients that {'leave at once' if leaving else 'stay'}: "
        f"/healthz {len(health)} times, median {median(health) * 1000:.0f} ms, worst {health[-1] * 1000:.0f} ms, "
        f"itself woken up to {late * 1000:.0f} ms late; "
        f"an ordinary question {len(ordinary)} times, median {median(ordinary):.2f} s, worst {ordinary[-1]:.2f} s; "
        f"at rest after {rest:.0f} s; met {dict(met)}, probes and readers {refused or 'only 200'}: "
        f"{'held' if held else 'NOT HELD'}",
        flush=True,
    )
    return held


async def _all(served: Served) -> bool:
    await record(served)
    last = served.head()
    await answered(served, head("/api/v1/subjects/swap-3"), 60)
    return all([await _under(served, last, leaving=leaving) for leaving in (True, False)])


def main() -> None:
    """Print what was met; exit with 1 where it is not as wanted."""
    if sys.argv[1:2] == [PROBE]:
        probe(int(sys.argv[2]))
        return
    sort = next((word for word in sys.argv[1:] if word in ("sqlite", "postgres")), "sqlite")
    with serving(sort) as served:
        held = asyncio.run(_all(served))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
