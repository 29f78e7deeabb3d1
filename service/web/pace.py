"""Handing answers out at the client's pace: in pieces, not slower than a least speed, and waiting on disk."""

import asyncio
import contextlib
import os
import socket
import stat
import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from flask import Response

from service.web.security_headers import hardened

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

GRACE_SECONDS = 10.0
"""How long a client may keep the service waiting, whatever it has sent or read."""
SLOWEST = 32 * 1024
"""Bytes a second that a client must send or read on average, once the grace is over."""
PIECE = 64 * 1024
"""Bytes that are handed to the server at once."""
_UNREAD = 128 * 1024  # which Linux doubles
_IN_MEMORY = 256 * 1024


def bound_send_buffers() -> None:
    """Bound what the kernel keeps for a client that does not read; connections inherit it from the listening socket.

    Linux would take 2.8 MB for each, and so much work to make it; elsewhere nothing happens.
    """
    for descriptor in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError), _socket(int(descriptor.name)) as each:
            if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD)


def _socket(descriptor: int) -> socket.socket:
    """A socket of its own on the descriptor's.

    Raises:
        OSError: the descriptor is no socket.
    """
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        raise OSError(f"{descriptor} is no socket")
    return socket.socket(fileno=os.dup(descriptor))


def raw(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def set_aside() -> BinaryIO:
    """A file for bytes that wait for a client: in memory while they are few, else on disk."""
    aside: Any = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  (closed by who takes it)
    return aside  # type: ignore[no-any-return]


def kept(pieces: Iterable[bytes]) -> tuple[int, BinaryIO]:
    """An answer's length and its body, a large one on disk: it may wait long for a slow reader, but not in memory."""
    rest = iter(pieces)
    first = next(rest, b"")
    second = next(rest, None)
    if second is None and len(first) <= PIECE:
        return len(first), BytesIO(first)
    body = set_aside()
    length = sum([body.write(piece) for piece in chain((first, second or b""), rest)])
    body.seek(0)
    return length, body


async def hand_out(send: Send, answer: Response) -> None:
    """Hand out an answer made here, and end the connection, on which the rest of a body may follow."""
    headers = [*raw(hardened(answer.headers.items())), (b"connection", b"close")]
    await send_all(send, answer.status_code, headers, *kept([answer.get_data()]))


async def send_all(send: Send, status: int, headers: Headers, length: int, body: BinaryIO) -> None:
    """Hand out a finished answer in pieces; it is given up where the client does not take them in time."""
    if length <= PIECE:
        with body:
            return await send_whole(send, status, headers, body.read())
    await send({"type": "http.response.start", "status": status, "headers": headers})
    begun, handed = asyncio.get_running_loop().time(), 0
    with body, contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(begun + GRACE_SECONDS) as patience:
            while True:
                piece = body.read(PIECE)
                handed += len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": handed < length})
                if handed >= length:
                    return None
                patience.reschedule(begun + GRACE_SECONDS + handed / SLOWEST)


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Hand out an answer of one piece, which the server takes at once."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def in_time(send: Send, message: MutableMapping[str, Any]) -> None:
    """Hand out a message.

    Raises:
        TimeoutError: the client did not take what came before.
    """
    async with asyncio.timeout(GRACE_SECONDS):
        await send(message)
