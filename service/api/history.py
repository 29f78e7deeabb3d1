"""How the understanding evolved, what differs between two readings, what a value rests on, and the log itself."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Literal, TypedDict

import marshmallow as ma
from flask import Response, request, url_for

from events.amendments import PROPOSAL_EVENTS
from events.dates.calendar import instant_text
from events.errors import Invalid
from events.facts import KINDS
from events.field_types import JsonObject
from events.history.streams import Entry
from projections.clocks import (
    CLOCKS,
    LARGEST_POSITION,
    SIDES,
    AskedClocks,
    AtClocks,
    asked_in,
    clocks_for,
    furthest,
    whole_number,
)
from projections.fold.answer_types import RULES, Rules
from projections.queries.evidence.audit import Audit, audit
from projections.queries.history.diff import Difference, diff
from projections.queries.history.evolution import Step, understanding
from projections.queries.history.moments_of_change import mementos_of
from projections.queries.history.replay import BEGINNING, StepPlace, place_name, place_named, replay
from projections.read_models.ledger import stream_of_entry
from service.api.blueprints import Query, blueprint, named
from service.api.exchange.in_formats import also_in_formats
from service.web import streams
from service.web.access import chronology
from service.web.addresses.memento import LINK_FORMAT, timemap
from service.web.addresses.permalinks import fixed
from service.web.dear_questions import dear, in_turns
from service.web.parameters import QuerySchema, ReadingSchema, clock, number
from service.web.responses import answer_at

routes = blueprint("history", "How the understanding evolved, and why")

_BATCH = 500
_AXES = ma.validate.OneOf(("recorded", "reported"), error="by is recorded or reported")


TimeMap = named("TimeMap", str, "Links to mementos, each with its moment (RFC 6690, RFC 7089)")
_Compared = TypedDict("_Compared", {"from": AskedClocks, "to": AskedClocks})


class Diff(_Compared):
    """What differs between two sets of clocks, and why."""

    rules: Rules
    differences: list[Difference]


class Understanding(AtClocks):
    """How the state of one subject evolved."""

    subject: str
    by: str
    steps: list[Step]


class CloudEvent(TypedDict):
    """An event of the log (CloudEvents 1.0, JSON format)."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    data: JsonObject


class StepsQuery(ReadingSchema):
    """The clocks, and which of them moves."""

    by = ma.fields.String(load_default="recorded", validate=_AXES, metadata={"description": "The clock that moves"})


class ReplayQuery(StepsQuery):
    """The clocks, which of them moves, and where to begin."""

    after = ma.fields.String(
        metadata={
            "description": "The step to go on after: its `position` or `reported_until` (empty where that is null) and "
            "its `subject`, as in `41/swap`; without a subject, all steps of that moment are left out"
        }
    )


class EventsQuery(QuerySchema):
    """Where in the log to begin, and how many events to read."""

    after = number("The position to go on after", load_default=0)
    limit = number("How many at the most; all if not given", 1, None)


_SUBJECT = ma.fields.String(metadata={"description": "Only this one"})
_TWO_CLOCKS = {side + name: clock(name) for side in SIDES for name in CLOCKS}
DiffQuery = QuerySchema.from_dict({**_TWO_CLOCKS, "subject": _SUBJECT}, name="DiffQuery")


@routes.get("/subjects/<subject>/understanding")
@routes.response(200, Understanding)
@routes.arguments(StepsQuery)
@dear()
def show_understanding(query: Query, subject: str) -> Response:
    """How the state of one subject evolved: each step, its events, and the findings it changed."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):

        def evolved() -> Understanding:
            steps = understanding(snapshot, subject, clocks, query["by"])
            return {"subject": subject, "by": query["by"], "steps": steps, **clocks.stated()}

        return answer_at(snapshot, clocks, evolved)


@routes.get("/subjects/<subject>/timemap")
@routes.response(200, TimeMap, content_type=LINK_FORMAT)
@routes.arguments(ReadingSchema)
@dear()
def list_mementos(query: Query, subject: str) -> Response:
    """The positions at which what is known of a subject changed, each with the address of its state as it then was."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        found = mementos_of(snapshot, subject, clocks)
    original = url_for("subjects.show_state", subject=subject)
    return timemap(original, found, lambda each: fixed(replace(clocks, position=each.position)))


