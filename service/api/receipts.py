"""What is answered to who records something."""

from typing import Annotated, TypedDict

from flask import Response
from msgspec import Meta

from events.field_types import JsonObject
from events.log.unit_of_work import Receipt
from service.web.access import chronology, recorder
from service.web.responses import answer

Position = Annotated[int, Meta(description="The position of the last event written")]


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


def created(receipt: Receipt, body: object) -> Response:
    """The answer: 201, or 200 where the same was recorded before."""
    return answer(body, 201 if receipt.created else 200)


def erased(of: str, name: str, given: JsonObject) -> Response:
    """Erase words, and say whether they are gone: 201, or 200 where they were before; 202 while something is left."""
    receipt, left = chronology().erase(recorder(), of, name, given)
    if left is not None:
        return answer(ErasureUnderWay(**recorded(receipt, name), left=left), 202)
    return created(receipt, recorded(receipt, name))
