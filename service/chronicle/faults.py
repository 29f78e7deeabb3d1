"""Marshmallow's messages as faults with JSON pointers (RFC 6901), and the other way."""

from typing import Any

from events.errors import Fault, Invalid
from events.field_types import escaped

NEEDED = "is needed"
UNKNOWN = "is not known"


def messages_of(error: Invalid) -> Any:
    """A refusal's faults as marshmallow nests them."""
    messages: dict[str, Any] = {}
    for fault in error.faults:
        at = messages
        for step in fault.pointer.split("/")[1:]:
            at = at.setdefault(step.replace("~1", "/").replace("~0", "~"), {})
        at.setdefault("_schema", []).append(fault.sentence)
    return messages


def named_faults(messages: Any, pointer: str = "") -> list[Fault]:
    """Marshmallow's nested messages as faults whose sentences name what is at fault."""
    if isinstance(messages, dict):
        found = []
        for name, inner in messages.items():
            below = pointer if name == "_schema" else f"{pointer}/{escaped(str(name))}"
            found += named_faults(inner, below)
        return found
    if isinstance(messages, list):
        return [fault for message in messages for fault in named_faults(message, pointer)]
    name, sentence = pointer.rpartition("/")[2], str(messages)
    sentences = {NEEDED: f"{name} is needed", UNKNOWN: f"there is no field or parameter {name!r:.80}"}
    return [Fault(pointer, sentences.get(sentence, sentence))]
