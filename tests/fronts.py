"""A client of the front as the server calls it (ASGI), and of the application behind it, past the quick lane."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from flask import Flask

from service.app import create_app
from service.desk import Desk
from service.front import Front
from service.gateway import environ_of, run
from service.recall import Recall


class Told(NamedTuple):
    """An answer as it goes over the wire; the date is left out."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def tag(self) -> str:
        return dict(self.headers)[b"etag"].decode()


class Fronted:
    """The front of an application of its own on a desk."""

    def __init__(self, desk: Desk) -> None:
        self.app: Flask = create_app(desk)
        self.front = Front(self.app)
        self._forgetful = create_app(desk)
        recall = Recall(desk.glance, self.app.extensions["recall"].changes, room=0)
        self._forgetful.extensions["recall"] = recall

    def at_once(self, address: str, **asking: Any) -> Told | None:
        """What the event loop answers by itself, if it does."""
        found = self.front._lane.at_once(scope_of(address, **asking))
        return None if found is None else _told(*found)

    def ready_at_once(self, address: str, **asking: Any) -> Told | None:
        """What the event loop answers of a subject's state without folding it, if it does."""
        question = self.front._lane.question(scope_of(address, **asking))
        found = None if question is None else self.front._lane.at_hand(question)
        return None if found is None else _told(*found)

    def ask(self, address: str, **asking: Any) -> Told:
        """What the front answers, in whichever way."""
        return asyncio.run(self._asked(scope_of(address, **asking)))

    def past_the_lane(self, address: str, **asking: Any) -> Told:
        """What an application that keeps nothing answers."""
        answer = run(self._forgetful, environ_of(scope_of(address, **asking)), lambda _: None)
        assert answer is not None
        status, headers, _, body = answer
        return _told(status, headers, body.read())

    async def _asked(self, scope: dict[str, Any]) -> Told:
        messages: list[Any] = []

        async def send(message: Any) -> None:
            messages.append(message)

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        await self.front(scope, receive, send)
        start, *pieces = messages
        return _told(start["status"], start["headers"], b"".join(piece["body"] for piece in pieces))


def scope_of(
    address: str,
    token: str | None = None,
    known: str | None = None,
    client: str = "127.0.0.1",
    method: str = "GET",
    **more: str,
) -> dict[str, Any]:
    """A request as ASGI has it."""
    path, _, query = address.partition("?")
    headers = [(b"host", b"127.0.0.1:8000")]
    headers += [(b"authorization", f"Bearer {token}".encode())] if token else []
    headers += [(b"if-none-match", known.encode())] if known else []
    headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": unquote(path),
        "query_string": query.encode(),
        "headers": headers,
        "client": (client, 40_000),
        "server": ("127.0.0.1", 8000),
    }


def _told(status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> Told:
    assert b"date" in dict(headers) or status >= 400
    return Told(int(status), [(name, value) for name, value in headers if name != b"date"], body)
