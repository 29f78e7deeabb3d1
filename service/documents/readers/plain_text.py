"""Plain text: which characters its bytes stand for."""

import re

from service.documents.document import Document, Unreadable

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}(?:charset|encoding)\s*=\s*["']?([\w.:-]{1,40})""", re.I)
_LONGEST_TITLE = 200
_DATELINE = re.compile(r"\D{0,20}\b(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))\b.{0,40}")
_SENTENCES = re.compile(r"[.!?…]\s+\S.*[.!?…]$")
_LOOKED_AT = 200_000


def read(content: bytes, charset: str | None = None) -> Document:
    """A text; its title is its first line, where that is short and not a paragraph; after a dateline the second.

    A dateline is one as `2025-06-02 ROME`.
    """
    text = decoded(content, charset)
    first, *others = text.strip().split("\n", 2)
    dated = _DATELINE.fullmatch(first.strip()) if others and others[0].strip() else None
    title = others[0].strip() if dated else first.strip()
    found: Document = {
        "text": text,
        "title": None if len(title) > _LONGEST_TITLE or _SENTENCES.search(title) else title,
    }
    if dated:
        found["published"] = dated[1]
    return found


def decoded(content: bytes, charset: str | None = None) -> str:
    """The characters: as a mark at the beginning says, else in UTF-8, as is said beside it, or as looks most likely."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for named in ("utf-8", charset):
        try:
            return content.decode(named or "utf-8")
        except (UnicodeDecodeError, LookupError):
            continue
    from charset_normalizer import from_bytes

    likely = from_bytes(content[:_LOOKED_AT]).best()
    if likely is None:
        raise Unreadable("its bytes are no text in a known encoding")
    return content.decode(likely.encoding, "replace")


def charset_in(content: bytes) -> str | None:
    """The character set that the head of a page declares."""
    found = _DECLARED.search(content[:4096])
    return found[1].decode("ascii", "replace") if found else None
