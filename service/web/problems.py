"""Refusals on the wire: RFC 9457 problem+json, one table from what was refused to its status."""

import logging
from typing import Annotated, NotRequired, TypedDict

import orjson
from flask import Flask, Response, has_request_context, request
from msgspec import Meta
from werkzeug.exceptions import HTTPException

from events.errors import Changed, ChronologyError, Conflict, Fault, Invalid, NotFound, NotYet
from service.auth.roles import Forbidden, TooMany, Unauthorized
from service.chronicle.signing import Rewritten
from service.databases.errors import AWAY, STORAGE_ERRORS, in_one_line, is_trouble, trouble_of

log = logging.getLogger("chronology.service")

STATUSES: dict[type[ChronologyError], int] = {
    Invalid: 422,
    Conflict: 409,
    Changed: 412,
    NotFound: 404,
    NotYet: 503,
    Rewritten: 500,
    Unauthorized: 401,
    Forbidden: 403,
    TooMany: 429,
}
TITLES = {
    400: "The request cannot be read",
    401: "A token is needed",
    403: "The token's role may not do this",
    404: "Nothing is recorded under that name",
    405: "The method is not for this address",
    409: "The record says otherwise",
    412: "It has changed since",
    413: "The request is too large",
    415: "The content type is not JSON",
    421: "The service has another name",
    422: "A value cannot be recorded",
    429: "Too many requests",
    500: "The service failed",
    503: "Not yet",
    507: "There is no room",
}
TITLES_OF_QUESTIONS = {422: "The question cannot be read", 503: "No answer yet"}
TITLES_OF_PROBLEMS = {
    "no-such-address": "There is no such address",
    "too-long": "It takes too long",
    "too-dear": "Too many dear questions at once",
}


class ValueAtFault(TypedDict):
    """Where a value stands that is at fault, and what is wrong with it."""

    pointer: Annotated[str, Meta(description="JSON pointer (RFC 6901) into the body, or `/` and the parameter's name")]
    detail: str


class Problem(TypedDict):
    """A refusal as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[ValueAtFault]]


def problem(status: int, slug: str, detail: str, faults: tuple[Fault, ...] = ()) -> Response:
    """A problem+json answer."""
    body: Problem = {
        "type": f"urn:chronology:problem:{slug}",
        "title": _title(status, slug),
        "status": status,
        "detail": detail,
    }
    if faults:
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.sentence} for fault in faults]
    answer = Response(orjson.dumps(body), status, content_type="application/problem+json")
    if status == 503:
        answer.headers["Retry-After"] = "1"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="chronology"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _title(status: int, slug: str) -> str:
    asks = TITLES_OF_QUESTIONS if has_request_context() and request.method in ("GET", "HEAD") else {}
    known = TITLES_OF_PROBLEMS.get(slug) or asks.get(status) or TITLES.get(status)
    return known or "The request was refused"


def status_of(error: ChronologyError) -> int:
    """The status that says this refusal."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 422)


def refused(error: ChronologyError) -> Response:
    """The answer to a refusal that the service knows."""
    answer = problem(status_of(error), error.problem, error.sentence, error.faults)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def not_served(error: HTTPException) -> Response:
    """The answer to what the web framework refuses."""
    status = error.code or 500
    slug = (error.name or "error").lower().replace(" ", "-")
    sentence = " ".join((error.description or error.name or "refused").split())
    if status == 404:
        slug, sentence = "no-such-address", f"nothing is served at {request.path!r:.200}"
    answer = problem(status, slug, sentence)
    for name, value in error.get_headers():
        if name in ("Allow", "Location"):
            answer.headers[name] = value
    return answer


def database_in_trouble(error: Exception) -> Response:
    """The answer while the database cannot serve; a write that broke off may have been recorded all the same."""
    trouble = trouble_of(error)
    log.error("%s: %s", trouble.sentence, in_one_line(error))
    sentence = trouble.sentence
    if trouble is AWAY and request.method not in ("GET", "HEAD"):
        sentence += "; send the same again under the same id: what is recorded is not recorded twice"
    return problem(trouble.status, trouble.slug, sentence)


def failed(error: Exception) -> Response:
    """The answer to a bug: it says nothing of what went wrong; the log does."""
    if is_trouble(error):
        return database_in_trouble(error)
    log.exception("unexpected failure", exc_info=error)
    return problem(500, "internal", "the service failed; nothing was recorded")


def register(app: Flask) -> None:
    """Answer every error of the app as a problem."""
    app.register_error_handler(ChronologyError, refused)
    app.register_error_handler(HTTPException, not_served)
    for storage_error in STORAGE_ERRORS:
        app.register_error_handler(storage_error, database_in_trouble)
    app.register_error_handler(Exception, failed)
