"""Web hooks: made, listed, taken up again and removed by an admin."""

from typing import Annotated, Any, NotRequired, TypedDict, cast, get_args
from uuid import uuid4

import marshmallow as ma
from flask import Response
from msgspec import Meta

from events.dates.calendar import instant_text
from events.errors import Conflict, Invalid
from events.field_types import TEXT, JsonObject
from projections.clocks import LARGEST_POSITION, Asked
from projections.queries.evidence.fact_pages import FILTERS
from projections.queries.following.messages import MessageKind
from service.api.blueprints import blueprint
from service.chronicle.schemas import Body, Value
from service.databases.hooks import Hook, Hooks
from service.hooks.hosts import target_of
from service.hooks.sending import new_secret
from service.web.access import chronology, needs, recorder
from service.web.following.asked import MOST_ADDRESSES, followed, refuse_unknown
from service.web.parameters import takes
from service.web.responses import answer, located

routes = blueprint("hooks", "Web hooks: what changed is sent to those who follow it")

MOST_HOOKS = 50
_KINDS = get_args(MessageKind)


class HookState(TypedDict):
    """A hook, what it follows, and how delivering goes."""

    id: str
    url: str
    follows: JsonObject
    made: str
    made_by: str
    position: Annotated[int, Meta(description="Up to where in the log all is delivered")]
    delivered: Annotated[int, Meta(description="How many messages were taken")]
    delivered_at: str | None
    attempts: Annotated[int, Meta(description="How often the next message was sent in vain")]
    next_attempt: Annotated[str | None, Meta(description="When it is sent again; null where none was sent in vain")]
    error: Annotated[str | None, Meta(description="Why it was not taken")]
    given_up: Annotated[str | None, Meta(description="Since when nothing is sent any more; null while it is")]
    secret: NotRequired[Annotated[str, Meta(description="What signs the messages; shown once")]]


class HookList(TypedDict):
    """Every hook, the oldest first."""

    hooks: list[HookState]


class HookSchema(Body):
    """Where to send which messages: of what passes filters, of a finding of a subject, or of what was cited."""

    url = ma.fields.String(required=True, validate=ma.validate.Length(1, 2_000))
    subject, kind, source, actor = (Value(TEXT, allow_none=True) for _ in range(4))
    credibility, modality, q = (Value(TEXT, allow_none=True) for _ in range(3))
    finding = Value(TEXT, allow_none=True)
    addresses = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 2_000)),
        validate=ma.validate.Length(1, MOST_ADDRESSES),
        allow_none=True,
    )
    messages = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(_KINDS)),
        validate=ma.validate.Length(1, len(_KINDS)),
        allow_none=True,
    )
    after = ma.fields.Integer(strict=True, allow_none=True, validate=ma.validate.Range(0, LARGEST_POSITION))


@routes.post("/hooks")
@needs("admin")
@routes.response(201, HookState, repeats=False)
@takes(routes, HookSchema())
def add_hook(given: JsonObject) -> Response:
    """Send what is followed, from now on or after a position; the secret is shown in this answer and never again."""
    target_of(given["url"], chronology().settings.hook_hosts)
    follows = {name: given[name] for name in (*FILTERS, "finding", "addresses", "messages") if given.get(name)}
    with chronology().ask(Asked()) as (snapshot, _):
        refuse_unknown(snapshot, followed(follows))
        after = given.get("after", snapshot.position)
        if after > snapshot.head:
            raise Invalid.at("/after", f"position {after} lies beyond the log, which ends at {snapshot.head}")
    kept, name, secret = _hooks(), uuid4().hex[:12], new_secret()
    if len(kept.all()) >= MOST_HOOKS:
        raise Conflict(f"there are {MOST_HOOKS} hooks already, as many as there may be")
    kept.add(name, given["url"], follows, secret, recorder().name, chronology().now(), after)
    return located(answer(_shown(kept.get(name)) | {"secret": secret}, 201), "hooks.list_hooks")


@routes.get("/hooks")
@needs("admin")
@routes.response(200, HookList)
def list_hooks() -> Response:
    """Every hook and how delivering goes: what was taken, what was not and why, what was given up."""
    return answer(HookList(hooks=[_shown(each) for each in chronology().databases.freshest.hooks.all()]))


@routes.post("/hooks/<hook>/resumption")
@needs("admin")
@routes.response(200, HookState)
def resume_hook(hook: str) -> Response:
    """Send again at once what was given up or waits to be sent again; it goes on where it stood."""
    _hooks().note(hook, attempts=0, next_attempt=0, error=None, given_up=None)
    return answer(_shown(_hooks().get(hook)))


@routes.delete("/hooks/<hook>")
@needs("admin")
@routes.response(204)
def remove_hook(hook: str) -> Response:
    """Send nothing to it any more."""
    _hooks().remove(hook)
    return Response(status=204)


def _hooks() -> Hooks:
    return chronology().databases.primary.hooks


def _shown(hook: Hook) -> HookState:
    said: Any = {name: getattr(hook, name) for name in HookState.__annotations__ if name != "secret"}
    for name in ("made", "delivered_at", "next_attempt", "given_up"):
        said[name] = instant_text(said[name]) if said[name] else None
    return cast(HookState, said if hook.given_up is None else said | {"next_attempt": None})
