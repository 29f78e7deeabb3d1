"""JSON responses, with the caching that their clocks allow (RFC 9110, RFC 8246)."""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson
from flask import Response, request

from projections.clocks import Clocks
from projections.store.snapshots import Snapshot
from service.web.access import is_named

FOR_EVER = "max-age=31536000, immutable"


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer that is not cached."""
    made = Response(orjson.dumps(body), status, content_type="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def answer_at(snapshot: Snapshot, clocks: Clocks, body: Any) -> Response:
    """A JSON answer to a question: immutable where a position was asked for, else to be revalidated.

    Its ETag is strong over its bytes where it never changes, else weak, over what it depends on. The body is the answer
    (bytes are JSON already), or makes it: it is not called where the client has the current answer.
    """
    speaks_of_now = any(value.strip().lower() == "now" for value in request.args.values())
    is_pinned = not speaks_of_now and clocks.asked.position is not None
    tag = None if is_pinned else _digest(repr((request.full_path, clocks.repeated(), snapshot.layout)).encode())
    if tag is not None and request.if_none_match.contains_weak(tag):
        return _cached(b"", tag, is_pinned=False)
    made = body() if callable(body) else body
    content = made if isinstance(made, bytes) else orjson.dumps(made)
    return _cached(content, tag or _digest(content), is_pinned=is_pinned)


def listed(name: str, items: Iterable[bytes], **beside: Any) -> bytes:
    """A JSON object that holds a list of what is JSON already, and more beside it."""
    return b"".join((b'{"', name.encode(), b'":[', b",".join(items), b"],", orjson.dumps(beside)[1:]))


def _cached(content: bytes, tag: str, *, is_pinned: bool) -> Response:
    """The answer with what caches may do with it; 304 without a body where the client has it."""
    made = Response(content, content_type="application/json")
    made.set_etag(tag, weak=not is_pinned)
    scope = "private" if is_named() else "public"
    made.headers["Cache-Control"] = f"{scope}, {FOR_EVER if is_pinned else 'no-cache'}"
    made.headers["Vary"] = "Authorization, Cookie"
    return made.make_conditional(request.environ)  # type: ignore[return-value]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
