"""Types of fields of bodies that facts do not have: moments, texts of documents, addresses, kinds; and their faults.

Marshmallow's messages are read as faults with JSON pointers (RFC 6901), and the other way.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Collection
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
_LONGEST_NAME = 255
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]")
_ORIGINAL = ("media_type", "name", "base64")


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


def media_type(value: Any) -> str:
    """A media type without parameters (RFC 6838)."""
    if not isinstance(value, str) or not _MEDIA_TYPE.fullmatch(value):
        raise Invalid.at("/media_type", f"{value!r:.80} is not a media type, as application/pdf")
    return value


def file_name(value: Any) -> str:
    """The name of a file, without the folders that it lies in."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_NAME or _NO_NAME.search(value):
        raise Invalid.at("/name", f"{value!r:.80} is not the name of a file, without folders")
    return storable(value)


def _original(value: Any) -> dict[str, Any]:
    """The bytes of a document (`content`), their media type, and the name of their file, if any."""
    if not isinstance(value, dict) or not {"media_type", "base64"} <= value.keys() <= set(_ORIGINAL):
        raise Invalid.at("", "an original is given as {media_type, name, base64}")
    named = {} if value.get("name") is None else {"name": file_name(value["name"])}
    try:
        content = b64decode(value["base64"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Invalid.at("/base64", "the bytes of the original are not written in base64 (RFC 4648)") from None
    if not content:
        raise Invalid.at("/base64", "the original is empty")
    return {"media_type": media_type(value["media_type"]), **named, "content": content}


def _web_address(value: Any) -> str:
    text = TEXT.read(value)
    if not text.startswith(("https://", "http://")) or any(character.isspace() for character in text):
        raise Invalid.at("", f"{text!r:.80} is not a web address (http or https)")
    return str(text)


def _one_of(words: Collection[str], otherwise: str) -> Callable[[Any], str]:
    """Reads one of these words; of others it is said what they are otherwise."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise Invalid.at("", f"{value!r:.80} {otherwise}")
        return value

    return read


def _preferred(value: Any) -> str:
    fact, sign, n = value.partition("#") if isinstance(value, str) else ("", "", "")
    if sign and not n.isdecimal():
        raise Invalid.at("", f"{value!r:.80} is neither a fact nor one of its disputes, as fact#1")
    return str(ID.read(fact if sign else value)) + sign + n


MOMENT = FieldType("moment", _moment, {"type": "string", "description": "RFC 3339 instant, or EDTF"})
DOCUMENT = FieldType("document", _document_text, {"type": "string", "minLength": 1, "maxLength": LONGEST_SOURCE})
_ORIGINAL_SCHEMA = {
    "type": "object",
    "description": "The bytes that the text was taken from",
    "required": ["media_type", "base64"],
    "additionalProperties": False,
    "properties": {
        "media_type": {"type": "string", "pattern": f"^{_MEDIA_TYPE.pattern}$"},
        "name": {"type": "string", "maxLength": _LONGEST_NAME},
        "base64": {"type": "string", "format": "byte", "contentEncoding": "base64"},
    },
}
ORIGINAL = FieldType("original", _original, _ORIGINAL_SCHEMA)
ADDRESS = FieldType("address", _web_address, {"type": "string", "format": "uri"})
SUBJECT_KIND = FieldType("subject kind", _one_of(SUBJECT_KINDS, "is not a kind of subject"), {"type": "string"})
PREFERRED = FieldType(
    "preferred", _preferred, {"type": ["string", "null"], "description": "Fact, or dispute: `fact#1`"}
)
SORT_OF_TEXT = FieldType(
    "sort of text", _one_of(TEXT_IS, f"is not what a text is: {', '.join(TEXT_IS)}"), {"enum": list(TEXT_IS)}
)
OUR_KIND = FieldType(
    "our kind", _one_of(OUR_KINDS, f"is none of our kinds: {', '.join(OUR_KINDS)}"), {"enum": list(OUR_KINDS)}
)

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
