"""Proofs that the log is what it was: signed checkpoints, inclusion and consistency (RFC 9162)."""

import base64
from typing import Any

import marshmallow as ma
from eventsourcing.persistence import Notification
from flask import Response

from events.errors import NotYet
from events.log.application import Record
from events.log.encryption import opening_keys, streams_needed
from events.log.merkle import leaf_bytes
from projections.clocks import Asked
from projections.read_models.merkle_tiles import consistency, inclusion, root
from projections.store.snapshots import Snapshot
from service.api import response_schemas as documented
from service.api.blueprints import blueprint, refusals
from service.chronicle.checkpoints import checkpoint_of, signer_of
from service.web.access import chronology
from service.web.parameters import LARGEST_POSITION, QuerySchema
from service.web.responses import answer

routes = blueprint("integrity", "Proofs that the log is what it was")

_POSITION = ma.validate.Range(min=1, max=LARGEST_POSITION)


class SizeQuery(QuerySchema):
    """How many events of the log."""

    size = ma.fields.Integer(validate=_POSITION, metadata={"description": "The first so many events; all if not given"})


class InclusionQuery(SizeQuery):
    """Which event, in how many."""

    position = ma.fields.Integer(required=True, validate=_POSITION)


class ConsistencyQuery(SizeQuery):
    """How many events there were."""

    first = ma.fields.Integer(required=True, validate=_POSITION)


@routes.get("/checkpoint")
@routes.response(200, {"type": "string"}, content_type="text/plain")
@refusals(routes)
@routes.arguments(SizeQuery, location="query")
def show_checkpoint(query: dict[str, Any]) -> Response:
    """The signed size and root of the log's Merkle tree, as a C2SP signed note: keep it, and hold later logs to it."""
    if "size" not in query:
        return _text(checkpoint_of(chronology()))
    with chronology().ask(Asked(position=query["size"])) as (snapshot, _):
        return _text(_signed(snapshot, query["size"]))


@routes.get("/checkpoint/key")
@routes.response(200, {"type": "string"}, content_type="text/plain")
@refusals(routes)
def show_key() -> Response:
    """The public key of checkpoints: `name+hash+key`, as C2SP writes it."""
    return _text(f"{signer_of(chronology()).verifier}\n")


@routes.get("/proofs/inclusion")
@routes.response(200, documented.INCLUSION)
@refusals(routes)
@routes.arguments(InclusionQuery, location="query")
def prove_inclusion(query: dict[str, Any]) -> Response:
    """That an event is in the log: the event as it is stored, and the path from it to a signed root."""
    position = query["position"]
    with chronology().ask(Asked(position=query.get("size"))) as (snapshot, clocks):
        path = inclusion(snapshot, position, clocks.position)
        checkpoint = _signed(snapshot, clocks.position)
    log = chronology().log
    stored = _stored(log, position)
    event = vars(log.mapper.to_domain_event(stored))
    stream = event["originator_id"].hex
    with log.reading() as reader:
        opening = reader.keys(streams_needed(event, stream))
    keys = opening_keys(event, stream, stored.originator_version, opening)
    shown = {"position": position, "size": clocks.position, "leaf": leaf_bytes(stored).decode(), "keys": keys}
    return answer({**shown, "path": _encoded(path), "checkpoint": checkpoint})


@routes.get("/proofs/consistency")
@routes.response(200, documented.CONSISTENCY)
@refusals(routes)
@routes.arguments(ConsistencyQuery, location="query")
def prove_consistency(query: dict[str, Any]) -> Response:
    """That the log of a later size begins with the log of an earlier one."""
    with chronology().ask(Asked(position=query.get("size"))) as (snapshot, clocks):
        path = consistency(snapshot, query["first"], clocks.position)
        shown = {"first": query["first"], "size": clocks.position, "path": _encoded(path)}
        return answer({**shown, "checkpoint": _signed(snapshot, clocks.position)})


def at_root() -> Response:
    """The checkpoint at the address where logs have it (C2SP tlog-tiles)."""
    return _text(checkpoint_of(chronology()))


def _stored(log: Record, position: int) -> Notification:
    """The event as it is stored.

    Raises:
        NotYet: this replica has not got so far as the one whose views were asked.
    """
    found = log.stored_after(position - 1, 1)
    if not found:
        raise NotYet(f"the log is not there up to position {position} yet")
    return found[0]


def _signed(snapshot: Snapshot, size: int) -> str:
    return signer_of(chronology()).signed(size, root(snapshot, size))


def _encoded(path: list[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in path]


def _text(text: str) -> Response:
    made = Response(text, content_type="text/plain; charset=utf-8")
    made.headers["Cache-Control"] = "no-store"
    return made
