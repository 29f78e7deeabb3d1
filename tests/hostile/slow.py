"""Slow clients against the service as it is run: `python -m tests.hostile.slow [sqlite|postgres]`.

Each type of slowness holds 400 connections at once, while a good reader and a good writer go on asking; `both` is 400
clients that trickle a body together with 300 that do not read.
"""

import asyncio
import contextlib
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from statistics import median

import orjson

from tests.fixtures.servers import Served, serving

CLIENTS = 400
SECONDS = 20.0
WANTED_SECONDS = 1.0
"""Of the slowest answer to a good client."""
WANTED_MEDIAN_SECONDS = 0.1
_TRICKLE_SECONDS = 1.0
_ARRIVE_A_SECOND = 100
_names = count()

Slow = Callable[[Served], Awaitable[None]]


async def _connect(served: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", served.port)


def _post(served: Served, path: str, length: int, *, token: bool = True) -> bytes:
    bearer = f"Authorization: Bearer {served.tokens['recorder']}\r\n" if token else ""
    return (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: localhost\r\n{bearer}Content-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def slow_headers(served: Served) -> None:
    """Send the head of a request one header at a time, and never its end."""
    _, writer = await _connect(served)
    writer.write(b"GET /api/v1/subjects HTTP/1.1\r\nHost: localhost\r\n")
    for number in count():
        writer.write(f"X-Slow-{number}: yes\r\n".encode())
        await writer.drain()
        await asyncio.sleep(_TRICKLE_SECONDS)


async def _trickle(served: Served, *, token: bool) -> None:
    _, writer = await _connect(served)
    writer.write(_post(served, "/sources", 1_000_000, token=token))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(_TRICKLE_SECONDS)


async def slow_body(served: Served) -> None:
    """Announce a body of a million bytes with a good token, and send one byte a second."""
    await _trickle(served, token=True)


async def slow_body_of_a_stranger(served: Served) -> None:
    """The same without a token."""
    await _trickle(served, token=False)


async def stalled_body(served: Served) -> None:
    """Announce a body and send nothing of it."""
    reader, writer = await _connect(served)
    writer.write(_post(served, "/sources", 1_000))
    await writer.drain()
    while await reader.read(65_536):
        pass


async def slow_read(served: Served) -> None:
    """Ask for a large answer four times over a small window, and read a kilobyte of it a second."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_connect(client, ("127.0.0.1", served.port))
        await loop.sock_sendall(client, b"GET /api/v1/sources/large/text HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4)
        while await loop.sock_recv(client, 1024):
            await asyncio.sleep(_TRICKLE_SECONDS)
    finally:
        client.close()


async def no_read(served: Served) -> None:
    """Ask for a large answer and read nothing of it."""
    _, writer = await _connect(served)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b"GET /api/v1/sources/large/text HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(SECONDS * 2)


async def slow_stream(served: Served) -> None:
    """Subscribe to the log and never read."""
    _, writer = await _connect(served)
    writer.write(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(SECONDS * 2)


async def idle(served: Served) -> None:
    """Connect and say nothing."""
    await _connect(served)
    await asyncio.sleep(SECONDS * 2)


TYPES: dict[str, dict[Slow, int]] = {
    "both": {slow_body: CLIENTS, no_read: 300},
    **{each.__name__: {each: CLIENTS} for each in (slow_headers, slow_body, slow_body_of_a_stranger, stalled_body)},
    **{each.__name__: {each: CLIENTS} for each in (slow_read, slow_stream, idle)},
}


@dataclass
class Waits:
    """What one good client met: the seconds of each answer, and how often each status."""

    name: str
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def held(self) -> bool:
        """Whether it was served as it should be."""
        quick = median(self.seconds) <= WANTED_MEDIAN_SECONDS and max(self.seconds) <= WANTED_SECONDS
        return quick and set(self.statuses) <= {200, 201}

    def __str__(self) -> str:
        met = ", ".join(map(str, sorted(self.statuses)))
        middle, worst = median(self.seconds) * 1000, max(self.seconds) * 1000
        return (
            f"good {self.name} asked {len(self.seconds)} times, median {middle:.1f} ms, worst {worst:.0f} ms, met {met}"
        )


async def _again(served: Served, slow: Slow, number: int) -> None:
    """One slow client that comes back whenever it is sent away; they arrive a hundred a second."""
    await asyncio.sleep(number / _ARRIVE_A_SECOND)
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await slow(served)
        await asyncio.sleep(random.uniform(0.2, 2))


async def _asked(served: Served, request: bytes) -> tuple[float, int]:
    """Seconds that an answer takes on a new connection, and its status; 0 where there is none within 10 seconds."""
    begun = time.monotonic()
    status = 0
    with contextlib.suppress(OSError, TimeoutError, IndexError):
        async with asyncio.timeout(10):
            reader, writer = await _connect(served)
            writer.write(request)
            line = await reader.readline()
            status = int(line.split()[1])
            await reader.readuntil(b"\r\n\r\n")
            writer.close()
    return time.monotonic() - begun, status


def _reads(_: Served) -> bytes:
    return b"GET /api/v1/subjects?limit=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def _writes(served: Served) -> bytes:
    body = orjson.dumps({"id": f"good-{next(_names)}", "title": "Good", "publisher": "P", "text": "Said."})
    return _post(served, "/sources", len(body)) + body


async def _good(served: Served, name: str, made: Callable[[Served], bytes], until: float) -> Waits:
    """What a good client meets that asks ten times a second."""
    waits = Waits(name)
    while time.monotonic() < until:
        seconds, status = await _asked(served, made(served))
        waits.seconds.append(seconds)
        waits.statuses[status] += 1
        await asyncio.sleep(0.1)
    return waits


async def _under(served: Served, name: str, slow: dict[Slow, int]) -> bool:
    before, worked = served.resident(), served.worked()
    each = [one for one, number in slow.items() for _ in range(number)]
    clients = [asyncio.create_task(_again(served, one, number)) for number, one in enumerate(each)]
    until = time.monotonic() + SECONDS
    good = await asyncio.gather(_good(served, "reader", _reads, until), _good(served, "writer", _writes, until))
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    held = all(waits.held for waits in good)
    for waits in good:
        print(f"{name}: {len(clients)} clients; {waits}")
    grown = (served.resident() - before) / 2**20
    print(
        f"{name}: {served.worked() - worked:.0f} s of work, memory {grown:+.0f} MB: {'held' if held else 'NOT HELD'}",
        flush=True,
    )
    return held


async def _all(served: Served, names: list[str]) -> bool:
    large = orjson.dumps({"id": "large", "title": "Large", "publisher": "P", "text": "said " * 100_000})
    await _asked(served, _post(served, "/sources", len(large)) + large)
    return all([await _under(served, name, TYPES[name]) for name in names])


def main() -> None:
    """Print what good clients met; exit with 1 where one waited too long."""
    sort = next((word for word in sys.argv[1:] if word in ("sqlite", "postgres")), "sqlite")
    names = [name for name in TYPES if name in sys.argv[1:]] or [*TYPES]
    with serving(sort) as served:
        held = asyncio.run(_all(served, names))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
