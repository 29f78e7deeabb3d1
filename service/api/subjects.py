"""Subjects and their states."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypedDict

import marshmallow as ma
import orjson
from flask import Response

from events.commands.acts_on_subjects import judge, merge, split, withdraw_regrouping, withdraw_verdict
from events.commands.record_facts import describe_subject
from events.field_types import Json, JsonObject
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.clocks import AtClocks, asked_in
from projections.fold.answer_types import State
from projections.queries.evidence.search import Found, search
from projections.queries.subjects.agenda import Agenda, agenda
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import StateAtClocks, state_json
from projections.queries.subjects.values import Values, ValuesAtClocks, page_of_values, values
from service.api.blueprints import Query, blueprint
from service.api.exchange.in_formats import also_in_formats, in_formats
from service.api.receipts import ErasureUnderWay, Position, Recorded, created, erased, recorded, write
from service.chronicle.schemas import MergeSchema, OurActSchema, ReasonSchema, SplitSchema, SubjectSchema, VerdictSchema
from service.web.access import chronology, needs
from service.web.addresses.cursors import cursor_after, resumed
from service.web.addresses.memento import links_to_timemap
from service.web.dear_questions import dear, is_of_another_time
from service.web.parameters import PageSchema, QuerySchema, ReadingSchema, SearchQuery, clock, number, takes
from service.web.responses import answer, answer_at, linked, listed

routes = blueprint("subjects", "Subjects and their states at any date")

_SHOWN = "subjects.show_state"


class RegroupedSubject(TypedDict):
    """A subject, and the number of what was recorded of it."""

    subject: str
    n: int
    position: Position


class StatePage(AtClocks):
    """A page of states, all at the clocks asked."""

    subjects: list[State]
    next: str | None


class ValuesPage(AtClocks):
    """A page of values, all at the clocks asked."""

    subjects: list[Values]
    next: str | None


class SubjectsQuery(PageSchema):
    """Filters of the list of states."""

    reading = clock("reading")
    kind = ma.fields.String(metadata={"description": "The kind of subject"})
    status = ma.fields.String(metadata={"description": "The status at the clocks"})
    part_of = ma.fields.String(metadata={"description": "The subject that they are part of"})


class ValuesQuery(SubjectsQuery):
    """The same for the list of values, of which a page holds more."""

    limit = number("How many at the most", 1, 10_000, load_default=1_000)


@routes.post("/subjects", endpoint="describe_subject")
@needs("recorder")
@routes.writes(Recorded)
@takes(routes, SubjectSchema())
def describe(given: JsonObject) -> Response:
    """Describe a subject: its kind, title, the whole it is part of."""

    def described(receipts: Sequence[Receipt]) -> Response:
        return created(receipts[0], recorded(receipts[0], given["id"]), _SHOWN, subject=given["id"])

    return write(lambda call: [describe_subject(call, given)], {"subjects": [given]}, described)


def _acted(subject: str, given: JsonObject, decide: Callable[[UnitOfWork], Receipt], **call: Json) -> Response:
    """Record an act of ours on a subject; `call` says which, as a chronicle does."""

    def answered(receipts: Sequence[Receipt]) -> Response:
        body = RegroupedSubject(subject=subject, n=receipts[0].version, position=receipts[0].position)
        return created(receipts[0], body, _SHOWN, subject=subject)

    return write(lambda unit: [decide(unit)], {"amendments": [{**given, "subject": subject, **call}]}, answered)


@routes.post("/subjects/<subject>/merges")
@needs("editor")
@routes.writes(RegroupedSubject)
@takes(routes, MergeSchema())
def merge_subject(given: JsonObject, subject: str) -> Response:
    """Two ids turn out to be one: read this subject's facts as being about the other."""
    return _acted(subject, given, lambda unit: merge(unit, subject, given), call="merges")


@routes.post("/subjects/<subject>/splits")
@needs("editor")
@routes.writes(RegroupedSubject)
@takes(routes, SplitSchema())
def split_subject(given: JsonObject, subject: str) -> Response:
    """One subject turns out to be two: read some of its facts as being about the other."""
    return _acted(subject, given, lambda unit: split(unit, subject, given), call="splits")


@routes.post("/subjects/<subject>/regroupings/<int:n>/withdrawal", endpoint="withdraw_regrouping")
@needs("editor")
@routes.writes(RegroupedSubject)
@takes(routes, OurActSchema())
def undo(given: JsonObject, subject: str, n: int) -> Response:
    """Undo the merge or split of that number."""
    return _acted(subject, given, lambda unit: withdraw_regrouping(unit, subject, n, given), withdraw=n)


