"""Values: what is found in rectangles is what is folded, at any clocks, whatever is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest

from events.errors import NotFound
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapStageCompleted
from projections.bitemporal import pages
from projections.bitemporal.index import RECORDING
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.subjects import values as queries
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import states
from projections.queries.subjects.values import ValuesJson, values, values_of
from projections.queries.subjects.values_over_time import ValuesOverTime, page_of_rectangles
from projections.read_models.histories import grouping_at
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.fixtures.histories import History, Hurrying, Reading, contested_histories, histories, told_to
from tests.fixtures.stories import Chronicle
from tests.truth.test_properties import for_each, several_readings

Plain = tuple[Any, dict[str, Any]]


@pytest.fixture
def chronology(database: str, monkeypatch: Any) -> Iterator[Chronology]:
    """On SQLite with pages of no more than three rectangles."""
    if database.startswith("sqlite"):
        monkeypatch.setattr(pages, "FEW", 3)
    chronology = Chronology(Settings(database=database), now=Hurrying(), follows=True)
    yield chronology
    chronology.close()


@contextmanager
def asked_of_small_pages(chronology: Chronology) -> Iterator[Snapshot]:
    """The views brought up to date, on SQLite with pages of no more than three rectangles."""
    with pytest.MonkeyPatch.context() as patch:
        if chronology.settings.is_sqlite:
            patch.setattr(pages, "FEW", 3)
        with chronology.ask(Asked()) as (snapshot, _):
            yield snapshot


def values_in(each: ValuesJson) -> Plain:
    return orjson.loads(each.status), orjson.loads(each.fields)


def folded(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> dict[str, Plain]:
    return {
        each["id"]: (each["status"]["value"], {name: found["value"] for name, found in each["fields"].items()})
        for each in states(snapshot, subjects, clocks)
    }


def of_those(subjects: list[str], found: Iterator[ValuesJson]) -> dict[str, Plain]:
    return {each.subject: values_in(each) for each in found if each.subject in subjects}


def test_values_of_any_history_at_any_clocks(chronologies: list[Chronology]) -> None:
    """Three properties on the same examples, as to tell a history costs more than to ask of it."""

    @for_each(share=1 / 3, history=histories() | contested_histories(), asked=several_readings(10))
    def holds(history: History, asked: list[Reading]) -> None:
        for chronology, told in told_to(chronologies, history):
            with asked_of_small_pages(chronology) as snapshot:
                at = [clocks_for(snapshot, reading.asked(told)) for reading in asked]
                subjects = list(told.subjects)
                for clocks in at:
                    they_are_the_values_of_the_state(snapshot, subjects, clocks)
                    they_are_those_of_the_one_rectangle_that_holds_the_clocks(snapshot, subjects, clocks)
                a_list_by_status_holds_those_whose_state_has_it(snapshot, subjects, at[0])


def they_are_the_values_of_the_state(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> None:
    wanted = folded(snapshot, subjects, clocks)
    assert of_those(subjects, values_of(snapshot, clocks, subjects)) == wanted
    grouping = grouping_at(snapshot, clocks.position)
    by_themselves = {name: each for name, each in wanted.items() if grouping.merged_into(name) is None}
    assert of_those(subjects, values_of(snapshot, clocks)) == by_themselves
    for subject in subjects:
        if subject in wanted:
            assert values_in(values(snapshot, subject, clocks)) == wanted[subject]
        else:
            with pytest.raises(NotFound):
                values(snapshot, subject, clocks)


def they_are_those_of_the_one_rectangle_that_holds_the_clocks(
    snapshot: Snapshot, subjects: list[str], clocks: Clocks
) -> None:
    if clocks.reported is not None and clocks.position < snapshot.position:  # on neither plane
        return
    moment, turn, (plane, *_) = queries._point(clocks)
    found, after = list[ValuesOverTime](), ""
    while after is not None:
        some, after = page_of_rectangles(snapshot, after, 2)  # type: ignore[assignment]
        found += [each for each in some if each.subject in subjects and each.is_of_recording == (plane == RECORDING)]
    unknown = {each.subject for each in found if each.values is None}
    holding = [each for each in found if each.values is not None and holds_at(each.bounds, moment, turn)]
    wanted = folded(snapshot, subjects, clocks)
    assert len({each.subject for each in holding}) == len(holding)
    assert {each.subject: values_in(each.values) for each in holding if each.values is not None} == {
        name: each for name, each in wanted.items() if name not in unknown
    }


def holds_at(bounds: pages.Bounds, moment: int, turn: int) -> bool:
    lo, hi, since, until = bounds
    return lo <= moment < hi and since <= turn < until


def a_list_by_status_holds_those_whose_state_has_it(snapshot: Snapshot, subjects: list[str], clocks: Clocks) -> None:
    found = [each for each in states(snapshot, subjects, clocks) if "merged_into" not in each]
    everyone = {each["id"]: each["status"]["value"] for each in found}
    for status in set(everyone.values()) - {None}:
        wanted = {name for name, each in everyone.items() if each == status}
        assert wanted == {each for each in listed(snapshot, clocks, status) if each in subjects}


def listed(snapshot: Snapshot, clocks: Clocks, status: str) -> Iterator[str]:
    after: str | None = ""
    while after is not None:
        found, after = page_of_states(snapshot, clocks, {"status": status}, after, 50)
        yield from (each.id for each in found)


def test_one_more_fact_about_a_subject_of_many_changes_its_values(chronology: Chronology) -> None:
    chronicle = Chronicle(chronology)
    for day in range(1, 29):
        for hour in range(4):
            occurred = f"2024-01-{day:02}T{hour:02}:00:00Z"
            chronicle.given(
                Occurred, subject="line", occurred=occurred, what=f"stop {day}-{hour}", reported="2024-02-01"
            )
    before = chronicle.head
    chronicle.given(Occurred, subject="line", occurred="2024-01-09T02:30:00Z", what="one more", reported="2024-02-01")

    def stop(**asked: Any) -> Any:
        with chronology.ask(Asked(at="2024-01-09T02:45:00Z", **asked)) as (snapshot, clocks):
            return orjson.loads(values(snapshot, "line", clocks).fields)["what"]

    assert (stop(), stop(position=before)) == ("one more", "stop 9-2")


def test_values_of_a_swap_by_stages_need_no_fold(chronology: Chronology) -> None:
    chronicle = Chronicle(chronology)
    chronicle.given(SwapAgreed, "swap", occurred="2024-05-01", count_each=300)
    for stage, day in enumerate((10, 12), start=1):
        chronicle.given(SwapStageCompleted, "swap", occurred=f"2024-05-{day}", stage=stage, counts={"arvenia": 100})

    with chronology.ask(Asked()) as (snapshot, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "states", lambda *_: [])
        found = []
        for day in ("2024-05-09", "2024-05-10", "2024-05-12"):
            clocks = clocks_for(snapshot, Asked(at=day))
            found.append(values_in(values(snapshot, "swap", clocks))[1].get("progress"))

    done = ({"arvenia": {"done": {"best": count}, "of": {"best": 300}}} for count in (100, 200))
    assert found == [None, *done]


def test_a_date_beyond_what_rectangles_hold_is_answered_all_the_same(chronology: Chronology) -> None:
    chronicle = Chronicle(chronology)
    chronicle.given(Occurred, subject="end", occurred="Y300000", what="the end", reported="Y300001")
    with chronology.ask(Asked(at="2024-01-01")) as (snapshot, clocks):
        assert values_in(values(snapshot, "end", clocks)) == (None, {})
    with chronology.ask(Asked()) as (snapshot, clocks):
        assert values_in(values(snapshot, "end", clocks))[1]["what"] == "the end"
