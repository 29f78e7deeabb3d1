"""Addresses by which something was cited: of the API or of a page, with the position at which it was read."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from events.errors import Invalid
from projections.clocks import SIDES, asked_in
from projections.queries.history.checks import Cited

_PREFIX = "/api/v1"
_COMPARED = ("/diff", "/compare")
_ONE = {"subjects": "state", "facts": "fact"}


def cited_by(address: str) -> Cited:
    """What the address cites.

    Raises:
        Invalid: it is none of a state, a fact or a difference, or names no position.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        raise _refusal(address) from None
    path, query = parts.path.removeprefix(_PREFIX), dict(parse_qsl(parts.query))
    if path in _COMPARED:
        cited = Cited("diff", query.get("subject"), tuple(asked_in(query, side) for side in SIDES))
    else:
        _, _, place = path.partition("/")
        sort, _, name = place.partition("/")
        if sort not in _ONE or not name or "/" in name:
            raise _refusal(address)
        cited = Cited(_ONE[sort], unquote(name), (asked_in(query),))
    if any(asked.position is None for asked in cited.sides):
        raise Invalid.at("", f"{address!r:.200} names no position: what it shows may be another thing at any time")
    return cited


def _refusal(address: Any) -> Invalid:
    return Invalid.at("", f"{address!r:.200} is no address of a state, a fact or a difference")
