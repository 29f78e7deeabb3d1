"""What people call the fields of facts: a label stands beside each field in its class."""

from dataclasses import field, fields
from functools import cache
from typing import Any


def labelled(label: str, default: Any = None) -> Any:
    """A field of a fact with its label, in the words a newspaper would use: "Demanded by"."""
    return field(default=default, metadata={"label": label})


@cache
def labels_of(kind: type[Any]) -> dict[str, str]:
    """The labels of a kind's own fields and of those that every fact may carry, by name of the field."""
    return {each.name: each.metadata["label"] for each in fields(kind) if "label" in each.metadata}
