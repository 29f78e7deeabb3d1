"""What holds whatever is told: compared with the plain reading in `brute`, or with the service itself."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from events.dates.bounds import bounds_of, clock_bound
from events.errors import Invalid, NotFound
from events.facts import KINDS
from events.history.fact_as_of import FactAsOf, fact_as_of
from events.history.streams import Entry, FactHistory
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.evidence.facts import fact
from projections.queries.subjects.accounts import with_voices
from projections.queries.subjects.states import kinds_of, state, states
from projections.read_models.current_states import fold_subjects
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.fixtures.histories import (
    DAYS,
    INSTANTS,
    ZONES,
    History,
    Reading,
    Step,
    Told,
    amendments,
    calls_of_facts,
    contested_histories,
    histories,
    readings,
    tell_step,
    told_to,
)
from tests.truth.brute import Finding, Log, State, form, state_of

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
for name, examples in (("default", 300), ("nightly", 10_000)):
    settings.register_profile(name, max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(PROFILE)
HISTORIES = {"default": 60, "nightly": 10_000}[PROFILE]
"""How many histories a property is tried on: by day more than 300 over all properties, each told to both databases."""

UNIONS = {name for kind in KINDS.values() for name in kind.unions}
BESIDE = ("denied", "planned", "alleged")
JANUARY = st.integers(1, 31).map(lambda day: f"2024-01-{day:02}")
SHAPES = ("{0}/{1}", "[{0}..{1}]", "[..{1}]", "[{0}..]", "../{1}", "{0}/..")


def for_each(*, share: float = 1, **examples: Any) -> Callable[[Callable[..., None]], None]:
    """Check a property at once, each history on all databases; `share`: of how many, where one takes long."""

    def check(holds: Callable[..., None]) -> None:
        settings(max_examples=round(HISTORIES * share))(given(**examples)(holds))()

    return check


def several_readings(most: int = 8, *, with_accounts: bool = False) -> st.SearchStrategy[list[Reading]]:
    return st.lists(readings(with_accounts=with_accounts), min_size=2, max_size=most)


def states_at(snapshot: Snapshot, told: Told, asked: Asked) -> list[dict[str, Any]]:
    return states(snapshot, list(told.subjects), clocks_of(snapshot, asked))


def clocks_of(snapshot: Snapshot, asked: Asked) -> Clocks:
    """The clocks asked for; without an account where the party is not named there."""
    try:
        clocks = clocks_for(snapshot, asked)
        return clocks if asked.reading is None else with_voices(snapshot, clocks, asked.reading)
    except Invalid:
        return clocks_for(snapshot, replace(asked, reading=None))


def test_what_holds_of_any_history_at_any_clocks(chronologies: list[Chronology]) -> None:
    """Four properties on the same examples, as to tell a history costs more than to ask of it."""

    @for_each(history=histories() | contested_histories(), asked=several_readings(10, with_accounts=True))
    def holds(history: History, asked: list[Reading]) -> None:
        plainly: dict[tuple[Any, ...], Any] = {}
        for chronology, told in told_to(chronologies, history):
            with chronology.ask(Asked()) as (snapshot, _):
                the_current_view_is_the_fold_at_now(snapshot, told)
                for reading in asked if told.calls else []:
                    question = reading.asked(told)
                    answered = {each["id"]: each for each in states_at(snapshot, told, question)}
                    a_state_is_what_a_plain_reading_of_the_design_says(snapshot, told, question, answered, plainly)
                    each_finding_reaches_a_citation_unless_we_described_the_subject(snapshot, question, answered)


def a_state_is_what_a_plain_reading_of_the_design_says(
    snapshot: Snapshot,
    told: Told,
    question: Asked,
    answered: dict[str, dict[str, Any]],
    plainly: dict[tuple[Any, ...], Any],
) -> None:
    """`plainly` keeps what was read: it is the same on every database."""
    clocks = clocks_of(snapshot, question)
    log = Log(told.calls, question.position, bound_of(question))
    named = {each.body["subject"] for calls in log.facts.values() for each in calls if "subject" in each.body}
    assert named & told.subjects.keys() <= answered.keys()
    for name, answer in answered.items():
        key = name, question, clocks.at, clocks.reported
        if key not in plainly:
            kind = answer["kind"] or told.subjects[name]  # a correction may have been the first to name it
            asked = clocks.at, clocks.reported, clocks.asked.reading
            plainly[key] = read(state_of(log, name, kind, *asked))
        told_of = {"value", "because", "since", "rivals", "reports", "origins"}
        assert answer["status"].keys() - {"verdict", "set_by", "marks"} == told_of
        assert answer.get("merged_into", name) == log.meant(name)
        assert said(answer) == plainly[key], (question, told.calls)


def the_current_view_is_the_fold_at_now(snapshot: Snapshot, told: Told) -> None:
    assert current(snapshot, told) == folded(snapshot, told)


def each_finding_reaches_a_citation_unless_we_described_the_subject(
    snapshot: Snapshot, question: Asked, answered: dict[str, dict[str, Any]]
) -> None:
    reached: dict[str, bool] = {}
    for answer in answered.values():
        for name, finding in {"status": answer["status"], **answer["fields"]}.items():
            assert bool(finding["because"]) == (finding["value"] is not None), name
            for each in [*finding["because"], *(by for rival in finding["rivals"] for by in rival["because"])]:
                cause = each.partition("#")[0]
                if cause not in reached:
                    reached[cause] = is_cited(snapshot, cause, question)
                assert reached[cause], (name, each)


def bound_of(asked: Asked) -> int | None:
    """The exclusive bound of the recorded clock."""
    return None if asked.recorded_until is None else clock_bound(asked.recorded_until, asked.zone)


def said(answer: dict[str, Any]) -> dict[str, Any]:
    """What the service says, without the orders that the design leaves open."""

    def finding(each: dict[str, Any]) -> tuple[Any, ...]:
        rivals = {(form(rival["value"]), frozenset(rival["because"])) for rival in each["rivals"]}
        members = {who: set(by) for who, by in each["each"].items()} if "each" in each else None
        given = each.get("verdict")
        verdict = given and (given["n"], given["prefers"], given.get("reopened_by"))
        told = each["reports"], each["origins"]
        because = each["because"]
        gone = {(by["fact"], by["source"]) for by in each.get("marks", ()) if by["mark"] == "source_withdrawn"}
        return form(each["value"]), because[:1], set(because), each["since"], rivals, members, verdict, told, gone

    def grounds(name: str, because: list[str]) -> tuple[list[str], set[str]]:
        return [] if name.partition("[")[0] in UNIONS else because[:1], set(because)

    findings = {"status": answer["status"], **answer["fields"]}
    lists = {"possible": in_order(answer["possible"]), **{sort: answer[sort] for sort in BESIDE}}
    possibly = {
        name: {form(each["value"]): grounds(name, each["because"]) for each in others}
        for name, others in answer["possibly"].items()
    }
    return {"findings": {name: finding(each) for name, each in findings.items()}, "possibly": possibly, **lists}


def read(wanted: State) -> dict[str, Any]:
    """What the plain reading says, in the same form."""

    def finding(each: Finding) -> tuple[Any, ...]:
        rivals = {(form(value), frozenset(because)) for value, because in each.rivals}
        told = each.reports, each.origins
        because, gone = each.because, each.taken_back
        return form(each.value), because[:1], set(because), each.since, rivals, each.each, each.verdict, told, gone

    lists = {"possible": in_order(wanted.possible), **wanted.beside}
    findings = {name: finding(each) for name, each in wanted.findings.items()}
    return {"findings": findings, "possibly": wanted.possibly, **lists}


def in_order(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(listed, key=lambda each: str(each["fact"]))


def occurrence_between(n: int, first: str, last: str, what: int) -> FactAsOf:
    """An occurrence as it stands, at some time between two days."""
    data = {"id": f"f{n}", "subject": "x", "occurred": f"[{first}..{last}]", "what": f"what {what}"}
    return fact_as_of(FactHistory(f"f{n}", [Entry(n + 1, n, "Occurred", 1, data)]), {}, None)  # type: ignore[return-value]


def test_an_answer_at_a_position_is_unchanged_by_whatever_is_recorded_later(chronologies: list[Chronology]) -> None:
    @for_each(share=1 / 3, history=histories(steps=9), asked=pinned_readings())
    def holds(history: History, asked: list[Reading | None]) -> None:
        first = Told.fresh(history)
        for chronology in chronologies:
            told = replace(first, calls=[])
            pinned: list[tuple[Asked, list[bytes]]] = []
            for step, reading in zip(history.steps, asked, strict=False):
                if tell_step(chronology, told, step) and told.calls and reading:
                    question = pin(reading.asked(told), told.calls[-1].position)
                    pinned.append((question, answers(chronology, told, question)))
            for question, before in pinned:
                assert answers(chronology, told, question) == before


def pinned_readings() -> st.SearchStrategy[list[Reading | None]]:
    return st.lists(st.none() | readings(with_accounts=True), min_size=9, max_size=9)


def pin(asked: Asked, position: int) -> Asked:
    return Asked(asked.at, asked.reported_until, None, asked.zone, position, asked.reading)


def answers(chronology: Chronology, told: Told, asked: Asked) -> list[bytes]:
    found = []
    with chronology.ask(replace(asked, reading=None)) as (snapshot, _):
        clocks = clocks_of(snapshot, asked)
        for subject in told.subjects:
            try:
                found.append(orjson.dumps(state(snapshot, subject, clocks)))
            except NotFound as error:
                found.append(error.sentence.encode())
    return found


def test_the_order_of_facts_inside_one_call_does_not_matter(chronologies: list[Chronology]) -> None:
    @for_each(share=1 / 3, orders=calls_of_facts(), asked=several_readings())
    def holds(orders: tuple[History, History], asked: list[Reading]) -> None:
        for (chronology, one), (_, other) in zip(*(told_to(chronologies, order) for order in orders), strict=True):
            assert len(one.calls) == len(other.calls)
            with chronology.ask(Asked()) as (snapshot, _):
                for reading in asked:
                    question = Asked(reading.at, *([reading.reported] if isinstance(reading.reported, str) else []))
                    first, second = (orjson.dumps(states_at(snapshot, told, question)) for told in (one, other))
                    assert first.replace(one.prefix.encode(), other.prefix.encode()) == second


def test_views_rebuilt_in_full_are_the_views_followed(chronologies: list[Chronology]) -> None:
    everything: list[tuple[Chronology, Told]] = []

    @for_each(share=1 / 12, history=histories())
    def holds(history: History) -> None:
        for chronology, told in told_to(chronologies, history):
            everything.append((chronology, told))
            with chronology.ask(Asked()) as (snapshot, _):
                before = current(snapshot, told)
            chronology.follower.rebuild()
            with chronology.ask(Asked()) as (snapshot, _):
                assert current(snapshot, told) == before == folded(snapshot, told)

    for chronology, told in everything:
        with chronology.ask(Asked()) as (snapshot, _):
            assert current(snapshot, told) == folded(snapshot, told)


def current(snapshot: Snapshot, told: Told) -> dict[str, Any]:
    table = snapshot.table("current")
    rows = snapshot.rows(select(table).where(table.c.id.in_(told.subjects)))
    for row in rows:
        shown = orjson.loads(row.state)
        assert (row.kind, row.status, row.part_of) == (shown["kind"], shown["status"]["value"], shown["part_of"])
    return {row.id: orjson.loads(row.state) for row in rows}


def folded(snapshot: Snapshot, told: Told) -> dict[str, Any]:
    return {each.now.id: each.now.read() for each in fold_subjects(snapshot, told.subjects, snapshot.position)}


def is_cited(snapshot: Snapshot, name: str, asked: Asked) -> bool:
    view = fact(snapshot, name, clocks_for(snapshot, asked))
    return view["visible"] and not view["retracted"] and (bool(view["citations"]) or name.startswith("subject:"))


def test_a_wider_date_never_adds_a_certain_fact_and_never_drops_one_from_certain_or_possible(
    chronologies: list[Chronology],
) -> None:
    @for_each(
        kind=st.sampled_from(["TalksBegan", "TalksConcluded", "TalksScheduled"]),
        dates=pairs_of_dates(),
        zone=st.sampled_from(ZONES),
        published=st.sampled_from([None, *DAYS, *INSTANTS]),
        asked=several_readings(),
    )
    def holds(kind: str, dates: tuple[str, str], zone: str, published: str | None, asked: list[Reading]) -> None:
        assume(contains(*(bounds_of(date, zone, begins=KINDS[kind].begins) for date in reversed(dates))))
        said_of = [{"kind": kind, "zone": zone, "occurred": date, "citations": [(0, 0)]} for date in dates]
        steps: list[Step] = [("facts", [{**body, "subject": n} for n, body in enumerate(said_of)])]
        history = History([{"publisher": "Courier", "published": published}], ["talks", "talks"], steps)
        for chronology, told in told_to(chronologies, history):
            with chronology.ask(Asked()) as (snapshot, clocks):
                if fact(snapshot, told.facts[0], clocks)["reported_before_occurred"]:
                    continue
                for question in [unpinned(reading.asked(told)) for reading in asked]:
                    answered = states_at(snapshot, told, question)
                    narrow, wide = [(bool(each["status"]["value"]), bool(each["possible"])) for each in answered]
                    assert narrow[0] or not wide[0], "widening added a certain fact"
                    assert any(wide) or not any(narrow), "widening dropped a fact"


@st.composite
def pairs_of_dates(draw: st.DrawFn) -> tuple[str, str]:
    """A date, and one that is likely to be wider."""
    early, first, last, late = sorted(draw(st.lists(st.sampled_from(DAYS), min_size=4, max_size=4)))
    narrow = draw(st.sampled_from([*SHAPES, "{0}", "{0}T12:00:00Z", "{1}"])).format(first, last)
    return narrow, draw(st.sampled_from([*SHAPES, "2025-05/2025-06", "2025", "../.."])).format(early, late)


def contains(wide: tuple[int | None, int | None], narrow: tuple[int | None, int | None]) -> bool:
    lo = wide[0] is None or (narrow[0] is not None and wide[0] <= narrow[0])
    return lo and (wide[1] is None or (narrow[1] is not None and narrow[1] <= wide[1]))


def test_retracting_and_reinstating_a_fact_leaves_no_trace_in_later_states(chronologies: list[Chronology]) -> None:
    @for_each(share=1 / 3, history=histories(steps=8), number=st.integers(0, 9), asked=several_readings())
    def holds(history: History, number: int, asked: list[Reading]) -> None:
        for chronology, told in told_to(chronologies, history):
            if not told.facts:
                continue
            ours = {"kind": "reassessment", "reason": "told so"}
            questions = [unpinned(reading.asked(told)) for reading in asked]
            known = named(chronology, told)  # a subject that the amendment opens stays named
            before = at_each(chronology, known, questions)
            if not tell_step(chronology, told, ("amend", number, "retractions", ours, None)):
                continue
            assert tell_step(chronology, told, ("amend", number, "reinstatements", ours, None))
            assert at_each(chronology, known, questions) == before


def test_amending_and_withdrawing_the_amendment_leaves_no_trace_in_later_states(chronologies: list[Chronology]) -> None:
    @st.composite
    def amended(draw: st.DrawFn) -> tuple[History, Step]:
        history = draw(histories(steps=8))
        known = [body for step in history.steps if step[0] == "facts" for body in step[1]]
        return history, draw(amendments(known, history.subjects, len(history.sources)))

    @for_each(share=1 / 3, case=amended(), asked=several_readings())
    def holds(case: tuple[History, Step], asked: list[Reading]) -> None:
        history, step = case
        for chronology, told in told_to(chronologies, history):
            if not told.facts:
                continue
            questions = [unpinned(reading.asked(told)) for reading in asked]
            known = named(chronology, told)  # a subject that the amendment opens stays named
            before = at_each(chronology, known, questions)
            if not tell_step(chronology, told, step):
                continue
            ours = {"kind": "reassessment", "reason": "told so"}
            assert tell_step(chronology, told, ("amend", step[1], "withdrawal", ours, told.calls[-1].n - 1))
            assert at_each(chronology, known, questions) == before


def unpinned(asked: Asked) -> Asked:
    return Asked(asked.at, asked.reported_until, zone=asked.zone)


def named(chronology: Chronology, told: Told) -> list[str]:
    with chronology.ask(Asked()) as (snapshot, clocks):
        return sorted(kinds_of(snapshot, told.subjects, clocks.position))


def at_each(chronology: Chronology, subjects: list[str], questions: list[Asked]) -> list[bytes]:
    with chronology.ask(Asked()) as (snapshot, _):
        return [orjson.dumps(states(snapshot, subjects, clocks_for(snapshot, question))) for question in questions]
