"""Streams: NDJSON, or server-sent events for clients that ask for them; bounded in number, as each holds a thread."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Event, Lock

import orjson
from flask import Response, request, stream_with_context

from events.errors import NotYet

ENDING = Event()
"""Set when the process is about to end: what goes on for long ends first."""
FOLLOW_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_NOTICE_SECONDS = 0.05


class Places:
    """How many streams of one type may be open at once in a process."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._taken: dict[object, Callable[[], bool]] = {}
        self._lock = Lock()

    def take(self, is_gone: Callable[[], bool]) -> Callable[[], None]:
        """Take a place, or one of a client that is gone; returns what gives it back. NotYet if none is free."""
        place = object()
        with self._lock:
            self._taken = {each: gone for each, gone in self._taken.items() if not gone()}
            if len(self._taken) >= self.number:
                raise NotYet(f"{self.number} streams are open already; try again shortly")
            self._taken[place] = is_gone
        return lambda: self._leave(place)

    def _leave(self, place: object) -> None:
        with self._lock:
            self._taken.pop(place, None)


FOR_CLIENTS = Places(4)
FOR_READERS = Places(8)
MOST = FOR_CLIENTS.number + FOR_READERS.number

Item = tuple[str, Mapping[str, object]]


def wants_events() -> bool:
    """Whether the client asks for server-sent events."""
    return request.accept_mimetypes.best_match(["application/x-ndjson", "text/event-stream"]) == "text/event-stream"


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


def followed(more: Callable[[], Iterable[Item]]) -> Iterator[Item]:
    """Items as they come, for a minute at most, while the client listens; `more` returns those since its last call."""
    is_gone = client_is_gone()
    now = spoken = time.monotonic()
    deadline = now + FOLLOW_SECONDS
    while now < deadline:
        found = False
        for item in more():
            found = True
            yield item
        if found:
            spoken = now
        elif now - spoken > FOLLOW_SECONDS / 6:
            spoken = now
            yield "", {}
        now = time.monotonic()
        while time.monotonic() < now + _LOOK_SECONDS:
            if is_gone() or ENDING.wait(_NOTICE_SECONDS):
                return
        now = time.monotonic()


def _held(chunks: Iterator[bytes], leave: Callable[[], None]) -> Iterator[bytes]:
    """The chunks of a stream, whose place is free after them."""
    try:
        yield from chunks
    finally:
        leave()


def client_is_gone() -> Callable[[], bool]:
    """A function that says whether the client of this request is gone, where the server knows."""
    return request.environ.get("waitress.client_disconnected", lambda: False)  # type: ignore[no-any-return]


def _bounded(chunks: Iterator[bytes], content_type: str, places: Places | None = None) -> Response:
    leave = (places or FOR_CLIENTS).take(client_is_gone())
    answer = Response(stream_with_context(_held(chunks, leave)), content_type=content_type)
    answer.call_on_close(leave)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer
