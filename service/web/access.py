"""Each request's bearer, and the role that a route needs."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Flask, after_this_request, current_app, g, request
from werkzeug.exceptions import BadRequest, MisdirectedRequest

from events.log.receipts import Recorder
from service.auth.rate_limits import Rates
from service.auth.roles import ANYBODY, Bearer, Forbidden, NotIssued, TooMany, Unauthorized, is_loopback, neighbourhood
from service.auth.tokens import Keyring
from service.databases.chronology import Chronology
from service.web import sessions

Route = TypeVar("Route", bound=Callable[..., Any])
_MOST_FIELDS = 5_000
"""Of a large form."""
_PROBES = frozenset({"health.healthz", "health.readyz", "static"})
_WITHOUT_DATABASE = frozenset({"health.healthz", "static"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.IGNORECASE)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110, 9.2.1


def register(app: Flask, chronology: Chronology) -> None:
    """Find out who sends each request, before anything else."""
    app.extensions["desk"] = chronology
    app.extensions["names"] = frozenset(chronology.settings.names)
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


def takes_large_forms(route: Route) -> Route:
    """Mark a route whose form may hold texts and files, as much as a body may; others take small ones."""
    route.takes_large_forms = True  # type: ignore[attr-defined]
    return route


def check() -> None:
    """Find out who is asking, and refuse what their role may not do.

    Raises:
        BadRequest: it does not say of which host, or says it twice.
        MisdirectedRequest: of another host.
        TooMany: the bearer or the address asks too much.
        Unauthorized: no token was given where one is needed, or it is not valid.
        Forbidden: the role may not do this, or a browser sent it from elsewhere.
    """
    g.bearer, g.session = ANYBODY, None
    if request.endpoint not in _PROBES:
        _refuse_other_hosts()
    if request.endpoint in _WITHOUT_DATABASE or request.method == "OPTIONS":  # it says what may be asked, of nobody
        return
    chronology().databases.reader.check_alive()
    if request.endpoint in _PROBES:
        return
    bearer = _identified()
    g.bearer, requests = bearer or ANYBODY, _rates().requests
    if requests and (seconds := requests.take(who_asks())):
        raise TooMany(f"more than {chronology().settings.rate:g} requests a second were made", seconds)
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_large_forms", False):
        request.max_form_memory_size = chronology().settings.largest_body
        request.max_form_parts = _MOST_FIELDS
    role = getattr(view, "needs", "reader") if view else None
    if role is not None:
        _allow(bearer, role)


def _refuse_other_hosts() -> None:
    """Refuse what is sent to a name that is none of the service: a page of that name could read the answer."""
    given = request.environ.get("HTTP_HOST", "")
    match, names = _HOST.fullmatch(given), current_app.extensions["names"]
    if match is None:
        raise BadRequest(f"a request names one host, and {given!r:.80} is none")
    if names and match[1].lower() not in names:
        raise MisdirectedRequest(f"{match[1]!r:.80} is no name of this service; more are set with CHRONOLOGY_HOSTS")


def _allow(bearer: Bearer | None, role: str) -> None:
    settings = chronology().settings
    if bearer is None:
        may_read = settings.public_reading or (not settings.proxies and is_loopback(request.environ))
        if role != "reader" or not may_read:
            raise Unauthorized("a bearer token is needed")
    elif not bearer.may(role):
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
        bearer = _found(session, Keyring.bearer_of_session)
    except NotIssued:
        after_this_request(sessions.drop_unless_renewed)
        return None
    except (Unauthorized, TooMany):
        return None
    g.session = session
    return bearer


def bearer_of(token: str) -> Bearer:
    """The bearer of the token; Unauthorized if it is not valid, TooMany after too many such from the address."""
    return _found(token, Keyring.bearer_of)


def _found(secret: str, look_up: Callable[[Keyring, str], Bearer]) -> Bearer:
    """Look a secret up. One that is valid always passes: only the others count, and after too many they are told so."""
    g.again = partial(chronology().databases.look_up, secret, look_up, writes=request.method not in _SAFE)
    try:
        return g.again()  # type: ignore[no-any-return]
    except Unauthorized:
        if seconds := _rates().failures.take(neighbourhood(request.remote_addr)):
            raise TooMany("too many tokens that are not valid have come from this address", seconds) from None
        raise


def is_still_allowed() -> bool:
    """Whether the token or session of the request is still valid, as of about half a second ago."""
    if not is_named():
        return True
    try:
        g.again()
    except Unauthorized:
        return False
    return True


def who_asks() -> str:
    """Whom a request counts for: its token, or the address of one without."""
    return g.bearer.token if is_named() else neighbourhood(request.remote_addr)


def is_named() -> bool:
    """Whether the request is made by somebody with a token, in a header or through a session."""
    return g.bearer is not ANYBODY


def recorder() -> Recorder:
    """Who records what this request writes: the name, and the token."""
    return Recorder(g.bearer.name, g.bearer.token or None)


def is_by_asker(name: str) -> bool:
    """Whether what is recorded under the name was recorded by who makes this request."""
    return is_named() and name == g.bearer.name


def _signed_in() -> dict[str, Any]:
    """For templates: who is signed in on the page, if somebody is, and the proof that a form is ours."""
    session = g.get("session")
    return {
        "signed_in": g.bearer if session else None,
        "csrf_token": sessions.proof(session) if session else "",
        "left_out": chronology().databases.replicas.names_left_out,
    }
