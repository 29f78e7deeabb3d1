"""Proposals, where four eyes are asked for: what recorders propose, and what editors decide."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict

import marshmallow as ma
from flask import Response, g

from events.commands.review import Decide, accept, propose, reject
from events.field_types import TEXT, Json, JsonObject
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked
from projections.read_models.proposals import STATES, Proposal, page_of_proposals
from service.api.blueprints import Query, blueprint
from service.api.receipts import ErasureUnderWay, Position, ProposedChronicle, Recorded, erased, recorded
from service.chronicle.file import LISTS, Reading
from service.chronicle.schemas import ReasonSchema
from service.web.access import chronology, needs, recorder
from service.web.parameters import QuerySchema, number, takes
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
        metadata={"description": "Waiting, accepted or rejected"},
    )
    after = number("The position to go on after", load_default=0)
    limit = number("How many at the most", 1, 1_000, load_default=100)


def write(decide: Decide, chronicle: Mapping[str, Json], answered: Callable[[Sequence[Receipt]], Response]) -> Response:
    """Record what was sent; or, where four eyes are asked for and the sender is no editor, propose it.

    `chronicle` is what was sent as lists of a chronicle, `answered` makes the answer from the receipts.
    """
    if not chronology().settings.four_eyes or g.bearer.may("editor"):
        return answered(chronology().write(recorder(), decide))
    receipt, trial = chronology().write(recorder(), lambda call: propose(call, chronicle, decide))
    if receipt is None:
        return answered(trial)
    return answer(ProposedChronicle(proposal=receipt.id, position=receipt.position), 202)


@routes.get("/proposals")
@needs("recorder")
@routes.response(200, ProposalPage)
@routes.arguments(ProposalsQuery)
def list_proposals(query: Query) -> Response:
    """Proposals in the order they were made: all for editors, their own for recorders."""
    by = None if g.bearer.may("editor") else recorder().name
    with chronology().ask(Asked(), fresh=True) as (snapshot, _):
        found, following = page_of_proposals(snapshot, query["state"], by, query["after"], query["limit"])
    return linked(answer(ProposalPage(proposals=found, next=following)), after=following)


@routes.post("/proposals/<proposal>/acceptance")
@needs("editor")
@routes.response(201, AcceptedProposal, repeats=False)
def accept_proposal(proposal: str) -> Response:
    """Record what was proposed, under both names."""
    return located(answer(accepted(proposal), 201), "proposals.list_proposals", state="accepted")


def accepted(proposal: str) -> AcceptedProposal:
    """Accept a proposal in the name of who asks, and return what was recorded."""
    persons = chronology().keyring.person_of
    acceptance, receipts = chronology().write(recorder(), lambda call: accept(call, proposal, _decision, persons))
    return {"proposal": proposal, "recorded": list(map(recorded, receipts)), "position": acceptance.position}


@routes.post("/proposals/<proposal>/rejection")
@needs("editor")
@routes.response(201, ProposedChronicle, repeats=False)
@takes(routes, ReasonSchema())
def reject_proposal(given: JsonObject, proposal: str) -> Response:
    """Reject what was proposed."""
    return located(answer(rejected(proposal, given), 201), "proposals.list_proposals", state="rejected")


def rejected(proposal: str, given: Mapping[str, Json]) -> ProposedChronicle:
    """Reject a proposal in the name of who asks."""
    read = {"reason": TEXT.read(given["reason"])}
    receipt = chronology().write(recorder(), lambda call: reject(call, proposal, read))
    return {"proposal": proposal, "position": receipt.position}


@routes.post("/proposals/<proposal>/redactions")
@needs("admin")
@routes.response(201, Recorded)
@routes.response(202, ErasureUnderWay)
@takes(routes, ReasonSchema())
def redact_proposal(given: JsonObject, proposal: str) -> Response:
    """Erase for good what is proposed, and why it was rejected; what was accepted stands in facts."""
    return erased("proposal", proposal, given)


def _decision(chronicle: Mapping[str, Json]) -> Callable[[UnitOfWork], Sequence[Receipt]]:
    return Reading({name: chronicle.get(name, []) for name in LISTS}).record
