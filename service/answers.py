"""Answers as bytes: JSON written once, with the caching that their clocks allow (RFC 9110, RFC 8246)."""

import hashlib
from typing import Any

import orjson
from flask import Response, request

from projections.clocks import Clocks

FOR_EVER = "max-age=31536000, immutable"


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer that is not cached."""
    made = Response(orjson.dumps(body), status, content_type="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def answer_at(clocks: Clocks, body: Any, *, pinned: bool | None = None) -> Response:
    """A JSON answer to a question: immutable where a position was asked for, else to be revalidated.

    `pinned` says so where the clocks do not.
    """
    content = orjson.dumps(body)
    made = Response(content, content_type="application/json")
    return cached(made, content, pinned=clocks.asked.position is not None if pinned is None else pinned)


def cached(made: Response, content: bytes, *, pinned: bool) -> Response:
    """The answer with its strong ETag, and 304 where the client has it."""
    made.set_etag(hashlib.sha256(content).hexdigest()[:32])
    scope = "private" if request.authorization else "public"
    asks_now = "now" in request.args.values()
    made.headers["Cache-Control"] = f"{scope}, {FOR_EVER}" if pinned and not asks_now else f"{scope}, no-cache"
    made.headers["Vary"] = "Authorization"
    return made.make_conditional(request.environ)  # type: ignore[return-value]
