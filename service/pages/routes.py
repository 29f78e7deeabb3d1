"""The pages' routes: each reads the clocks of its address, asks one function and renders one template."""

import hashlib
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from events.dates.calendar import instant_text
from events.errors import NotYet
from projections.queries.history.moments_of_change import mementos_of, moments
from service.api import openapi
from service.auth.roles import TooMany
from service.pages import error_pages
from service.pages.actor import actor_page
from service.pages.fact import fact_page
from service.pages.history.accounts import accounts_page, accounts_request
from service.pages.history.compare import comparison_page, two_page_requests
from service.pages.history.news import story
from service.pages.history.timeline import timeline_data, timeline_page
from service.pages.lists.actor_list import actor_list
from service.pages.lists.source_list import source_list
from service.pages.overview import overview_page
from service.pages.reference.api_document import api_page
from service.pages.request import PageRequest, number_in_address, page_request
from service.pages.search import search_page
from service.pages.source import source_page
from service.pages.subject import subject_page
from service.pages.wording.status_ladders import drawn, status_when
from service.web import streams
from service.web.access import chronology
from service.web.addresses.memento import links_to_timemap, timemap
from service.web.dear_questions import dear, is_of_another_time
from service.web.responses import answer, answer_at, dated
from service.wording.clock_wording import reading_in_words
from service.wording.date_wording import as_typed, day, in_words, short
from service.wording.languages import language_in_words
from service.wording.phrases import anchor

MOST_VERSIONS = 999_999_999

routes = Blueprint("pages", __name__)
error_pages.register(routes)
routes.app_errorhandler(404)(error_pages.no_such_address)
for _filter in (in_words, short, day, as_typed, anchor):
    routes.add_app_template_filter(_filter)
routes.add_app_template_filter(drawn, "staircase")
routes.add_app_template_filter(reading_in_words, "reading")
routes.add_app_template_filter(language_in_words, "language")
routes.add_app_template_global(status_when)


def shown(template: str, page: PageRequest, /, **context: Any) -> Response:
    """A rendered page with a strong ETag, revalidated each time: its look may change where its state may not."""
    content = render_template(template, read=page, **context).encode()
    made = Response(content, content_type="text/html; charset=utf-8")
    made.set_etag(hashlib.sha256(content).hexdigest()[:32])
    made.headers["Cache-Control"] = "private, no-cache"
    made.headers["Vary"] = "Authorization, Cookie"
    return dated(made, page.snapshot, page.clocks).make_conditional(request.environ)  # type: ignore[return-value]


@routes.get("/")
@dear(is_of_another_time)
def overview() -> Response:
    """Where things stand."""
    with page_request() as page:
        return shown("overview.html", page, **overview_page(page))


@routes.get("/chronology", endpoint="chronology")
@dear(is_of_another_time)
def timeline() -> Response:
    """Every fact in the order in which it happened."""
    with page_request() as page:
        return shown("chronology.html", page, **timeline_page(page))


@routes.get("/chronology.json", endpoint="timeline")
@dear(is_of_another_time)
def timeline_rows() -> Response:
    """What the timeline draws."""
    with page_request() as page:
        return answer_at(page.snapshot, page.clocks, timeline_data(page))


@routes.get("/moments.json")
def notches() -> Response:
    """The moments at which something changed, of one subject or of all, for the sliders of the clocks."""
    with page_request() as page:
        about = request.args.get("subject") or None
        return answer_at(page.snapshot, page.clocks, moments(page.snapshot, page.clocks, about))


@routes.get("/story.json", endpoint="story")
@dear()
def replayed() -> Response:
    """What the replay of the news tells, of one subject or of all."""
    with page_request() as page:
        about = request.args.get("subject") or None
        return answer_at(page.snapshot, page.clocks, story(page, about))


@routes.before_request
def as_known_that_day() -> Response | None:
    """`known_on` sets the first two clocks together: what had happened by a day, from reports up to it."""
    known_on = request.args.get("known_on")
    if known_on is None:
        return None
    others = {name: text for name, text in request.args.items() if name not in ("known_on", "at", "reported_until")}
    both = {"at": known_on, "reported_until": known_on} if known_on.strip() else {}
    address = url_for(str(request.endpoint), **{**(request.view_args or {}), **others, **both})
    return redirect(address)  # type: ignore[return-value]


