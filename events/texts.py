"""Texts as they come in JSON: words, ids, dates, zones and grades, each read or refused."""

import re
from collections.abc import Callable
from typing import Any

from events.dates import edtf
from events.dates.calendar import zone_named
from events.errors import Invalid

LONGEST_TEXT = 10_000

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ADMIRALTY = re.compile(r"[A-F][1-6]")


def plain_text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """A text that says something.

    Raises:
        Invalid: it is no text, empty or too long.
    """
    if not isinstance(value, str):
        raise Invalid.at("", f"{shown_in_short(value)} is not text")
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


def shown_in_short(value: Any) -> str:
    """A value as a refusal names it."""
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def slug(value: Any) -> str:
    """A subject's or actor's id.

    Raises:
        Invalid: it is no text of lower-case letters, digits, `-`, `.`, `_`, at most 128.
    """
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        raise Invalid.at("", f"{shown_in_short(value)} is not an id of lower-case letters, digits and hyphens")
    return value


def identifier(value: Any) -> str:
    """A fact's, source's or amendment's id.

    Raises:
        Invalid: it is no text of letters, digits, `-`, `.`, `_`, `:`, at most 200.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Invalid.at("", f"{shown_in_short(value)} is not an id of letters, digits, hyphens, dots, colons")
    return value


def edtf_text(value: Any) -> str:
    """A date in EDTF (ISO 8601-2, levels 0 to 2), kept verbatim.

    Raises:
        Invalid: it is no such date.
    """
    if not isinstance(value, str):
        raise Invalid.at("", f"{shown_in_short(value)} is not a date written as EDTF text")
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
        zone_named(plain_text(value, 64))
    except ValueError as error:
        raise Invalid.at("", str(error)) from None
    return str(value)


def one_of(*words: str) -> Callable[[Any], str]:
    """What reads one of the words, and refuses any other."""

    def read(value: Any) -> str:
        if value not in words or not isinstance(value, str):
            raise Invalid.at("", f"{shown_in_short(value)} is none of {', '.join(words)}")
        return value

    return read


def admiralty(value: Any) -> str:
    """A credibility on the Admiralty scale (NATO AJP-2.1): source A to F, information 1 to 6.

    Raises:
        Invalid: it is no such grade.
    """
    if not isinstance(value, str) or not _ADMIRALTY.fullmatch(value):
        raise Invalid.at("", f"{shown_in_short(value)} is not a grade from A1 to F6")
    return value
