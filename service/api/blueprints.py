"""How the API's blueprints are made: same prefix, same parser, same refusals documented."""

from typing import Any

from flask_smorest import Blueprint

from service.web.parameters import Parser
from service.web.problems import ProblemSchema

PREFIX = "/api/v1"
_PROBLEM = {"content": {"application/problem+json": {"schema": ProblemSchema}}}
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


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A blueprint whose parameters are read by our parser."""

    ARGUMENTS_PARSER = Parser()

    def arguments(self, schema: Any, **about: Any) -> Any:
        """Read parameters by a schema that is made once, not for each request."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **about)

    def response(self, status_code: Any, schema: Any = None, *, repeats: bool = True, **about: Any) -> Any:
        """Document an answer; one that says 201 says 200 where the same was recorded before, unless nothing repeats."""
        documented = super().response(status_code, schema, **about)
        if status_code != 201 or not repeats:
            return documented
        again = {"description": "It was recorded before", "content": {"application/json": {"schema": schema}}}
        return lambda route: self.doc(responses={"200": again})(documented(route))


def blueprint(name: str, about: str) -> ApiBlueprint:
    """A blueprint of the API."""
    return ApiBlueprint(name, name, url_prefix=PREFIX, description=about)


def refusals(blueprint: Any, *, writes: bool = False) -> Any:
    """Document how a route refuses."""
    answers = _WRITING if writes else _READING
    return blueprint.doc(responses={str(status): {"description": text, **_PROBLEM} for status, text in answers.items()})
