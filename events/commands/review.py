"""Four eyes: what a recorder wants recorded waits as a proposal until an editor accepts or rejects it.

A fact that no words carry yet is proposed too, by anybody who may record: it waits until somebody gives it a source.
So does a passage that somebody marked elsewhere, until it is said what kind of fact it tells.

A proposal holds a chronicle: lists of sources, subjects, facts and amendments as a chronicle file has them. Its words
are sealed with the keys of the sources they are cited from, and its own, which is destroyed when it is decided: what
was accepted stands in the facts, and what was rejected is nobody's to read any more.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson

from events.amendments import ChronicleProposed, ProposalAccepted, ProposalRejected, ProposalSourced
from events.commands.citations import cite, whole_citations
from events.commands.record_facts import FactBody, read_as_far_as_whole
from events.errors import ChronologyError, Conflict, Fault, Invalid, NotFound, all_of
from events.facts import subjects_named
from events.field_types import TEXT
from events.history.streams import Entry
from events.log.receipts import Receipt, Recorder
from events.log.unit_of_work import UnitOfWork

Answer = TypeVar("Answer")
Decide = Callable[[UnitOfWork], Sequence[Receipt]]
Persons = Callable[[Recorder], str]
"""Who it is that records: the same for all tokens and names of one person, as far as that is known."""

_PASSAGE = ("source", "exact", "prefix", "suffix")


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
    known = sorted(each for each in sources if unit.has_key("source", each))
    values = {"id": name, "chronicle": chronicle, "sources": known, "assistant": assistant}
    return unit.stage("proposal", name, ChronicleProposed, values), trial


def propose_without_words(unit: UnitOfWork, bodies: Sequence[Any], pointers: Sequence[str]) -> list[Receipt]:
    """Propose facts that lack citations, each by itself; what was proposed before, whatever became of it, stays so.

    Beside the values of its fact a body may hold `subjects`, descriptions of those that the fact would be the first to
    name, and `source`, the document in which its words are to be looked for.

    Raises:
        ChronologyError: a value cannot be read, or a subject is of another kind; all refusals together.
    """
    facts = [_without(body, ("subjects", "source")) for body in bodies]
    read, refusals = read_as_far_as_whole(facts, pointers, cited=False)
    given = dict(zip(pointers, bodies, strict=True))
    unit.read("proposal", [_id_without_words(fact) for fact in read])
    unit.subjects.look_up({subject for fact in read for subject, _ in subjects_named(fact.kind, fact.values)})
    refusals += [error for fact in read for error in _kinds_at_odds(unit, fact)]
    if refusals:
        raise all_of(refusals)
    return [_wait_for_words(unit, fact, given[fact.pointer]) for fact in read]


def _without(body: Any, names: Sequence[str]) -> Any:
    return {name: body[name] for name in body if name not in names} if isinstance(body, dict) else body


def _id_without_words(fact: FactBody) -> str:
    return fact.content_id().removeprefix("fact-")


def _kinds_at_odds(unit: UnitOfWork, fact: FactBody) -> Iterator[ChronologyError]:
    if "citations" in fact.values:
        yield Invalid.at(f"{fact.pointer}/citations", "a fact that waits for its words has no citations")
    for subject, kind in subjects_named(fact.kind, fact.values):
        known = unit.subjects.kind_of(subject)
        if None not in (known, kind) and known != kind:
            yield Invalid.at(f"{fact.pointer}/subject", f"{subject!r} is of kind {known}, not {kind}")


def _wait_for_words(unit: UnitOfWork, fact: FactBody, body: Mapping[str, Any]) -> Receipt:
    name = _id_without_words(fact)
    if entries := unit.entries("proposal", name):
        return unit.receipt_of(name, entries[0])
    chronicle = {"subjects": list(body.get("subjects") or ()), "facts": [fact.as_sent()]}
    source = body.get("source")
    sources = [source] if source and unit.has_key("source", source) else []
    values = {"id": name, "chronicle": chronicle, "sources": sources, "lacks_words": True}
    return unit.stage("proposal", name, ChronicleProposed, values)


def give_words(unit: UnitOfWork, proposal: str, decide: Callable[[UnitOfWork], Answer]) -> Answer:
    """Decide a proposal that waits for its words, or its kind, by what records it with them, or proposes it so."""
    if not _lacks(_waiting(unit, proposal)):
        raise Conflict(f"proposal {proposal!r} has its words: an editor accepts or rejects it")
    answer = decide(unit)
    unit.stage("proposal", proposal, ProposalSourced, {"id": proposal})
    unit.destroy("proposal", proposal)
    return answer


def propose_passages(unit: UnitOfWork, bodies: Sequence[Any], pointers: Sequence[str]) -> list[Receipt]:
    """Propose passages, `{source, exact, prefix?, suffix?, note?}`, of which no kind of fact is known.

    Each is a proposal by itself; what was proposed before, whatever became of it, stays so.

    Raises:
        ChronologyError: a source is not recorded, or a quote does not stand in it; all refusals together.
    """
    refusals: list[ChronologyError] = []
    receipts = []
    for body, pointer in zip(bodies, pointers, strict=True):
        try:
            receipts.append(_wait_for_kind(unit, body))
        except Invalid as error:
            refusals.append(error.under(pointer))
    if refusals:
        raise all_of(refusals)
    return receipts


def _wait_for_kind(unit: UnitOfWork, body: Mapping[str, Any]) -> Receipt:
    citation = {name: body[name] for name in _PASSAGE if body.get(name)}
    citations, faults = whole_citations([citation], cited=True)
    if faults:
        raise Invalid.together([Fault(each.pointer.removeprefix("/citations/0"), each.sentence) for each in faults])
    cite(unit, citations)
    name = hashlib.sha256(orjson.dumps(citation, option=orjson.OPT_SORT_KEYS)).hexdigest()[:20]
    if entries := unit.entries("proposal", name):
        return unit.receipt_of(name, entries[0])
    source = citations[0]["source"]
    note = {"note": TEXT.read(body["note"])} if body.get("note") else {}
    chronicle = {"passages": [{"source": source, "citations": citations, **note}]}
    sources = [source] if unit.has_key("source", source) else []
    values = {"id": name, "chronicle": chronicle, "sources": sources, "lacks_kind": True}
    return unit.stage("proposal", name, ChronicleProposed, values)


def _lacks(proposed: Entry) -> str:
    """What a proposal waits for before anybody can accept it."""
    return "words" if proposed.data.get("lacks_words") else "a kind" if proposed.data.get("lacks_kind") else ""


def accept(
    unit: UnitOfWork, proposal: str, decision: Callable[[Mapping[str, Any]], Decide], persons: Persons
) -> tuple[Receipt, Sequence[Receipt]]:
    """Record what was proposed, under both names.

    `decision` makes of a chronicle what records it; `persons` says who it is that proposed, and that accepts.
    Returns the receipt of the acceptance, the last event written; and the receipts of what was proposed.
    """
    proposed = _waiting(unit, proposal)
    chronicle = proposed.data["chronicle"]
    if lacking := _lacks(proposed):
        raise Conflict(f"proposal {proposal!r} waits for {lacking} first")
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
