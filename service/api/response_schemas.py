"""The JSON Schemas of answers, made from the types that routes return."""

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from msgspec import Meta
from msgspec.json import schema_components

from events.field_types import JsonObject

_PLACE = "#/components/schemas/{name}"


def named(name: str, answer: Any, about: str) -> Any:
    """A type that has no name of its own, as a schema of this name."""
    return Annotated[answer, Meta(title=name, description=about)]


def reference_to(answer: Any) -> dict[str, str]:
    """Where the document has the schema of an answer."""
    return {"$ref": _PLACE.format(name=_name_of(answer))}


def schemas_of(answers: Iterable[Any]) -> dict[str, JsonObject]:
    """The schemas of answers, and of all that they are made of, by name."""
    found: dict[str, JsonObject] = {}
    for answer in answers:
        whole, about = get_args(answer) if get_origin(answer) is Annotated else (answer, None)
        members = get_args(whole) if isinstance(whole, UnionType) else (whole,)  # msgspec refuses unions of objects
        schemas, components = schema_components(members, ref_template=_PLACE)
        found |= components
        if about is not None:
            schema = {"anyOf": list(schemas)} if len(schemas) > 1 else schemas[0]
            found[about.title] = {"title": about.title, "description": about.description, **schema}
    return found


def _name_of(answer: Any) -> str:
    return str(get_args(answer)[1].title if get_origin(answer) is Annotated else answer.__name__)
