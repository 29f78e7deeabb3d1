"""Cursors: where a list goes on, and the position and clocks that its pages share."""

import base64
from dataclasses import replace
from typing import Any

import orjson

from events.errors import Invalid
from projections.clocks import Asked, Clocks


def cursor_after(clocks: Clocks, after: Any, filters: dict[str, Any]) -> str:
    """A cursor to what follows `after` in the same list, at the same position."""
    asked = clocks.asked
    content = [clocks.position, asked.at, asked.reported_until, asked.zone, asked.reading, after, _kept(filters)]
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def resumed(cursor: str | None, asked: Asked, filters: dict[str, Any]) -> tuple[Asked, Any]:
    """The clocks of the page after a cursor, and where it begins; without cursor, those asked and None.

    Raises:
        Invalid: the cursor was not given by this service, or for a list with other filters.
    """
    if cursor is None:
        return asked, None
    try:
        content = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position, at, reported_until, zone, reading, after, kept = content
        if not isinstance(position, int) or not isinstance(after, str | int):
            raise ValueError(cursor)
    except (ValueError, TypeError):
        raise Invalid.at("/cursor", f"{cursor!r:.80} is not a cursor of this service") from None
    if kept != _kept(filters):
        raise Invalid.at("/cursor", "the cursor belongs to a list with other filters")
    pinned = {"position": position, "at": at, "reported_until": reported_until, "zone": zone, "reading": reading}
    return replace(asked, recorded_until=None, **pinned), after


def _kept(filters: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}
