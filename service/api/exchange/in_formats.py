"""Lists in the formats that write them: by `Accept`, or by the suffix of the address."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from flask import Response, request
from werkzeug.exceptions import NotAcceptable

from events.field_types import JsonObject
from projections.clocks import Asked, AtClocks, asked_in
from service.api.blueprints import PREFIX, ApiBlueprint, Query, named, reference_to
from service.formats.offer.known_formats import FORMATS, formats_of, installed, with_suffix
from service.formats.offer.lists import LISTS, Address, page_taken_out, taken_out
from service.formats.offer.manifest import Format
from service.web import streams
from service.web.access import chronology
from service.web.addresses.cursors import cursor_after, resumed
from service.web.dear_questions import in_turns, turn
from service.web.parameters import QuerySchema
from service.web.responses import JSON, answer_at, linked

ListInFormat = named("ListInFormat", str, "A list in the format asked for; what each loses stands in the manifests")
Listing = Callable[..., Response]
_PAGED = ("limit", "cursor")


def also_in_formats(
    routes: ApiBlueprint, of: str, schema: type[QuerySchema], answer: type[AtClocks], rule: str | None = None
) -> Callable[[Listing], Listing]:
    """Read the query by the schema, and let the list be had as the answer in JSON and in every format that writes it.

    A format is asked for by `Accept`, or by a suffix of the address. With `limit` or `cursor` it holds a page, with a
    link to the next; without, the whole list, streamed. `rule` is that of the route where names stand in its address.
    """
    routes.answers.append(answer)

    def decorate(listing: Listing) -> Listing:
        @wraps(listing)
        def accepted(query: Query, **names: str) -> Response:
            form = _accepted(of)
            made = listing(query, **names) if form is None else _written(form, of, query | names)
            made.vary.add("Accept")
            return made

        in_formats(routes, of, schema, listing.__name__, str(listing.__doc__), rule)
        content = {JSON: {"schema": reference_to(answer)}, **_content(of)}
        return _described(routes, schema, accepted, content)

    return decorate


def in_formats(
    routes: ApiBlueprint, of: str, schema: type[QuerySchema], name: str, about: str, rule: str | None = None
) -> None:
    """Serve a list in every format that writes it, by the suffix of its address.

    Where the address ends with a name, only suffixes of formats are taken for such.
    """
    suffixes = f"<any({','.join(repr(each.suffix) for each in formats_of(of))}):suffix>" if rule else "<suffix>"
    routes.answers.append(ListInFormat)

    def suffixed(query: Query, suffix: str, **names: str) -> Response:
        return _written(with_suffix(of, suffix), of, query | names)

    suffixed.__doc__ = f"{about}\n\nIn the format of the suffix: all of it, without `limit`."
    route = routes.get(f"{rule or f'/{of}'}.{suffixes}", endpoint=f"{name}_in_format")
    route(_described(routes, schema, suffixed, _content(of)))


def _content(of: str) -> JsonObject:
    return {each.media_type: {"schema": reference_to(ListInFormat)} for each in formats_of(of)}


def _described(routes: ApiBlueprint, schema: type[QuerySchema], view: Any, content: JsonObject) -> Listing:
    said = {"200": {"description": "What was asked for", "content": content}}
    found: Listing = routes.doc(responses=said)(routes.arguments(schema)(view))
    return found


def _accepted(of: str) -> Format | None:
    """The format that `Accept` prefers to JSON; None is JSON.

    Raises:
        NotAcceptable: it takes neither JSON nor any that writes the list.
    """
    if "Accept" not in request.headers:
        return None
    formats = {each.media_type: each for each in formats_of(of)}
    best = request.accept_mimetypes.best_match([JSON, *formats])
    if best is None:
        there_are = ", ".join([JSON, *formats])
        raise NotAcceptable(f"{request.headers['Accept']!r:.200} names nothing as which {of} are written: {there_are}")
    return formats.get(best)


def _written(form: Format, of: str, query: Query) -> Response:
    form = installed(form)
    filters = {name: query.get(_KEYS.get(name, name)) for name in LISTS[of].filters}
    address = Address(request.host_url.rstrip("/"), request.query_string.decode())
    asked = asked_in(query)
    if not any(name in request.args for name in _PAGED):
        taken = taken_out(partial(chronology().ask, patiently=True), of, asked, filters, address, in_turns)
        made = streams.whole(form.writes[of](taken), _content_type(form))
    else:
        made = _page(form, of, query, asked, filters, address)
    if form.described_by is not None:
        made.headers.add("Link", _description(FORMATS[form.described_by], of))
    made.headers["Content-Disposition"] = f'attachment; filename="{of}.{form.suffix}"'
    return made


def _description(form: Format, of: str) -> str:
    """Where the metadata of what is answered is (RFC 8288, as CSVW has it)."""
    query = request.query_string.decode()
    address = f"{PREFIX}/{of}.{form.suffix}" + (f"?{query}" if query else "")
    return f'<{address}>; rel="describedby"; type="{form.media_type}"'


def _content_type(form: Format) -> str:
    return f"{form.media_type}; charset=utf-8" if form.media_type.startswith("text/") else form.media_type


_KEYS = {"from": "since", "to": "until"}
"""Filters that are no names in Python."""


def _page(form: Format, of: str, query: Query, asked: Asked, filters: JsonObject, address: Address) -> Response:
    asked, after = resumed(query.get("cursor"), asked, filters, LISTS[of].begins(filters))
    with turn(is_dear=True), chronology().ask(asked) as (snapshot, clocks):
        taken, last = page_taken_out(snapshot, clocks, of, filters, after, query["limit"], address)
        following = None if last is None else cursor_after(clocks, last, filters)
        content = b"".join(form.writes[of](taken))
        return linked(answer_at(snapshot, clocks, content, content_type=_content_type(form)), cursor=following)
