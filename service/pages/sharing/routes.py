"""The routes of what leaves the pages."""

from collections.abc import Iterable, Mapping
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup

from projections.clocks import CLOCKS, SIDES
from projections.queries.evidence.fact_views import FactView
from service.api.blueprints import PREFIX
from service.formats.jsonld import CONTEXT, nodes_of
from service.formats.offer.known_formats import formats_of
from service.formats.offer.lists import LISTS, Address
from service.formats.offer.told import fact_told
from service.formats.tables.csv_writing import written
from service.pages import error_pages
from service.pages.request import REACHED, PageRequest, number_in_address, page_request, today
from service.pages.routes import MOST_VERSIONS, shown
from service.pages.sharing.citation import (
    FORMATS,
    citation_of,
    clocks_for_good,
    fixed,
    format_named,
    head_of,
    kind_named,
    plain_text,
)
from service.pages.sharing.csv_tables import rows_of, table_named
from service.pages.sharing.elsewhere import embed_code, embedded_matter, embedded_timeline
from service.pages.sharing.pictures import timeline_picture
from service.web.access import chronology
from service.web.dear_questions import dear, is_of_another_time
from service.web.responses import whole
from service.web.security_headers import FRAMED
from service.wording.date_wording import in_words

MOST_LINKED = 50
"""How many facts a page has as linked data."""
routes = Blueprint("sharing", __name__)
error_pages.register(routes)

_OF_A_TABLE = (
    *("subject", "after", REACHED, "by", "evolved"),
    *("q", "kind", "state", "part_of", "party", "only", "since", "held", "day", "publisher", "type", "sort", "order"),
    *CLOCKS,
    *(side + name for side in SIDES for name in CLOCKS),
)


@routes.app_template_global("cited")
def cited(page: PageRequest, kind: str, name: str, version: int | None = None) -> dict[str, Any]:
    """For a page: its citation as text, and where the other formats are."""
    of_view: dict[str, Any] = {"kind": kind, "name": name, "version": version, **fixed(page)}
    links = {each: url_for("sharing.cite", format=each, **of_view) for each in FORMATS}
    return {"text": plain_text(citation_of(page, kind, name, version)).strip(), "links": links}


@routes.get("/cite/<kind>/<name>")
def cite(kind: str, name: str) -> Response:
    """The citation of a page as it stands at the clocks: plain text, BibTeX or CSL-JSON."""
    form = format_named(request.args.get("format", ""))
    with page_request() as page:
        version = number_in_address("version", "a version", MOST_VERSIONS)
        citation = citation_of(page, kind_named(kind), name, version)
    made = Response(form.written(citation), content_type=form.media_type)
    made.headers["Content-Disposition"] = f'inline; filename="{citation.key}.{form.ending}"'
    made.headers["Cache-Control"] = "no-store"  # it says on which day it was read
    return made


@routes.app_template_global("csv_link")
def csv_link(table: str, **more: str | int | None) -> Markup:
    """For a page: the line under a table that leads to its rows as CSV."""
    given = {name: request.args.get(name) for name in _OF_A_TABLE} | more
    query = urlencode({name: value for name, value in given.items() if value})
    address = url_for("sharing.csv", table=table) + (f"?{query}" if query else "")
    return Markup('<p class="csv"><a class="plain" href="{}" download>CSV</a></p>').format(address)


@routes.get("/csv/<table>")
@dear()
def csv(table: str) -> Response:
    """The rows that a table of a page shows, as CSV."""
    asked = table_named(table)
    made = Response(written(asked.columns, rows_of(asked)), content_type="text/csv; charset=utf-8; header=present")
    made.headers["Content-Disposition"] = f'attachment; filename="{table}.csv"'
    made.headers["Cache-Control"] = "private, no-cache"
    made.headers["Vary"] = "Authorization, Cookie"
    return made


