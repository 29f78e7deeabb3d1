"""Four eyes: what a recorder wants recorded waits as a proposal until an editor accepts or rejects it.

A proposal holds a chronicle: lists of sources, subjects, facts and amendments as a chronicle file has them. Its words
are sealed with the keys of the sources they are cited from, and its own, which is destroyed when it is decided: what
was accepted stands in the facts, and what was rejected is nobody's to read any more.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from events.amendments import ChronicleProposed, ProposalAccepted, ProposalRejected
from events.errors import Conflict, NotFound
from events.history.streams import Entry
from events.log.receipts import Receipt, Recorder
from events.log.unit_of_work import UnitOfWork

Decide = Callable[[UnitOfWork], Sequence[Receipt]]
Persons = Callable[[Recorder], str]
"""Who it is that records: the same for all tokens and names of one person, as far as that is known."""


def propose(
    unit: UnitOfWork, chronicle: Mapping[str, Any], decide: Decide, assistant: str | None = None
) -> tuple[Receipt | None, Sequence[Receipt]]:
    """Propose a chronicle, through an assistant if one is named, after trying if it could be recorded as things stand.

    Returns the receipt of the proposal, None where all is recorded already; and the receipts of the trial.
    """
    trial = decide(unit.trial())
    if not any(receipt.created for receipt in trial):
        return None, trial
    content = orjson.dumps([unit.by.name, chronicle], option=orjson.OPT_SORT_KEYS)
    name = hashlib.sha256(content).hexdigest()[:20]
    entries = unit.entries("proposal", name)
    if entries:
        if entries[-1].name == ProposalRejected.__name__:
            rejected = entries[-1].data
            raise Conflict(f"proposal {name!r} was rejected by {rejected['recorded_by']}: {rejected['reason']}")
        return unit.receipt_of(name, entries[0]), trial
    items = [*chronicle.get("facts", ()), *chronicle.get("amendments", ())]
    sources = {citation["source"] for item in items for citation in item.get("citations") or ()}
    sources |= {item["source"] for item in chronicle.get("amendments", ()) if "source" in item}
    sources = {each for each in sources if unit.entries("source", each)}  # others come with the proposal itself
    values = {"id": name, "chronicle": chronicle, "sources": sorted(sources), "assistant": assistant}
    return unit.stage("proposal", name, ChronicleProposed, values), trial


def accept(
    unit: UnitOfWork, proposal: str, decision: Callable[[Mapping[str, Any]], Decide], persons: Persons
) -> tuple[Receipt, Sequence[Receipt]]:
    """Record what was proposed, under both names.

    `decision` makes of a chronicle what records it; `persons` says who it is that proposed, and that accepts.
    Returns the receipt of the acceptance, the last event written; and the receipts of what was proposed.
    """
    proposed = _waiting(unit, proposal)
    chronicle = proposed.data["chronicle"]
    proposer = Recorder(proposed.data["recorded_by"], proposed.data.get("recorded_with"))
    if proposer.name == unit.by.name or persons(proposer) == persons(unit.by):
        raise Conflict(f"proposal {proposal!r} is by {proposer.name!r}: somebody else must accept it")
    if not isinstance(chronicle, dict):
        raise Conflict(f"the words of proposal {proposal!r} are redacted")
    with unit.on_behalf_of(proposer):
        receipts = decision(chronicle)(unit)
    acceptance = unit.stage("proposal", proposal, ProposalAccepted, {"id": proposal})
    unit.destroy("proposal", proposal)
    return acceptance, receipts


def reject(unit: UnitOfWork, proposal: str, body: Mapping[str, Any]) -> Receipt:
    """Reject a proposal that waits for a decision: what was proposed is erased, the reason stays."""
    _waiting(unit, proposal)
    unit.destroy("proposal", proposal)
    return unit.stage("proposal", proposal, ProposalRejected, {"id": proposal, "reason": body["reason"]})


def _waiting(unit: UnitOfWork, proposal: str) -> Entry:
    entries = unit.entries("proposal", proposal)
    if not entries:
        raise NotFound(f"no proposal {proposal!r:.80} was made")
    if len(entries) > 1:
        raise Conflict(f"proposal {proposal!r} is decided already, by {entries[-1].data['recorded_by']}")
    return entries[0]
