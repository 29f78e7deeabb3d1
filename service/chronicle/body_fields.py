"""Types of fields of bodies that facts do not have: moments, texts of documents, addresses, kinds."""

from contextlib import suppress
from typing import Any

from events.amendments import OUR_KINDS
from events.dates.bounds import instant
from events.errors import Invalid
from events.facts import SUBJECT_KINDS
from events.field_types import ID, TEXT, FieldType, edtf_text
from events.stored_text import storable

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
OUR_KIND = FieldType("our kind", _our_kind, {"enum": list(OUR_KINDS)})
