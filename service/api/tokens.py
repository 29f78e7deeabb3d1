"""Tokens: issued, listed and revoked by an admin."""

from datetime import timedelta
from typing import TypedDict

import marshmallow as ma
from flask import Response

from events.field_types import TEXT, JsonObject
from service.api.blueprints import blueprint
from service.auth.roles import ROLES
from service.auth.token_events import IssuedToken
from service.chronicle.schemas import Body, Value
from service.web.access import chronology, needs, recorder
from service.web.parameters import takes
from service.web.responses import answer, located

routes = blueprint("tokens", "Who may read and write")


class NewToken(TypedDict):
    """A token, with the secret that is shown once."""

    id: str
    token: str
    role: str
    name: str


class TokenList(TypedDict):
    """Every token ever issued."""

    tokens: list[IssuedToken]


class TokenSchema(Body):
    """A token to issue."""

    name = Value(TEXT, required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(ROLES))
    days = ma.fields.Integer(strict=True, allow_none=True, validate=ma.validate.Range(min=1, max=36_500))


@routes.post("/tokens")
@needs("admin")
@routes.response(201, NewToken, repeats=False)
@takes(routes, TokenSchema())
def issue_token(given: JsonObject) -> Response:
    """Issue a token; it is shown in this answer and never again."""
    lasts = timedelta(days=given["days"]) if "days" in given else None
    token_id, token = chronology().keyring.issue(given["name"], given["role"], recorder().name, lasts)
    made = NewToken(id=token_id, token=token, role=given["role"], name=given["name"])
    return located(answer(made, 201), "tokens.list_tokens")


@routes.get("/tokens")
@needs("admin")
@routes.response(200, TokenList)
def list_tokens() -> Response:
    """Every token ever issued, without its secret."""
    return answer(TokenList(tokens=chronology().databases.freshest.keyring.issued()))


@routes.delete("/tokens/<token>")
@needs("admin")
@routes.response(204)
def revoke_token(token: str) -> Response:
    """Revoke a token from now on."""
    chronology().keyring.revoke(token, recorder().name)
    return Response(status=204)
