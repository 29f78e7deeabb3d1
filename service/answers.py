"""Answers as bytes: JSON written once, with the caching that their clocks allow (RFC 9110, RFC 8246)."""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson
from flask import Response, request

from projections.clocks import Clocks
from projections.store import LAYOUT
from service.access import is_named

FOR_EVER = "max-age=31536000, immutable"


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer that is not cached."""
    made = Response(orjson.dumps(body), status, content_type="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def answer_at(clocks: Clocks, body: Any, *, pinned: bool | None = None) -> Response:
    """A JSON answer to a question: immutable where a position was asked for, else to be revalidated.

    Args:
        clocks: the bounds at which it is computed.
        body: the answer, or what makes it: that is not asked for where the client has the current one already. Bytes
            are JSON already.
        pinned: says whether the answer can change, where the clocks do not.
    """
    is_pinned = clocks.asked.position is not None if pinned is None else pinned
    is_pinned = is_pinned and "now" not in request.args.values()
    tag = None if is_pinned else _current_tag(clocks)
    if tag is not None and request.if_none_match.contains_weak(tag):
        return _cached(Response(status=304), tag, is_pinned)
    made = body() if callable(body) else body
    content = made if isinstance(made, bytes) else orjson.dumps(made)
    return _cached(Response(content, content_type="application/json"), tag, is_pinned)


def listed(name: str, items: Iterable[bytes], **beside: Any) -> bytes:
    """A JSON object that holds a list of what is JSON already, and more beside it."""
    return b"".join((b'{"', name.encode(), b'":[', b",".join(items), b"],", orjson.dumps(beside)[1:]))


def _current_tag(clocks: Clocks) -> str:
    """What a current answer depends on: the question, and the position it is computed at."""
    asked = repr((request.full_path, clocks.repeated(), LAYOUT))
    return hashlib.sha256(asked.encode()).hexdigest()[:32]


def _cached(made: Response, tag: str | None, is_pinned: bool) -> Response:
    """The answer with its ETag: strong over its bytes where it never changes, else weak; and 304 where it is known."""
    made.set_etag(tag or hashlib.sha256(made.get_data()).hexdigest()[:32], weak=tag is not None)
    scope = "private" if is_named() else "public"
    made.headers["Cache-Control"] = f"{scope}, {FOR_EVER}" if is_pinned else f"{scope}, no-cache"
    made.headers["Vary"] = "Authorization, Cookie"
    return made.make_conditional(request.environ)  # type: ignore[return-value]
