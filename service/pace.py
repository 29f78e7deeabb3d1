"""Handing answers out at the client's pace: in pieces, not slower than a least speed, and waiting on disk."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from io import BytesIO
from typing import Any, BinaryIO

from flask import Response

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

GRACE_SECONDS = 10.0
"""How long a client may keep the service waiting, whatever it has sent or read."""
SLOWEST = 32 * 1024
"""Bytes a second that a client must send or read on average, once the grace is over."""
_PIECE = 64 * 1024
_BRISK_SECONDS = 0.25


def raw(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def hand_out(send: Send, answer: Response) -> None:
    """Hand out an answer made here, and end the connection, on which the rest of a body may follow."""
    headers = [*raw(answer.headers.items()), (b"connection", b"close")]
    await send_all(send, answer.status_code, headers, BytesIO(answer.get_data()))


async def send_all(send: Send, status: int, headers: Headers, body: BytesIO) -> None:
    """Hand out a finished answer; a large one in pieces, given up where the client does not take them in time."""
    left = body.getbuffer().nbytes
    await send({"type": "http.response.start", "status": status, "headers": headers})
    begun, handed = asyncio.get_running_loop().time(), 0
    with contextlib.suppress(TimeoutError), contextlib.ExitStack() as kept:
        rest: BinaryIO = body
        async with asyncio.timeout_at(begun + GRACE_SECONDS) as patience:
            while left or not handed:
                piece = rest.read(_PIECE)
                left -= len(piece)
                message = {"type": "http.response.body", "body": piece, "more_body": left > 0}
                taken = asyncio.ensure_future(send(message))
                if left and rest is body and not (await asyncio.wait({taken}, timeout=_BRISK_SECONDS))[0]:
                    aside = await asyncio.to_thread(_aside, body)
                    rest = kept.enter_context(aside)
                await taken
                handed += len(piece) or 1
                patience.reschedule(begun + GRACE_SECONDS + handed / SLOWEST)


def _aside(body: BytesIO) -> BinaryIO:
    """What is left of a slow reader's answer, on disk: it waits there, not in memory."""
    aside = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (closed by the caller)
    shutil.copyfileobj(body, aside)
    aside.seek(0)
    body.close()
    return aside


async def in_time(send: Send, message: MutableMapping[str, Any]) -> None:
    """Hand out a message.

    Raises:
        TimeoutError: the client did not take what came before.
    """
    async with asyncio.timeout(GRACE_SECONDS):
        await send(message)
