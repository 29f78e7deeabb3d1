"""Facts: recorded, amended, listed, and shown with their whole stream."""

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from flask import Response

from events.amending import amend
from events.bounds import UNBOUNDED, Bounds, bounds_of, clock_bound
from events.errors import Invalid
from events.recording import record_facts
from events.redacting import redact
from events.writing import Receipt
from projections.clocks import Asked
from projections.facts import fact, page_of_facts
from service.access import desk, needs, recorder
from service.answers import answer, answer_at, listed
from service.api import documented
from service.api.blueprints import blueprint, refusals
from service.api.proposals import write
from service.bodies import ClocksSchema, PageSchema, asked_in, json_body, takes
from service.cursors import cursor_after, resumed
from service.schemas import AmendmentSchema, FactSchema, ReasonSchema

routes = blueprint("facts", "What sources say happened, and what was said of that later")

ANY_TIME: Bounds = UNBOUNDED
MOST_AT_ONCE = 10_000
_FILTERS = ("subject", "kind", "source", "actor", "q")
_ONE_OR_MANY = {"anyOf": [FactSchema(), {"type": "array", "minItems": 1, "items": FactSchema()}]}
_CONTENT = {"application/json": {"schema": _ONE_OR_MANY}}


class FactsQuery(PageSchema):
    """Filters of the list of facts."""

    subject = ma.fields.String()
    kind = ma.fields.String()
    source = ma.fields.String()
    actor = ma.fields.String()
    q = ma.fields.String(validate=ma.validate.Length(max=200), metadata={"description": "Words in quotes or values"})
    since = ma.fields.String(data_key="from", metadata={"description": "Occurred on that day or later"})
    until = ma.fields.String(data_key="to", metadata={"description": "Occurred on that day or before"})


@routes.post("/facts")
@needs("recorder")
@routes.response(201, documented.RECEIPTS)
@routes.alt_response(202, schema=documented.PROPOSAL_RECEIPT, description="It waits for an editor")
@refusals(routes, writes=True)
@routes.doc(requestBody={"required": True, "content": _CONTENT})
def record() -> Response:
    """Record one fact, or an array of facts: all of them or none."""
    body = json_body()
    bodies = body if isinstance(body, list) else [body]
    if not 1 <= len(bodies) <= MOST_AT_ONCE:
        raise Invalid.at("", f"an array of {len(bodies)} facts: at least 1, at most {MOST_AT_ONCE}")
    pointers = [f"/{index}" for index in range(len(bodies))] if isinstance(body, list) else [""]
    schema = FactSchema()
    read = [schema.read(each, pointer) for each, pointer in zip(bodies, pointers, strict=True)]

    def recorded(receipts: Sequence[Receipt]) -> Response:
        written = [{"id": receipt.id, "position": receipt.position} for receipt in receipts]
        status = 201 if any(receipt.created for receipt in receipts) else 200
        return answer(written if isinstance(body, list) else written[0], status)

    return write(lambda call: record_facts(call, read, pointers), {"facts": read}, recorded)


@routes.get("/facts")
@routes.response(200, documented.FACTS)
@refusals(routes)
@routes.arguments(FactsQuery, location="query")
def list_facts(query: dict[str, Any]) -> Response:
    """Facts visible at the given clocks, in the order of their recording."""
    filters = {name: query.get(name) for name in _FILTERS}
    span = {"from": query.get("since"), "to": query.get("until")}
    asked, after = resumed(query.get("cursor"), asked_in(query), filters | span)
    within = Bounds(_day(query, "since", "from", asked, first=True), _day(query, "until", "to", asked, first=False))
    with desk().ask(asked) as (snapshot, clocks):
        found, last = page_of_facts(snapshot, clocks, filters, within, after or 0, query["limit"])
        following = None if last is None else cursor_after(clocks, last, filters | span)
        joined = listed("facts", (each.json for each in found), next=following, asked=clocks.repeated())
        return answer_at(snapshot, clocks, joined)


