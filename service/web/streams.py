"""Streams: NDJSON, or server-sent events for clients that ask for them; bounded in number, as each holds a thread."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Event, Lock

import orjson
from flask import Response, g, request, stream_with_context

from events.errors import NotYet
from service.auth.roles import TooMany
from service.web.access import is_named, is_still_allowed, who_asks

ENDING = Event()
"""Set when the process is about to end: what goes on for long ends first."""
FOLLOW_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_NOTICE_SECONDS = 0.05
_AGAIN_SECONDS = 1


class Places:
    """How many streams of one type may be open at once in a process: few of one bearer, the last of an editor."""

    def __init__(self, number: int, of_one: int = 2) -> None:
        self.number = number
        self.of_one = of_one
        self._taken: dict[object, tuple[str, Callable[[], bool]]] = {}
        self._lock = Lock()

    def take(self, who: str, is_gone: Callable[[], bool], *, is_editor: bool = False) -> Callable[[], None]:
        """Take a place, or one of a client that is gone; returns what gives it back.

        Raises:
            TooMany: as many as one may have are open of this bearer or address.
            NotYet: no place is free.
        """
        place = object()
        with self._lock:
            self._taken = {each: held for each, held in self._taken.items() if not held[1]()}
            if sum(holder == who for holder, _ in self._taken.values()) >= self.of_one:
                raise TooMany(f"{self.of_one} streams are open already, as many as one may have", _AGAIN_SECONDS)
            if len(self._taken) >= self.number - (not is_editor):
                raise NotYet(f"{len(self._taken)} streams are open already; try again shortly")
            self._taken[place] = who, is_gone
        return lambda: self._leave(place)

    def _leave(self, place: object) -> None:
        with self._lock:
            self._taken.pop(place, None)


FOR_CLIENTS = Places(5)
FOR_READERS = Places(9)
MOST = FOR_CLIENTS.number + FOR_READERS.number

Item = tuple[str, Mapping[str, object]]


def wants_events() -> bool:
    """Whether the client asks for server-sent events."""
    return request.accept_mimetypes.best_match(["application/x-ndjson", "text/event-stream"]) == "text/event-stream"


def ndjson(items: Iterable[Item]) -> Response:
    """One JSON object a line; each item is given with its id, which is left out."""
    return _bounded((orjson.dumps(body) + b"\n" for _, body in items), "application/x-ndjson")


def whole(content: Iterable[bytes], content_type: str) -> Response:
    """Content as it is, piece by piece."""
    return _bounded(iter(content), content_type)


def server_sent(items: Iterable[Item], places: Places | None = None) -> Response:
    """Server-sent events (WHATWG HTML): each item with its id."""
    return _bounded(_events(items), "text/event-stream", places)


def _events(items: Iterable[Item]) -> Iterator[bytes]:
    yield b"retry: 2000\n\n"
    for name, body in items:
        yield b"id: " + name.encode() + b"\ndata: " + orjson.dumps(body) + b"\n\n" if name else b": still here\n\n"


def followed(more: Callable[[], Iterable[Item]]) -> Iterator[Item]:
    """Items as they come, a minute at most, while the client listens and may; `more` returns those since last time."""
    is_gone = client_is_gone()
    now = spoken = time.monotonic()
    deadline = now + FOLLOW_SECONDS
    while now < deadline and is_still_allowed():
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
    """The chunks of a stream, whose place is free after them; it ends with the process or the right to read it."""
    try:
        for chunk in chunks:
            if ENDING.is_set() or not is_still_allowed():
                return
            yield chunk
    finally:
        leave()


def client_is_gone() -> Callable[[], bool]:
    """A function that says whether the client of this request is gone, where the server knows."""
    return request.environ.get("waitress.client_disconnected", lambda: False)  # type: ignore[no-any-return]


def _bounded(chunks: Iterator[bytes], content_type: str, places: Places | None = None) -> Response:
    is_editor = is_named() and g.bearer.may("editor")
    leave = (places or FOR_CLIENTS).take(who_asks(), client_is_gone(), is_editor=is_editor)
    answer = Response(stream_with_context(_held(chunks, leave)), content_type=content_type)
    answer.call_on_close(leave)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer
