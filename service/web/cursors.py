"""Cursors: where a list goes on, and the position and clocks that its pages share."""

import base64
from dataclasses import replace
from typing import Any, TypeVar

import orjson

from events.errors import Invalid
from projections.clocks import LARGEST_POSITION, Asked, Clocks

After = TypeVar("After", str, int)


def cursor_after(clocks: Clocks, after: str | int, filters: dict[str, Any]) -> str:
    """A cursor to what follows `after` in the same list, at the same position."""
    asked = clocks.asked
    content = [clocks.position, asked.at, asked.reported_until, asked.zone, asked.reading, after, _given(filters)]
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def resumed(cursor: str | None, asked: Asked, filters: dict[str, Any], first: After) -> tuple[Asked, After]:
    """The clocks of the page after a cursor, and after what it begins; without cursor, those asked and `first`.

    Raises:
        Invalid: the cursor was not given by this service, or for a list with other filters.
    """
    if cursor is None:
        return asked, first
    try:
        content = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position, at, reported_until, zone, reading, after, given = content
    except (ValueError, TypeError):
        raise _strange(cursor) from None
    is_ours = _is_position(position) and isinstance(zone, str) and isinstance(given, dict)
    is_ours = is_ours and all(each is None or _is_text(each) for each in (at, reported_until, reading))
    if not is_ours or not (_is_position(after) if isinstance(first, int) else _is_text(after)):
        raise _strange(cursor)
    if given != _given(filters):
        raise Invalid.at("/cursor", "the cursor belongs to a list with other filters")
    pinned = {"position": position, "at": at, "reported_until": reported_until, "zone": zone, "reading": reading}
    return replace(asked, recorded_until=None, **pinned), after


def _strange(cursor: str) -> Invalid:
    return Invalid.at("/cursor", f"{cursor!r:.80} is not a cursor of this service")


def _is_position(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_POSITION


def _is_text(value: Any) -> bool:
    """Whether it is a text that a cursor may hold: without NUL, and no `now`, which was resolved for the first page."""
    return isinstance(value, str) and "\0" not in value and value != "now"


def _given(filters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}
