"""What was promised, and what became due of it: coming, due, overdue, lapsed, expired, unanswered."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, NamedTuple, TypedDict

from msgspec import Meta
from sqlalchemy import and_, or_, select

from events.dates.bounds import Bounds, bounds_of
from events.dates.calendar import instant_text
from events.history.fact_as_of import FactAsOf
from events.subject_kinds import SUBJECT_KINDS
from projections.clocks import AtClocks, Clocks
from projections.fold.answer_types import State
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.subjects.states import finished_states
from projections.queries.subjects.values import named_subjects
from projections.store.snapshots import Snapshot, chunks

Listed = Literal["coming", "due", "overdue", "lapsed", "expired", "unanswered"]
"""The lists of an agenda."""

_AWAITS_AN_ANSWER = {"demand": "made", "document": "handed over"}
_AWAITED = ("proposed", "scheduled")
"""Statuses of talks whose date may lie ahead."""

_Bounds = TypedDict(
    "_Bounds",
    {
        "from": Annotated[str | None, Meta(description="The instant at which it may begin; null where that is open")],
        "until": Annotated[str | None, Meta(description="The instant by which it is over; null where that is open")],
    },
)


class Promise(_Bounds):
    """Something promised, or asked for, and the fact that says when."""

    subject: str
    fact: str
    kind: str


class Agenda(AtClocks):
    """What was promised, as it stands at the first clock; in each list what lies nearest to that comes first."""

    coming: Annotated[list[Promise], Meta(description="Plans and talks that begin later")]
    due: Annotated[list[Promise], Meta(description="Plans and talks that may be under way")]
    overdue: Annotated[list[Promise], Meta(description="Plans not carried out and talks not held in time")]
    lapsed: Annotated[list[Promise], Meta(description="Talks proposed for a time that is over")]
    expired: Annotated[list[Promise], Meta(description="Ceasefires past their end")]
    unanswered: Annotated[list[Promise], Meta(description="Demands and documents without an answer, oldest first")]


class _Dated(NamedTuple):
    """A fact that dates something: by its field of that name, or by when it occurred where that is empty."""

    subject: str
    fact: str
    field: str
    list: str


def agenda(snapshot: Snapshot, clocks: Clocks, only: str | None = None) -> Agenda:
    """What was promised by the subjects, or by one, as they stand at the clocks, of which the first is given."""
    assert clocks.at is not None
    at = clocks.at
    dated: list[_Dated] = []
    for ids in _promising(snapshot, clocks) if only is None else [[only]]:
        for finished in finished_states(snapshot, ids, clocks):
            dated += _dated(finished.read()) if finished.merged_into is None else []
    facts = facts_named(snapshot, {each.fact for each in dated}, clocks)
    found: dict[str, list[tuple[Bounds, Promise]]] = {}
    for each in dated:
        fact = facts[each.fact]
        bounds = _bounds(fact, each.field)
        found.setdefault(each.list or _when(bounds, at), []).append((bounds, _promise(each, fact, bounds)))

    def ordered(name: str, *, latest_first: bool = False, begins: bool = False) -> list[Promise]:
        def distance(each: tuple[Bounds, Promise]) -> tuple[bool, int, str, str]:
            edge = each[0].lo if begins else each[0].hi
            return edge is None, (edge or 0) * (-1 if latest_first else 1), each[1]["subject"], each[1]["fact"]

        return [promise for _, promise in sorted(found.get(name, ()), key=distance)]

    return {
        **clocks.stated(),
        "coming": ordered("coming", begins=True),
        "due": ordered("due"),
        "overdue": ordered("overdue", latest_first=True),
        "lapsed": ordered("lapsed", latest_first=True),
        "expired": ordered("expired", latest_first=True),
        "unanswered": ordered("unanswered", begins=True),
    }


def _promising(snapshot: Snapshot, clocks: Clocks) -> Iterator[Sequence[str]]:
    """The subjects not merged that may be on an agenda, some at a time: a superset.

    With everything reported their outlines tell: something is ahead of them, planned or late, they await an answer, or
    they were touched since. Else a fact of theirs promised something, they may await an answer, or they were merged or
    split.
    """
    about, promises, subjects = (snapshot.table(name) for name in ("about", "promises", "subjects"))
    own = select(about.c.subject).join(promises, promises.c.fact == about.c.fact)
    awaiting = select(subjects.c.id).where(subjects.c.kind.in_(_AWAITS_AN_ANSWER))
    ever = named_subjects(snapshot, clocks.position, among=own.union(awaiting))
    if clocks.reported is not None or clocks.asked.reading is not None:
        yield from ever
        return
    of, current = snapshot.table("outlines").c, snapshot.table("current").c
    awaits = [and_(of.kind == kind, of.status == status) for kind, status in _AWAITS_AN_ANSWER.items()]
    wanted = select(of.id).where(or_(of.settled > clocks.at, of.planned > 0, of.late, *awaits))
    found = {row.id for row in snapshot.rows(wanted)}
    if clocks.position < snapshot.position:
        since = {row.id for row in snapshot.rows(select(current.id).where(current.touched > clocks.position))}
        found |= since.intersection(name for ids in ever for name in ids) if since else set()
    yield from chunks(sorted(found))


def _dated(state: State) -> Iterator[_Dated]:
    """What a state promises, each with the list that it is in; that of what may lie ahead follows from its date."""
    subject, kind, status = state["id"], state["kind"], state["status"]["value"]
    for plan in state["planned"]:
        if not plan.get("answered_by"):
            yield _Dated(subject, plan["fact"], "", "")
    if kind is not None and status is not None:
        if status == _AWAITS_AN_ANSWER.get(kind):
            yield _Dated(subject, state["status"]["because"][0], "", "unanswered")
        for before, (field, then) in SUBJECT_KINDS[kind].passing.items():
            is_awaited = kind == "talks" and before in _AWAITED and status == before
            if field in state["fields"] and (status == then or is_awaited):
                yield _Dated(subject, state["fields"][field]["because"][0], field, then if status == then else "")
                return


def _bounds(fact: FactAsOf, field: str) -> Bounds:
    return bounds_of(fact.values[field], fact.zone) if field else fact.bounds


def _when(bounds: Bounds, at: int) -> str:
    """Whether what has the bounds is over, comes later, or is due."""
    if bounds.hi is not None and bounds.hi <= at:
        return "overdue"
    return "coming" if bounds.lo is not None and bounds.lo >= at else "due"


def _promise(dated: _Dated, fact: FactAsOf, bounds: Bounds) -> Promise:
    lo, hi = (None if edge is None else instant_text(edge) for edge in bounds)
    return {"subject": dated.subject, "fact": fact.id, "kind": fact.kind.__name__, "from": lo, "until": hi}
