"""Over random histories: every difference has its cause, and the steps lead from nothing to the state."""

from typing import Any

from hypothesis import strategies as st

from projections.clocks import Asked
from projections.queries.history.diff import diff
from projections.queries.history.evolution import understanding
from projections.queries.subjects.findings_by_name import findings
from projections.queries.subjects.states import kinds_of, state
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.fixtures.histories import History, Reading, Told, histories, readings, told_to
from tests.truth.test_properties import clocks_of, for_each


def test_how_any_history_evolves(chronologies: list[Chronology]) -> None:
    """Two properties on the same examples, as to tell a history costs more than to ask of it."""
    asked_of = readings(with_accounts=True)
    pairs = st.lists(st.tuples(asked_of, asked_of), min_size=1, max_size=4)

    @for_each(
        share=1 / 3, history=histories(), pairs=pairs, reading=asked_of, by=st.sampled_from(["recorded", "reported"])
    )
    def holds(history: History, pairs: list[tuple[Reading, Reading]], reading: Reading, by: str) -> None:
        for chronology, told in told_to(chronologies, history):
            if not told.calls:
                continue
            with chronology.ask(Asked()) as (snapshot, _):
                for one, other in pairs:
                    every_finding_that_differs_has_a_cause_and_no_other_is_listed(
                        snapshot, told, one.asked(told), other.asked(told)
                    )
                the_steps_of_a_subject_lead_to_its_state(snapshot, told, reading.asked(told), by)


def every_finding_that_differs_has_a_cause_and_no_other_is_listed(
    snapshot: Snapshot, told: Told, one: Asked, other: Asked
) -> None:
    sides = [clocks_of(snapshot, one), clocks_of(snapshot, other)]
    listed = {(each["subject"], each["finding"]): each for each in diff(snapshot, *sides, sorted(told.subjects))}
    known = {call.position for call in told.calls}
    for each in listed.values():
        assert each["causes"]
        assert each["events"] or each["cause"] in ("time_passed", "account")
        assert all(event["position"] in known for event in each["events"])
    for subject in told.subjects:
        before, after = (findings_at(snapshot, subject, clocks) for clocks in sides)
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                assert (subject, name) in listed


def findings_at(snapshot: Snapshot, subject: str, clocks: Any) -> dict[str, Any]:
    if subject not in kinds_of(snapshot, [subject], clocks.position):
        return {}
    return {name: plain(each) for name, each in findings(state(snapshot, subject, clocks)).items()}


def plain(finding: Any) -> Any:
    """A finding without the count of its reports, which histories do not tell."""
    return {name: each for name, each in finding.items() if name not in ("reports", "origins")}


def the_steps_of_a_subject_lead_to_its_state(snapshot: Snapshot, told: Told, asked: Asked, by: str) -> None:
    clocks = clocks_of(snapshot, asked)
    for subject in kinds_of(snapshot, told.subjects, clocks.position):
        reached: dict[str, Any] = {}
        for step in understanding(snapshot, subject, clocks, by):
            for change in step["changes"]:
                assert reached.get(change["finding"]) == change["before"]
                reached[change["finding"]] = change["after"]
        assert {name: each for name, each in reached.items() if each is not None} == findings_at(
            snapshot, subject, clocks
        )