@routes.post("/subjects/<subject>/redactions")
@needs("admin")
@routes.response(201, Recorded)
@routes.response(202, ErasureUnderWay)
@takes(routes, ReasonSchema())
def redact_subject(given: JsonObject, subject: str) -> Response:
    """Erase for good the subject's description and the reasons of its merges and splits; of facts, nothing."""
    return erased("subject", subject, given)


@routes.post("/subjects/<subject>/verdicts")
@needs("editor")
@routes.writes(RegroupedSubject)
@takes(routes, VerdictSchema())
def judge_finding(given: JsonObject, subject: str) -> Response:
    """Judge a contested finding of the subject: for a fact, a dispute, or that it cannot be decided."""
    verdict = {"prefers": None, **given}
    return _acted(subject, verdict, lambda unit: judge(unit, subject, given), call="verdicts")


@routes.post("/subjects/<subject>/verdicts/<int:n>/withdrawal")
@needs("editor")
@routes.writes(RegroupedSubject)
@takes(routes, OurActSchema())
def undo_verdict(given: JsonObject, subject: str, n: int) -> Response:
    """Take back the verdict of that number."""
    return _acted(subject, given, lambda unit: withdraw_verdict(unit, subject, n, given), withdraw=n)


@routes.get("/agenda")
@also_in_formats(routes, "agenda", ReadingSchema, Agenda)
@dear()
def show_agenda(query: Query) -> Response:
    """What was promised by all subjects, as it stands at the first clock: now, if that is not given."""
    asked = asked_in(query)
    with chronology().ask(asked if asked.at else replace(asked, at="now")) as (snapshot, clocks):
        found = agenda(snapshot, clocks)
        return answer_at(snapshot, clocks, found) if asked.at else answer(found)


@routes.get("/search", endpoint="search_words")
@routes.response(200, Found)
@routes.arguments(SearchQuery)
@dear()
def find(query: Query) -> Response:
    """Subjects by their names, facts and sources by their words, as these stand at the clocks; the first of each."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, lambda: search(snapshot, query["q"], clocks, query["limit"]))


@routes.get("/subjects")
@routes.response(200, StatePage)
@routes.arguments(SubjectsQuery)
@dear(is_of_another_time)
def list_states(query: Query) -> Response:
    """The states of subjects at the given clocks, in the order of their ids."""
    return _page(query, page_of_states, lambda each: each.state)


@routes.get("/values")
@also_in_formats(routes, "values", ValuesQuery, ValuesPage)
@dear(is_of_another_time)
def list_values(query: Query) -> Response:
    """What the status of each subject is and its fields are at the given clocks, without what they rest on."""
    return _page(query, page_of_values, lambda each: each.json)


in_formats(
    routes, "spans", QuerySchema, "list_spans", "The values of each subject over time, by when recorded and reported."
)


def _page(query: Query, find: Callable[..., tuple[list[Any], str | None]], json: Callable[[Any], bytes]) -> Response:
    """A page of what is found of subjects, joined from JSON."""
    filters = {name: query.get(name) for name in ("kind", "status", "part_of")}
    asked, after = resumed(query.get("cursor"), asked_in(query), filters, "")
    following: str | None = None
    with chronology().ask(asked) as (snapshot, clocks):

        def page() -> bytes:
            nonlocal following
            found, last = find(snapshot, clocks, filters, after, query["limit"])
            following = None if last is None else cursor_after(clocks, last, filters)
            return listed("subjects", map(json, found), next=following, **clocks.stated())

        return linked(answer_at(snapshot, clocks, page), cursor=following)


@routes.get("/subjects/<subject>")
@routes.response(200, StateAtClocks)
@routes.arguments(ReadingSchema)
def show_state(query: Query, subject: str) -> Response:
    """The state of one subject at the given clocks."""
    links_to_timemap("history.list_mementos", subject=subject)
    with chronology().ask(asked_in(query)) as (snapshot, clocks):
        return answer_at(snapshot, clocks, lambda: state_json(snapshot, subject, clocks))


@routes.get("/subjects/<subject>/values")
@routes.response(200, ValuesAtClocks)
@routes.arguments(ReadingSchema)
def show_values(query: Query, subject: str) -> Response:
    """What the status of one subject is and its fields are at the given clocks, without what they rest on."""
    with chronology().ask(asked_in(query)) as (snapshot, clocks):

        def body() -> bytes:
            return values(snapshot, subject, clocks).json[:-1] + b"," + orjson.dumps(clocks.stated())[1:]

        return answer_at(snapshot, clocks, body)
