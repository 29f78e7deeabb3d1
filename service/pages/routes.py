"""The pages' routes: each reads the clocks of its address, asks one function and renders one template."""

import hashlib
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request

from projections.queries.history.moments import moments
from service.pages import error_pages as faults
from service.pages.actor import actor as actor_view
from service.pages.actor import actor_list
from service.pages.fact import fact as fact_view
from service.pages.history.compare import compare as compare_view
from service.pages.history.compare import two_readings
from service.pages.history.timeline import place_in, timeline_data
from service.pages.history.timeline import timeline as timeline_view
from service.pages.overview import anchor
from service.pages.overview import overview as overview_view
from service.pages.request import Reading, number_in_address, reading
from service.pages.search import search as search_view
from service.pages.source import source as source_view
from service.pages.source import source_list
from service.pages.subject import subject as subject_view
from service.pages.wording.dates import as_typed, day, in_words, short
from service.pages.wording.status_ladders import drawn
from service.web import streams
from service.web.access import chronology
from service.web.responses import answer, answer_at

MOST_VERSIONS = 999_999_999

routes = Blueprint("pages", __name__)
faults.register(routes)
routes.add_app_template_filter(in_words)
routes.add_app_template_filter(short)
routes.add_app_template_filter(day)
routes.add_app_template_filter(as_typed)
routes.add_app_template_filter(anchor)
routes.add_app_template_filter(drawn, "staircase")


def shown(template: str, read: Reading, **context: Any) -> Response:
    """A rendered page with a strong ETag, revalidated each time: its look may change where its state may not."""
    content = render_template(template, read=read, **context).encode()
    made = Response(content, content_type="text/html; charset=utf-8")
    made.set_etag(hashlib.sha256(content).hexdigest()[:32])
    made.headers["Cache-Control"] = "private, no-cache"
    made.headers["Vary"] = "Authorization, Cookie"
    return made.make_conditional(request.environ)  # type: ignore[return-value]


@routes.get("/")
def overview() -> Response:
    """Where things stand."""
    with reading() as read:
        return shown("overview.html", read, **overview_view(read))


@routes.get("/chronology", endpoint="chronology")
def timeline() -> Response:
    """Every fact in the order in which it happened."""
    with reading() as read:
        after = place_in(request.args.get("after"))
        return shown("chronology.html", read, **timeline_view(read, request.args.get("subject") or None, after))


@routes.get("/chronology.json", endpoint="timeline")
def timeline_rows() -> Response:
    """What the timeline draws."""
    with reading() as read:
        subject, after = request.args.get("subject") or None, place_in(request.args.get("after"))
        return answer_at(read.snapshot, read.clocks, timeline_data(read, subject, after))


@routes.get("/moments.json")
def notches() -> Response:
    """The moments at which something changed, for the sliders of the clocks."""
    with reading() as read:
        return answer_at(read.snapshot, read.clocks, moments(read.snapshot, read.clocks))


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

    return streams.server_sent(streams.followed(more), streams.FOR_READERS)


def reached() -> int:
    """The position that the views have reached."""
    with chronology().views.reading() as snapshot:
        return snapshot.position


@routes.get("/subjects/<name>")
def subject(name: str) -> Response:
    """One subject: its state and the words it rests on."""
    with reading() as read:
        by, evolved = request.args.get("by", "reported"), "evolved" in request.args
        return shown("subject.html", read, **subject_view(read, name, by, evolved=evolved))


@routes.get("/facts/<name>")
def fact(name: str) -> Response:
    """One fact: its whole stream, its quotes in context."""
    with reading() as read:
        return shown("fact.html", read, **fact_view(read, name))


@routes.get("/sources")
def sources() -> Response:
    """The sources."""
    with reading() as read:
        return shown("sources.html", read, **source_list(read, request.args.get("after", "")))


@routes.get("/sources/<name>")
def source(name: str) -> Response:
    """One source: its text with each cited passage marked."""
    with reading() as read:
        version = number_in_address("version", "a version", MOST_VERSIONS)
        against = number_in_address("against", "a version", MOST_VERSIONS)
        return shown("source.html", read, **source_view(read, name, version, against))


@routes.get("/actors")
def actors() -> Response:
    """The actors."""
    with reading() as read:
        return shown("actors.html", read, **actor_list(read, request.args.get("after", "")))


@routes.get("/actors/<name>")
def actor(name: str) -> Response:
    """One actor: roles held, what was said, what was taken part in."""
    with reading() as read:
        return shown("actor.html", read, **actor_view(read, name))


@routes.get("/compare")
def compare() -> Response:
    """Two readings of the clocks side by side, with the causes of what differs."""
    with two_readings() as two:
        return shown("compare.html", two.other, **compare_view(two, request.args.get("subject") or None))


@routes.get("/search")
def search() -> Response:
    """Facts and subjects in which words stand."""
    with reading() as read:
        return shown("search.html", read, **search_view(read, request.args.get("q", "").strip()[:200]))
