"""What every answer tells browsers: to run, frame, guess and pass on as little as they can."""

from collections.abc import Iterable
from typing import Any

Headers = list[tuple[str, str]]

_POLICY = (
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
_UNLESS_GIVEN = ("Content-Security-Policy", _POLICY)


def hardened(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers of an answer with these behind; a page may bring a policy for its own content."""
    given = list(headers)
    policy = [] if any(name == _UNLESS_GIVEN[0] for name, _ in given) else [_UNLESS_GIVEN]
    return [*given, *policy, *_ALWAYS]


def hardening(wsgi: Any) -> Any:
    """A WSGI application whose every answer is hardened."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: Headers, *failure: Any) -> Any:
            return start_response(status, hardened(headers), *failure)

        return wsgi(environ, start)

    return application
