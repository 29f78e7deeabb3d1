"""JSON responses, with the caching that their clocks allow (RFC 9110, RFC 8246)."""

import gzip
import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import orjson
from flask import Flask, Response, request, url_for
from werkzeug.http import http_date, quote_etag

from events.dates.calendar import SECOND
from projections.clocks import Clocks, recorded_at
from projections.store.snapshots import Snapshot
from service.web.access import is_named

JSON = "application/json"
_PRESSED = ("text/javascript", "text/css")
_CONDITIONS = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"})
"""The headers by which an answer may become 304 or 412 (RFC 9110, 13.1), as nothing here has a date of its own."""
FOR_EVER = "max-age=31536000, immutable"


def answer(body: Any, status: int = 200) -> Response:
    """A JSON answer that is not cached."""
    made = Response(orjson.dumps(body), status, content_type=JSON)
    made.headers["Cache-Control"] = "no-store"
    return made


def located(made: Response, endpoint: str, **names: Any) -> Response:
    """The answer with the address of what it created (RFC 9110, 10.2.2), if it created something."""
    if made.status_code == 201:
        made.headers["Location"] = url_for(endpoint, **names)
    return made


def linked(made: Response, **following: Any) -> Response:
    """The answer with a link to the next page (RFC 8288), which is asked for as this one and with these parameters."""
    if None not in following.values():
        asked = request.args.to_dict(flat=False)
        address = url_for(request.endpoint or "", **(request.view_args or {}), **(asked | following))
        made.headers["Link"] = f'<{address}>; rel="next"'
    return made


def is_expected(version: int) -> bool:
    """Whether `If-Match` allows what stands at that version: not given, `*`, or a strong ETag of that version.

    Its ETag is of all bytes of the answer; only the version that it begins with is compared, so that what is noted
    elsewhere, as of a source, hinders nobody.
    """
    given = request.if_match
    return (
        "If-Match" not in request.headers
        or given.star_tag
        or f"{version}" in {(tag or "").partition("-")[0] for tag in given.as_set()}
    )


def answer_at(
    snapshot: Snapshot, clocks: Clocks, body: Any, version: int | None = None, content_type: str = JSON
) -> Response:
    """An answer to a question: immutable where a position was asked for, else to be revalidated; JSON by default.

    Its ETag is strong over its bytes where it never changes, else weak, over what it depends on. The body is the answer
    (bytes are JSON already), or makes it: it is not called where the client has the current answer. What has a version
    may be changed by who has seen it (`is_expected`): its ETag is strong, and begins with the version.
    """
    is_pinned = clocks.asked.position is not None and not _speaks_of_now()
    tag = None
    if not is_pinned and version is None:
        tag = _digest(repr((request.full_path, content_type, clocks.stated(), snapshot.layout)).encode())
    if tag is not None and request.if_none_match.contains_weak(tag):
        return _cached(b"", tag, content_type, is_pinned=False, is_weak=True)
    said = body() if callable(body) else body
    content = said if isinstance(said, bytes) else orjson.dumps(said)
    own = _digest(content) if version is None else f"{version}-{_digest(content)}"
    made = _cached(content, tag or own, content_type, is_pinned=is_pinned, is_weak=tag is not None)
    return dated(made, snapshot, clocks)


def dated(made: Response, snapshot: Snapshot, clocks: Clocks) -> Response:
    """The answer with the moment of the record that it shows for good, if it does: a memento (RFC 7089, 2.1.1)."""
    if request.args.get("position") and not _speaks_of_now():
        recorded = recorded_at(snapshot, clocks.position)
        if recorded is not None:
            made.headers["Memento-Datetime"] = http_date_of(recorded)
    return made


def http_date_of(instant: int) -> str:
    """An instant (UTC microseconds) as HTTP writes dates (RFC 9110, 5.6.7)."""
    return http_date(instant // SECOND)


def whole(path: str) -> str:
    """An address of this service, with its host."""
    return f"{request.scheme}://{request.host}{path}"


def unchanging(body: Any) -> Response:
    """A JSON answer that depends on nothing recorded: to be revalidated, by the strong ETag of its bytes."""
    return revalidated(orjson.dumps(body), JSON)


def revalidated(content: bytes, media_type: str) -> Response:
    """An answer to be revalidated by the strong ETag of its bytes."""
    return _cached(content, _digest(content), media_type, is_pinned=False, is_weak=False)


def listed(name: str, items: Iterable[bytes], **beside: Any) -> bytes:
    """A JSON object that holds a list of what is JSON already, and more beside it."""
    return b"".join((b'{"', name.encode(), b'":[', b",".join(items), b"],", orjson.dumps(beside)[1:]))


def _cached(content: bytes, tag: str, content_type: str, *, is_pinned: bool, is_weak: bool) -> Response:
    """The answer with what caches may do with it; 304 without a body where the client has it."""
    scope = "private" if is_named() else "public"
    headers = {
        "Content-Type": content_type,
        "ETag": quote_etag(tag, weak=is_weak),
        "Cache-Control": f"{scope}, {FOR_EVER if is_pinned else 'no-cache'}",
        "Vary": "Authorization, Cookie",
    }
    made = Response(content, headers=headers)
    if _CONDITIONS.isdisjoint(request.environ):
        return made
    return made.make_conditional(request.environ)  # type: ignore[return-value]


def _speaks_of_now() -> bool:
    return any(value.strip().lower() == "now" for value in request.args.values())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def compress_static_files(app: Flask) -> None:
    """Send scripts and styles compressed (gzip, RFC 1952) to those who accept it.

    Pages are not: they may hold a secret beside words of the address, which their length would then give away (BREACH).
    """
    app.after_request(_compressed)


def _compressed(answer: Response) -> Response:
    if request.endpoint != "static" or answer.mimetype not in _PRESSED:
        return answer
    answer.vary.add("Accept-Encoding")
    etag, _ = answer.get_etag()
    if etag:
        answer.set_etag(etag, weak=True)  # of what it says, in either form
    if answer.status_code == 200 and request.accept_encodings["gzip"] and request.method == "GET":
        answer.direct_passthrough = False
        answer.set_data(_gzip(answer.get_data()))
        answer.headers["Content-Encoding"] = "gzip"
    return answer


@lru_cache(maxsize=64)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
