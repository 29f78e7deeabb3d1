"""Requests that no client should send, against the service as it is run: `python -m tests.hostile.bodies [sqlite|postgres]`.

Each must be refused with a 4xx within a second, change nothing, and leave the service's memory where it was.
"""

import gzip
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import orjson

from projections.store.engine import engine_for
from tests.fixtures.digests import digest
from tests.fixtures.servers import Served, serving

WANTED_SECONDS = 1.0
WANTED_MEGABYTES = 50
DEEP = 10_000
_GIB = 1 << 30
_CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
_SOURCE = {"id": "bad", "title": "T", "publisher": "P", "text": "Said."}


@dataclass(frozen=True, slots=True)
class Hostile:
    """A request: its name, its head, and its body, which may be endless."""

    name: str
    head: bytes
    body: Iterator[bytes]
    expected: tuple[int, ...] = ()


def _head(served: Served, path: str, *headers: str, role: str = "editor") -> bytes:
    lines = [
        f"POST /api/v1{path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {served.tokens[role]}",
        *(
            ()
            if any(line.lower().startswith("content-type") for line in headers)
            else ("Content-Type: application/json",)
        ),
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _sent(
    served: Served, name: str, body: bytes, *headers: str, path: str = "/sources", expected: tuple[int, ...] = ()
) -> Hostile:
    return Hostile(name, _head(served, path, f"Content-Length: {len(body)}", *headers), iter([body]), expected)


def _with(**values: object) -> bytes:
    return orjson.dumps({**_SOURCE, **values})


def _json(name: str, text: str) -> bytes:
    """A source whose field holds this JSON text as it is."""
    return (
        orjson.dumps({key: value for key, value in _SOURCE.items() if key != name})[:-1]
        + f',"{name}":{text}}}'.encode()
    )


def requests(served: Served) -> Iterator[Hostile]:
    """Every hostile request."""
    bomb = gzip.compress(b" " * (64 << 20))
    for encoding in ("gzip", "deflate", "br", "zstd", "x-unheard-of"):
        yield _sent(served, f"a body encoded as {encoding}", bomb, f"Content-Encoding: {encoding}", expected=(415,))
    yield Hostile("1 GiB announced", _head(served, "/sources", f"Content-Length: {_GIB}"), _spaces(), (413,))
    yield Hostile("1 GiB in chunks", _head(served, "/sources", "Transfer-Encoding: chunked"), _chunks(), (413,))
    stranger = f"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nContent-Length: {15 << 20}\r\n\r\n".encode()
    yield Hostile("15 MiB from nobody", stranger, _spaces(), (401,))
    for name, text in _values().items():
        yield _sent(served, f"{name} in a text", _json("title", text))
        yield _sent(served, f"{name} in an unknown field", _json("more", text))
        yield _sent(served, f"{name} as a fact", text.encode("utf-8", "surrogatepass"), path="/facts")
    for name, body in _bodies().items():
        yield _sent(served, name, body)
    yield from _heads(served)


def _values() -> dict[str, str]:
    return {
        "arrays nested 10,000 deep": "[" * DEEP + "]" * DEEP,
        "objects nested 10,000 deep": '{"a":' * DEEP + "1" + "}" * DEEP,
        "a number of 100,000 digits": "9" * 100_000,
        "a number of 10 to the 400": "1e400",
        "a number of 10 to the -400,000": "1e-400000",
        "a lone high surrogate": '"\\ud800"',
        "a lone low surrogate": '"a\\udfffb"',
        "NUL": '"a\\u0000b"',
        "NaN": "NaN",
        "Infinity": "-Infinity",
        "a number, not text,": "1" * 18,
    }


def _bodies() -> dict[str, bytes]:
    return {
        "a lone surrogate in a key": b'{"id":"bad","\\ud800":1}',
        "NUL in a key": b'{"id":"bad","a\\u0000b":1}',
        "NUL in the document": _with(text="a\0b"),
        "NUL in an id": _with(id="a\0b"),
        "the same key twice": b'{"id":"bad","id":"worse","title":"T","publisher":"P","text":"Said."}',
        "invalid UTF-8": b'{"id":"bad","title":"\xff\xfe\xc0\x80"}',
        "UTF-16": '{"id":"bad"}'.encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + _with(),
        "a million keys": orjson.dumps({f"k{number}": 1 for number in range(1_000_000)}),
        "a million faults": b"[" + b"{}," * 9_999 + b"{}]",
        "an empty body": b"",
        "NUL bytes": b"\0" * 1000,
    }


def _heads(served: Served) -> Iterator[Hostile]:
    many = [f"X-{number}: y" for number in range(100_000)]
    yield _sent(served, "100,000 headers", _with(), *many, expected=(431,))
    yield _sent(served, "a header of 1 MB", _with(), f"X-Long: {'y' * 1_000_000}", expected=(431,))
    yield _sent(served, "a token of 60 KB", _with(), f"Authorization: Bearer {'y' * 60_000}")
    for name, path in (
        ("a path of 60 KB", "/sources/" + "a" * 60_000),
        ("a query of 60 KB", "/subjects?kind=" + "a" * 60_000),
    ):
        yield Hostile(
            name, f"GET /api/v1{path}&at=x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(), iter(())
        )
    yield Hostile(
        "a path of 1 MB", b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", iter(()), (414, 431)
    )
    chunked = _head(served, "/sources", "Transfer-Encoding: chunked", "Connection: close")
    for name, body in {
        "a chunk of no size": b"zz\r\nabc\r\n0\r\n\r\n",
        "a chunk of a negative size": b"-5\r\nabc\r\n0\r\n\r\n",
        "a chunk longer than it says": b"1\r\nabcdef\r\n0\r\n\r\n",
    }.items():
        yield Hostile(name, chunked, iter([body]))
    beyond = chain([b"f" * 40 + b"\r\n"], _spaces())
    yield Hostile("a chunk of a size beyond numbers", chunked, beyond, (413,))
    both = _head(served, "/sources", "Content-Length: 5", "Transfer-Encoding: chunked", "Connection: close")
    yield Hostile("a length and chunks", both, iter([b"0\r\n\r\n"]))
    for name, lines in {
        "two lengths": ("Content-Length: 5", "Content-Length: 6"),
        "a negative length": ("Content-Length: -1",),
        "a length beyond numbers": ("Content-Length: " + "9" * 30,),
        "a header folded": ("X-A: b\r\n c",),
        "a header with NUL": ("X-A: b\0c",),
        "a length with a sign": ("Content-Length: +5",),
    }.items():
        yield Hostile(name, _head(served, "/sources", *lines, "Connection: close"), iter([b"12345"]))
    for name, line in {
        "a path that is no UTF-8": b"GET /api/v1/sources/%ff%fe HTTP/1.1",
        "a path with NUL": b"GET /api/v1/sources/a%00b HTTP/1.1",
        "a query that is no UTF-8": b"GET /api/v1/subjects?kind=%ff%00&at=%ff HTTP/1.1",
        "a page with NUL": b"GET /sources/a%00b HTTP/1.1",
        "a search for NUL": b"GET /api/v1/facts?q=a%00b HTTP/1.1",
        "a method unheard of": b"BREW /api/v1/sources HTTP/1.1",
        "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00",
    }.items():
        yield Hostile(name, line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n", iter(()))


def _spaces() -> Iterator[bytes]:
    for _ in range(_GIB >> 16):
        yield b" " * (1 << 16)


def _chunks() -> Iterator[bytes]:
    for _ in range(_GIB >> 16):
        yield _CHUNK


def asked(served: Served, hostile: Hostile) -> tuple[float, int, int]:
    """Seconds until the answer, its status (0 for none), and the bytes of the body that were sent until then."""
    begun, sent, got = time.monotonic(), 0, b""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as client:
        try:
            client.sendall(hostile.head)
            for piece in hostile.body:
                client.sendall(piece)
                sent += len(piece)
        except OSError:
            pass  # the service has stopped listening: its answer may be there
        try:
            while b"\r\n\r\n" not in got and (more := client.recv(65_536)):
                got += more
        except OSError:
            pass
    words = got.split(b" ", 2)
    return time.monotonic() - begun, int(words[1]) if len(words) > 1 else 0, sent


def main() -> None:
    """Print what each met; exit with 1 where one was not refused as it should be."""
    sort = next((word for word in sys.argv[1:] if word in ("sqlite", "postgres")), "sqlite")
    faults, number, worst = 0, 0, 0.0
    with serving(sort) as served:
        asked(served, _sent(served, "a good one", _with(id="good")))
        served.caught_up()
        engine = engine_for(served.database)
        before, memory = digest(engine), served.resident()
        for hostile in requests(served):
            seconds, status, sent = asked(served, hostile)
            closed = status == 0 and seconds < WANTED_SECONDS
            good = seconds < WANTED_SECONDS and (
                status in hostile.expected if hostile.expected else closed or 400 <= status < 500
            )
            number, worst, faults = number + 1, max(worst, seconds), faults + (not good)
            print(
                f"{'' if good else 'AT FAULT '}{hostile.name}: {status or 'hung up'} after {seconds:.2f} s, {sent} bytes"
            )
        grown, altered = (served.resident() - memory) / 2**20, before != digest(engine)
    print(
        f"{number} hostile requests on {sort}: {faults} not refused as wanted; the worst took {worst:.2f} s; ", end=""
    )
    print(f"memory {grown:+.0f} MB; {'ROWS ALTERED' if altered else 'no row altered'}")
    sys.exit(1 if faults or altered or grown > WANTED_MEGABYTES else 0)


if __name__ == "__main__":
    main()
