"""Types of fields of bodies that facts do not have: moments, texts of documents, addresses, kinds; and their faults.

Marshmallow's messages are read as faults with JSON pointers (RFC 6901), and the other way.
"""

from contextlib import suppress
from typing import Any

from events.amendments import OUR_KINDS
from events.dates.bounds import instant
from events.errors import Fault, Invalid
from events.field_types import ID, TEXT, FieldType, edtf_text, escaped
from events.sources import TEXT_IS
from events.stored_text import storable
from events.subject_kinds import SUBJECT_KINDS

LONGEST_SOURCE = 5_000_000


def _moment(value: Any) -> str:
    with suppress(ValueError):
        if isinstance(value, str):
            instant(value)
            return value
    return edtf_text(value)


def _document_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Invalid.at("", "the text of a document is text, and not empty")
    if len(value) > LONGEST_SOURCE:
        raise Invalid.at("", f"a text of {len(value)} characters is too long (at most {LONGEST_SOURCE})")
    return storable(value)


def _web_address(value: Any) -> str:
    text = TEXT.read(value)
    if not text.startswith(("https://", "http://")) or any(character.isspace() for character in text):
        raise Invalid.at("", f"{text!r:.80} is not a web address (http or https)")
    return str(text)


def _subject_kind(value: Any) -> str:
    if not isinstance(value, str) or value not in SUBJECT_KINDS:
        raise Invalid.at("", f"{value!r:.80} is not a kind of subject")
    return value


def _our_kind(value: Any) -> str:
    if not isinstance(value, str) or value not in OUR_KINDS:
        raise Invalid.at("", f"{value!r:.80} is none of our kinds: {', '.join(OUR_KINDS)}")
    return value


def _sort_of_text(value: Any) -> str:
    if not isinstance(value, str) or value not in TEXT_IS:
        raise Invalid.at("", f"{value!r:.80} is not what a text is: {', '.join(TEXT_IS)}")
    return value


def _preferred(value: Any) -> str:
    fact, sign, n = value.partition("#") if isinstance(value, str) else ("", "", "")
    if sign and not n.isdecimal():
        raise Invalid.at("", f"{value!r:.80} is neither a fact nor one of its disputes, as fact#1")
    return str(ID.read(fact if sign else value)) + sign + n


MOMENT = FieldType("moment", _moment, {"type": "string", "description": "RFC 3339 instant, or EDTF"})
DOCUMENT = FieldType("document", _document_text, {"type": "string", "minLength": 1, "maxLength": LONGEST_SOURCE})
ADDRESS = FieldType("address", _web_address, {"type": "string", "format": "uri"})
SUBJECT_KIND = FieldType("subject kind", _subject_kind, {"type": "string"})
PREFERRED = FieldType(
    "preferred", _preferred, {"type": ["string", "null"], "description": "Fact, or dispute: `fact#1`"}
)
SORT_OF_TEXT = FieldType("sort of text", _sort_of_text, {"enum": list(TEXT_IS)})
OUR_KIND = FieldType("our kind", _our_kind, {"enum": list(OUR_KINDS)})

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
