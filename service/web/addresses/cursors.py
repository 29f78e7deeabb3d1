"""Cursors: where a list goes on, and the position and clocks that its pages share."""

import base64
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import msgspec

from events.errors import Invalid
from projections.clocks import LARGEST_POSITION, Asked, Clocks

After = TypeVar("After", bound=str | int | bytes)

_Position = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_POSITION)]
_Text = Annotated[str, msgspec.Meta(pattern=r"^(?!now\Z)[^\0]*\Z")]
"""Without NUL, and no `now`, which was resolved for the first page."""
_Content = tuple[_Position, _Text | None, _Text | None, _Text, _Text | None, _Position | _Text, dict[str, Any]]


def cursor_after(clocks: Clocks, after: str | int | bytes, filters: dict[str, Any]) -> str:
    """A cursor to what follows `after` in the same list, at the same position."""
    asked = clocks.asked
    after = after.hex() if isinstance(after, bytes) else after
    content = [clocks.position, asked.at, asked.reported_until, asked.zone, asked.reading, after, _in_use(filters)]
    return base64.urlsafe_b64encode(msgspec.json.encode(content)).decode().rstrip("=")


def resumed(cursor: str | None, asked: Asked, filters: dict[str, Any], first: After) -> tuple[Asked, After]:
    """The clocks of the page after a cursor, and after what it begins; without cursor, those asked and `first`.

    Raises:
        Invalid: the cursor was not given by this service, or for a list with other filters.
    """
    if cursor is None:
        return asked, first
    strange = Invalid.at("/cursor", f"{cursor!r:.80} is not a cursor of this service")
    try:
        content = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position, at, reported_until, zone, reading, text, given = msgspec.json.decode(content, type=_Content)
        after: Any = bytes.fromhex(str(text)) if isinstance(first, bytes) else text
    except ValueError:
        raise strange from None
    if not isinstance(after, type(first)):
        raise strange
    if given != _in_use(filters):
        raise Invalid.at("/cursor", "the cursor belongs to a list with other filters")
    clocks = Asked(at=at, reported_until=reported_until, zone=zone, position=position, reading=reading)
    return replace(clocks, prefix=asked.prefix), after


def _in_use(filters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}