@routes.get("/chronology.svg")
@dear(is_of_another_time)
def timeline_svg() -> Response:
    """The timeline as a picture that stands alone."""
    with page_request() as page:
        drawn = timeline_picture(page, request.args.get("subject") or None)
        made = Response(
            render_template("timeline.svg", address=whole(unescape(page.permalink())), **drawn),
            content_type="image/svg+xml",
        )
    made.headers["Content-Disposition"] = 'inline; filename="timeline.svg"'
    made.headers["Cache-Control"] = "private, no-cache"
    made.headers["Vary"] = "Authorization, Cookie"
    return made


@routes.app_template_global("printed")
def printed(page: PageRequest, permalink: str) -> str:
    """The last line of a printed page: its address for good, the day, and the head of the log."""
    head = head_of(page)
    root = f", root {head.root}" if head.root else ""
    read = in_words(today().isoformat())
    return f"{whole(unescape(permalink))} · read {read} · log up to entry {head.position}{root}"


@routes.app_template_global("ways_out")
def ways_out(page: PageRequest, of: str, filters: Mapping[str, str | None]) -> dict[str, Any]:
    """For a page: a list at the page's clocks in each format that writes it."""
    wanted, finding = LISTS[of], filters.get("finding")
    path = wanted.path.format(of=of, **{name: quote(value or "", safe="") for name, value in filters.items()})
    beside = {name: value for name, value in filters.items() if f"{{{name}}}" not in wanted.path}
    query = page.query(**beside)
    formats = [
        {"name": each.title, "title": each.follows, "address": f"{PREFIX}/{path}.{each.suffix}?{query}"}
        for each in formats_of(of)
        if each.is_installed
    ]
    return {"about": f"what its {finding} rests on" if finding else wanted.about, "formats": formats}


@routes.app_template_global("linked_data")
def linked_data(page: PageRequest, views: Iterable[FactView]) -> dict[str, Any]:
    """For a page: facts as schema.org has them, for programs that read pages (JSON-LD)."""
    shown, address = [*islice(views, MOST_LINKED)], Address(request.host_url.rstrip("/"))
    page.know(shown, {view["by"] for view in shown if view["by"] is not None})
    nodes = [node for view in shown for node in nodes_of(fact_told(page, view), address)]
    return {"@context": CONTEXT, "@graph": nodes}


@routes.get("/help", endpoint="help")
def reading_help() -> Response:
    """How to read the pages, the clocks, the timeline and the chart."""
    return make_response(render_template("help.html"))


@routes.app_template_global("embedded")
def embedded(page: PageRequest, subject: str | None, title: str, is_timeline: bool) -> dict[str, Any]:
    """For a page: the code that embeds the matter or the timeline at the page's clocks, and its address."""
    at: dict[str, Any] = {**page.kept}
    if is_timeline:
        address = url_for("sharing.embed_timeline", subject=subject, **at)
    else:
        address = url_for("sharing.embed_matter", name=subject, **at)
    html = embed_code(address, title, 560 if is_timeline else 420)
    return {"address": address, "html": html, "is_public": chronology().settings.public_reading}


@routes.get("/embed/subjects/<name>")
def embed_matter(name: str) -> Response:
    """A matter in short, for a frame in pages of others."""
    with page_request() as page:
        return _framed(page, embedded_matter(page, name))


@routes.get("/embed/chronology")
@dear(is_of_another_time)
def embed_timeline() -> Response:
    """The newest facts of a matter, or of all, for a frame in pages of others."""
    with page_request() as page:
        return _framed(page, embedded_timeline(page, request.args.get("subject") or None))


def _framed(page: PageRequest, content: dict[str, Any]) -> Response:
    """The embedded page, which may be framed; `theme` in the address chooses light or dark."""
    theme = request.args.get("theme")
    chosen = theme if theme in ("light", "dark") else None
    made = shown("embedded.html", page, theme=chosen, stood=clocks_for_good(page), **content)
    made.headers["Content-Security-Policy"] = FRAMED
    return made


@routes.after_request
def without_cookies(answer: Response) -> Response:
    """What is embedded sets no cookies, those that would be dropped included."""
    if (request.endpoint or "").startswith("sharing.embed"):
        answer.headers.pop("Set-Cookie", None)
    return answer