@routes.get("/diff")
@routes.response(200, Diff)
@routes.arguments(DiffQuery)
@dear()
def show_diff(query: Query) -> Response:
    """Every finding that differs between two sets of clocks, with the events that made the difference and its cause."""
    subjects = [query["subject"]] if query.get("subject") else None
    with chronology().ask_both(*(asked_in(query, side) for side in SIDES)) as (snapshot, one, other):
        differences = diff(snapshot, one, other, subjects)
        body: Diff = {"from": one.repeated(), "to": other.repeated(), "rules": RULES, "differences": differences}
        return answer_at(snapshot, clocks_for(snapshot, furthest(one.asked, other.asked)), body)


@routes.get("/replay")
@routes.response(200, Step, content_type="application/x-ndjson")
@routes.arguments(ReplayQuery)
def show_replay(query: Query) -> Response:
    """The steps of all subjects: NDJSON, or server-sent events for a player."""
    after = _place(query)
    asked = asked_in(query)
    with chronology().ask(asked):
        pass  # a clock at fault is refused before the stream begins
    found = replay(partial(chronology().ask, patiently=True), asked, query["by"], after)
    steps = in_turns((place_name(step), step) for step in found)
    return streams.server_sent(steps) if streams.wants_events() else streams.ndjson(steps)


@routes.get("/events")
@routes.response(200, CloudEvent, content_type="application/x-ndjson")
@routes.arguments(EventsQuery)
def list_events(query: Query) -> Response:
    """The log itself as CloudEvents: NDJSON up to its end, or server-sent events that go on."""
    after = _resumed(query["after"])
    limit = query.get("limit")
    if not streams.wants_events():
        return streams.ndjson(_logged(after, limit))
    position = after

    def more() -> Iterator[streams.Item]:
        nonlocal position
        for name, event in _logged(position, None):
            position = int(name)
            yield name, event

    return streams.server_sent(streams.followed(more))


def _logged(after: int, limit: int | None) -> Iterator[streams.Item]:
    """The log after a position as CloudEvents, each with its position as id."""
    while limit != 0 and (entries := chronology().logged(after, min(_BATCH, limit or _BATCH))):
        for entry in entries:
            yield str(entry.position), cloud_event(entry)
        after = entries[-1].position
        limit = None if limit is None else limit - len(entries)


def cloud_event(entry: Entry) -> CloudEvent:
    """An event of the log as a CloudEvent (CloudEvents 1.0, JSON format); without the words of proposals."""
    stream_type, name = stream_of_entry(entry)
    untold = (*getattr(PROPOSAL_EVENTS.get(entry.name), "encrypted", ()), "pseudonym", "agency_pseudonym")
    return {
        "specversion": "1.0",
        "id": str(entry.position),
        "source": "urn:chronology",
        "type": f"chronology.{'fact' if entry.name in KINDS else stream_type}.{entry.name}",
        "subject": name,
        "time": instant_text(entry.recorded),
        "datacontenttype": "application/json",
        "data": {"n": entry.n, **{name: value for name, value in entry.data.items() if name not in untold}},
    }


@routes.get("/audit/<subject>/<path:finding>")
@also_in_formats(routes, "chain", ReadingSchema, Audit, "/audit/<subject>/<path:finding>")
def show_audit(query: Query, subject: str, finding: str) -> Response:
    """The whole chain behind one value: facts, quotes, amendments, and who recorded them."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, lambda: audit(snapshot, subject, finding, clocks))


def _resumed(after: int) -> int:
    """Where to begin: after the last event that a returning client has read."""
    last = request.headers.get("Last-Event-ID")
    if not last:
        return after
    position = whole_number(last, LARGEST_POSITION)
    if position is None:
        raise Invalid.at("/after", f"Last-Event-ID {last!r:.80} is not a position in the log")
    return position


def _place(query: Query) -> StepPlace:
    """Where a replay goes on: after the last step that a returning client has read."""
    name = request.headers.get("Last-Event-ID") or query.get("after")
    if name is None:
        return BEGINNING
    try:
        return place_named(name, query["by"])
    except ValueError as error:
        raise Invalid.at("/after", f"{name!r:.80} is no step to go on after: {error}") from None
