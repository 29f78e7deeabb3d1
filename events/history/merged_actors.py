"""Merged actors read as one wherever a fact names them. Pure: no database, no clock."""

from collections.abc import Callable, Mapping

from events.facts import fields_of, fields_of_all_kinds
from events.field_types import FieldType, Json, JsonObject
from events.history.fact_as_of import FactAsOf

MergedInto = Callable[[str], str | None]
"""The actor that one is merged into; None of one that stands by itself."""


def read_as_merged(fact: FactAsOf, merged_into: MergedInto) -> None:
    """Let each actor that the fact, or a dispute of it, names be the one that it is merged into."""
    fact.values = _values(fact.values, fields_of(fact.kind), merged_into)
    types = fields_of_all_kinds()
    fact.disputes = [
        each._replace(data={**each.data, "changes": _values(each.data["changes"], types, merged_into)})
        for each in fact.disputes
    ]


def _values(values: JsonObject, types: Mapping[str, FieldType], merged_into: MergedInto) -> JsonObject:
    actors = {name for name in values if name in types and types[name].names == "actor"}
    return {name: _actor(value, merged_into) if name in actors else value for name, value in values.items()}


def _actor(value: Json, merged_into: MergedInto) -> Json:
    """An actor, a list of actors, or a map by actor; of two keys that become one, the later stands."""
    if isinstance(value, str):
        return merged_into(value) or value
    if isinstance(value, dict):
        return {merged_into(actor) or actor: each for actor, each in value.items()}
    return value if value is None else list(dict.fromkeys(merged_into(actor) or actor for actor in value))
