"""Proposals, where four eyes are asked for: what recorders propose, and what editors decide."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import marshmallow as ma
from flask import Response, g

from events.commands.review import Decide, accept, propose, reject
from events.field_types import TEXT
from events.log.unit_of_work import Receipt, UnitOfWork
from projections.clocks import Asked
from projections.read_models.proposals import STATES, page_of_proposals
from service.api import response_schemas as documented
from service.api.blueprints import blueprint, refusals
from service.chronicle.file import LISTS, Reading
from service.chronicle.schemas import ReasonSchema
from service.web.access import chronology, needs, recorder
from service.web.parameters import LARGEST_POSITION, QuerySchema, takes
from service.web.responses import answer

routes = blueprint("proposals", "What waits for a second pair of eyes")


class ProposalsQuery(QuerySchema):
    """Proposals in which state, and which page of them."""

    state = ma.fields.String(load_default="waiting", validate=ma.validate.OneOf(STATES))
    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(min=0, max=LARGEST_POSITION))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(min=1, max=1000))


def write(decide: Decide, chronicle: Mapping[str, Any], answered: Callable[[Sequence[Receipt]], Response]) -> Response:
    """Record what was sent; or, where four eyes are asked for and the sender is no editor, propose it.

    Args:
        decide: the decision that records it.
        chronicle: the same as lists of a chronicle.
        answered: the answer to its receipts.
    """
    if not chronology().settings.four_eyes or g.bearer.may("editor"):
        return answered(chronology().write(recorder(), decide))
    receipt, trial = chronology().write(recorder(), lambda call: propose(call, chronicle, decide))
    return answered(trial) if receipt is None else answer({"proposal": receipt.id, "position": receipt.position}, 202)


@routes.get("/proposals")
@needs("recorder")
@routes.response(200, documented.PROPOSALS)
@refusals(routes)
@routes.arguments(ProposalsQuery, location="query")
def list_proposals(query: dict[str, Any]) -> Response:
    """Proposals in the order they were made: all for editors, their own for recorders."""
    by = None if g.bearer.may("editor") else recorder()
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        found, following = page_of_proposals(snapshot, query["state"], by, query["after"], query["limit"])
    return answer({"proposals": found, "next": following})


@routes.post("/proposals/<proposal>/acceptance")
@needs("editor")
@routes.response(201, documented.ACCEPTED)
@refusals(routes, writes=True)
def accept_proposal(proposal: str) -> Response:
    """Record what was proposed, under both names."""
    return answer(accepted(proposal), 201)


def accepted(proposal: str) -> dict[str, Any]:
    """Accept a proposal in the name of who asks; answers with what was recorded."""
    receipts = chronology().write(recorder(), lambda call: accept(call, proposal, _decision))
    recorded = [{"id": receipt.id, "position": receipt.position} for receipt in receipts]
    return {"proposal": proposal, "recorded": recorded, "position": max(receipt.position for receipt in receipts)}


@routes.post("/proposals/<proposal>/rejection")
@needs("editor")
@routes.response(201, documented.PROPOSAL_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, ReasonSchema())
def reject_proposal(given: dict[str, Any], proposal: str) -> Response:
    """Reject what was proposed."""
    return answer(rejected(proposal, given), 201)


def rejected(proposal: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Reject a proposal in the name of who asks."""
    read = {"reason": TEXT.read(given["reason"])}
    receipt = chronology().write(recorder(), lambda call: reject(call, proposal, read))
    return {"proposal": proposal, "position": receipt.position}


def _decision(chronicle: Mapping[str, Any]) -> Callable[[UnitOfWork], Sequence[Receipt]]:
    return Reading({name: chronicle.get(name, []) for name in LISTS}).record
