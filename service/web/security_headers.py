"""Security headers of every response, and which pages of other hosts may read the API.

Those whose origins `CHRONOLOGY_READERS` names may (CORS, Fetch standard). They send tokens, if any, in a header:
cookies are for pages of ours.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flask import Flask, Response, request

Headers = list[tuple[str, str]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMED = "default-src 'none'; style-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors *"
"""The policy of what pages of others may frame: it runs no script and sends no form."""
_PERMISSIONS = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)
_RESOURCES = "Cross-Origin-Resource-Policy"
FOR_OTHERS = "cross-origin"
"""Of what pages of others may load (Fetch standard)."""
_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    (_RESOURCES, "same-origin"),
    ("Permissions-Policy", _PERMISSIONS),
]


def hardened(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of an answer and these; a page may bring a policy for its own content."""
    given = list(headers)
    policy = next((value for name, value in given if name == "Content-Security-Policy"), None)
    framing = [] if policy == FRAMED else [("X-Frame-Options", "DENY")]
    is_for_others = (_RESOURCES, FOR_OTHERS) in given
    always = [each for each in _ALWAYS if each[0] != _RESOURCES or not is_for_others]
    return [*given, *([] if policy else [("Content-Security-Policy", POLICY)]), *framing, *always]


def hardening(wsgi: Any) -> Any:
    """The WSGI application with these headers on every answer."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: Headers, *failure: Any) -> Any:
            return start_response(status, hardened(headers), *failure)

        return wsgi(environ, start)

    return application


ANY = "*"
_SHARED = {"Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Authorization, If-None-Match, Last-Event-ID",
    "Access-Control-Max-Age": "7200",
}


def let_others_read(app: Flask, readers: Sequence[str], prefix: str) -> None:
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
        more = _PREFLIGHT if request.method == "OPTIONS" else _SHARED
        answer.headers.extend({"Access-Control-Allow-Origin": origin, **more})
    return answer
