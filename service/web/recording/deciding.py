"""Proposals accepted or rejected in the name of who asks."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from events.commands.review import Decide, accept, reject
from events.field_types import TEXT, Json
from events.history.streams import HEAD
from events.log.receipts import Receipt
from projections.read_models.histories import histories
from projections.read_models.proposals import Proposal
from projections.store.snapshots import Snapshot
from service.chronicle.file import ParsedChronicle
from service.web.access import chronology, recorder
from service.web.recording.sending import Chronicle


class Acceptance(NamedTuple):
    """The receipt of an acceptance, and those of what was recorded with it."""

    receipt: Receipt
    recorded: Sequence[Receipt]


def decision_of(chronicle: Chronicle) -> Decide:
    """What records a chronicle; Invalid if it cannot be read."""
    return ParsedChronicle(chronicle).record


def accepted(proposal: str) -> Acceptance:
    """Accept a proposal in the name of who asks."""
    persons = chronology().keyring.person_of
    return Acceptance(*chronology().write(recorder(), lambda call: accept(call, proposal, decision_of, persons)))


def with_words(snapshot: Snapshot, without: Proposal, fact: Json) -> Chronicle:
    """The chronicle of a fact that waited for its words: it, and the subjects that nobody has described meanwhile."""
    chronicle = without["chronicle"] if isinstance(without["chronicle"], dict) else {}
    described = {f"subject:{each['id']}": each for each in chronicle.get("subjects", ())}
    known = histories(snapshot, "fact", list(described), HEAD)
    return {"subjects": [each for name, each in described.items() if name not in known], "facts": [fact]}


def rejected(proposal: str, given: Mapping[str, Json]) -> Receipt:
    """Reject a proposal in the name of who asks."""
    read = {"reason": TEXT.read(given["reason"])}
    return chronology().write(recorder(), lambda call: reject(call, proposal, read))
