"""Proofs that the log is what it was: signed checkpoints, inclusion and consistency (RFC 9162)."""

import base64
from typing import Annotated, TypedDict

from eventsourcing.persistence import Notification
from flask import Response, g
from msgspec import Meta

from events.amendments import ProposalEvent
from events.errors import NotYet
from events.log.application import Record
from events.log.encryption import opening_keys, streams_needed
from events.log.proofs.merkle import leaf_bytes
from projections.clocks import Asked
from projections.read_models.merkle_tiles import consistency, inclusion
from projections.store.snapshots import Snapshot
from service.api.blueprints import Query, blueprint, named
from service.chronicle.signing import checkpoint_of, signed, signer_of
from service.web.access import chronology, is_by_asker
from service.web.parameters import QuerySchema, number
from service.web.responses import answer

routes = blueprint("integrity", "Proofs that the log is what it was")


_Hashes = Annotated[list[str], Meta(description="Hashes in base64")]
Checkpoint = named("Checkpoint", str, "The signed size and root of the log's Merkle tree, as a C2SP signed note")
VerifierKey = named("VerifierKey", str, "`name+hash+key`, as C2SP writes it")


class InclusionProof(TypedDict):
    """That an event is in the log."""

    position: int
    size: int
    leaf: Annotated[str, Meta(description="The event as it is stored: canonical JSON (RFC 8785)")]
    keys: Annotated[dict[str, str], Meta(description="What opens its sealed words, by label; of proposals not for all")]
    path: _Hashes
    checkpoint: str


class ConsistencyProof(TypedDict):
    """That the log of a later size begins with the log of an earlier one."""

    first: int
    size: int
    path: _Hashes
    checkpoint: str


class SizeQuery(QuerySchema):
    """How many events of the log."""

    size = number("The first so many events; all if not given", 1)


class InclusionQuery(SizeQuery):
    """Which event, in how many."""

    position = number("The position of the event", 1, required=True)


class ConsistencyQuery(SizeQuery):
    """How many events there were."""

    first = number("The size of the earlier log", 1, required=True)


@routes.get("/checkpoint")
@routes.response(200, Checkpoint, content_type="text/plain")
@routes.arguments(SizeQuery)
def show_checkpoint(query: Query) -> Response:
    """The signed size and root of the log's Merkle tree, as a C2SP signed note: keep it, and hold later logs to it."""
    if "size" not in query:
        return _text(checkpoint_of(chronology()))
    with chronology().ask(Asked(position=query["size"]), vouched=True) as (snapshot, _):
        return _text(_signed(snapshot, query["size"]))


@routes.get("/checkpoint/key")
@routes.response(200, VerifierKey, content_type="text/plain")
def show_checkpoint_key() -> Response:
    """The public key of checkpoints: `name+hash+key`, as C2SP writes it."""
    return _text(f"{signer_of(chronology()).verifier}\n")


@routes.get("/proofs/inclusion")
@routes.response(200, InclusionProof)
@routes.arguments(InclusionQuery)
def prove_inclusion(query: Query) -> Response:
    """That an event is in the log: the event as it is stored, and the path from it to a signed root."""
    position = query["position"]
    with chronology().ask(Asked(position=query.get("size")), vouched=True) as (snapshot, clocks):
        path = inclusion(snapshot, position, clocks.position)
        checkpoint = _signed(snapshot, clocks.position)
    log = chronology().databases.vouched.record
    stored = _stored(log, position)
    event = log.mapper.to_domain_event(stored)
    stream, values = event.originator_id.hex, vars(event)
    with log.reading() as reader:
        opening = reader.keys(streams_needed(values, stream) if _may_open(event) else ())
    proof = InclusionProof(
        position=position,
        size=clocks.position,
        leaf=leaf_bytes(stored).decode(),
        keys=opening_keys(values, stream, stored.originator_version, opening),
        path=_encoded(path),
        checkpoint=checkpoint,
    )
    return answer(proof)


@routes.get("/proofs/consistency")
@routes.response(200, ConsistencyProof)
@routes.arguments(ConsistencyQuery)
def prove_consistency(query: Query) -> Response:
    """That the log of a later size begins with the log of an earlier one."""
    with chronology().ask(Asked(position=query.get("size")), vouched=True) as (snapshot, clocks):
        path = consistency(snapshot, query["first"], clocks.position)
        size, checkpoint = clocks.position, _signed(snapshot, clocks.position)
    return answer(ConsistencyProof(first=query["first"], size=size, path=_encoded(path), checkpoint=checkpoint))


def at_root() -> Response:
    """The checkpoint at the address where logs have it (C2SP tlog-tiles)."""
    return _text(checkpoint_of(chronology()))


def _may_open(event: object) -> bool:
    """Whether who asks may read the event's words: those of proposals are for editors, and for who wrote them."""
    return not isinstance(event, ProposalEvent) or g.bearer.may("editor") or is_by_asker(event.recorded_by)


def _stored(log: Record, position: int) -> Notification:
    found = log.stored_after(position - 1, 1)
    if not found:  # this replica has not got so far as the one whose views were asked
        raise NotYet(f"the log is not there up to position {position} yet")
    return found[0]


def _signed(snapshot: Snapshot, size: int) -> str:
    return signed(chronology(), snapshot, size)


def _encoded(path: list[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in path]


def _text(text: str) -> Response:
    made = Response(text, content_type="text/plain; charset=utf-8")
    made.headers["Cache-Control"] = "no-store"
    return made
