from collections.abc import Iterator
from typing import Any

import os
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.clocks import Clocks, clocks_for, Asked
from projections.states import states
from service.config import Settings
from service.desk import Desk
from tests.brute import Log, State, form, state_of
from tests.conftest import on
from tests.histories import History, Hurrying, Reading, Told, histories, readings, tell

settings.register_profile("default", max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("nightly", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="module")
def many(tmp_path_factory: Any) -> Iterator[Desk]:
    desk = Desk(Settings(database=on("sqlite", tmp_path_factory.mktemp("many"))), now=Hurrying(), follows=True)
    yield desk
    desk.close()


def said(state: dict[str, Any]) -> dict[str, Any]:
    def finding(each):
        found = {"value": form(each["value"]), "since": each.get("since"),
         "first": each["because"][:1], "because": set(each["because"]),
         "rivals": {(form(rival["value"]), frozenset(rival["because"])) for rival in each["rivals"]}}
        if "each" in each:
            found["each"] = {who: set(by) for who, by in each["each"].items()}
        return found
    findings = {"status": state["status"], **state["fields"]}
    return {
        "findings": {name: finding(each) for name, each in findings.items()},
        "possibly": {name: {form(value) for value in values} for name, values in state["possibly"].items()},
        **{sort: sorted(state[sort], key=lambda each: each["fact"]) for sort in ("possible", "denied", "planned", "alleged")},
    }


def read(state: State) -> dict[str, Any]:
    def finding(each):
        found = {"value": form(each.value), "since": each.since, "first": each.because[:1], "because": set(each.because),
                 "rivals": {(form(value), frozenset(because)) for value, because in each.rivals}}
        if each.each is not None:
            found["each"] = each.each
        return found
    lists = {"possible": state.possible, **state.beside}
    return {
        "findings": {name: finding(each) for name, each in state.findings.items()},
        "possibly": state.possibly,
        **{sort: sorted(each, key=lambda each: each["fact"]) for sort, each in lists.items()},
    }


def expected(told: Told, clocks: Clocks, subject: str) -> dict[str, Any]:
    log = Log(told.calls, clocks.position)
    return read(state_of(log, subject, told.subjects[subject], clocks.at, clocks.reported))


@given(history=histories(), asked=st.lists(readings(), min_size=1, max_size=8))
def test_a_state_is_what_a_plain_reading_of_the_design_says(many: Desk, history: History, asked: list[Reading]) -> None:
    told = tell(many, history)
    if not told.calls:
        return
    with many.ask(Asked()) as (snapshot, _):
        for reading in asked:
            clocks = clocks_for(snapshot, reading.asked(told))
            for state in states(snapshot, list(told.subjects), clocks):
                got, want = said(state), expected(told, clocks, state["id"])
                if got != want:
                    for k in got:
                        if k == "findings" or k == "possibly":
                            for n in got[k].keys() | want[k].keys():
                                if got[k].get(n) != want[k].get(n):
                                    print("GOT ", k, n, got[k].get(n)); print("WANT", k, n, want[k].get(n))
                        elif got[k] != want[k]:
                            print("GOT ", k, got[k]); print("WANT", k, want[k])
                    print(reading, clocks)
                    for c in told.calls: print(c)
                    assert False
