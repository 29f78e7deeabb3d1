"""What is read from a document, and how one is refused that cannot be read."""

import re
from typing import TypedDict

from events.errors import Invalid
from events.stored_text import storable

LONGEST_TEXT = 5_000_000
"""Characters of a text; of what a document unpacks to, as many bytes four times over."""
LARGEST_UNPACKED = 4 * LONGEST_TEXT
_LONGEST_GUESS = 1_000
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


class Unreadable(Invalid):
    """A document that cannot be read, or would take too much time or memory."""


class Document(TypedDict, total=False):
    """The text of a document, and what it says of itself, or what can be guessed of that."""

    text: str
    title: str | None
    publisher: str | None
    published: str | None
    language: str | None
    agency: str | None
    url: str | None
    retrieved_at: str | None
    format: str
    media_type: str


def cleaned(text: str) -> str:
    """The text without control characters and with one space between words, as it can be kept.

    Raises:
        Unreadable: there is nothing left, or more than a source may hold.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    plain = _SPACES.sub(" ", _NOT_IN_TEXT.sub("", lines))
    whole = _EMPTY_LINES.sub("\n\n", "\n".join(line.strip() for line in plain.split("\n"))).strip()
    if not whole:
        raise Unreadable("it holds no text")
    if len(whole) > LONGEST_TEXT:
        raise Unreadable(f"its text of {len(whole):,} characters is too long (at most {LONGEST_TEXT:,})")
    try:
        return storable(whole)
    except Invalid as error:
        raise Unreadable(error.sentence) from None


def guess(value: object) -> str | None:
    """What a document says of itself, in one line; None where it says nothing."""
    line = " ".join(_NOT_IN_TEXT.sub("", str(value or "")).split())
    return line[:_LONGEST_GUESS] or None
