"""The OpenAPI document, where types describe themselves and kinds of fact are one union; and the vocabulary alone."""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask, Response, current_app
from flask_smorest import Api
from marshmallow_oneofschema.one_of_schema import OneOfSchema

from events.facts import KINDS
from events.field_types import JsonObject
from events.kinds.descriptions import KindDescription, Vocabulary, description, vocabulary
from service.api.blueprints import PREFIX, ApiBlueprint, blueprint, reference_to, schemas_of
from service.chronicle.schemas import Value
from service.web.problems import Problem
from service.web.responses import unchanging
from service.web.sessions import COOKIE

routes = blueprint("kinds", "The vocabulary")

_SPEC = "chronology-api"
_DESCRIPTION = "What happened, who says so, when we learnt it, and what we believed on any day."


def _described(_: Any, field: Any, **__: Any) -> JsonObject:
    return dict(field.of.schema) if isinstance(field, Value) else {}


class Converter(OpenAPIConverter):
    """Documents the record's own types by themselves, and the union of kinds as one of them, which `kind` says."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.add_attribute_function(_described)

    def schema2jsonschema(self, schema: Any) -> JsonObject:
        """The JSON schema of a schema; of a union, its members."""
        if not isinstance(schema, OneOfSchema):
            return dict(super().schema2jsonschema(schema))
        mapping = {name: self.resolve_nested_schema(each) for name, each in schema.type_schemas.items()}
        for name, reference in mapping.items():
            component = self.spec.components.schemas[reference["$ref"].rpartition("/")[2]]
            component["properties"] = {"kind": {"const": name}, **component["properties"]}
            component["required"] = sorted({"kind", *component.get("required", [])})
            component["description"] = KINDS[name].__doc__
        references = {name: each["$ref"] for name, each in mapping.items()}
        return {"oneOf": [*mapping.values()], "discriminator": {"propertyName": "kind", "mapping": references}}


class _Plugin(MarshmallowPlugin):
    Converter = Converter


class _Api(Api):  # type: ignore[misc]
    """Writes its document when it is first asked for: to write it takes longer than to serve, and few are asked."""

    ERROR_SCHEMA = reference_to(Problem)
    DEFAULT_ERROR_RESPONSE_NAME = None  # each route documents its refusals

    def __init__(self, app: Flask, parts: Sequence[ApiBlueprint]) -> None:
        self._lock = Lock()
        self._unwritten: list[Callable[[], None]] = [partial(self._describe, parts)]
        super().__init__(app, spec_kwargs={"marshmallow_plugin": _Plugin(), "info": {"description": _DESCRIPTION}})
        for part in parts:
            self.register_blueprint(part)

    def write_later(self, chapter: Callable[[], None]) -> None:
        """Leave a chapter of the document until it is asked for."""
        self._unwritten.append(chapter)

    def _describe(self, parts: Sequence[ApiBlueprint]) -> None:
        for name, schema in schemas_of(answer for part in parts for answer in part.answers).items():
            self.spec.components.schema(name, schema)
        self.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
        self.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": COOKIE})
        self.spec.options["security"] = [{"bearer": []}, {"session": []}, {}]

    def written(self) -> JsonObject:
        """The whole document."""
        with self._lock:
            for write in self._unwritten:
                write()
            self._unwritten.clear()
        return dict(self.spec.to_dict())

    def _openapi_json(self) -> Any:
        self.written()
        return super()._openapi_json()


def serve(app: Flask, parts: Sequence[ApiBlueprint]) -> None:
    """Serve the API's parts and their document; their errors are answered by what is registered later."""
    app.config.update(
        API_TITLE="Chronology",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.extensions[_SPEC] = _Api(app, parts)


def document() -> JsonObject:
    """The OpenAPI document of the application that answers."""
    api: _Api = current_app.extensions[_SPEC]
    return api.written()


@routes.get("/kinds")
@routes.response(200, Vocabulary)
def list_kinds() -> Response:
    """Every kind of fact and of subject: names in words, fields with labels and schemas, ladders, halts, sentences."""
    return unchanging(vocabulary())


@routes.get("/kinds/<kind>")
@routes.response(200, KindDescription)
def show_kind(kind: str) -> Response:
    """One kind of fact: its name in words, its sentence, what it does to a status, its fields."""
    return unchanging(description(kind))
