"""The types of a fact's fields: what each takes, as it comes in JSON, and how it is compared.

A field's annotation names its type (`parties: Actors = None`). Every type reads one JSON value into the plain value
that is stored, or raises `Invalid` with a pointer below the field. Actor and subject ids are slugs.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from events.dates import edtf
from events.dates.calendar import zone_named
from events.errors import Invalid

Modality = Literal["actual", "denied", "planned", "alleged"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
LONGEST_TEXT = 10_000
MOST_MEMBERS = 1_000
_LARGEST_COUNT = 10**15
Json = Any
"""A JSON value of any shape: what a field of a fact holds."""
JsonObject = dict[str, Json]
_LONGEST_AROUND = 1_000

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ADMIRALTY = re.compile(r"[A-F][1-6]")


@dataclass(frozen=True, slots=True)
class FieldType:
    """How values of one type are read and described.

    `names` says whether the value names subjects: "actor" (of kind actor), "subject" (of any kind), or nothing.
    """

    title: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any] = field(hash=False)
    names: str | None = None


def _text(value: Any, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str):
        raise Invalid.at("", f"{_shown(value)} is not text")
    if not value.strip():
        raise Invalid.at("", "empty text says nothing")
    if len(value) > longest:
        raise Invalid.at("", f"a text of {len(value)} characters is too long (at most {longest})")
    return storable(value)


def storable(text: str) -> str:
    """A text that every database and every reader can hold.

    Raises:
        Invalid: it holds NUL, which PostgreSQL does not store, or half of a surrogate pair, which is no character.
    """
    at = None if text.isascii() and "\0" not in text else _UNSTORABLE.search(text)
    if at is not None:
        raise Invalid.at("", f"character {at.start() + 1} of the text is U+{ord(at[0]):04X}, which cannot be stored")
    return text


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def slug(value: Any) -> str:
    """A subject's or actor's id.

    Raises:
        Invalid: it is no text of lower-case letters, digits, `-`, `.`, `_`, at most 128.
    """
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        raise Invalid.at("", f"{_shown(value)} is not an id of lower-case letters, digits and hyphens")
    return value


def identifier(value: Any) -> str:
    """A fact's, source's or amendment's id.

    Raises:
        Invalid: it is no text of letters, digits, `-`, `.`, `_`, `:`, at most 200.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Invalid.at("", f"{_shown(value)} is not an id of letters, digits, hyphens, dots, colons")
    return value


def edtf_text(value: Any) -> str:
    """A date in EDTF (ISO 8601-2, levels 0 to 2), kept verbatim.

    Raises:
        Invalid: it is no such date.
    """
    if not isinstance(value, str):
        raise Invalid.at("", f"{_shown(value)} is not a date written as EDTF text")
    try:
        edtf.parse(value)
    except ValueError as error:
        raise Invalid.at("", str(error)) from None
    return value


def zone_name(value: Any) -> str:
    """An IANA time zone.

    Raises:
        Invalid: there is no such zone.
    """
    try:
        zone_named(_text(value, 64))
    except ValueError as error:
        raise Invalid.at("", str(error)) from None
    return str(value)


