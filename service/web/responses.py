"""Answers as bytes: JSON written once, with the caching that their clocks allow (RFC 9110, RFC 8246)."""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson
from flask import Flask, Response, current_app, request

from projections.clocks import Clocks
from projections.store.snapshots import LAYOUT, Snapshot
from service.databases.chronology import Chronology
from service.web.access import is_named
from service.web.changes import Changes
from service.web.recall import Found, Recall

FOR_EVER = "max-age=31536000, immutable"


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer that is not cached."""
    made = Response(orjson.dumps(body), status, content_type="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def answer_at(snapshot: Snapshot, clocks: Clocks, body: Any, *, pinned: bool | None = None) -> Response:
    """A JSON answer to a question: immutable where a position was asked for, else to be revalidated. It is kept.

    Args:
        snapshot: what it is made from.
        clocks: the bounds at which it is computed.
        body: the answer, or what makes it: that is not asked for where the client has the current one already. Bytes
            are JSON already.
        pinned: says whether the answer can change, where the clocks do not.
    """
    address = request.full_path
    speaks_of_now = any(value.strip().lower() == "now" for value in request.args.values())
    is_pinned = not speaks_of_now and (clocks.asked.position is not None if pinned is None else pinned)
    tag = None if is_pinned else _current_tag(address, clocks)
    if tag is not None and request.if_none_match.contains_weak(tag):
        return _response(Found(b"", tag, True, is_pinned, snapshot.position))
    made = body() if callable(body) else body
    found = found_at(
        address, snapshot, clocks, made if isinstance(made, bytes) else orjson.dumps(made), pinned=is_pinned
    )
    if not speaks_of_now:
        _recall().note(snapshot)
        _recall().keep(_question(), found)
    return _response(found)


def found_at(address: str, snapshot: Snapshot, clocks: Clocks, content: bytes, *, pinned: bool | None = None) -> Found:
    """What was found of a question: its answer, which may be kept, and what tells it from others.

    Args:
        address: path and query of the question.
        snapshot: what it was made from.
        clocks: the bounds at which it was computed.
        content: the answer as JSON.
        pinned: says whether it can change, where the clocks do not.
    """
    is_pinned = clocks.asked.position is not None if pinned is None else pinned
    tag = hashlib.sha256(content).hexdigest()[:32] if is_pinned else _current_tag(address, clocks)
    return Found(content, tag, not is_pinned, is_pinned, snapshot.position)


def listed(name: str, items: Iterable[bytes], **beside: Any) -> bytes:
    """A JSON object that holds a list of what is JSON already, and more beside it."""
    return b"".join((b'{"', name.encode(), b'":[', b",".join(items), b"],", orjson.dumps(beside)[1:]))


def _current_tag(address: str, clocks: Clocks) -> str:
    """What a current answer depends on: the question, and the position it is computed at."""
    asked = repr((address, clocks.repeated(), LAYOUT))
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def _response(found: Found) -> Response:
    return response_of(found, request.environ, is_named=is_named())


def response_of(found: Found, environ: dict[str, Any], *, is_named: bool) -> Response:
    """The answer with its ETag: strong over its bytes where it never changes, else weak; and 304 where it is known."""
    made = Response(found.body, content_type="application/json")
    made.set_etag(found.tag, weak=found.is_weak)
    scope = "private" if is_named else "public"
    made.headers["Cache-Control"] = f"{scope}, {FOR_EVER}" if found.is_pinned else f"{scope}, no-cache"
    made.headers["Vary"] = "Authorization, Cookie"
    return made.make_conditional(environ)  # type: ignore[return-value]


def register(app: Flask, chronology: Chronology) -> None:
    """Give kept answers while they hold, once it is known who asks and that they may."""
    app.extensions["recall"] = Recall(chronology.glance, Changes(chronology.store.engine))
    app.before_request(_recalled)
    app.after_request(_doubted)


def _recall() -> Recall:
    return current_app.extensions["recall"]  # type: ignore[no-any-return]


def _question() -> str:
    return question_of(request.environ["PATH_INFO"], request.environ["QUERY_STRING"])


def question_of(path: str, query: str) -> str:
    """What an answer is kept under: path and query as WSGI has them."""
    return f"{path}?{query}"


def _recalled() -> Response | None:
    if request.method not in ("GET", "HEAD"):
        return None
    found = _recall().get(_question())
    return _response(found) if found is not None and _recall().holds(found) else None


def _doubted(made: Response) -> Response:
    """After anything that may have written, what was seen of the database is seen no more."""
    if request.method not in ("GET", "HEAD"):
        _recall().doubt()
    return made
