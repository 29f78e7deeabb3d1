"""The types of a fact's fields: what each takes, as it comes in JSON, and how it is compared.

A field's annotation names its type (`parties: Actors = None`). Every type reads one JSON value into the plain value
that is stored, or raises `Invalid` with a JSON pointer below the field. Actor and subject ids are slugs.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, get_args

from events.dates import edtf
from events.dates.calendar import zone_named
from events.errors import Invalid
from events.stored_text import storable

Modality = Literal["actual", "denied", "planned", "alleged"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
LONGEST_TEXT = 10_000
MOST_MEMBERS = 1_000
_LARGEST_NUMBER = 10**15
Json = Any
"""A JSON value of any shape: what a field of a fact holds."""
JsonObject = dict[str, Json]


@dataclass(frozen=True, slots=True)
class FieldType:
    """How values of one type are read and described.

    `names` says whether the value names subjects: "actor" (of kind actor), "subject" (of any kind), or nothing. Each
    key of what is `keyed` is a finding of its own.
    """

    title: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any] = field(hash=False)
    names: str | None = None
    keyed: bool = False


def _text(value: Any, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        raise Invalid.at("", f"{_shown(value)} is not text")
    if not value.strip():
        raise Invalid.at("", "empty text says nothing")
    if len(value) > longest:
        raise Invalid.at("", f"a text of {len(value)} characters is too long (at most {longest})")
    return storable(value)


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _matching(title: str, pattern: str, what: str) -> FieldType:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise Invalid.at("", f"{_shown(value)} is not {what}")
        return value

    return FieldType(title, read, {"type": "string", "pattern": f"^{pattern}$"})


SLUG = _matching("slug", "[a-z0-9][a-z0-9._-]{0,127}", "an id of lower-case letters, digits and hyphens")


def edtf_text(value: Any) -> str:
    """A date in EDTF (ISO 8601-2, levels 0 to 2), kept verbatim."""
    if not isinstance(value, str):
        raise Invalid.at("", f"{_shown(value)} is not a date written as EDTF text")
    try:
        edtf.parse(value)
    except ValueError as error:
        raise Invalid.at("", str(error)) from None
    return value


def _zone_name(value: Any) -> str:
    try:
        return zone_named(_text(value, 64)).key
    except ValueError as error:
        raise Invalid.at("", str(error)) from None


def _choice(title: str, *words: str) -> FieldType:
    def read(value: Any) -> str:
        if value not in words or not isinstance(value, str):
            raise Invalid.at("", f"{_shown(value)} is none of {', '.join(words)}")
        return value

    return FieldType(title, read, {"enum": list(words)})


def _whole_number(lowest: int, what: str) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        whole = _as_whole(value)
        if whole is None or not lowest <= whole <= _LARGEST_NUMBER:
            raise Invalid.at("", f"{_shown(value)} is not a {what}")
        return whole

    return read


def _as_whole(value: Any) -> int | None:
    """A number that JSON may write with a fraction of nothing, as 12.0; None for anything else."""
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        return None
    return int(value)


_read_number = _whole_number(0, "whole number of at least 0")


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid.at("", f"{_shown(value)} is neither true nor false")
    return value


def _list_of(read: Callable[[Any], str]) -> Callable[[Any], list[str]]:
    def read_list(value: Any) -> list[str]:
        if not isinstance(value, list) or not value:
            raise Invalid.at("", f"{_shown(value)} is not a list with members")
        if len(value) > MOST_MEMBERS:
            raise Invalid.at("", f"a list of {len(value)} is too long (at most {MOST_MEMBERS})")
        members = []
        for index, member in enumerate(value):
            try:
                members.append(read(member))
            except Invalid as error:
                raise error.under(f"/{index}") from None
        if len(set(members)) < len(members):
            raise Invalid.at("", "a list names one member twice")
        return members

    return read_list


def _count(value: Any) -> dict[str, int]:
    """A count `{best, low, high}` of persons or things, its ends in order; a bare integer is `{best: n}`."""
    if _as_whole(value) is not None:
        value = {"best": value}
    if not isinstance(value, dict) or not value:
        raise Invalid.at("", f"{_shown(value)} is neither a whole number nor a count with best, low or high")
    read = {}
    for name, number in value.items():
        if name not in ("best", "low", "high"):
            raise Invalid.at(f"/{escaped(name)}", f"a count has no {_shown(name)}")
        try:
            read[name] = _read_number(number)
        except Invalid as error:
            raise error.under(f"/{name}") from None
    ends = [read[name] for name in ("low", "best", "high") if name in read]
    if ends != sorted(ends):
        raise Invalid.at("", f"the count {_shown(value)} is not in the order low, best, high")
    return {name: read[name] for name in ("best", "low", "high") if name in read}


def _counts(value: Any) -> dict[str, dict[str, int]]:
    if not isinstance(value, dict) or not value or len(value) > MOST_MEMBERS:
        raise Invalid.at("", f"{_shown(value)} does not give a count for each actor")
    counts = {}
    for actor, number in value.items():
        try:
            counts[SLUG.read(actor)] = _count(number)
        except Invalid as error:
            raise error.under(f"/{escaped(str(actor))}") from None
    return counts


def _around(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1_000:
        raise Invalid.at("", "a prefix or suffix is text of at most 1000 characters")
    return storable(value)


def escaped(name: str) -> str:
    """A name as one step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def canonical(value: Any) -> Any:
    """A hashable form in which two values are equal when they say the same: lists without order, counts by range."""
    if isinstance(value, list):
        return ("list", *sorted(map(str, value)))
    if isinstance(value, dict):
        if value.keys() <= {"best", "low", "high"} and not any(isinstance(each, dict) for each in value.values()):
            return ("count", value.get("best"), *count_range(value))
        return ("counts", *sorted((actor, canonical(number)) for actor, number in value.items()))
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    return (type(value).__name__, value)


