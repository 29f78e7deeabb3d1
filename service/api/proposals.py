"""Proposals, where four eyes are asked for: what recorders propose, and what editors decide."""

from collections.abc import Sequence
from typing import TypedDict

import marshmallow as ma
from flask import Response, g

from events.errors import Conflict
from events.field_types import JsonObject
from events.log.receipts import Receipt
from projections.clocks import Asked
from projections.read_models.proposals import STATES, Proposal, page_of_proposals
from projections.read_models.proposals import proposal as proposal_named
from service.api.blueprints import Query, blueprint
from service.api.receipts import ErasureUnderWay, Position, ProposedChronicle, Recorded, erased, recorded, write
from service.chronicle.proposals.incomplete_items import propose_items
from service.chronicle.schemas import FactWithoutWordsSchema, FoundWordsSchema, ReasonSchema
from service.web.access import chronology, needs, recorder
from service.web.parameters import QuerySchema, json_body, number, takes
from service.web.recording.deciding import accepted, decision_of, rejected, with_words
from service.web.responses import answer, linked, located

routes = blueprint("proposals", "What waits for a second pair of eyes")


class AcceptedProposal(TypedDict):
    """A proposal that was accepted, and what was recorded with it."""

    proposal: str
    recorded: list[Recorded]
    position: Position


class ProposalPage(TypedDict):
    """A page of proposals; `next` is the position to go on after."""

    proposals: list[Proposal]
    next: int | None


class ProposalsQuery(QuerySchema):
    """Proposals in which state, and which page of them."""

    state = ma.fields.String(
        load_default="waiting",
        validate=ma.validate.OneOf(STATES),
        metadata={
            "description": "Waiting for an editor, a source (`unsourced`) or a kind (`uncoded`), accepted or rejected"
        },
    )
    after = number("The position to go on after", load_default=0)
    limit = number("How many at the most", 1, 1_000, load_default=100)


@routes.get("/proposals")
@needs("recorder")
@routes.response(200, ProposalPage)
@routes.arguments(ProposalsQuery)
def list_proposals(query: Query) -> Response:
    """Proposals in the order they were made: all for editors; for recorders their own, and what waits for all."""
    by = None if g.bearer.may("editor") or query["state"] in ("unsourced", "uncoded") else recorder().name
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        found, following = page_of_proposals(snapshot, query["state"], by, query["after"], query["limit"])
    return linked(answer(ProposalPage(proposals=found, next=following)), after=following)


@routes.post("/proposals")
@needs("recorder")
@routes.response(201, ProposedChronicle)
@routes.doc(requestBody={"required": True, "content": {"application/json": {"schema": FactWithoutWordsSchema()}}})
def propose_fact() -> Response:
    """Propose a fact that no words carry yet: it waits, `unsourced`, until somebody gives it those of a source.

    Beside its values it may say `source`, where the words are to be looked for, and `subjects`, descriptions of those
    that it is the first to name. Sent again it changes nothing.
    """
    body = json_body()
    (receipt,) = chronology().write(recorder(), lambda call: propose_items(call, [body], [""]))
    made = ProposedChronicle(proposal=receipt.id, position=receipt.position)
    return located(answer(made, 201 if receipt.created else 200), "proposals.list_proposals", state="unsourced")


@routes.post("/proposals/<proposal>/words")
@needs("recorder")
@routes.writes(Recorded)
@takes(routes, FoundWordsSchema())
def give_words(given: JsonObject, proposal: str) -> Response:
    """Give words to a fact that waits for them: it is recorded, or proposed, with these citations."""
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        found = proposal_named(snapshot, proposal)
        if found["state"] != "unsourced":
            raise Conflict(f"proposal {proposal!r} does not wait for words: it is {found['state']}")
        chronicle = with_words(snapshot, found, {**found["chronicle"]["facts"][0], **given})

    def answered(receipts: Sequence[Receipt]) -> Response:
        name = receipts[-1].id
        status = 201 if receipts[-1].created else 200
        return located(answer(recorded(receipts[-1]), status), "facts.show_fact", fact_id=name)

    return write(decision_of(chronicle), chronicle, answered, proposal)


@routes.post("/proposals/<proposal>/acceptance")
@needs("editor")
@routes.response(201, AcceptedProposal, repeats=False)
def accept_proposal(proposal: str) -> Response:
    """Record what was proposed, under both names."""
    receipt, made = accepted(proposal)
    body = AcceptedProposal(proposal=proposal, recorded=list(map(recorded, made)), position=receipt.position)
    return located(answer(body, 201), "proposals.list_proposals", state="accepted")


@routes.post("/proposals/<proposal>/rejection")
@needs("editor")
@routes.response(201, ProposedChronicle, repeats=False)
@takes(routes, ReasonSchema())
def reject_proposal(given: JsonObject, proposal: str) -> Response:
    """Reject what was proposed."""
    receipt = rejected(proposal, given)
    body = ProposedChronicle(proposal=proposal, position=receipt.position)
    return located(answer(body, 201), "proposals.list_proposals", state="rejected")


@routes.post("/proposals/<proposal>/redactions")
@needs("admin")
@routes.response(201, Recorded)
@routes.response(202, ErasureUnderWay)
@takes(routes, ReasonSchema())
def redact_proposal(given: JsonObject, proposal: str) -> Response:
    """Erase for good what is proposed, and why it was rejected; what was accepted stands in facts."""
    return erased("proposal", proposal, given)
