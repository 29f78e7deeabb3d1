"""For those who follow what changes: which links in an article still hold, and the feeds of pages."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import render_template, request, url_for

from events.errors import ChronologyError
from projections.clocks import Asked, clocks_for
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.following.followed import CitedAddress
from projections.queries.following.messages import Change
from projections.queries.history.checks import Check, check
from projections.store.snapshots import Snapshot
from service.pages import error_pages
from service.pages.following.pasted import Pasted, links_in
from service.web.access import chronology, needs, takes_large_forms
from service.web.dear_questions import dear
from service.wording.causes import cause_in_words
from service.wording.message_wording import changes_in_words
from service.wording.names import Names
from service.wording.phrases import plain, sentence

_FEEDS = (("Atom", "atom"), ("JSON Feed", "json"))
_MOST_SHOWN = 12

routes = error_pages.blueprint("following")


@routes.app_template_global("feeds_of")
def feeds_of(**followed: str | list[str]) -> list[tuple[str, str]]:
    """For a page: the feeds of what is followed, each by its name."""
    query = f"?{urlencode(followed, doseq=True)}" if followed else ""
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
            context |= _checked(snapshot, links_in(text, hosts))
    return render_template("checks.html", **context)


def _checked(snapshot: Snapshot, pasted: Pasted) -> dict[str, Any]:
    """What the page shows of the links: those that changed first, as they stand in the text."""
    rows, others = [], [*pasted.others]
    for each in pasted.cited:
        try:
            rows.append(_row(snapshot, each, check(snapshot, *each)))
        except ChronologyError as error:
            others.append((each.address, error.sentence))
    addresses = [row["address"] for row in rows]
    return {
        "rows": sorted(rows, key=lambda row: row["stands"]),
        "others": others,
        "is_cut": pasted.is_cut,
        "changed": sum(not row["stands"] for row in rows),
        "feeds": dict(feeds_of(address=addresses)),
        "again": url_for("following.checks", address=addresses),
    }


def _row(snapshot: Snapshot, of: CitedAddress, found: Check) -> dict[str, Any]:
    now = clocks_for(snapshot, Asked())
    differences = found["differences"]
    subjects = dict.fromkeys(each["subject"] for each in differences)
    return {
        "address": of.address,
        "href": _own(of.address),
        "title": _title(snapshot, of),
        "position": found["position"],
        "stands": found["stands"],
        "more": max(0, len(differences) - _MOST_SHOWN),
        "changes": [
            {"words": words, "causes": [cause_in_words(cause) for cause in each["causes"]]}
            for subject in subjects
            for each, words in _worded(snapshot, subject, found, now)
        ][:_MOST_SHOWN],
    }


def _worded(snapshot: Snapshot, subject: str, found: Check, now: Any) -> Any:
    of_it = [each for each in found["differences"] if each["subject"] == subject]
    changes: list[Change] = [
        {"finding": each["finding"], "before": each["from"], "after": each["to"]} for each in of_it
    ]
    return zip(of_it, changes_in_words(snapshot, subject, changes, now)[1], strict=True)


def _title(snapshot: Snapshot, of: CitedAddress) -> str:
    """What was cited is called, as of then; of a fact its sentence."""
    sort, name = of.cited.sort, of.cited.name
    if name is None:
        return "All matters, compared"
    names = Names(snapshot, clocks_for(snapshot, Asked(position=of.cited.position)))
    fact = facts_named(snapshot, [name], names.clocks).get(name) if sort == "fact" else None
    if fact is None:
        return names.named(name) + (", compared" if sort == "diff" else "")
    names.know([{"subject": fact.subject, "fields": fact.values}])
    return plain(sentence(fact.kind, fact.values, names.named))


def _own(address: str) -> str:
    """The address as a page of this service."""
    path = address[address.index("/", address.index("//") + 2) :] if "//" in address else address
    return path.replace("/api/v1/diff", "/compare", 1).removeprefix("/api/v1")
