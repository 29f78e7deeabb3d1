"""Facts: recorded, amended, listed, and shown with their whole stream."""

from collections.abc import Callable, Sequence
from typing import NotRequired, TypedDict

from flask import Response, request

from events.commands.amend_facts import amend
from events.commands.record_facts import read_as_far_as_whole, record_read
from events.errors import Invalid, all_of
from events.field_types import JsonObject
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked, AtClocks, Clocks, asked_in, span_of
from projections.queries.evidence.citations import DoubtfulCitation, page_of_citations
from projections.queries.evidence.fact_pages import FILTERS, FLAGS, SORTS, Key, page_of_facts
from projections.queries.evidence.fact_views import FactView
from projections.queries.evidence.facts import HiddenFact, VisibleFact, fact
from projections.store.snapshots import Snapshot
from service.api.blueprints import IF_MATCH, Query, blueprint, named
from service.api.exchange.in_formats import also_in_formats
from service.api.receipts import (
    ErasureUnderWay,
    Position,
    Recorded,
    Warned,
    created,
    erased,
    recorded,
    warnings_of,
    write,
)
from service.chronicle.schemas import AmendmentSchema, FactSchema, ReasonSchema
from service.web.access import chronology, needs
from service.web.addresses.cursors import cursor_after, resumed
from service.web.dear_questions import dear
from service.web.parameters import CitationsQuery, ClocksSchema, FactsQuery, json_body, takes
from service.web.recording.sending import if_unchanged
from service.web.responses import answer, answer_at, is_expected, linked, located

routes = blueprint("facts", "What sources say happened, and what was said of that later")

MOST_AT_ONCE = 10_000
_ASKED = (*FILTERS, *FLAGS, "sort", "undated")
_ONE_OR_MANY = {"anyOf": [FactSchema(), {"type": "array", "minItems": 1, "items": FactSchema()}]}
_CONTENT = {"application/json": {"schema": _ONE_OR_MANY}}

RecordedFacts = named("RecordedFacts", Recorded | list[Recorded], "One for a fact; for an array of facts, one for each")
FactAtClocks = named("FactAtClocks", VisibleFact | HiddenFact, "A fact at the clocks asked, with its whole stream")


class AmendedFact(TypedDict):
    """A fact, and the number of what was recorded of it."""

    fact: str
    n: int
    position: Position
    warnings: NotRequired[list[Warned]]


class FactPage(AtClocks):
    """A page of the facts that are visible at the clocks asked."""

    facts: list[FactView]
    next: str | None


class CitationPage(AtClocks):
    """A page of the citations that do not stand at the clocks asked."""

    citations: list[DoubtfulCitation]
    next: str | None


@routes.post("/facts")
@needs("recorder")
@routes.writes(RecordedFacts)
@routes.doc(requestBody={"required": True, "content": _CONTENT})
def record_fact() -> Response:
    """Record one fact, or an array of facts: all of them or none."""
    body = json_body()
    bodies = body if isinstance(body, list) else [body]
    if not 1 <= len(bodies) <= MOST_AT_ONCE:
        raise Invalid.at("", f"an array of {len(bodies)} facts: at least 1, at most {MOST_AT_ONCE}")
    pointers = [f"/{index}" for index in range(len(bodies))] if isinstance(body, list) else [""]
    read, refusals = read_as_far_as_whole(bodies, pointers)
    if refusals and not read:
        raise all_of(refusals)

    def answered(receipts: Sequence[Receipt]) -> Response:
        written = list(map(recorded, receipts))
        status = 201 if any(receipt.created for receipt in receipts) else 200
        if not isinstance(body, list):
            return located(answer(written[0], status), "facts.show_fact", fact_id=written[0]["id"])
        first = min((receipt.position for receipt in receipts if receipt.created), default=1)
        return located(answer(written, status), "history.list_events", after=first - 1)

    return write(lambda unit: record_read(unit, read, refusals), {"facts": [fact.as_sent() for fact in read]}, answered)


@routes.get("/facts")
@also_in_formats(routes, "facts", FactsQuery, FactPage)
@dear(lambda: "q" in request.args or "contested" in request.args)
def list_facts(query: Query) -> Response:
    """Facts visible at the given clocks; each says whether its date had certainly or possibly come by `at`, or not yet.

    `at` leaves none out.
    """
    return answer_facts(query, lambda *_: None)


