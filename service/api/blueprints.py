"""How the API's blueprints are made: same prefix, same parser, same refusals, names and answers documented."""

import re
from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from events.field_types import JsonObject
from service.api.response_schemas import reference_to
from service.web.parameters import Parser
from service.web.problems import Problem

PREFIX = "/api/v1"
Query = JsonObject
"""The parameters of a question, as their schema reads them."""

_IN_PATH = {
    "subject": "The id of the subject",
    "fact_id": "The id of the fact",
    "source": "The id of the source",
    "proposal": "The id of the proposal",
    "token": "The id of the token",
    "n": "The number of the amendment, merge or split",
    "finding": "The name of the finding: `status`, a field, or `Kind.field[value]`",
}
_READING = {
    401: "A token is needed, or it is not valid",
    403: "The token's role may not read this",
    404: "Nothing is recorded under that name",
    422: "A parameter cannot be read",
    429: "More was asked than one token or address may ask; Retry-After says when to ask again",
    503: "The views have not reached the position yet, or the database does not answer",
}
_WRITING = {
    400: "The body is not JSON",
    401: "A token is needed, or it is not valid",
    403: "The token's role may not write",
    404: "Nothing is recorded under that name",
    408: "The body came too slowly",
    409: "The record says otherwise",
    413: "The body is too large",
    415: "The body is not sent as JSON",
    422: "A value cannot be recorded",
    429: "More was asked than one token or address may ask; Retry-After says when to ask again",
    503: "The database does not answer, or may only be read",
    507: "The disk of the database is full",
}
_SUCCESS = {200: "What was asked for", 201: "It is recorded", 202: "It waits for an editor"}
_Decorator = Callable[[Any], Any]


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint whose parameters are read by our parser, and whose answers are types.

    Attributes:
        answers: the types of all that its routes answer.
    """

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.answers: list[Any] = [Problem]

    def route(self, rule: str, *, endpoint: str | None = None, **options: Any) -> _Decorator:
        """Serve a route; its endpoint, the function's name if no other is given, is the id of the operation."""
        refusals = _READING if options.get("methods") == ["GET"] else _WRITING
        problem = {"application/problem+json": {"schema": reference_to(Problem)}}
        refused = {str(status): {"description": text, "content": problem} for status, text in refusals.items()}
        refused["default"] = {"description": "It is refused for another reason", "content": problem}
        named = [{"name": name, "in": "path", "description": _IN_PATH[name]} for name in re.findall(r"(\w+)>", rule)]

        def decorate(view: Any) -> Any:
            name = endpoint or view.__name__
            described = self.doc(operationId=name, responses=refused)(view)
            return super(ApiBlueprint, self).route(rule, endpoint=name, parameters=named, **options)(described)

        return decorate

    def arguments(self, schema: type[ma.Schema]) -> _Decorator:
        """Read the query by a schema that is made once, and hand it to the route as its first argument."""
        return super().arguments(schema(), location="query")  # type: ignore[no-any-return]

    def response(
        self, status: int, answer: Any = None, *, repeats: bool = True, content_type: str | None = None
    ) -> _Decorator:
        """Document an answer by its type; one that says 201 says 200 where the same was recorded before.

        Args:
            status: its status.
            answer: its type; None where it has no body.
            repeats: whether the same may be recorded again.
            content_type: JSON if no other is given.
        """
        if answer is None:
            return super().response(status)  # type: ignore[no-any-return]
        self.answers.append(answer)
        schema = reference_to(answer)
        documented = super().response(status, schema, content_type=content_type, description=_SUCCESS[status])
        if status != 201 or not repeats:
            return documented  # type: ignore[no-any-return]
        again = {"description": "It was recorded before", "content": {"application/json": {"schema": schema}}}
        return lambda route: self.doc(responses={"200": again})(documented(route))


def blueprint(name: str, about: str) -> ApiBlueprint:
    """A blueprint of the API."""
    return ApiBlueprint(name, name, url_prefix=PREFIX, description=about)
