"""Signing in and out on the page: a session stands for a token that was given once."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, current_app, g, make_response, redirect, request, session, url_for

from events.errors import NotFound, NotYet
from service.auth.roles import Bearer, Forbidden, TooMany, Unauthorized
from service.pages import error_pages
from service.web import oidc, sessions
from service.web.access import bearer_of, chronology, needs
from service.web.problems import status_of

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")

log = logging.getLogger("chronology.entry")

routes = error_pages.blueprint("entry")


@routes.get("/sign-in")
@needs(None)
def sign_in() -> Response:
    """Where a token is given."""
    return error_pages.sign_in_page(200, local(request.args.get("next", "")))


@routes.post("/sign-in")
@needs(None)
def signed_in() -> Response:
    """Open a session for the token's bearer."""
    sessions.refuse_cross_site()
    following = local(request.form.get("next", ""))
    try:
        bearer = bearer_of(request.form.get("token", "").strip())
    except (Unauthorized, TooMany) as error:
        return error_pages.sign_in_page(status_of(error), following, error)
    return begun(bearer, following)


@routes.post("/sign-out")
def sign_out() -> Response:
    """Close the session."""
    if g.session:
        chronology().keyring.close_session(g.session)
    answer = make_response(redirect("/sign-in", 303))
    answer.headers["Clear-Site-Data"] = '"cache"'
    return sessions.drop(answer)


def begun(bearer: Bearer, following: str) -> Response:
    """The way on for who has just signed in; a session that they had is closed."""
    if g.session:
        chronology().keyring.close_session(g.session)
    answer = make_response(redirect(following, 303))
    sessions.keep(answer, chronology().keyring.open_session(bearer, sessions.lasts()))
    return answer


def local(address: str) -> str:
    """The address, if it is a path of this service that may be returned to, else that of the overview."""
    is_path = address.startswith("/") and not address.startswith("//") and not _UNSAFE.search(address)
    return address if is_path and not address.startswith(("/sign-in", "/sign-out")) else "/"


@routes.get("/sign-in/oidc")
@needs(None)
def leave() -> Response:
    """The way to the provider."""
    provider = _provider()
    session.clear()
    session.permanent = True
    session["next"] = local(request.args.get("next", ""))
    with _sentences():
        scheme = "https" if sessions.is_secure() else request.scheme
        return provider.leave(url_for("entry.come_back", _external=True, _scheme=scheme))  # type: ignore[no-any-return]


@routes.get("/sign-in/oidc/back")
@needs(None)
def come_back() -> Response:
    """The way back from the provider: a token for as long as the session lasts, and the session."""
    provider = _provider()
    following = local(str(session.get("next", "")))
    with _sentences():
        claims = provider.returned()
    session.clear()
    name, role, subject = provider.name_in(claims), provider.role_in(claims), provider.subject_in(claims)
    issuer = chronology().settings.oidc_issuer
    _, token = chronology().keyring.issue(name, role, issuer, sessions.lasts(), subject)
    return begun(chronology().keyring.bearer_of(token), following)


def _provider() -> oidc.Provider:
    provider: oidc.Provider | None = current_app.extensions.get("provider")
    if provider is None:
        raise NotFound("no provider to sign in with is set")
    return provider


@contextmanager
def _sentences() -> Iterator[None]:
    """Refuse what goes wrong at the provider in a sentence of our own, without the provider's words."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    try:
        yield
    except RequestException as error:
        log.warning("the provider does not answer: %s", type(error).__name__)
        raise NotYet("the provider to sign in with does not answer") from None
    except (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError, TypeError) as error:
        log.warning("a sign-in did not hold: %s", type(error).__name__)
        raise Forbidden("what has come back from the provider does not hold; sign in again") from None
