"""Pages of other hosts that may read the API: those whose origins `CHRONOLOGY_READERS` names (CORS, Fetch standard).

They send tokens, if any, in a header: cookies are for pages of ours.
"""

from collections.abc import Sequence
from functools import partial

from flask import Flask, Response, request

ANY = "*"
_ANSWERS = {"Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Authorization, If-None-Match, Last-Event-ID",
    "Access-Control-Max-Age": "7200",
}


def register(app: Flask, readers: Sequence[str], prefix: str) -> None:
    """Let pages of those origins read what stands below the prefix; without any, nothing is said of origins."""
    if readers:
        app.after_request(partial(_let_read, frozenset(readers), f"{prefix}/"))


def _let_read(readers: frozenset[str], prefix: str, answer: Response) -> Response:
    if not request.path.startswith(prefix) or request.method not in ("GET", "HEAD", "OPTIONS"):
        return answer
    origin = ANY if ANY in readers else request.headers.get("Origin", "")
    if origin != ANY:
        answer.vary.add("Origin")
    if origin in readers:
        more = _PREFLIGHT if request.method == "OPTIONS" else _ANSWERS
        answer.headers.extend({"Access-Control-Allow-Origin": origin, **more})
    return answer
