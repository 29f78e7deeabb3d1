"""A small HTTP client on a few connections that are kept open: how many answers a second, and how long one takes."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

CONNECTIONS = 4


@dataclass
class Measured:
    """Seconds that single answers took, and the seconds measured over."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds

    @property
    def middle(self) -> float:
        """The median in milliseconds."""
        return median(self.took) * 1e3


class Refused(Exception):
    """An answer other than 200."""


@dataclass(frozen=True)
class Client:
    """Asks a server on this machine; `token` is sent with each request where there is one."""

    port: int
    token: str | None = None
    connections: int = CONNECTIONS

    def ask(self, path: str) -> bytes:
        """The body of one answer.

        Raises:
            Refused: the status is not 200.
        """
        return asyncio.run(self._once(path))

    def press(self, paths: Iterator[str], seconds: float, into: Measured) -> None:
        """Ask for the next of the paths, on all connections, for so long; each asks at least once."""
        asyncio.run(self._press(paths, seconds, into))

    async def _once(self, path: str) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = await self._exchange(reader, writer, path)
        writer.close()
        return body

    async def _press(self, paths: Iterator[str], seconds: float, into: Measured) -> None:
        start = perf_counter()

        async def ask() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            while True:
                path = next(paths)
                began = perf_counter()
                await self._exchange(reader, writer, path)
                into.took.append(perf_counter() - began)
                if perf_counter() >= start + seconds:
                    break
            writer.close()

        await asyncio.gather(*(ask() for _ in range(self.connections)))
        into.seconds += perf_counter() - start

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> bytes:
        bearer = f"Authorization: Bearer {self.token}\r\n" if self.token else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
        body = await reader.readexactly(length)
        if " 200 " not in head[:20]:
            raise Refused(f"{path}: {head.splitlines()[0]} {body[:300]!r}")
        return body
