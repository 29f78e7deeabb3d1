"""Sources: documents taken in, revised, repaired and read back."""

from typing import Any

import marshmallow as ma
from flask import Response

from events.commands.record_sources import correct_source, lost_quotes, register_source, revise_source, withdraw_source
from events.commands.redact import redact
from projections.clocks import Asked
from projections.queries.evidence import sources
from projections.queries.evidence.facts import facts_citing
from projections.store.snapshots import Snapshot
from service.api import response_schemas as documented
from service.api.blueprints import blueprint, refusals
from service.chronicle.schemas import (
    ReasonSchema,
    RevisionSchema,
    SourceCorrectionSchema,
    SourceSchema,
    SourceWithdrawalSchema,
)
from service.web.access import chronology, needs, recorder
from service.web.cursors import cursor_after, resumed
from service.web.fact_pages import facts_asked, facts_page
from service.web.parameters import ClocksSchema, PageSchema, asked_in, takes
from service.web.responses import answer, answer_at

routes = blueprint("sources", "Documents, their versions and what rests on them")


class TextQuery(ClocksSchema):
    """Which version's text."""

    version = ma.fields.Integer(validate=ma.validate.Range(min=1, max=2**31 - 1))


@routes.post("/sources")
@needs("recorder")
@routes.response(201, documented.SOURCE_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, SourceSchema())
def register(given: dict[str, Any]) -> Response:
    """Take in a document."""
    receipt = chronology().write(recorder(), lambda call: register_source(call, given))
    return answer(_receipt(receipt), 201 if receipt.created else 200)


@routes.post("/sources/<source>/revisions")
@needs("recorder")
@routes.response(201, documented.REVISION_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, RevisionSchema())
def revise(given: dict[str, Any], source: str) -> Response:
    """Take in a changed text of a document; answers with the facts whose quote is gone."""
    receipt = chronology().write(recorder(), lambda call: revise_source(call, source, given))
    with chronology().ask(Asked(position=receipt.position), fresh=True) as (snapshot, _):
        lost = lost_facts(snapshot, source, given["text"], receipt.position)
    return answer({**_receipt(receipt), "lost": lost}, 201 if receipt.created else 200)


def lost_facts(snapshot: Snapshot, source: str, text: str, position: int) -> list[dict[str, str]]:
    """The facts resting on words of the source that do not stand in the text, with those words."""
    cited = facts_citing(snapshot, source, position)
    gone = {id(citation) for citation in lost_quotes(text, [citation for _, citation in cited])}
    return [{"fact": fact, "exact": citation["exact"]} for fact, citation in cited if id(citation) in gone]


@routes.post("/sources/<source>/corrections")
@needs("editor")
@routes.response(201, documented.RECEIPT)
@refusals(routes, writes=True)
@takes(routes, SourceCorrectionSchema())
def correct(given: dict[str, Any], source: str) -> Response:
    """Repair what we noted about a document."""
    receipt = chronology().write(recorder(), lambda call: correct_source(call, source, given))
    return answer({"id": source, "position": receipt.position}, 201 if receipt.created else 200)


@routes.post("/sources/<source>/withdrawals")
@needs("editor")
@routes.response(201, documented.WITHDRAWAL_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, SourceWithdrawalSchema())
def withdraw(given: dict[str, Any], source: str) -> Response:
    """Note that the publisher took the document back; answers with the facts that rested on it."""
    receipt = chronology().write(recorder(), lambda call: withdraw_source(call, source, given))
    with chronology().ask(Asked(position=receipt.position), fresh=True) as (snapshot, _):
        cited = facts_citing(snapshot, source, receipt.position)
    rested = [{"fact": fact, "exact": citation["exact"]} for fact, citation in cited]
    return answer({"id": source, "position": receipt.position, "rested": rested}, 201 if receipt.created else 200)


@routes.post("/sources/<source>/redactions")
@needs("admin")
@routes.response(201, documented.RECEIPT)
@refusals(routes, writes=True)
@takes(routes, ReasonSchema())
def erase(given: dict[str, Any], source: str) -> Response:
    """Erase the document's text for good, and all words that facts cite of it."""
    receipt = chronology().write(recorder(), lambda call: redact(call, "source", source, given))
    return answer({"id": source, "position": receipt.position}, 201 if receipt.created else 200)


@routes.get("/sources")
@routes.response(200, documented.SOURCES)
@refusals(routes)
@routes.arguments(PageSchema, location="query")
def list_sources(query: dict[str, Any]) -> Response:
    """Sources in the order of their ids."""
    asked, after = resumed(query.get("cursor"), asked_in(query), {})
    with chronology().ask(asked) as (snapshot, clocks):
        found, last = sources.page_of_sources(snapshot, clocks.position, after or "", query["limit"])
        following = None if last is None else cursor_after(clocks, last, {})
        return answer_at(snapshot, clocks, {"sources": found, "next": following, "asked": clocks.repeated()})


@routes.get("/sources/<source>")
@routes.response(200, documented.SOURCE)
@refusals(routes)
@routes.arguments(ClocksSchema, location="query")
def show_source(query: dict[str, Any], source: str) -> Response:
    """One source: what is noted about it, its versions and repairs."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(
            snapshot, clocks, {**sources.source(snapshot, source, clocks.position), "asked": clocks.repeated()}
        )


@routes.get("/sources/<source>/text")
@routes.response(200, documented.SOURCE_TEXT)
@refusals(routes)
@routes.arguments(TextQuery, location="query")
def show_text(query: dict[str, Any], source: str) -> Response:
    """The text of a version, the latest if none is named."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, sources.text(snapshot, source, query.get("version"), clocks.position))


@routes.get("/sources/<source>/facts")
@routes.response(200, documented.FACTS)
@refusals(routes)
@routes.arguments(PageSchema, location="query")
def list_facts_of(query: dict[str, Any], source: str) -> Response:
    """The facts that rest on the source at the given clocks."""
    wanted = facts_asked({**query, "source": source})
    with chronology().ask(wanted.asked) as (snapshot, clocks):
        sources.source(snapshot, source, clocks.position)  # an unknown one is not an empty list
        return answer_at(snapshot, clocks, facts_page(snapshot, wanted, clocks))


def _receipt(receipt: Any) -> dict[str, Any]:
    return {"id": receipt.id, "version": receipt.edition, "sha256": receipt.sha256, "position": receipt.position}
