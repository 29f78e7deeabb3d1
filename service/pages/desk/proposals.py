"""The page on which editors accept or reject proposals."""

from typing import Any

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from events.errors import ChronologyError
from projections.clocks import LARGEST_POSITION, Asked
from projections.queries.evidence.sources import noted_sources
from projections.read_models.proposals import page_of_proposals
from service.pages import error_pages
from service.pages.request import number_in_address
from service.web.access import chronology, needs, recorder
from service.web.problems import status_of
from service.web.recording import accepted, rejected

_AT_ONCE = 50
_ENVELOPE = ("citations", "kind", "subject", "fact", "call", "id")

routes = Blueprint("desk", __name__)
error_pages.register(routes)


@routes.get("/proposals")
@needs("recorder")
def waiting() -> Response:
    """What waits: all of it for editors, their own for recorders."""
    return _page(200, None)


@routes.post("/proposals/<name>")
@needs("editor")
def decide(name: str) -> Response:
    """Accept or reject a proposal, as the form says."""
    try:
        if request.form.get("decision") == "accept":
            accepted(name)
        else:
            rejected(name, {"reason": request.form.get("reason", "")})
    except ChronologyError as error:
        return _page(status_of(error), error.sentence)
    return make_response(redirect(url_for("desk.waiting"), 303))


def _page(status: int, error: str | None) -> Response:
    by = None if g.bearer.may("editor") else recorder().name
    after = number_in_address("after", "an entry of the log", LARGEST_POSITION) or 0
    with chronology().ask(Asked(), fresh=True) as (snapshot, clocks):
        found, following = page_of_proposals(snapshot, "waiting", by, after, _AT_ONCE)
        noted = noted_sources(snapshot, {name for each in found for name in _cited(each["chronicle"])}, clocks.position)
    digests = {name for name, source in noted.items() if source.text_is == "digest"}
    shown = [{**each, "items": _items(each["chronicle"])} for each in found]
    made = make_response(
        render_template("proposals.html", proposals=shown, next=following, error=error, digests=digests), status
    )
    made.headers["Cache-Control"] = "no-store"
    return made


def _cited(chronicle: Any) -> set[str]:
    """The sources that the items of a proposal cite."""
    return {citation["source"] for item in _items(chronicle) for citation in item["citations"]}


def _items(chronicle: Any) -> list[dict[str, Any]]:
    """The parts of a proposal: a heading, its values, its quotes; nothing where its words are redacted."""
    if not isinstance(chronicle, dict):
        return []
    return [
        {
            "sort": name.removesuffix("s"),
            "heading": " ".join(str(item[each]) for each in ("kind", "call") if each in item),
            "about": item.get("subject") or item.get("fact") or item.get("id"),
            "values": [(each.replace("_", " "), _plain(item[each])) for each in item if each not in _ENVELOPE],
            "citations": item.get("citations") or [],
        }
        for name, items in chronicle.items()
        for item in items
    ]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        is_bare = value.keys() == {"best"}
        return _plain(value["best"]) if is_bare else ", ".join(f"{name} {_plain(value[name])}" for name in value)
    return str(value)
