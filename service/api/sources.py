"""Sources: documents taken in, revised, repaired and read back."""

from typing import TypedDict

from flask import Response

from events.commands.record_sources import correct_source, lost_quotes, register_source, revise_source, withdraw_source
from events.field_types import JsonObject
from projections.clocks import Asked, AskedClocks, asked_in
from projections.queries.evidence import sources
from projections.queries.evidence.facts import facts_citing
from projections.queries.evidence.sources import SourceText, SourceView
from projections.store.snapshots import Snapshot
from service.api.blueprints import Query, blueprint
from service.api.receipts import (
    QuotedFact,
    Recorded,
    RecordedSource,
    RevisedSource,
    WithdrawnSource,
    created,
    recorded,
    recorded_source,
)
from service.chronicle.schemas import (
    ReasonSchema,
    RevisionSchema,
    SourceCorrectionSchema,
    SourceSchema,
    SourceWithdrawalSchema,
)
from service.web.access import chronology, needs, recorder
from service.web.cursors import cursor_after, resumed
from service.web.fact_pages import FactPage, facts_asked, facts_page
from service.web.parameters import ClocksSchema, PageSchema, number, takes
from service.web.responses import answer_at

routes = blueprint("sources", "Documents, their versions and what rests on them")


class SourceAtClocks(SourceView):
    """A source as noted at the clocks asked."""

    asked: AskedClocks


class SourcePage(TypedDict):
    """A page of sources."""

    sources: list[SourceView]
    next: str | None
    asked: AskedClocks


class TextQuery(ClocksSchema):
    """Which version's text."""

    version = number("The latest if not given", 1, 2**31 - 1)


@routes.post("/sources", endpoint="register_source")
@needs("recorder")
@routes.response(201, RecordedSource)
@takes(routes, SourceSchema())
def register(given: JsonObject) -> Response:
    """Take in a document."""
    receipt = chronology().write(recorder(), lambda call: register_source(call, given))
    return created(receipt, recorded_source(receipt))


@routes.post("/sources/<source>/revisions", endpoint="revise_source")
@needs("recorder")
@routes.response(201, RevisedSource)
@takes(routes, RevisionSchema())
def revise(given: JsonObject, source: str) -> Response:
    """Take in a changed text of a document; answers with the facts whose quote is gone."""
    receipt = chronology().write(recorder(), lambda call: revise_source(call, source, given))
    with chronology().ask(Asked(position=receipt.position), fresh=True) as (snapshot, _):
        lost = lost_facts(snapshot, source, given["text"], receipt.position)
    revised: RevisedSource = {**recorded_source(receipt), "lost": lost}
    return created(receipt, revised)


def lost_facts(snapshot: Snapshot, source: str, text: str, position: int) -> list[QuotedFact]:
    """The facts resting on words of the source that do not stand in the text, with those words."""
    cited = facts_citing(snapshot, source, position)
    gone = {id(citation) for citation in lost_quotes(text, [citation for _, citation in cited])}
    return [{"fact": fact, "exact": citation["exact"]} for fact, citation in cited if id(citation) in gone]


@routes.post("/sources/<source>/corrections", endpoint="correct_source")
@needs("editor")
@routes.response(201, Recorded)
@takes(routes, SourceCorrectionSchema())
def correct(given: JsonObject, source: str) -> Response:
    """Repair what we noted about a document."""
    receipt = chronology().write(recorder(), lambda call: correct_source(call, source, given))
    return created(receipt, recorded(receipt, source))


@routes.post("/sources/<source>/withdrawals", endpoint="withdraw_source")
@needs("editor")
@routes.response(201, WithdrawnSource)
@takes(routes, SourceWithdrawalSchema())
def withdraw(given: JsonObject, source: str) -> Response:
    """Note that the publisher took the document back; answers with the facts that rested on it."""
    receipt = chronology().write(recorder(), lambda call: withdraw_source(call, source, given))
    with chronology().ask(Asked(position=receipt.position), fresh=True) as (snapshot, _):
        cited = facts_citing(snapshot, source, receipt.position)
    rested: list[QuotedFact] = [{"fact": fact, "exact": citation["exact"]} for fact, citation in cited]
    withdrawn: WithdrawnSource = {**recorded(receipt, source), "rested": rested}
    return created(receipt, withdrawn)


@routes.post("/sources/<source>/redactions")
@needs("admin")
@routes.response(201, Recorded)
@takes(routes, ReasonSchema())
def redact_source(given: JsonObject, source: str) -> Response:
    """Erase the document's text for good, and all words that facts cite of it."""
    receipt = chronology().erase(recorder(), "source", source, given)
    return created(receipt, recorded(receipt, source))


@routes.get("/sources")
@routes.response(200, SourcePage)
@routes.arguments(PageSchema)
def list_sources(query: Query) -> Response:
    """Sources in the order of their ids."""
    asked, after = resumed(query.get("cursor"), asked_in(query), {}, "")
    with chronology().ask(asked) as (snapshot, clocks):
        found, last = sources.page_of_sources(snapshot, clocks, after, query["limit"])
        following = None if last is None else cursor_after(clocks, last, {})
        page: SourcePage = {"sources": found, "next": following, "asked": clocks.repeated()}
        return answer_at(snapshot, clocks, page)


@routes.get("/sources/<source>")
@routes.response(200, SourceAtClocks)
@routes.arguments(ClocksSchema)
def show_source(query: Query, source: str) -> Response:
    """One source: what is noted about it, its versions and repairs."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        noted = sources.source(snapshot, source, clocks)
        found: SourceAtClocks = {**noted, "asked": clocks.repeated()}
        return answer_at(snapshot, clocks, found)


@routes.get("/sources/<source>/text")
@routes.response(200, SourceText)
@routes.arguments(TextQuery)
def show_source_text(query: Query, source: str) -> Response:
    """The text of a version, the latest if none is named."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, sources.text(snapshot, source, query.get("version"), clocks))


@routes.get("/sources/<source>/facts")
@routes.response(200, FactPage)
@routes.arguments(PageSchema)
def list_facts_of_source(query: Query, source: str) -> Response:
    """The facts that rest on the source at the given clocks."""
    wanted = facts_asked({**query, "source": source})
    with chronology().ask(wanted.asked) as (snapshot, clocks):
        sources.source(snapshot, source, clocks)  # an unknown one is not an empty list
        return answer_at(snapshot, clocks, facts_page(snapshot, wanted, clocks))
