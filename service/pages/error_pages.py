"""Refusals as pages: the same statuses as the API's problems, in words, with the value at fault named."""

from collections.abc import Sequence

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from events.errors import ChronologyError, Fault
from projections.clocks import CLOCKS, SIDES
from service.auth.roles import TooMany
from service.databases.errors import STORAGE_ERRORS, in_one_line, trouble_of
from service.web.problems import TITLES, log, not_served, refused, status_of

_TITLES = TITLES | {422: "One of the values cannot be read"}  # a page mostly reads, and seldom records


def blueprint(name: str) -> Blueprint:
    """A blueprint whose refusals are pages, and whose answers no cache keeps."""
    routes = Blueprint(name, __name__)
    register(routes)
    routes.after_request(_uncached)
    return routes


def _uncached(answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def register(routes: Blueprint) -> None:
    """Answer refusals of the blueprint's routes as pages."""
    routes.register_error_handler(ChronologyError, _refused)
    routes.register_error_handler(HTTPException, _not_served)
    for storage_error in STORAGE_ERRORS:
        routes.register_error_handler(storage_error, _in_trouble)


def no_such_address(error: HTTPException) -> Response:
    """The answer where nothing is served: a page for who asks for one, else a problem."""
    wants_page = request.accept_mimetypes.best_match(("application/problem+json", "text/html")) == "text/html"
    if request.path.startswith("/api/") or not wants_page:
        return not_served(error)
    return _page(404, f"nothing is served at {request.path!r:.200}", title="There is no such page")


def _refused(error: ChronologyError) -> Response:
    status = status_of(error)
    accepted = request.accept_mimetypes
    if status == 401 and accepted and accepted.best_match(("text/html", "application/json")) != "text/html":
        return refused(error)
    if status == 401:
        following = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else "/"
        return sign_in_page(401, following, error if "Authorization" in request.headers else None)
    return _page(status, error.sentence, error.faults, error)


def sign_in_page(status: int, following: str, error: ChronologyError | None = None) -> Response:
    """The page on which to sign in, to go on to `following`; `error` says why an attempt was refused."""
    body = render_template("sign_in.html", following=following, error=error and error.sentence, status=status)
    return _marked(make_response(body, status), status, error)


def _marked(answer: Response, status: int, error: ChronologyError | None) -> Response:
    """The page with the headers that go with its status; it is not kept."""
    answer.headers["Cache-Control"] = "no-store"
    if status == 503:
        answer.headers["Retry-After"] = "1"
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="chronology"'
    return answer


def _in_trouble(error: Exception) -> Response:
    trouble = trouble_of(error)
    log.error("%s: %s", trouble.sentence, in_one_line(error))
    answer = _page(trouble.status, trouble.sentence)
    answer.headers["Retry-After"] = "1"
    return answer


def _in_words(name: str) -> str:
    """What a parameter is called on the page; of two readings compared, the first is A and the second B."""
    for prefix, side in zip(SIDES, "AB", strict=True):
        if name.startswith(prefix):
            return f"{side}, {_in_words(name.removeprefix(prefix))}"
    return CLOCKS.get(name, name)


def _not_served(error: HTTPException) -> Response:
    answer = _page(error.code or 500, " ".join((error.description or error.name or "refused").split()))
    for name, value in error.get_headers():
        if name in ("Allow", "Location"):
            answer.headers[name] = value
    return answer


def _page(
    status: int,
    sentence: str,
    faults: Sequence[Fault] = (),
    error: ChronologyError | None = None,
    title: str | None = None,
) -> Response:
    asked = {name: request.args.get(name, "") for name in CLOCKS}
    names = [each.pointer.strip("/") for each in faults]
    body = render_template(
        "refused.html",
        title=title or _TITLES.get(status, "The page cannot be shown"),
        sentence=sentence,
        faults=[(_in_words(name), each.sentence) for name, each in zip(names, faults, strict=True)],
        asked=asked,
        are_clocks_at_fault=not CLOCKS.keys().isdisjoint(names),
    )
    return _marked(make_response(body, status), status, error)
