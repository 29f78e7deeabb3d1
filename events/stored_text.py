"""What no text may hold: what the databases do not store, and what takes too long to normalise."""

import re
import unicodedata

from events.errors import Invalid

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
MOST_MARKS = 30
"""How many marks may stand in a row on one letter (Stream-Safe Text Format, UAX #15, section 13)."""
_MAY_BE_MARKS = re.compile(f"[\u0300-\U0010ffff]{{{MOST_MARKS + 1}}}")
_MARKS = re.compile(f"(?:M.){{{MOST_MARKS + 1}}}")  # in categories, which are two letters for each character
_AT_ONCE = 100_000


def storable(text: str) -> str:
    """The text, unless it holds NUL, which PostgreSQL does not store, half of a surrogate pair, or too many marks.

    To normalise a text takes time that grows with the square of the marks in a row.
    """
    if text.isascii() and "\0" not in text:
        return text
    if at := _UNSTORABLE.search(text):
        raise Invalid.at("", f"character {at.start() + 1} of the text is U+{ord(at[0]):04X}, which cannot be stored")
    if marks := _marks_in_a_row(text):
        what = f"more than {MOST_MARKS} combining marks in a row"
        raise Invalid.at("", f"from character {marks} on the text has {what}")
    return text


def _marks_in_a_row(text: str) -> int | None:
    """From which character on more marks stand in a row than may; None where they do nowhere."""
    if not _MAY_BE_MARKS.search(text):
        return None
    for start in range(0, len(text), _AT_ONCE):
        categories = "".join(map(unicodedata.category, text[start : start + _AT_ONCE + MOST_MARKS]))
        if at := _MARKS.search(categories):
            return start + at.start() // 2 + 1
    return None