def count_range(value: Mapping[str, int]) -> tuple[int | None, int | None]:
    """The lowest and highest number a count allows; a missing end is `best`, else unbounded (None)."""
    best = value.get("best")
    return value.get("low", best), value.get("high", best)


def _schema_of_list(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(schema), "minItems": 1, "maxItems": MOST_MEMBERS, "uniqueItems": True}


_TEXT_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_EDTF_SCHEMA = {"type": "string", "maxLength": edtf.LONGEST, "description": "EDTF, ISO 8601-2 levels 0 to 2"}
_VERSION_SCHEMA = {"type": "integer", "minimum": 1, "maximum": _LARGEST_NUMBER}
_NUMBER_SCHEMA = {"type": "integer", "minimum": 0, "maximum": _LARGEST_NUMBER}
_COUNT_ENDS = dict.fromkeys(("best", "low", "high"), _NUMBER_SCHEMA)
_COUNT_PARTS = {"type": "object", "properties": _COUNT_ENDS, "additionalProperties": False, "minProperties": 1}
_COUNT_SCHEMA = {"anyOf": [_NUMBER_SCHEMA, _COUNT_PARTS]}
_COUNTS_SCHEMA = {"type": "object", "additionalProperties": _COUNT_SCHEMA, "minProperties": 1}

SUBJECT = replace(SLUG, title="subject", names="subject")
ACTOR = replace(SLUG, title="actor", names="actor")
ID = _matching("id", "[A-Za-z0-9][A-Za-z0-9._:-]{0,199}", "an id of letters, digits, hyphens, dots, colons")
TEXT = FieldType("text", _text, _TEXT_SCHEMA)
AROUND = FieldType("around", _around, {"type": "string", "maxLength": 1_000})
VERSION = FieldType("version", _whole_number(1, "version (1, 2, ...)"), _VERSION_SCHEMA)
DATE = FieldType("date", edtf_text, _EDTF_SCHEMA)
ZONE = FieldType("zone", _zone_name, {"type": "string", "description": "IANA time zone"})
MODALITY = _choice("modality", *MODALITIES)
CREDIBILITY = _matching("credibility", "[A-F][1-6]", "a grade from A1 to F6")
"""On the Admiralty scale (NATO AJP-2.1): source A to F, information 1 to 6."""
IDS = FieldType("ids", _list_of(ID.read), _schema_of_list(ID.schema))
_INTEGER = FieldType("integer", _whole_number(-_LARGEST_NUMBER, "whole number"), {"type": "integer"})
_COUNTS = FieldType("counts", _counts, _COUNTS_SCHEMA, names="actor", keyed=True)
_ACTORS = FieldType("actors", _list_of(SLUG.read), _schema_of_list(SLUG.schema), names="actor")

Text = Annotated[str | None, TEXT]
Texts = Annotated[list[str] | None, FieldType("texts", _list_of(_text), _schema_of_list(_TEXT_SCHEMA))]
ActorId = Annotated[str | None, ACTOR]
Actors = Annotated[list[str] | None, _ACTORS]
SubjectId = Annotated[str | None, SUBJECT]
Date = Annotated[str | None, DATE]
Count = Annotated[dict[str, int] | None, FieldType("count", _count, _COUNT_SCHEMA)]
Counts = Annotated[dict[str, dict[str, int]] | None, _COUNTS]
Integer = Annotated[int | None, _INTEGER]
Flag = Annotated[bool | None, FieldType("flag", _boolean, {"type": "boolean"})]
ActorType = Annotated[str | None, _choice("actor type", "person", "organisation", "state")]


def named_by(field_type: FieldType, value: Any) -> list[str]:
    """The ids of the subjects that a field's value names: one, those of a list, or the keys of counts."""
    if field_type.names is None or value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
