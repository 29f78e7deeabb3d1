"""Subjects and their states."""

from collections.abc import Callable, Sequence
from typing import Any

import marshmallow as ma
import orjson
from flask import Response

from events.commands.merge_and_split import merge, split, withdraw_regrouping
from events.commands.record_facts import describe_subject
from events.log.unit_of_work import Receipt
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import state_json
from projections.queries.subjects.values import page_of_values, values
from service.api import response_schemas as documented
from service.api.blueprints import blueprint, refusals
from service.api.proposals import write
from service.chronicle.schemas import MergeSchema, OurActSchema, SplitSchema, SubjectSchema
from service.web.access import chronology, needs, recorder
from service.web.cursors import cursor_after, resumed
from service.web.parameters import PageSchema, ReadingSchema, asked_in, takes
from service.web.responses import answer, answer_at, listed

routes = blueprint("subjects", "Subjects and their states at any date")


class SubjectsQuery(PageSchema):
    """Filters of the list of states."""

    reading = ma.fields.String()
    kind = ma.fields.String()
    status = ma.fields.String()
    part_of = ma.fields.String()


class ValuesQuery(SubjectsQuery):
    """The same for the list of values, of which a page holds more."""

    limit = ma.fields.Integer(load_default=1_000, validate=ma.validate.Range(min=1, max=10_000))


@routes.post("/subjects")
@needs("recorder")
@routes.response(201, documented.RECEIPT)
@routes.alt_response(202, schema=documented.PROPOSAL_RECEIPT, description="It waits for an editor")
@refusals(routes, writes=True)
@takes(routes, SubjectSchema())
def describe(given: dict[str, Any]) -> Response:
    """Describe a subject: its kind, title, the whole it is part of."""

    def described(receipts: Sequence[Receipt]) -> Response:
        receipt = receipts[0]
        return answer({"id": given["id"], "position": receipt.position}, 201 if receipt.created else 200)

    return write(lambda call: [describe_subject(call, given)], {"subjects": [given]}, described)


def _regrouped(subject: str, receipt: Receipt) -> Response:
    written = {"subject": subject, "n": receipt.version, "position": receipt.position}
    return answer(written, 201 if receipt.created else 200)


@routes.post("/subjects/<subject>/merges")
@needs("editor")
@routes.response(201, documented.REGROUPING_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, MergeSchema())
def merge_into(given: dict[str, Any], subject: str) -> Response:
    """Two ids turn out to be one: read this subject's facts as being about the other."""
    return _regrouped(subject, chronology().write(recorder(), lambda call: merge(call, subject, given)))


@routes.post("/subjects/<subject>/splits")
@needs("editor")
@routes.response(201, documented.REGROUPING_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, SplitSchema())
def split_off(given: dict[str, Any], subject: str) -> Response:
    """One subject turns out to be two: read some of its facts as being about the other."""
    return _regrouped(subject, chronology().write(recorder(), lambda call: split(call, subject, given)))


@routes.post("/subjects/<subject>/regroupings/<int:n>/withdrawal")
@needs("editor")
@routes.response(201, documented.REGROUPING_RECEIPT)
@refusals(routes, writes=True)
@takes(routes, OurActSchema())
def undo(given: dict[str, Any], subject: str, n: int) -> Response:
    """Undo the merge or split of that number."""
    return _regrouped(
        subject, chronology().write(recorder(), lambda call: withdraw_regrouping(call, subject, n, given))
    )


@routes.get("/subjects")
@routes.response(200, documented.STATES)
@refusals(routes)
@routes.arguments(SubjectsQuery, location="query")
def list_states(query: dict[str, Any]) -> Response:
    """The states of subjects at the given clocks, in the order of their ids."""
    return _page(query, page_of_states, lambda each: each.state)


@routes.get("/values")
@routes.response(200, documented.VALUES_LIST)
@refusals(routes)
@routes.arguments(ValuesQuery, location="query")
def list_values(query: dict[str, Any]) -> Response:
    """What the status of each subject is and its fields are at the given clocks, without what they rest on."""
    return _page(query, page_of_values, lambda each: each.json)


def _page(
    query: dict[str, Any], find: Callable[..., tuple[list[Any], str | None]], json: Callable[[Any], bytes]
) -> Response:
    """A page of what is found of subjects, joined from JSON."""
    filters = {name: query.get(name) for name in ("kind", "status", "part_of")}
    asked, after = resumed(query.get("cursor"), asked_in(query), filters)
    with chronology().ask(asked) as (snapshot, clocks):

        def page() -> bytes:
            found, last = find(snapshot, clocks, filters, after or "", query["limit"])
            following = None if last is None else cursor_after(clocks, last, filters)
            return listed("subjects", map(json, found), next=following, asked=clocks.repeated())

        return answer_at(snapshot, clocks, page)


@routes.get("/subjects/<subject>")
@routes.response(200, documented.STATE)
@refusals(routes)
@routes.arguments(ReadingSchema, location="query")
def show_state(query: dict[str, Any], subject: str) -> Response:
    """The state of one subject at the given clocks."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, lambda: state_json(snapshot, subject, clocks))


@routes.get("/subjects/<subject>/values")
@routes.response(200, documented.VALUES)
@refusals(routes)
@routes.arguments(ReadingSchema, location="query")
def show_values(query: dict[str, Any], subject: str) -> Response:
    """What the status of one subject is and its fields are at the given clocks, without what they rest on."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):

        def body() -> bytes:
            asked = orjson.dumps({"asked": clocks.repeated()})
            return values(snapshot, subject, clocks).json[:-1] + b"," + asked[1:]

        return answer_at(snapshot, clocks, body)