@routes.get("/position.json")
def position() -> Response:
    """How far the views have followed the log."""
    return answer({"position": reached()})


@routes.get("/news")
def news() -> Response:
    """Server-sent events for open pages: how far the views have followed the log, at once and whenever that changes.

    At once, as more may have been recorded since the page was made that listens here.
    """
    told = -1

    def more() -> Iterator[streams.Item]:
        nonlocal told
        if (now := reached()) > told:
            told = now
            yield str(told), {"position": told}

    try:
        return streams.server_sent(streams.followed(more), streams.FOR_READERS)
    except (NotYet, TooMany):
        return Response(status=204)  # an open page then asks from time to time, and takes this for no failure


def reached() -> int:
    """The position that the views have reached."""
    with chronology().views.reading() as snapshot:
        return snapshot.position


@routes.get("/subjects/<name>")
@dear(lambda: "evolved" in request.args)
def subject(name: str) -> Response:
    """One subject: its state and the words it rests on."""
    links_to_timemap("pages.mementos", name=name)
    with page_request() as page:
        if page.label(name).kind == "actor":
            return redirect(page.link("actor", name=name))  # type: ignore[return-value]
        by, evolved = request.args.get("by", "reported"), "evolved" in request.args
        return shown("subject.html", page, **subject_page(page, name, by, evolved=evolved))


@routes.get("/subjects/<name>/timemap")
@dear()
def mementos(name: str) -> Response:
    """The moments at which what is known of a subject changed, each with the address of its page as it then was."""
    with page_request() as page:
        found = mementos_of(page.snapshot, name, page.clocks)
        original = page.subject_link(name).partition("?")[0]
    return timemap(original, found, lambda each: {"at": instant_text(each.recorded), "position": each.position})


@routes.get("/facts/<name>")
def fact(name: str) -> Response:
    """One fact: its whole stream, its quotes in context."""
    with page_request() as page:
        return shown("fact.html", page, **fact_page(page, name))


@routes.get("/sources")
def sources() -> Response:
    """The sources."""
    with page_request() as page:
        return shown("sources.html", page, **source_list(page))


@routes.get("/sources/<name>")
def source(name: str) -> Response:
    """One source: its text with each cited passage marked."""
    with page_request() as page:
        version = number_in_address("version", "a version", MOST_VERSIONS)
        against = number_in_address("against", "a version", MOST_VERSIONS)
        return shown("source.html", page, **source_page(page, name, version, against))


@routes.get("/actors")
def actors() -> Response:
    """The actors."""
    with page_request() as page:
        return shown("actors.html", page, **actor_list(page))


@routes.get("/actors/<name>")
def actor(name: str) -> Response:
    """One actor: roles held, what was said, what was taken part in."""
    links_to_timemap("pages.mementos", name=name)
    with page_request() as page:
        return shown("actor.html", page, **actor_page(page, name))


@routes.get("/compare")
@dear()
def compare() -> Response:
    """Two readings of the clocks side by side, with the causes of what differs."""
    with two_page_requests() as two:
        return shown("compare.html", two.other, **comparison_page(two, request.args.get("subject") or None))


@routes.get("/accounts")
@dear()
def accounts() -> Response:
    """What two parties have told, side by side."""
    with accounts_request() as page:
        number = number_in_address("page", "a page", 9_999) or 1
        return shown("accounts.html", page, **accounts_page(page, request.args.get("subject") or None, number))


@routes.get("/docs")
def docs() -> Response:
    """The document of the API, to read, with an example of each operation."""
    return make_response(render_template("docs.html", **api_page(openapi.document())))


@routes.get("/search")
@dear(lambda: "q" in request.args)
def search() -> Response:
    """Facts and subjects in which words stand."""
    with page_request() as page:
        return shown("search.html", page, **search_page(page, request.args.get("q", "").strip()[:200]))