def _day(query: dict[str, Any], name: str, shown: str, asked: Asked, *, first: bool) -> int | None:
    """The bound of `from` (inclusive: its first moment) or `to` (exclusive: behind its last)."""
    text = query.get(name)
    if not text:
        return None
    try:
        bound = clock_bound(text, asked.zone)
        return _start(text, asked.zone, bound) if first else bound
    except ValueError as error:
        raise Invalid.at(f"/{shown}", str(error)) from None


def _start(text: str, zone: str, bound: int) -> int:
    if "T" in text.upper():
        return bound - 1
    lo = bounds_of(text, zone).lo
    assert lo is not None
    return lo


@routes.get("/facts/<fact_id>")
@routes.response(200, documented.FACT)
@refusals(routes)
@routes.arguments(ClocksSchema, location="query")
def show_fact(query: dict[str, Any], fact_id: str) -> Response:
    """One fact as it stands at the clocks, and its whole stream."""
    with desk().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, lambda: fact(snapshot, fact_id, clocks))


def _amended(fact_id: str, call: str, given: dict[str, Any], withdraws: int | None = None) -> Response:
    return _receipt(fact_id, desk().write(recorder(), lambda writing: amend(writing, fact_id, call, given, withdraws)))


def _receipt(fact_id: str, receipt: Receipt) -> Response:
    written = {"fact": fact_id, "n": receipt.n, "position": receipt.position}
    return answer(written, 201 if receipt.created else 200)


@routes.post("/facts/<fact_id>/corroborations")
@needs("recorder")
@routes.response(201, documented.AMENDMENT_RECEIPT)
@routes.alt_response(202, schema=documented.PROPOSAL_RECEIPT, description="It waits for an editor")
@refusals(routes, writes=True)
@takes(routes, AmendmentSchema())
def corroborate(given: dict[str, Any], fact_id: str) -> Response:
    """Add citations: a further source says the same."""
    proposed = {"amendments": [{**given, "fact": fact_id, "call": "corroborations"}]}
    return write(
        lambda call: [amend(call, fact_id, "corroborations", given)], proposed, lambda made: _receipt(fact_id, made[0])
    )


def _editors_call(name: str, about: str) -> None:
    @routes.post(f"/facts/<fact_id>/{name}", endpoint=name)
    @needs("editor")
    @routes.response(201, documented.AMENDMENT_RECEIPT)
    @refusals(routes, writes=True)
    @takes(routes, AmendmentSchema())
    def route(given: dict[str, Any], fact_id: str) -> Response:
        return _amended(fact_id, name, given)

    route.__doc__ = about


_editors_call("disputes", "Record a rival value that somebody says.")
_editors_call("corrections", "Replace values, as a source corrects itself or as we repair our reading.")
_editors_call("retractions", "Take the report back, as its source does or as we do.")
_editors_call("reinstatements", "Lift the last retraction in force.")


@routes.post("/facts/<fact_id>/amendments/<int:n>/withdrawal")
@needs("editor")
@routes.response(201, documented.AMENDMENT_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, AmendmentSchema())
def withdraw(given: dict[str, Any], fact_id: str, n: int) -> Response:
    """Undo the numbered amendment."""
    return _amended(fact_id, "withdrawal", given, withdraws=n)


@routes.post("/facts/<fact_id>/redactions")
@needs("admin")
@routes.response(201, documented.RECEIPT)
@refusals(routes, writes=True)
@takes(routes, ReasonSchema())
def erase(given: dict[str, Any], fact_id: str) -> Response:
    """Erase the fact's words for good: its texts, names and quotes. Its dates, numbers and ids stay."""
    receipt = desk().write(recorder(), lambda call: redact(call, "fact", fact_id, given))
    return answer({"id": fact_id, "position": receipt.position}, 201 if receipt.created else 200)
