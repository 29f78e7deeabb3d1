"""Words of others that change the direction of writing (UAX 9) do so no further than they go."""

import re
from typing import Any

from markupsafe import Markup

_OPENING = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),  # embeddings and overrides, ended by PDF
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),  # isolates, ended by PDI
}
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATE, _END = "\u2068", "\u2069"


def within_itself(value: Any) -> Any:
    """The value as it is, or a text with controls of direction as an isolate, in which each of them is ended."""
    if not isinstance(value, str) or isinstance(value, Markup) or not _CONTROLS.search(value):
        return value
    open_ones: list[str] = []
    kept = []
    for letter in value:
        if letter in _OPENING:
            open_ones.append(_OPENING[letter])
        elif letter in ("\u202c", _END):
            if letter not in open_ones:
                continue  # it would end what stands around the text
            while open_ones and open_ones[-1] != letter:
                kept.append(open_ones.pop())
            open_ones.pop()
        kept.append(letter)
    return f"{_ISOLATE}{''.join(kept)}{''.join(reversed(open_ones))}{_END}"
