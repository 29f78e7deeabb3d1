"""Sources: documents taken in, revised, repaired and read back."""

from collections.abc import Callable, Sequence
from typing import TypedDict

from flask import Response

from events.commands.record_sources import (
    correct_source,
    lost_quotes,
    register_source,
    revise_source,
    withdraw_source,
    withdraw_withdrawal,
)
from events.field_types import Json, JsonObject
from events.history.streams import StoredCitation
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked, AtClocks, asked_in
from projections.queries.evidence import sources
from projections.queries.evidence.facts import facts_citing
from projections.queries.evidence.reprints import RepeatedSource, repeated_sources
from projections.queries.evidence.sources import SourceText, SourceView
from service.api.blueprints import Query, blueprint
from service.api.facts import FactPage, answer_facts
from service.api.receipts import ErasureUnderWay, Recorded, created, erased, recorded, write
from service.chronicle.schemas import (
    OurActSchema,
    ReasonSchema,
    RevisionSchema,
    SourceCorrectionSchema,
    SourceSchema,
    SourceWithdrawalSchema,
)
from service.web.access import chronology, needs
from service.web.addresses.cursors import cursor_after, resumed
from service.web.parameters import ClocksSchema, PageSchema, number, takes
from service.web.responses import answer_at, linked

routes = blueprint("sources", "Documents, their versions and what rests on them")

_SHOWN = "sources.show_source"


class RecordedSource(Recorded):
    """A source, its latest version, and the hash of that version's text."""

    version: int
    sha256: str


class TakenInSource(RecordedSource):
    """A source that was taken in, and the sources whose words its text seems to repeat; they count apart until said."""

    repeats: list[RepeatedSource]


class QuotedFact(TypedDict):
    """A fact, and words that it cites."""

    fact: str
    exact: str


class RevisedSource(TakenInSource):
    """A source that has a new version, and the facts whose quote that version lacks."""

    lost: list[QuotedFact]


class WithdrawnSource(Recorded):
    """A source that was taken back, or is so no more, the number of that act, and the facts that rest on it."""

    n: int
    rested: list[QuotedFact]


class SourceAtClocks(SourceView, AtClocks):
    """A source as noted at the clocks asked."""


class SourcePage(AtClocks):
    """A page of sources."""

    sources: list[SourceView]
    next: str | None


class TextQuery(ClocksSchema):
    """Which version's text."""

    version = number("The latest if not given", 1, 2**31 - 1)


@routes.post("/sources", endpoint="register_source")
@needs("recorder")
@routes.writes(TakenInSource)
@takes(routes, SourceSchema())
def register(given: JsonObject) -> Response:
    """Take in a document; the answer names the sources whose words it seems to repeat."""
    repeats = _repeats(given["id"], given)

    def answered(receipts: Sequence[Receipt]) -> Response:
        body = TakenInSource(**_recorded_source(receipts[0]), repeats=repeats)
        return created(receipts[0], body, _SHOWN, source=receipts[0].id)

    return write(lambda unit: [register_source(unit, given)], {"sources": [given]}, answered)


def _repeats(source: str, given: JsonObject) -> list[RepeatedSource]:
    """What the text seems to repeat of the views as they are; what the source is derived from is known already."""
    if "text" not in given:
        return []
    with chronology().ask(Asked(position=0)) as (snapshot, _):
        return repeated_sources(snapshot, given["text"], {source, *given.get("derived_from", ())})


def _recorded_source(receipt: Receipt) -> RecordedSource:
    assert receipt.edition is not None
    assert receipt.sha256 is not None
    return {**recorded(receipt), "version": receipt.edition, "sha256": receipt.sha256}


@routes.post("/sources/<source>/revisions", endpoint="revise_source")
@needs("recorder")
@routes.writes(RevisedSource)
@takes(routes, RevisionSchema())
def revise(given: JsonObject, source: str) -> Response:
    """Take in a changed text of a document; the answer names the facts whose quote is gone."""
    cited, repeats = _cited(source), _repeats(source, given)
    gone = {id(citation) for citation in lost_quotes(given["text"], [citation for _, citation in cited])}
    lost = [QuotedFact(fact=fact, exact=citation["exact"]) for fact, citation in cited if id(citation) in gone]

    def answered(receipts: Sequence[Receipt]) -> Response:
        body = RevisedSource(**_recorded_source(receipts[0]), repeats=repeats, lost=lost)
        return created(receipts[0], body, _SHOWN, source=source)

    proposed = {"amendments": [{**given, "source": source, "call": "revisions"}]}
    return write(lambda unit: [revise_source(unit, source, given)], proposed, answered)


