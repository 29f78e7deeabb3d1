"""What is answered to who records something."""

from typing import Annotated, TypedDict

from flask import Response
from msgspec import Meta

from events.field_types import JsonObject
from events.log.unit_of_work import Receipt
from service.web.access import chronology, recorder
from service.web.responses import answer, located

Position = Annotated[int, Meta(description="The position of the last event written")]


_ADDRESSES = {
    "source": ("sources.show_source", "source"),
    "fact": ("facts.show_fact", "fact_id"),
    "subject": ("subjects.show_state", "subject"),
    "proposal": ("proposals.list_proposals", ""),
}
"""Where what words can be erased of is read: the operation, and the name of its id."""


class Recorded(TypedDict):
    """What was recorded, by its id."""

    id: str
    position: Position


class ErasureUnderWay(Recorded):
    """A redaction that is recorded, while words are still to be removed; the same sent again says how far it is."""

    left: Annotated[str, Meta(description="What is still to do: it goes on by itself, and `/readyz` says so meanwhile")]


class ProposedChronicle(TypedDict):
    """What was proposed, or decided of it."""

    proposal: str
    position: Position


def recorded(receipt: Receipt, name: str | None = None) -> Recorded:
    """What was recorded, by the name given or by that in the receipt."""
    return {"id": name or receipt.id, "position": receipt.position}


def created(receipt: Receipt, body: object, endpoint: str, **names: str) -> Response:
    """The answer: 201 with the address of what was recorded, or 200 where the same was recorded before."""
    return located(answer(body, 201 if receipt.created else 200), endpoint, **names)


def erased(of: str, name: str, given: JsonObject) -> Response:
    """Erase words, and say whether they are gone: 201, or 200 where they were before; 202 while something is left."""
    receipt, left = chronology().erase(recorder(), of, name, given)
    if left is not None:
        return answer(ErasureUnderWay(**recorded(receipt, name), left=left), 202)
    endpoint, key = _ADDRESSES[of]
    return created(receipt, recorded(receipt, name), endpoint, **{key: name} if key else {})
