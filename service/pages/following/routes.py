"""The routes of the pages for those who follow what changes."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import render_template, request, url_for

from projections.clocks import Asked
from service.pages import error_pages
from service.pages.following.checks import checks_page
from service.pages.following.pasted import links_in
from service.web.access import chronology, needs, takes_large_forms
from service.web.dear_questions import dear

routes = error_pages.blueprint("following")

_FEEDS = (("Atom", "atom"), ("JSON Feed", "json"))


@routes.app_template_global("feeds_of")
def feeds_of(**followed: str) -> list[tuple[str, str]]:
    """For a page: the feeds of what is followed, each by its name."""
    query = f"?{urlencode(followed)}" if followed else ""
    return [(name, url_for("feeds.show_feed", suffix=suffix) + query) for name, suffix in _FEEDS]


@routes.get("/checks")
@dear(lambda: "address" in request.args)
def checks() -> str:
    """Where an article or a list of links is pasted; or which of the addresses given still read so."""
    return _shown("\n".join(request.args.getlist("address")))


@routes.post("/checks")
@needs("reader")
@takes_large_forms
@dear()
def check_pasted() -> str:
    """Which links of the article or list still read so, and what changed of the others."""
    return _shown(request.form.get("text", ""), is_asked=True)


def _shown(text: str, *, is_asked: bool = False) -> str:
    hosts = {request.host.lower(), urlsplit(chronology().settings.address).netloc.lower()}
    context: dict[str, Any] = {"text": text, "asked": is_asked or bool(text)}
    if context["asked"]:
        with chronology().ask(Asked()) as (snapshot, _):
            context |= checks_page(snapshot, links_in(text, hosts))
    return render_template("checks.html", **context)
