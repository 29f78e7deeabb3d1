"""Sessions of browsers: the cookie that carries one, and protection against forged requests (CSRF).

A request that changes something is only taken from a session with a proof that pages of other sites cannot know
(OWASP: HMAC of the session), and not when the browser says that it comes from elsewhere (`Origin`, Fetch Metadata).
"""

import hashlib
import hmac
from datetime import timedelta

from flask import Response, current_app, request

from service.auth.roles import CrossSite
from service.settings import Settings

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
COOKIE = "chronology-session"
_OURS = ("same-origin", "none")


def is_secure() -> bool:
    """Whether the browser reaches the service over https."""
    return request.is_secure or _settings().secure_cookies


def cookie_named(name: str) -> str:
    """The cookie's name; over https it is bound to this very host (`__Host-`, RFC 6265bis)."""
    return f"__Host-{name}" if is_secure() else name


def sent() -> str | None:
    """The session that the browser has sent."""
    return request.cookies.get(cookie_named(COOKIE))


def lasts() -> timedelta:
    """How long a session lasts."""
    return timedelta(hours=_settings().session_hours)


def keep(answer: Response, session: str) -> None:
    """Let the browser keep the session."""
    name, secure = cookie_named(COOKIE), is_secure()
    answer.set_cookie(name, session, max_age=lasts(), path="/", httponly=True, samesite="Lax", secure=secure)


def drop(answer: Response) -> Response:
    """Let the browser forget its session."""
    answer.delete_cookie(cookie_named(COOKIE), path="/", httponly=True, samesite="Lax", secure=is_secure())
    return answer


def drop_unless_renewed(answer: Response) -> Response:
    """Let the browser forget a session that was never opened here, unless the answer sets another."""
    renewed = any(COOKIE in each for each in answer.headers.getlist("Set-Cookie"))
    return answer if renewed else drop(answer)


def proof(session: str) -> str:
    """The proof that a form or script of the session's own pages sends to write."""
    return hmac.digest(session.encode(), b"csrf", hashlib.sha256).hex()


def refuse_forged(session: str) -> None:
    """Refuse what has no valid proof of the session, or comes from another site (CrossSite)."""
    refuse_cross_site()
    is_form = request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data")
    given = request.headers.get(HEADER) or (request.form.get(FIELD, "") if is_form else "")
    if not hmac.compare_digest(given.encode(), proof(session).encode()):
        raise CrossSite(f"what a session writes needs its proof, as {HEADER} or as the form's {FIELD}")


def refuse_cross_site() -> None:
    """Refuse what the browser says comes from another site (CrossSite); every browser of today says so."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if (site is not None and site not in _OURS) or (origin is not None and origin.partition("://")[2] != request.host):
        raise CrossSite("the request comes from a page of another site")


def _settings() -> Settings:
    return current_app.extensions["desk"].settings  # type: ignore[no-any-return]
