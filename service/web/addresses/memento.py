"""Mementos (RFC 7089): what an address said on a day is found by `Accept-Datetime`, which is our recorded clock.

An address that asks for no position is an original and its own time gate; the same fixed to a position is a memento.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, abort, after_this_request, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_date

from events.dates.calendar import SECOND, microseconds
from projections.clocks import Asked, asked_in
from projections.queries.history.moments_of_change import Memento, Thing, memento_at
from service.web.access import chronology
from service.web.responses import http_date_of, whole

LINK_FORMAT = "application/link-format"
_FIXED = frozenset({"position", "recorded_until", "cursor"})
_THINGS = {"subject": "subject", "fact_id": "fact", "source": "source"}
"""Which thing a route is about, by the name of its part of the address."""


def has_mementos(route: Callable[..., Any]) -> Callable[..., Any]:
    """Let a route of the API that reads the clocks be asked by `Accept-Datetime`."""

    @wraps(route)
    def negotiated(query: Any, **names: Any) -> Any:
        thing = next((Thing(_THINGS[each], names[each]) for each in names if each in _THINGS), None)
        negotiate(lambda: asked_in(query), thing, _FIXED)
        return route(query, **names)

    return negotiated


def negotiate(asked: Callable[[], Asked], thing: Thing | None, fixed: Iterable[str]) -> None:
    """Send who asks by `Accept-Datetime` on to the memento, and name the original in the answer's links.

    Args:
        asked: the clocks of the address; their `now` is then the moment asked for.
        thing: what the address is about: before it was first recorded, its first memento is sent.
        fixed: the parameters that a memento has and its original has not.

    Raises:
        BadRequest: the header is no date of HTTP (RFC 9110, 5.6.7).
    """
    after_this_request(lambda made: _linked(made, _address(request.args.to_dict(), without=fixed)))
    moment = _moment_wanted()
    if moment is None:
        return
    with chronology().ask(Asked()) as (snapshot, _):
        found = memento_at(snapshot, moment, thing)
    if found is not None:
        latest = max(min(moment, chronology().now()), found.recorded)
        address = _address({**request.args, **_dates(asked().at_instant(latest)), "position": found.position})
        made = redirect(address)
        made.headers["Cache-Control"] = "no-store"
        abort(made)


def links_to_timemap(endpoint: str, **names: Any) -> None:
    """Name in the answer's links where the mementos of this address are listed."""
    address = whole(url_for(endpoint, **names))
    link = f'<{address}>; rel="timemap"; type="{LINK_FORMAT}"'
    after_this_request(lambda made: _with_link(made, link))


def timemap(original: str, mementos: Iterable[Memento], parameters: Callable[[Memento], Mapping[str, Any]]) -> Response:
    """The mementos of an original, by its path, as links (RFC 6690, RFC 7089 section 5).

    Args:
        original: the path of the original.
        mementos: in the order of recording.
        parameters: those of the address of a memento.
    """
    found = list(mementos)
    lines = [f'<{whole(original)}>; rel="original timegate"']
    span = f'; from="{http_date_of(found[0].recorded)}"; until="{http_date_of(found[-1].recorded)}"' if found else ""
    lines.append(f'<{whole(quote(request.path))}>; rel="self"; type="{LINK_FORMAT}"{span}')
    for number, each in enumerate(found):
        places = [name for name, at in (("first", 0), ("last", len(found) - 1)) if number == at]
        address = whole(f"{original}?{urlencode(parameters(each))}")
        lines.append(f'<{address}>; rel="{" ".join([*places, "memento"])}"; datetime="{http_date_of(each.recorded)}"')
    return Response(",\n".join(lines) + "\n", content_type=LINK_FORMAT, headers={"Cache-Control": "no-cache"})


def _moment_wanted() -> int | None:
    """The end of the second that `Accept-Datetime` names, in UTC microseconds; None where the address is a memento."""
    text = request.headers.get("Accept-Datetime")
    if text is None or _is_fixed():
        return None
    moment = parse_date(text)
    if moment is None:
        raise BadRequest(f"{text!r:.80} in Accept-Datetime is no date of HTTP, as Sun, 08 Jun 2025 12:00:00 GMT")
    return microseconds(moment) + SECOND - 1


def _is_fixed() -> bool:
    return not _FIXED.isdisjoint(request.args)


def _dates(asked: Asked) -> dict[str, str]:
    """The first two clocks as parameters."""
    both = {"at": asked.at, "reported_until": asked.reported_until}
    return {name: text for name, text in both.items() if text is not None}


def _linked(made: Response, original: str) -> Response:
    if not _is_fixed():
        made.vary.add("Accept-Datetime")
    return _with_link(made, f'<{original}>; rel="original timegate"')


def _with_link(made: Response, link: str) -> Response:
    made.headers.add("Link", link)
    return made


def _address(parameters: Mapping[str, Any], without: Iterable[str] = ()) -> str:
    """The address of this request with other parameters."""
    given = {name: value for name, value in parameters.items() if name not in without}
    return whole(quote(request.path) + (f"?{urlencode(given)}" if given else ""))
