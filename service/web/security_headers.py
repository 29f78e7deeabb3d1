"""Security headers of every response."""

from collections.abc import Iterable
from typing import Any

Headers = list[tuple[str, str]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PERMISSIONS = ", ".join(
    f"{feature}=()" for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)
_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", _PERMISSIONS),
]


def hardened(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of an answer and these; a page may bring a policy for its own content."""
    given = list(headers)
    has_policy = any(name == "Content-Security-Policy" for name, _ in given)
    return [*given, *([] if has_policy else [("Content-Security-Policy", POLICY)]), *_ALWAYS]


def hardening(wsgi: Any) -> Any:
    """The WSGI application with these headers on every answer."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: Headers, *failure: Any) -> Any:
            return start_response(status, hardened(headers), *failure)

        return wsgi(environ, start)

    return application
