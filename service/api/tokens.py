"""Tokens: issued, listed and revoked by an admin."""

from datetime import timedelta
from typing import Any

import marshmallow as ma
from flask import Response

from events.field_types import TEXT
from service.api import response_schemas as documented
from service.api.blueprints import blueprint, refusals
from service.auth.roles import ROLES
from service.chronicle.schemas import Body, Value
from service.web.access import chronology, needs, recorder
from service.web.parameters import takes
from service.web.responses import answer

routes = blueprint("tokens", "Who may read and write")


class TokenSchema(Body):
    """A token to issue."""

    name = Value(TEXT, required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    days = ma.fields.Integer(strict=True, allow_none=True, validate=ma.validate.Range(min=1, max=36_500))


@routes.post("/tokens")
@needs("admin")
@routes.response(201, documented.TOKEN, repeats=False)
@refusals(routes, writes=True)
@takes(routes, TokenSchema())
def issue(given: dict[str, Any]) -> Response:
    """Issue a token; it is shown in this answer and never again."""
    lasts = timedelta(days=given["days"]) if "days" in given else None
    token_id, token = chronology().keyring.issue(given["name"], given["role"], recorder(), lasts)
    return answer({"id": token_id, "token": token, "role": given["role"], "name": given["name"]}, 201)


@routes.get("/tokens")
@needs("admin")
@routes.response(200, documented.TOKENS)
@refusals(routes)
def list_tokens() -> Response:
    """Every token ever issued, without its secret."""
    return answer({"tokens": chronology().sides.freshest.keyring.issued()})


@routes.delete("/tokens/<token>")
@needs("admin")
@routes.response(204)
@refusals(routes, writes=True)
def revoke(token: str) -> Response:
    """Revoke a token from now on."""
    chronology().keyring.revoke(token, recorder())
    return Response(status=204)
