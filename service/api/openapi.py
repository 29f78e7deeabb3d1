"""The OpenAPI document: the record's own types described by themselves, the kinds of fact as one union."""

from threading import Lock
from typing import Any

import orjson
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Response
from flask_smorest import Api
from marshmallow_oneofschema.one_of_schema import OneOfSchema

from events.facts import KINDS
from service.chronicle.schemas import Value


class Converter(OpenAPIConverter):
    """Documents the union of kinds as what it is: one of them, told apart by `kind`."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
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
        return {
            "oneOf": list(mapping.values()),
            "discriminator": {"propertyName": "kind", "mapping": references},
        }


def _described(_: Any, field: Any, **__: Any) -> dict[str, Any]:
    return dict(field.of.schema) if isinstance(field, Value) else {}


class Plugin(MarshmallowPlugin):
    """marshmallow in OpenAPI, with the record's own types described by themselves."""

    Converter = Converter

    def init_spec(self, spec: Any) -> None:
        """Teach the converter to describe values."""
        super().init_spec(spec)
        assert self.converter is not None
        self.converter.add_attribute_function(_described)


class DescribedLater(Api):  # type: ignore[misc]
    """The API's parts, served at once; their document is written when somebody first asks for it."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self._undescribed: list[Any] = []
        self._document = b""
        self._writing = Lock()
        super().__init__(*arguments, **more)

    def register_blueprint(self, part: Any, **_: Any) -> None:
        """Serve a part; what it says of itself is read later."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][part.name] = self
        self._app.register_blueprint(part)
        self._undescribed.append(part)

    def _register_responses(self) -> None:
        """With the document: a schema for each status takes longer than the rest of the application."""

    def _openapi_json(self) -> Response:
        with self._writing:
            if not self._document:
                super()._register_responses()
                for part in self._undescribed:
                    part.register_views_in_doc(self, self._app, self.spec, name=part.name, parameters=None)
                    self.spec.tag({"name": part.name, "description": part.description})
                self._document = orjson.dumps(self.spec.to_dict(), option=orjson.OPT_INDENT_2)
        return Response(self._document, content_type="application/json")
