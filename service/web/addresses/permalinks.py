"""Addresses by which something is cited: of the API or of a page, with the position at which it was read."""

from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from events.errors import Invalid
from projections.clocks import SIDES, Clocks, asked_in
from projections.queries.history.checks import CitedQuestion

NO_LIMIT = "none"
"""What an address of a page says of a clock to ask for no limit on it."""
_PREFIX = "/api/v1"
_COMPARED = ("/diff", "/compare")
_ONE = {"subjects": "state", "facts": "fact"}


def cited_by(address: str) -> CitedQuestion:
    """What the address cites.

    Raises:
        Invalid: it is none of a state, a fact or a difference, or names no position.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        raise _refusal(address) from None
    path = parts.path.removeprefix(_PREFIX)
    query = {name: text for name, text in parse_qsl(parts.query) if text != NO_LIMIT}
    if path in _COMPARED:
        cited = CitedQuestion("diff", query.get("subject"), tuple(asked_in(query, side) for side in SIDES))
    else:
        _, _, place = path.partition("/")
        sort, _, name = place.partition("/")
        if sort not in _ONE or not name or "/" in name:
            raise _refusal(address)
        cited = CitedQuestion(_ONE[sort], unquote(name), (asked_in(query),))
    if any(asked.position is None for asked in cited.sides):
        raise Invalid.at("", f"{address!r:.200} names no position: what it shows may be another thing at any time")
    return cited


def _refusal(address: Any) -> Invalid:
    return Invalid.at("", f"{address!r:.200} is no address of a state, a fact or a difference")


def permalink(page: str, name: str, clocks: Clocks) -> str:
    """The address of a page of `subjects`, `facts` or `sources` that shows what it shows at the clocks for good."""
    return f"/{page}/{quote(name, safe='')}?{urlencode(fixed(clocks))}"


def permalink_of_difference(subject: str, one: Clocks, other: Clocks) -> str:
    """The address of the page that compares a subject at two sets of clocks, for good."""
    sides = {name: each for side, at in zip(SIDES, (one, other), strict=True) for name, each in fixed(at, side).items()}
    return f"/compare?{urlencode({**sides, 'subject': subject})}"


def fixed(clocks: Clocks, side: str = "") -> dict[str, Any]:
    """The clocks as parameters, the third fixed by the position."""
    asked = clocks.asked
    dates = {"at": asked.at, "reported_until": asked.reported_until, "reading": asked.reading}
    zone = {} if asked.zone == "UTC" else {"zone": asked.zone}
    given = {name: text for name, text in dates.items() if text is not None} | zone
    return {side + name: each for name, each in {**given, "position": clocks.position}.items()}