def answer_facts(query: Query, check: Callable[[Snapshot, Clocks], object]) -> Response:
    """A page of the facts that the parameters ask for, if the check lets them pass."""
    filters = {name: query.get(name) for name in _ASKED}
    span = {"from": query.get("since"), "to": query.get("until")}
    first: Key = 0 if query.get("sort", SORTS[0]) == SORTS[0] else b""
    asked, after = resumed(query.get("cursor"), asked_in(query), filters | span, first)
    within = span_of(asked, *span.values())
    with chronology().ask(asked) as (snapshot, clocks):
        check(snapshot, clocks)
        facts, last = page_of_facts(snapshot, clocks, filters, within, after, query["limit"])
        following = None if last is None else cursor_after(clocks, last, filters | span)
        page = FactPage(facts=facts, next=following, **clocks.stated())
        return linked(answer_at(snapshot, clocks, page), cursor=following)


@routes.get("/citations")
@routes.response(200, CitationPage)
@routes.arguments(CitationsQuery)
def list_citations(query: Query) -> Response:
    """Citations that do not stand, fact by fact."""
    standing = query["standing"]
    asked, after = resumed(query.get("cursor"), asked_in(query), {"standing": standing}, 0)
    with chronology().ask(asked) as (snapshot, clocks):
        found, last = page_of_citations(snapshot, clocks, standing, after, query["limit"])
        following = None if last is None else cursor_after(clocks, last, {"standing": standing})
        page = CitationPage(citations=found, next=following, **clocks.stated())
        return linked(answer_at(snapshot, clocks, page), cursor=following)


@routes.get("/facts/<fact_id>")
@routes.response(200, FactAtClocks)
@routes.arguments(ClocksSchema)
def show_fact(query: Query, fact_id: str) -> Response:
    """One fact as it stands at the clocks, and its whole stream; without clocks its ETag may be sent as If-Match."""
    asked = asked_in(query)
    with chronology().ask(asked) as (snapshot, clocks):
        if asked != Asked():
            return answer_at(snapshot, clocks, lambda: fact(snapshot, fact_id, clocks))
        found = fact(snapshot, fact_id, clocks)
        return answer_at(snapshot, clocks, found, version=len(found["stream"]))


def _amended(fact_id: str, name: str, given: JsonObject, withdraws: int | None = None) -> Response:
    """Amend a fact that is as the sender has seen it."""
    call = {"call": name} if withdraws is None else {"withdraw": withdraws}

    def decide(unit: UnitOfWork) -> Sequence[Receipt]:
        return if_unchanged(unit, "fact", fact_id, is_expected, lambda: [amend(unit, fact_id, name, given, withdraws)])

    return write(decide, {"amendments": [{**given, "fact": fact_id, **call}]}, lambda made: _receipt(fact_id, made[0]))


def _receipt(fact_id: str, receipt: Receipt) -> Response:
    body: AmendedFact = {"fact": fact_id, "n": receipt.n, "position": receipt.position}
    if receipt.warnings:
        body["warnings"] = warnings_of(receipt)
    return created(receipt, body, "facts.show_fact", fact_id=fact_id)


def _call(role: str, name: str, operation: str, about: str) -> None:
    def amended(given: JsonObject, fact_id: str) -> Response:
        return _amended(fact_id, name, given)

    amended.__doc__ = about  # before it is registered, so that the document has it
    written = routes.writes(AmendedFact, IF_MATCH)(takes(routes, AmendmentSchema())(amended))
    routes.post(f"/facts/<fact_id>/{name}", endpoint=operation)(needs(role)(written))


_call("recorder", "corroborations", "corroborate_fact", "Add citations: a further source says the same.")
_call("editor", "disputes", "dispute_fact", "Record a rival value that somebody says.")
_call("editor", "corrections", "correct_fact", "Replace values, as a source does or as we do.")
_call("editor", "retractions", "retract_fact", "Take the report back, as its source does or as we do.")
_call("editor", "reinstatements", "reinstate_fact", "Lift the last retraction in force.")


@routes.post("/facts/<fact_id>/amendments/<int:n>/withdrawal")
@needs("editor")
@routes.writes(AmendedFact, IF_MATCH)
@takes(routes, AmendmentSchema())
def withdraw_amendment(given: JsonObject, fact_id: str, n: int) -> Response:
    """Undo the numbered amendment."""
    return _amended(fact_id, "withdrawal", given, withdraws=n)


@routes.post("/facts/<fact_id>/redactions")
@needs("admin")
@routes.response(201, Recorded)
@routes.response(202, ErasureUnderWay)
@takes(routes, ReasonSchema())
def redact_fact(given: JsonObject, fact_id: str) -> Response:
    """Erase the fact's words for good: its texts, names and quotes. Its dates, numbers and ids stay."""
    return erased("fact", fact_id, given)
