"""The OpenAPI document: the record's own types described by themselves, the kinds of fact as one union."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
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