def _choice(*words: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in words or not isinstance(value, str):
            raise Invalid.at("", f"{_shown(value)} is none of {', '.join(words)}")
        return value

    return read


def admiralty(value: Any) -> str:
    """A credibility on the Admiralty scale (NATO AJP-2.1): source A to F, information 1 to 6.

    Raises:
        Invalid: it is no such grade.
    """
    if not isinstance(value, str) or not _ADMIRALTY.fullmatch(value):
        raise Invalid.at("", f"{_shown(value)} is not a grade from A1 to F6")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_COUNT:
        raise Invalid.at("", f"{_shown(value)} is not a whole number")
    return value


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


def count(value: Any) -> dict[str, int]:
    """A count `{best, low, high}` of persons or things; a bare integer is `{best: n}`.

    Raises:
        Invalid: it is neither, is negative, or its ends are not in order.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = {"best": value}
    if not isinstance(value, dict) or not value:
        raise Invalid.at("", f"{_shown(value)} is neither a whole number nor a count with best, low or high")
    for name, number in value.items():
        if name not in ("best", "low", "high"):
            raise Invalid.at(f"/{escaped(name)}", f"a count has no {_shown(name)}")
        if _bad_number(number):
            raise Invalid.at(f"/{name}", f"{_shown(number)} is not a whole number of at least 0")
    ends = [value[name] for name in ("low", "best", "high") if name in value]
    if ends != sorted(ends):
        raise Invalid.at("", f"the count {_shown(value)} is not in the order low, best, high")
    return {name: value[name] for name in ("best", "low", "high") if name in value}


def _bad_number(number: Any) -> bool:
    return isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _LARGEST_COUNT


def _counts(value: Any) -> dict[str, dict[str, int]]:
    if not isinstance(value, dict) or not value or len(value) > MOST_MEMBERS:
        raise Invalid.at("", f"{_shown(value)} does not give a count for each actor")
    counts = {}
    for actor, number in value.items():
        try:
            counts[slug(actor)] = count(number)
        except Invalid as error:
            raise error.under(f"/{escaped(str(actor))}") from None
    return counts


def _around(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_AROUND:
        raise Invalid.at("", f"a prefix or suffix is text of at most {_LONGEST_AROUND} characters")
    return storable(value)


def _version(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LARGEST_COUNT:
        raise Invalid.at("", f"{_shown(value)} is not a version (1, 2, ...)")
    return value


def escaped(name: str) -> str:
    """A name as one step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def canonical(value: Any) -> Any:
    """A hashable form in which two values are equal when they say the same: lists without order, counts by range."""
    if isinstance(value, list):
        return ("list", *sorted(map(str, value)))
    if isinstance(value, dict):
        if value.keys() <= {"best", "low", "high"}:
            return ("count", value.get("best"), *count_range(value))
        return ("counts", *sorted((actor, canonical(number)) for actor, number in value.items()))
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    return (type(value).__name__, value)


def count_range(value: Mapping[str, int]) -> tuple[int | None, int | None]:
    """The lowest and highest number a count allows; a missing end is `best`, else unbounded (None)."""
    best = value.get("best")
    return value.get("low", best), value.get("high", best)


_SLUG_SCHEMA = {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,127}$"}
_EDTF_SCHEMA = {"type": "string", "maxLength": edtf.LONGEST, "description": "EDTF, ISO 8601-2 levels 0 to 2"}
_TEXT_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": _LARGEST_COUNT}
_COUNT_PARTS = {
    "type": "object",
    "properties": {"best": _NUMBER, "low": _NUMBER, "high": _NUMBER},
    "additionalProperties": False,
    "minProperties": 1,
}
_COUNT_SCHEMA = {"anyOf": [_NUMBER, _COUNT_PARTS]}


def _listed(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(schema), "minItems": 1, "maxItems": MOST_MEMBERS, "uniqueItems": True}


TEXT = FieldType("text", _text, _TEXT_SCHEMA)
ACTOR = FieldType("actor", slug, _SLUG_SCHEMA, names="actor")
ID = FieldType("id", identifier, {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$"})
AROUND = FieldType("around", _around, {"type": "string", "maxLength": _LONGEST_AROUND})
VERSION = FieldType("version", _version, {"type": "integer", "minimum": 1, "maximum": _LARGEST_COUNT})
ZONE = FieldType("zone", zone_name, {"type": "string", "description": "IANA time zone"})
MODALITY = FieldType("modality", _choice(*MODALITIES), {"enum": list(MODALITIES)})
CREDIBILITY = FieldType("credibility", admiralty, {"type": "string", "pattern": "^[A-F][1-6]$"})
DATE = FieldType("date", edtf_text, _EDTF_SCHEMA)
SUBJECT = FieldType("subject", slug, _SLUG_SCHEMA, names="subject")
_COUNTS_SCHEMA = {"type": "object", "additionalProperties": _COUNT_SCHEMA, "minProperties": 1}
_ACTOR_TYPES = ("person", "organisation", "state")

Text = Annotated[str | None, TEXT]
Texts = Annotated[list[str] | None, FieldType("texts", _list_of(_text), _listed(_TEXT_SCHEMA))]
ActorId = Annotated[str | None, ACTOR]
Actors = Annotated[list[str] | None, FieldType("actors", _list_of(slug), _listed(_SLUG_SCHEMA), names="actor")]
SubjectId = Annotated[str | None, SUBJECT]
Date = Annotated[str | None, DATE]
Count = Annotated[dict[str, int] | None, FieldType("count", count, _COUNT_SCHEMA)]
Counts = Annotated[dict[str, dict[str, int]] | None, FieldType("counts", _counts, _COUNTS_SCHEMA, names="actor")]
Integer = Annotated[int | None, FieldType("integer", _integer, {"type": "integer"})]
Flag = Annotated[bool | None, FieldType("flag", _boolean, {"type": "boolean"})]
ActorType = Annotated[str | None, FieldType("actor type", _choice(*_ACTOR_TYPES), {"enum": list(_ACTOR_TYPES)})]


def named_by(kind_of_field: FieldType, value: Any) -> list[str]:
    """The ids of the subjects that a field's value names: one, those of a list, or the keys of counts."""
    if kind_of_field.names is None or value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
