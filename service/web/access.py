"""Each request's bearer, and the role that a route needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, after_this_request, current_app, g, request

from service.auth.rate_limits import Rates
from service.auth.roles import ANYBODY, Bearer, Forbidden, NotIssued, TooMany, Unauthorized, is_loopback, neighbourhood
from service.auth.tokens import Keyring
from service.databases.chronology import Chronology
from service.web import sessions

Route = TypeVar("Route", bound=Callable[..., Any])
_PROBES = frozenset({"health.healthz", "health.readyz", "static"})
_WITHOUT_DATABASE = frozenset({"health.healthz", "static"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, 9.2.1


def register(app: Flask, chronology: Chronology) -> None:
    """Find out who sends each request, before anything else."""
    app.extensions["desk"] = chronology
    app.extensions["rates"] = Rates(chronology.settings.rate)
    app.before_request(check)
    app.context_processor(_signed_in)


def chronology() -> Chronology:
    """The chronology of this app."""
    return current_app.extensions["desk"]  # type: ignore[no-any-return]


def _rates() -> Rates:
    return current_app.extensions["rates"]  # type: ignore[no-any-return]


def needs(role: str | None) -> Callable[[Route], Route]:
    """Mark a route with the role that it needs, None where it needs none; routes without mark need reading."""

    def mark(route: Route) -> Route:
        route.needs = role  # type: ignore[attr-defined]
        return route

    return mark


def check() -> None:
    """Find out who is asking, and refuse what their role may not do.

    Raises:
        TooMany: the bearer or the address asks too much.
        Unauthorized: no token was given where one is needed, or it is not valid.
        Forbidden: the role may not do this, or a browser sent it from elsewhere.
    """
    g.bearer, g.session = ANYBODY, None
    if request.endpoint in _WITHOUT_DATABASE:
        return
    chronology().databases.reader.check_alive()
    if request.endpoint in _PROBES:
        return
    bearer = _identified()
    requests = _rates().requests
    g.asker = bearer.token if bearer else neighbourhood(request.remote_addr)
    if requests and (seconds := requests.take(g.asker)):
        raise TooMany(f"more than {chronology().settings.rate:g} requests a second were made", seconds)
    view = current_app.view_functions.get(request.endpoint or "")
    role = getattr(view, "needs", "reader") if view else None
    if role is not None:
        _allow(bearer, role)
    g.bearer = bearer or ANYBODY


def _allow(bearer: Bearer | None, role: str) -> None:
    may_read = chronology().settings.public_reading or is_loopback(request.environ)
    if bearer is None and (role != "reader" or not may_read):
        raise Unauthorized("a bearer token is needed")
    if bearer is not None and not bearer.may(role):
        raise Forbidden(f"a token of role {bearer.role} may not do this; it needs {role}")
    if g.session and request.method not in _SAFE:
        sessions.refuse_forged(g.session)


def _identified() -> Bearer | None:
    """The sender of the request: by the bearer token where one is sent, else by the session of a browser."""
    header = request.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        return bearer_of(token.strip() if scheme.lower() == "bearer" else "")
    session = sessions.sent()
    if not session:
        return None
    try:
        bearer = _unless_guessing(session, Keyring.bearer_of_session)
    except NotIssued:
        after_this_request(sessions.drop_unless_renewed)
        return None
    except (Unauthorized, TooMany):
        return None
    g.session = session
    return bearer


def bearer_of(token: str) -> Bearer:
    """The bearer of the token; Unauthorized if it is not valid, TooMany after too many such from the address."""
    try:
        return _unless_guessing(token, Keyring.bearer_of)
    except NotIssued:
        raise
    except Unauthorized:
        _rates().failures.take(neighbourhood(request.remote_addr))
        raise


def _unless_guessing(secret: str, look_up: Callable[[Keyring, str], Bearer]) -> Bearer:
    """Look a secret up, unless too many mistaken ones have come from the address and this one was never good here."""
    address = neighbourhood(request.remote_addr)
    seconds = _rates().failures.empty(address)
    if seconds and not chronology().databases.know(secret):
        raise TooMany("too many tokens that are not valid have come from this address", seconds)
    try:
        return chronology().databases.look_up(secret, look_up, writes=request.method not in _SAFE)
    except NotIssued:
        _rates().failures.take(address)
        raise


def is_named() -> bool:
    """Whether the request is made by somebody with a token, in a header or through a session."""
    return g.bearer is not ANYBODY


def recorder() -> str:
    """The name under which what this request writes is recorded."""
    return str(g.bearer.name)


def _signed_in() -> dict[str, Any]:
    """For templates: who is signed in on the page, if somebody is, and the proof that a form is ours."""
    session = g.get("session")
    return {
        "signed_in": g.bearer if session else None,
        "csrf_token": sessions.proof(session) if session else "",
        "four_eyes": chronology().settings.four_eyes,
    }
