"""The front: takes requests in and hands answers out at the client's pace, so that threads only ever work (ASGI).

A WSGI server reads a body in the thread that will answer it and cannot give up on it: as many stalled clients as there
are threads stop the service (decision 0025). Here bodies are read and answers written by one event loop, with a least
speed; a thread is given to a request only when all of it is there.
"""

import asyncio
import contextlib
import ctypes
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, BinaryIO

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, RequestTimeout, ServiceUnavailable

from events.errors import ChronologyError
from service.app import create_app
from service.web import access
from service.web.gateway import Answer, environ_of, run
from service.web.handover import handed_over
from service.web.lane import Lane, Question, Sent
from service.web.pace import (
    GRACE_SECONDS,
    SLOWEST,
    Send,
    bound_send_buffers,
    hand_out,
    in_time,
    send_all,
    send_whole,
    set_aside,
)
from service.web.problems import not_served, refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

SMALL = 64 * 1024
"""Bytes of a body that are read before it is asked whose it is."""
_ROOM_FOR = 8
_M_ARENA_MAX = -8
"""Of glibc's mallopt(3): else every thread keeps for itself what large bodies once took."""


def create_front() -> "Front":
    """The front of an application with the settings of the environment."""
    with contextlib.suppress(AttributeError, OSError):  # glibc alone has it
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    return Front(create_app())


class Front:
    """An ASGI application in front of the WSGI one.

    Args:
        app: the application; each request that is there as a whole runs in a thread of its own.
    """

    def __init__(self, app: Flask) -> None:
        settings = app.extensions["desk"].settings
        self.app = app
        self.largest = settings.largest_body
        self._room = _ROOM_FOR * settings.largest_body
        self._held = 0
        self._threads = ThreadPoolExecutor(settings.threads, thread_name_prefix="answer")
        self._lane = Lane(app)
        self._is_bounded = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is not spoken here."""
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        if not self._is_bounded:  # the server opens its sockets after it has made its application
            self._is_bounded = True
            bound_send_buffers()
        if scope["method"] == "GET":
            await self._asked(scope, send)
            return
        environ = environ_of(scope)
        held: list[int] = []
        try:
            body = await self._body(environ, receive, held)
        except HTTPException as error:
            await hand_out(send, _told(error))
            return
        finally:
            self._held -= sum(held)
        with body:
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = body, str(body.tell())
            body.seek(0)
            await self._answered(lambda: environ, send)

    async def _asked(self, scope: Scope, send: Send) -> None:
        """Answer a question, which has no body: by the quick lane where that goes, else by the application."""
        found = self._lane.at_once(scope)
        if found is not None:
            await send_whole(send, *found)
            return
        question = self._lane.question(scope)
        found = None if question is None else self._lane.at_hand(question)
        if found is not None:
            await send_whole(send, *found)
            return
        await self._answered(lambda: environ_of(scope), send, question)

    async def _body(self, environ: dict[str, Any], receive: Receive, held: list[int]) -> BinaryIO:
        """The whole body.

        Raises:
            HTTPException: it is too large, too slow, or of one who may not send it; or too much is being read already.
        """
        if environ["REQUEST_METHOD"] == "HEAD":
            return BytesIO()
        if _announced(environ) > self.largest:
            raise RequestEntityTooLarge
        if _announced(environ) > SMALL:
            await self._let_in(environ)
        length, begun, body = 0, asyncio.get_running_loop().time(), set_aside()
        try:
            async with asyncio.timeout_at(begun + GRACE_SECONDS) as patience:
                async for piece in _pieces(receive):
                    if length <= SMALL < length + len(piece) and _announced(environ) <= SMALL:
                        await self._let_in(environ)
                    length += len(piece)
                    self._hold(length, len(piece), held)
                    body.write(piece)
                    patience.reschedule(begun + GRACE_SECONDS + length / SLOWEST)
        except TimeoutError:
            raise RequestTimeout("the body came too slowly; nothing was recorded") from None
        return body

    def _hold(self, whole: int, more: int, held: list[int]) -> None:
        if whole > self.largest:
            raise RequestEntityTooLarge
        if whole > SMALL and self._held + more > self._room:
            raise ServiceUnavailable("too many large bodies are being sent; try again shortly")
        held.append(more)
        self._held += more

    async def _let_in(self, environ: dict[str, Any]) -> None:
        """Before much is read: whether who is asking may do what is asked."""
        loop = asyncio.get_running_loop()
        refusal = await loop.run_in_executor(self._threads, _refusal, self.app, environ)
        if refusal is not None:
            raise HTTPException(response=refusal)

    async def _answered(
        self, environ: Callable[[], dict[str, Any]], send: Send, question: Question | None = None
    ) -> None:
        """Run the application in a thread, or what the quick lane asks for, and hand out what is answered."""
        loop = asyncio.get_running_loop()

        def handed(message: MutableMapping[str, Any]) -> None:
            """Hand out a message from the thread, which waits until the client has taken it."""
            asyncio.run_coroutine_threadsafe(in_time(send, message), loop).result()

        def work(tell: Callable[[Answer | None], None]) -> None:
            def told(found: Sent) -> None:
                tell((*found[:2], len(found[2]), BytesIO(found[2])))

            if question is not None and self._lane.answer(question, told):
                return
            given = environ()
            if question is not None:
                given[access.COUNTED] = True
            tell(run(self.app, given, handed))

        answer = await handed_over(self._threads, work)
        if answer is not None:
            await send_all(send, *answer)


def _told(error: HTTPException) -> Response:
    """The answer to a refusal: one that the application has made, or a problem made here."""
    return error.response if isinstance(error.response, Response) else not_served(error)


def _refusal(app: Flask, environ: dict[str, Any]) -> Response | None:
    """What a request is refused with by its head alone; None where its body is worth reading."""
    refusals: list[Response] = []

    def head(environ: dict[str, Any], _: Any) -> list[bytes]:
        with app.request_context(environ):
            if request.routing_exception is not None:
                refusals.append(not_served(request.routing_exception))
                return []
            try:
                access.check()
            except ChronologyError as error:
                refusals.append(refused(error))
        return []

    access.behind_proxies(app.extensions["desk"], head)(dict(environ), None)
    environ[access.COUNTED] = True
    return refusals[0] if refusals else None


def _announced(environ: dict[str, Any]) -> int:
    length = environ.get("CONTENT_LENGTH", "")
    return int(length) if length.isascii() and length.isdigit() else 0


async def _pieces(receive: Receive) -> Any:
    """The pieces of a body as they come; it ends too where the client goes away."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestTimeout("the client went away")
        yield message.get("body", b"")
        more = message.get("more_body", False)
