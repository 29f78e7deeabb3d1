"""Facts: recorded, amended, listed, and shown with their whole stream."""

from collections.abc import Sequence
from typing import Any

import marshmallow as ma
from flask import Response

from events.commands.amend_facts import amend
from events.commands.record_facts import read_facts, record_read
from events.commands.redact import redact
from events.errors import Invalid
from events.log.unit_of_work import Receipt
from projections.queries.evidence.facts import fact
from service.api import response_schemas as documented
from service.api.blueprints import blueprint, refusals
from service.api.proposals import write
from service.chronicle.schemas import AmendmentSchema, FactSchema, ReasonSchema
from service.web.access import chronology, needs, recorder
from service.web.fact_pages import facts_asked, facts_page
from service.web.parameters import ClocksSchema, PageSchema, asked_in, json_body, takes
from service.web.responses import answer, answer_at

routes = blueprint("facts", "What sources say happened, and what was said of that later")

MOST_AT_ONCE = 10_000
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
    read = read_facts(bodies, pointers)

    def recorded(receipts: Sequence[Receipt]) -> Response:
        written = [{"id": receipt.id, "position": receipt.position} for receipt in receipts]
        status = 201 if any(receipt.created for receipt in receipts) else 200
        return answer(written if isinstance(body, list) else written[0], status)

    return write(lambda unit: record_read(unit, read), {"facts": [fact.as_sent() for fact in read]}, recorded)


@routes.get("/facts")
@routes.response(200, documented.FACTS)
@refusals(routes)
@routes.arguments(FactsQuery, location="query")
def list_facts(query: dict[str, Any]) -> Response:
    """Facts visible at the given clocks, in the order of their recording."""
    wanted = facts_asked(query)
    with chronology().ask(wanted.asked) as (snapshot, clocks):
        return answer_at(snapshot, clocks, facts_page(snapshot, wanted, clocks))


@routes.get("/facts/<fact_id>")
@routes.response(200, documented.FACT)
@refusals(routes)
@routes.arguments(ClocksSchema, location="query")
def show_fact(query: dict[str, Any], fact_id: str) -> Response:
    """One fact as it stands at the clocks, and its whole stream."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, lambda: fact(snapshot, fact_id, clocks))


def _amended(fact_id: str, call: str, given: dict[str, Any], withdraws: int | None = None) -> Response:
    return _receipt(
        fact_id, chronology().write(recorder(), lambda writing: amend(writing, fact_id, call, given, withdraws))
    )


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
    receipt = chronology().write(recorder(), lambda call: redact(call, "fact", fact_id, given))
    return answer({"id": fact_id, "position": receipt.position}, 201 if receipt.created else 200)
