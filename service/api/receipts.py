"""What is answered to who records something: recorded, proposed, or what it would change."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, NotRequired, TypedDict, cast

from flask import Response
from msgspec import Meta

from events.commands.review import Decide
from events.field_types import JsonObject
from events.log.receipts import Receipt
from service.web.access import chronology, recorder
from service.web.recording.sending import Chronicle, change_by, is_check, record_or_propose
from service.web.responses import answer, located

Position = Annotated[int, Meta(description="The position of the last event written")]


_ADDRESSES = {
    "source": ("sources.show_source", "source"),
    "fact": ("facts.show_fact", "fact_id"),
    "subject": ("subjects.show_state", "subject"),
    "proposal": ("proposals.list_proposals", ""),
}
"""Where what words can be erased of is read: the operation, and the name of its id."""


class Warned(TypedDict):
    """What was recorded all the same, but may be wrong."""

    warning: Literal["reported_before_occurred", "unverified"]
    detail: str


class Recorded(TypedDict):
    """What was recorded, by its id."""

    id: str
    position: Position
    warnings: NotRequired[list[Warned]]


class ErasureUnderWay(Recorded):
    """A redaction that is recorded, while words are still to be removed; the same sent again says how far it is."""

    left: Annotated[str, Meta(description="What is still to do: it goes on by itself, and `/readyz` says so meanwhile")]


class ProposedChronicle(TypedDict):
    """What was proposed, or decided of it."""

    proposal: str
    position: Position


def write(
    decide: Decide,
    chronicle: Chronicle,
    answered: Callable[[Sequence[Receipt]], Response],
    without_words: str | None = None,
) -> Response:
    """Record what was sent, or propose it, or only say what it would change.

    `chronicle` is what was sent as lists of a chronicle, `answered` makes the answer from the receipts; `without_words`
    is the proposal that waited for words that were sent.
    """
    if is_check():
        return answer(change_by(decide))
    receipts, proposal = record_or_propose(decide, chronicle, without_words)
    if proposal is None:
        return answered(receipts)
    return answer(ProposedChronicle(proposal=proposal.id, position=proposal.position), 202)


def recorded(receipt: Receipt, name: str | None = None) -> Recorded:
    """What was recorded, by the name given or by that in the receipt."""
    found: Recorded = {"id": name or receipt.id, "position": receipt.position}
    if receipt.warnings:
        found["warnings"] = warnings_of(receipt)
    return found


def warnings_of(receipt: Receipt) -> list[Warned]:
    """The warnings of a receipt, as answers have them."""
    return [cast(Warned, {"warning": name, "detail": sentence}) for name, sentence in receipt.warnings.items()]


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
