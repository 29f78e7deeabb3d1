"""What is answered to who records something."""

from typing import Annotated, TypedDict

from flask import Response
from msgspec import Meta

from events.log.unit_of_work import Receipt
from service.api.response_schemas import named
from service.web.responses import answer

Position = Annotated[int, Meta(description="The position of the last event written")]


class Recorded(TypedDict):
    """What was recorded, by its id."""

    id: str
    position: Position


RecordedFacts = named("RecordedFacts", Recorded | list[Recorded], "One for a fact; for an array of facts, one for each")


class AmendedFact(TypedDict):
    """A fact, and the number of what was recorded of it."""

    fact: str
    n: int
    position: Position


class RegroupedSubject(TypedDict):
    """A subject, and the number of what was recorded of it."""

    subject: str
    n: int
    position: Position


class RecordedSource(TypedDict):
    """A source, its latest version, and the hash of that version's text."""

    id: str
    version: int
    sha256: str
    position: Position


class QuotedFact(TypedDict):
    """A fact, and words that it cites."""

    fact: str
    exact: str


class RevisedSource(RecordedSource):
    """A source that has a new version, and the facts whose quote that version lacks."""

    lost: list[QuotedFact]


class WithdrawnSource(Recorded):
    """A source that was taken back, and the facts that rested on it."""

    rested: list[QuotedFact]


class ProposedChronicle(TypedDict):
    """What was proposed, or decided of it."""

    proposal: str
    position: Position


class AcceptedProposal(TypedDict):
    """A proposal that was accepted, and what was recorded with it."""

    proposal: str
    recorded: list[Recorded]
    position: Position


def recorded(receipt: Receipt, name: str | None = None) -> Recorded:
    """What was recorded, by the name given or by that in the receipt."""
    return {"id": name or receipt.id, "position": receipt.position}


def recorded_source(receipt: Receipt) -> RecordedSource:
    """The source of which a version was recorded."""
    assert receipt.edition is not None
    assert receipt.sha256 is not None
    whole = recorded(receipt)
    return {**whole, "version": receipt.edition, "sha256": receipt.sha256}


def created(receipt: Receipt, body: object) -> Response:
    """The answer: 201, or 200 where the same was recorded before."""
    return answer(body, 201 if receipt.created else 200)
