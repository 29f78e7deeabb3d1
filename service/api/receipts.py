"""What is answered to who records something."""

from typing import Annotated, TypedDict

from flask import Response
from msgspec import Meta

from events.log.unit_of_work import Receipt
from service.web.responses import answer

Position = Annotated[int, Meta(description="The position of the last event written")]


class Recorded(TypedDict):
    """What was recorded, by its id."""

    id: str
    position: Position


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
