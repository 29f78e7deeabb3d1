"""How the API's blueprints are made: same prefix, same parser, same refusals, and answers documented by their types."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

import marshmallow as ma
from flask_smorest import Blueprint
from msgspec import Meta
from msgspec.json import schema_components

from events.field_types import JsonObject
from projections.queries.history.would_change import WouldChange
from service.api.receipts import ProposedChronicle
from service.web.addresses.memento import has_mementos
from service.web.parameters import Parser
from service.web.problems import Problem

PREFIX = "/api/v1"
Query = JsonObject
"""The parameters of a question, as their schema reads them."""

_SCHEMA = "#/components/schemas/{name}"
_IN_PATH = {
    "subject": "The id of the subject",
    "suffix": "The suffix of the format",
    "fact_id": "The id of the fact",
    "source": "The id of the source",
    "proposal": "The id of the proposal",
    "token": "The id of the token",
    "hook": "The id of the hook",
    "kind": "The name of the kind of fact",
    "n": "The number of the amendment, withdrawal, merge or split",
    "finding": "The name of the finding: `status`, a field, or `Kind.field[value]`",
}
_REFUSALS = {
    400: "The body is not JSON",
    401: "A token is needed, or it is not valid",
    403: "The token's role may not do this",
    404: "Nothing is recorded under that name",
    408: "The body came too slowly",
    409: "The record says otherwise",
    412: "The fact has changed since",
    413: "The body is too large",
    415: "The body is not sent as JSON",
    422: "A parameter cannot be read, or a value cannot be recorded",
    429: "More was asked than one token or address may ask; Retry-After says when to ask again",
    503: "The views have not reached the position yet, or the database does not answer or may only be read",
    507: "The disk of the database is full",
}
_OF_READING = (401, 403, 404, 422, 429, 503)
_SUCCESS = {200: "What was asked for", 201: "It is recorded", 202: "It is taken in, and not done yet"}
_LOCATION = {"Location": {"description": "Where it is read", "schema": {"type": "string"}}}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the fact without clocks: refused with 412 where the fact has changed since",
    "schema": {"type": "string"},
}
CHECK = {
    "name": "check",
    "in": "query",
    "description": "Record nothing, and say what it would change as things stand; what is refused is refused so too",
    "schema": {"enum": ["yes", "no"]},
}
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
        refusals = _OF_READING if options.get("methods") == ["GET"] else _REFUSALS
        problem = {"application/problem+json": {"schema": reference_to(Problem)}}
        refused = {str(status): {"description": _REFUSALS[status], "content": problem} for status in refusals}
        refused["default"] = {"description": "It is refused for another reason", "content": problem}
        named = [{"name": name, "in": "path", "description": _IN_PATH[name]} for name in re.findall(r"(\w+)>", rule)]

        def decorate(view: Any) -> Any:
            name = endpoint or view.__name__
            described = self.doc(operationId=name, responses=refused)(view)
            return super(ApiBlueprint, self).route(rule, endpoint=name, parameters=named, **options)(described)

        return decorate

    def register_views_in_doc(self, api: Any, *given: Any, **more: Any) -> None:
        """Leave the description of the routes until the document is asked for."""
        api.write_later(partial(super().register_views_in_doc, api, *given, **more))

    def arguments(self, schema: type[ma.Schema]) -> _Decorator:
        """Read the query by a schema that is made once, and hand it to the route as its first argument."""
        made = schema()
        read: _Decorator = super().arguments(made, location="query")
        return (lambda route: read(has_mementos(route))) if "position" in made.fields else read

    def response(
        self, status: int, answer: Any = None, *, repeats: bool = True, content_type: str | None = None
    ) -> _Decorator:
        """Document an answer by its type, None where it has no body.

        One that says 201 says 200 where the same was recorded before, unless it never repeats.
        """
        if answer is None:
            return super().response(status)  # type: ignore[no-any-return]
        self.answers.append(answer)
        schema = reference_to(answer)
        headers = _LOCATION if status == 201 else None
        said = _SUCCESS[status]
        documented = super().response(status, schema, content_type=content_type, description=said, headers=headers)
        if status != 201 or not repeats:
            return documented  # type: ignore[no-any-return]
        again = {"description": "It was recorded before", "content": {"application/json": {"schema": schema}}}
        return lambda route: self.doc(responses={"200": again})(documented(route))

    def writes(self, answer: Any, *more: Any) -> _Decorator:
        """Document a route that records, proposes where four eyes are asked for, or says what it would change.

        `more` are its parameters beside `check`.
        """
        bare = get_args(answer)[0] if get_origin(answer) is Annotated else answer
        said = "It was recorded before; of a check, what it would change"
        either = named(f"{reference_to(answer)['$ref'].rpartition('/')[2]}OrChange", bare | WouldChange, said)
        self.answers.append(either)
        again = {"description": said, "content": {"application/json": {"schema": reference_to(either)}}}
        recorded = self.response(201, answer, repeats=False)
        proposed = self.response(202, ProposedChronicle)
        documented = self.doc(parameters=[*more, CHECK], responses={"200": again})
        return lambda route: documented(recorded(proposed(route)))


def blueprint(name: str, about: str) -> ApiBlueprint:
    """A blueprint of the API."""
    return ApiBlueprint(name, name, url_prefix=PREFIX, description=about)


def named(name: str, answer: Any, about: str) -> Any:
    """A type that has no name of its own, as a schema of this name."""
    return Annotated[answer, Meta(title=name, description=about)]


def reference_to(answer: Any) -> dict[str, str]:
    """Where the document has the schema of an answer."""
    name = get_args(answer)[1].title if get_origin(answer) is Annotated else answer.__name__
    return {"$ref": _SCHEMA.format(name=name)}


def schemas_of(answers: Iterable[Any]) -> dict[str, JsonObject]:
    """The JSON Schemas of answers, and of all that they are made of, by name."""
    found: dict[str, JsonObject] = {}
    for answer in answers:
        whole, about = get_args(answer) if get_origin(answer) is Annotated else (answer, None)
        members = get_args(whole) if isinstance(whole, UnionType) else (whole,)  # msgspec refuses unions of objects
        schemas, components = schema_components(members, ref_template=_SCHEMA)
        found |= components
        if about is not None:
            schema = {"anyOf": list(schemas)} if len(schemas) > 1 else schemas[0]
            found[about.title] = {"title": about.title, "description": about.description, **schema}
    return found
