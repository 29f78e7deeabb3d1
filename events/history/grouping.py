"""Which subject a fact counts under, and which actors it names, after merges and splits. Pure: no database."""

from collections.abc import Callable, Mapping

from events.facts import fields_of, fields_of_all_kinds
from events.field_types import FieldType, Json, JsonObject
from events.history.fact_as_of import FactAsOf
from events.history.streams import HEAD, Entry

MergedInto = Callable[[str], str | None]
"""The actor that one is merged into; None of one that stands by itself."""


class Grouping:
    """Which subject a fact counts under at a position, after the merges and splits in force there."""

    def __init__(self, entries: list[Entry], position: int = HEAD) -> None:
        recorded = sorted((entry for entry in entries if entry.position <= position), key=lambda each: each.position)
        undone = {(entry.data["subject"], entry.data["withdraws"]) for entry in recorded if "withdraws" in entry.data}
        self.in_force = [
            entry for entry in recorded if "into" in entry.data and (entry.data["subject"], entry.version) not in undone
        ]

    def subject_of(self, subject: str, fact: str) -> str:
        """The subject that a fact counts under: where the last split that names it says, else its own; then merged."""
        splits = (entry.data["into"] for entry in reversed(self.in_force) if fact in entry.data.get("facts", ()))
        about = next(splits, subject)
        return self.merged_into(about) or about

    def merged_into(self, subject: str) -> str | None:
        """The subject that this one was merged into; None if it is not merged."""
        target = subject
        for entry in self.in_force:
            if entry.name == "SubjectMerged" and entry.data["subject"] == target:
                target = entry.data["into"]
        return None if target == subject else target

    def gathered(self, subject: str) -> set[str]:
        """The subjects whose facts may count under this one, itself among them."""
        found = {subject}
        for entry in reversed(self.in_force):
            if entry.data["into"] in found:
                found.add(entry.data["subject"])
        return found


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
