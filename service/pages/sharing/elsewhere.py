"""What pages of others load of ours: the elements of `embed.js`, and what oEmbed says of a page."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from flask import Blueprint, Response, current_app, request, url_for
from markupsafe import Markup

from events.errors import Invalid, NotFound
from events.history.fact_as_of import FactAsOf
from projections.clocks import CLOCKS
from projections.queries.history.timeline import FactFilter, happenings
from projections.queries.subjects.findings_by_name import findings_of
from projections.queries.subjects.states import state
from service.pages import error_pages
from service.pages.matters import matter
from service.pages.request import PageRequest, page_request
from service.pages.wording.fact_wording import facts_in_words
from service.web.responses import answer, whole
from service.web.security_headers import ANY, FOR_OTHERS
from service.wording.phrases import finding_name, finding_value

routes = Blueprint("elsewhere", __name__)
error_pages.register(routes)

_HEIGHTS = {"timeline": 560, "matter": 420}
_WIDTH, _LEAST_HEIGHT = 640, 120
_PASSED_ON = ("subject", *CLOCKS)


@routes.get("/embed.js")
def elements() -> Response:
    """The elements `<chronology-timeline>` and `<chronology-value>`, as a module that any page may load."""
    made = current_app.send_static_file("embed.js")
    made.headers["Access-Control-Allow-Origin"] = ANY
    made.headers["Cross-Origin-Resource-Policy"] = FOR_OTHERS
    return made


@routes.get("/oembed")
def oembed() -> Response:
    """What is embedded for the address of a page of ours, a matter or a timeline (oEmbed 1.0, JSON)."""
    if request.args.get("format", "json") != "json":
        return Response("only JSON is given\n", status=501, content_type="text/plain; charset=utf-8")
    address = request.args.get("url", "")
    kind, title, embedded = _embedded(address)
    height = max(_LEAST_HEIGHT, min(_HEIGHTS[kind], _size("maxheight", _HEIGHTS[kind])))
    body: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "Chronology",
        "provider_url": request.host_url,
        "width": min(_WIDTH, _size("maxwidth", _WIDTH)),
        "height": height,
        "html": embed_code(embedded, title, height),
    }
    return answer(body)


def _embedded(address: str) -> tuple[str, str, str]:
    """What an address of a page shows: a matter or a timeline, its title, and the address of what is embedded.

    Raises:
        Invalid: it is no address.
        NotFound: it is none of a page that can be embedded.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        raise Invalid.at("/url", f"{address!r:.200} is no address") from None
    query: dict[str, Any] = {name: value for name, value in parse_qsl(parts.query) if name in _PASSED_ON}
    if f"{parts.scheme}://{parts.netloc}/" != request.host_url:
        raise NotFound(f"{address!r:.200} is no page of this service")
    sort, _, name = parts.path.strip("/").partition("/")
    with page_request() as page:
        if sort == "subjects" and name:
            subject = unquote(name)
            state(page.snapshot, subject, page.clocks)  # one that nothing names is not found
            return "matter", page.named(subject), url_for("sharing.embed_matter", name=subject, **query)
        if parts.path == "/chronology":
            about = query.get("subject")
            title = page.named(about) if about else "What happened, newest first"
            return "timeline", title, url_for("sharing.embed_timeline", **query)
    raise NotFound(f"{address!r:.200} is no page that can be embedded: that of a matter, or the timeline")


def _size(name: str, usual: int) -> int:
    text = request.args.get(name, "")
    if text and not (text.isdecimal() and 0 < int(text) < 100_000):
        raise Invalid.at(f"/{name}", f"{text!r:.80} is no number of pixels")
    return int(text) if text else usual


@routes.app_template_global("oembed_link")
def oembed_link() -> str:
    """For a page: where oEmbed says how it is embedded."""
    query = request.query_string.decode()
    here = request.base_url + (f"?{query}" if query else "")
    return url_for("elsewhere.oembed") + "?" + urlencode({"url": here, "format": "json"})


MOST_FINDINGS = 12
MOST_FACTS = 50
_IFRAME = Markup(
    '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" style="border:0"'
    ' referrerpolicy="no-referrer"></iframe>'
)


def embedded_matter(page: PageRequest, name: str) -> dict[str, Any]:
    """The state of a matter with its first findings; NotFound if no event up to the position names it."""
    found = state(page.snapshot, name, page.clocks)
    shown = {
        each: finding for each, finding in findings_of(found).items() if each not in ("status", "title", "part_of")
    }
    row = matter(page, found)
    return {
        **row,
        "findings": [
            {
                "name": finding_name(each, page.named, found["kind"]),
                "values": [finding_value(each, side["value"], page.named) for side in (finding, *finding["rivals"])],
            }
            for each, finding in [*shown.items()][:MOST_FINDINGS]
        ],
        "more": max(0, len(shown) - MOST_FINDINGS),
        "address": whole(row["href"]),
    }


def embedded_timeline(page: PageRequest, subject: str | None) -> dict[str, Any]:
    """The newest facts of a subject, or of all; NotFound if no event up to the position names the subject."""
    found = _newest(page, subject)
    shown = facts_in_words(page, found[:MOST_FACTS], [subject] if subject else [])
    return {
        "title": page.named(subject) if subject else "What happened, newest first",
        "subject": subject,
        "rows": [*shown.values()],
        "more": len(found) > MOST_FACTS,
        "address": whole(page.link("chronology", subject=subject)),
    }


def _newest(page: PageRequest, subject: str | None) -> list[FactAsOf]:
    """The newest facts first, one more than are shown."""
    if subject is not None:
        state(page.snapshot, subject, page.clocks)
    wanted = FactFilter(subjects=[subject] if subject else None, come=True)
    found, _ = happenings(page.snapshot, page.clocks, wanted, b"", MOST_FACTS + 1, newest_first=True)
    return [each.fact for each in found]


def embed_code(address: str, title: str, height: int) -> str:
    """The HTML by which a page of others embeds what is at the address."""
    return str(_IFRAME.format(whole(address), title, height))
