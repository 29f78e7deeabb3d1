"""The door for assistants over HTTP: `/mcp`, one message a request, without sessions."""

from typing import Any

import orjson
from flask import Blueprint, Response, g, request

from events.field_types import JsonObject
from events.log.receipts import Recorder
from service.assistants.calls import Desk, call
from service.assistants.offer import TOOLS_LISTED
from service.assistants.protocol import reply
from service.auth.roles import CrossSite, Forbidden, Unauthorized
from service.web.access import chronology, is_named, recorder
from service.web.dear_questions import turn
from service.web.parameters import json_body
from service.web.security_headers import ANY

routes = Blueprint("assistants", __name__)


@routes.post("/mcp")
def answer_message() -> Response:
    """Answer a message of an assistant's client."""
    _refuse_other_pages()
    desk = Desk(chronology(), request.host_url.rstrip("/"), _proposer, lambda is_dear: turn(is_dear=is_dear))

    def called(name: str, arguments: JsonObject) -> JsonObject:
        return call(desk, name, arguments)

    status, body = reply(json_body(), TOOLS_LISTED, called, request.headers.get)
    made = Response(b"" if body is None else orjson.dumps(body), status, content_type="application/json")
    made.headers["Cache-Control"] = "no-store"
    return made


def _proposer() -> Recorder:
    """Who proposes.

    Raises:
        Unauthorized: nobody with a token.
        Forbidden: one that may only read.
    """
    if not is_named():
        raise Unauthorized("a bearer token of role recorder is needed to propose")
    if not g.bearer.may("recorder"):
        raise Forbidden(f"a token of role {g.bearer.role} may not propose; it needs recorder")
    return recorder()


def _refuse_other_pages() -> None:
    """Refuse what a page of another origin sends, but of those that may read (DNS rebinding, as the protocol asks)."""
    origin: Any = request.headers.get("Origin")
    may = {request.host_url.rstrip("/"), *chronology().settings.origins_of_readers}
    if origin is not None and ANY not in may and origin.lower() not in may:
        raise CrossSite(f"the page at {origin!r:.80} is none of this service's")
