"""Streams: NDJSON, or server-sent events for who asks for them; their number is bounded, each holds a thread."""

import time
from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore, Lock
from typing import Any

import orjson
from flask import Response, request, stream_with_context

from events.errors import NotYet

FOLLOW_SECONDS = 60.0
_PAUSE_SECONDS = 0.2


class Places:
    """How many streams of one sort may be open at once in a process."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._free = BoundedSemaphore(number)

    def take(self) -> bool:
        """Take a place, if one is free."""
        return self._free.acquire(blocking=False)

    def taken_by(self, chunks: Iterator[bytes]) -> tuple[Iterator[bytes], Callable[[], None]]:
        """The chunks of a stream that has taken a place, and what gives it back: at their end, or earlier, once."""
        given_back = Lock()

        def leave() -> None:
            if given_back.acquire(blocking=False):
                self.leave()

        def held() -> Iterator[bytes]:
            try:
                yield from chunks
            finally:
                leave()

        return held(), leave

    def leave(self) -> None:
        """Give a place back."""
        self._free.release()


FOR_CLIENTS = Places(4)
FOR_READERS = Places(8)

Item = tuple[str, dict[str, Any]]


def wants_events() -> bool:
    """Whether the client asks for server-sent events."""
    return request.accept_mimetypes.best_match(["application/x-ndjson", "text/event-stream"]) == "text/event-stream"


def last_event_id() -> str | None:
    """Where a client that comes back has stopped reading."""
    return request.headers.get("Last-Event-ID")


def ndjson(items: Iterable[Item]) -> Response:
    """One JSON object a line; each item is given with its id, which is left out."""
    return _bounded((orjson.dumps(body) + b"\n" for _, body in items), "application/x-ndjson")


def server_sent(items: Iterable[Item], places: Places | None = None) -> Response:
    """Server-sent events (WHATWG HTML): each item with its id."""
    return _bounded(_events(items), "text/event-stream", places)


def _events(items: Iterable[Item]) -> Iterator[bytes]:
    yield b"retry: 2000\n\n"
    for name, body in items:
        yield b"id: " + name.encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n" if name else b": still here\n\n"


def followed(more: Any) -> Iterator[Item]:
    """Items as they come, for a minute: `more()` gives those that have come since it was asked last."""
    deadline, spoken = time.monotonic() + FOLLOW_SECONDS, time.monotonic()
    while time.monotonic() < deadline:
        found = False
        for item in more():
            found = True
            yield item
        if found:
            spoken = time.monotonic()
        elif time.monotonic() - spoken > FOLLOW_SECONDS / 6:
            spoken = time.monotonic()
            yield "", {}
        time.sleep(_PAUSE_SECONDS)


def _bounded(chunks: Iterator[bytes], content_type: str, places: Places | None = None) -> Response:
    """The stream, or a refusal while too many are open.

    Raises:
        NotYet: as many streams are open as may be.
    """
    places = places or FOR_CLIENTS
    if not places.take():
        raise NotYet(f"{places.number} streams are open already; try again shortly")

    held, leave = places.taken_by(chunks)
    answer = Response(stream_with_context(held), content_type=content_type)
    answer.call_on_close(leave)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer
