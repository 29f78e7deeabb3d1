"""Each request's bearer, and the role that a route needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request

from service.desk import Desk
from service.security import ANYBODY, Bearer, Forbidden, Unauthorized, is_loopback

Route = TypeVar("Route", bound=Callable[..., Any])
_OPEN = frozenset({"healthz", "readyz", "static"})
_WITHOUT_DATABASE = frozenset({"healthz", "static"})


def desk() -> Desk:
    """The desk that this app works with."""
    return current_app.extensions["desk"]  # type: ignore[no-any-return]


def needs(role: str) -> Callable[[Route], Route]:
    """Mark a route with the role that it needs; routes without mark need reading."""

    def mark(route: Route) -> Route:
        route.needs = role  # type: ignore[attr-defined]
        return route

    return mark


def check() -> None:
    """Find out who is asking, and refuse what their role may not do.

    Raises:
        Unauthorized: no token was given where one is needed, or it is not valid.
        Forbidden: the role may not do this.
    """
    if request.endpoint in _WITHOUT_DATABASE:
        return
    desk().be_sure()
    g.bearer = bearer = _bearer()
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint in _OPEN:
        return
    role = getattr(view, "needs", "reader")
    if bearer is None and (role != "reader" or not _may_read_freely()):
        raise Unauthorized("a bearer token is needed")
    if bearer is not None and not bearer.may(role):
        raise Forbidden(f"a token of role {bearer.role} may not do this; it needs {role}")
    g.bearer = bearer or ANYBODY


def _bearer() -> Bearer | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("only bearer tokens are taken")
    return desk().keyring.bearer_of(token.strip())


def _may_read_freely() -> bool:
    return desk().settings.public_reading or is_loopback(request.environ)


def recorder() -> str:
    """The name under which what this request writes is recorded."""
    return str(g.bearer.name)