@routes.post("/sources/<source>/corrections", endpoint="correct_source")
@needs("editor")
@routes.writes(Recorded)
@takes(routes, SourceCorrectionSchema())
def correct(given: JsonObject, source: str) -> Response:
    """Repair what we noted about a document."""

    def answered(receipts: Sequence[Receipt]) -> Response:
        return created(receipts[0], recorded(receipts[0], source), _SHOWN, source=source)

    proposed = {"amendments": [{**given, "source": source, "call": "corrections"}]}
    return write(lambda unit: [correct_source(unit, source, given)], proposed, answered)


@routes.post("/sources/<source>/withdrawals", endpoint="withdraw_source")
@needs("editor")
@routes.writes(WithdrawnSource)
@takes(routes, SourceWithdrawalSchema())
def withdraw(given: JsonObject, source: str) -> Response:
    """Note that the publisher took the document back; the answer names the facts that rested on it."""
    return _withdrawn(source, given, lambda unit: withdraw_source(unit, source, given), call="withdrawals")


@routes.post("/sources/<source>/withdrawals/<int:n>/withdrawal", endpoint="withdraw_withdrawal")
@needs("editor")
@routes.writes(WithdrawnSource)
@takes(routes, OurActSchema())
def undo_withdrawal(given: JsonObject, source: str, n: int) -> Response:
    """Take back that the document was withdrawn; the answer names the facts that rest on it."""
    return _withdrawn(source, given, lambda unit: withdraw_withdrawal(unit, source, n, given), withdraw=n)


def _withdrawn(source: str, given: JsonObject, decide: Callable[[UnitOfWork], Receipt], **call: Json) -> Response:
    """Record that a document was taken back, or was not; `call` says which, as a chronicle does."""
    rested = [QuotedFact(fact=fact, exact=citation["exact"]) for fact, citation in _cited(source)]

    def answered(receipts: Sequence[Receipt]) -> Response:
        body = WithdrawnSource(**recorded(receipts[0], source), n=receipts[0].n, rested=rested)
        return created(receipts[0], body, _SHOWN, source=source)

    return write(lambda unit: [decide(unit)], {"amendments": [{**given, "source": source, **call}]}, answered)


def _cited(source: str) -> list[tuple[str, StoredCitation]]:
    """What is cited of the source, found before anything is recorded, so that what is recorded is not refused."""
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        return facts_citing(snapshot, source, snapshot.position)


@routes.post("/sources/<source>/redactions")
@needs("admin")
@routes.response(201, Recorded)
@routes.response(202, ErasureUnderWay)
@takes(routes, ReasonSchema())
def redact_source(given: JsonObject, source: str) -> Response:
    """Erase for good what is noted of the document in words, its texts, and all that facts cite of it."""
    return erased("source", source, given)


@routes.get("/sources")
@routes.response(200, SourcePage)
@routes.arguments(PageSchema)
def list_sources(query: Query) -> Response:
    """Sources in the order of their ids."""
    asked, after = resumed(query.get("cursor"), asked_in(query), {}, "")
    with chronology().ask(asked) as (snapshot, clocks):
        found, last = sources.page_of_sources(snapshot, clocks, after, query["limit"])
        following = None if last is None else cursor_after(clocks, last, {})
        page = SourcePage(sources=found, next=following, **clocks.stated())
        return linked(answer_at(snapshot, clocks, page), cursor=following)


@routes.get("/sources/<source>")
@routes.response(200, SourceAtClocks)
@routes.arguments(ClocksSchema)
def show_source(query: Query, source: str) -> Response:
    """One source: what is noted about it, its versions and repairs."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        found = sources.source(snapshot, source, clocks)
        return answer_at(snapshot, clocks, SourceAtClocks(**found, **clocks.stated()))


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
    query = {**query, "source": source}  # an unknown one is not an empty list
    return answer_facts(query, lambda snapshot, clocks: sources.source(snapshot, source, clocks))
