"""What differs between two readings, and which events made it."""

from typing import Any

import pytest

from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed
from projections.clocks import Asked, clocks_for
from projections.queries.history.diff import diff
from tests.fixtures.stories import Chronicle


def differences(chronicle: Chronicle, one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, list[str]]]:
    """By finding: its cause and the ids of its events."""
    with chronicle.chronology.ask(Asked()) as (snapshot, _):
        found = diff(snapshot, clocks_for(snapshot, Asked(**one)), clocks_for(snapshot, Asked(**other)))
    return {each["finding"]: (each["cause"], [event["id"] for event in each["events"]]) for each in found}


def recorded(chronicle: Chronicle, before: int) -> dict[str, tuple[Any, list[str]]]:
    """What the events after the position changed."""
    return differences(chronicle, {"position": before}, {})


def test_a_new_fact(chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, reported="2024-01-02")
    before = chronicle.head
    done = chronicle.given(SwapCompleted, occurred="2024-01-05", reported="2024-01-06")

    assert recorded(chronicle, before) == {"status": ("new_fact", [done])}


def test_a_late_report(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01-05", reported="2024-01-06")
    before = chronicle.head
    late = chronicle.given(SwapAgreed, count_each=5, reported="2024-01-02")

    assert recorded(chronicle, before) == {"count_each": ("late_report", [late])}


def test_an_older_report_of_the_same_fact_that_brings_it_to_light(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, reported="2024-01-10")
    before = chronicle.head
    chronicle.amend(agreed, "corroborations", reported="2024-01-03", publisher="Courier")

    until = {"reported_until": "2024-01-05"}
    assert differences(chronicle, {"position": before, **until}, until) == {"status": ("new_fact", [f"{agreed}#1"])}


@pytest.mark.parametrize("kind", ["transcription_error", "precision_refinement", "reassessment", "misattribution"])
def test_a_correction_of_ours_is_named_by_its_kind(chronicle: Chronicle, kind: str) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=5)
    before = chronicle.head
    chronicle.amend(agreed, "corrections", kind=kind, reason="so", changes={"count_each": 6})

    assert recorded(chronicle, before) == {"count_each": (f"correction:{kind}", [f"{agreed}#1"])}


def test_a_correction_by_the_source(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=5, reported="2024-01-02")
    chronicle.amend(agreed, "corrections", reported="2024-01-05", changes={"count_each": 6})

    reported = differences(chronicle, {"reported_until": "2024-01-03"}, {"reported_until": "2024-01-06"})
    assert reported == {"count_each": ("correction:source", [f"{agreed}#1"])}


def test_of_two_corrections_only_the_one_that_still_counts(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=5)
    before = chronicle.head
    chronicle.amend(agreed, "corrections", changes={"count_each": 6})
    chronicle.amend(agreed, "corrections", changes={"count_each": 7})

    assert recorded(chronicle, before) == {"count_each": ("correction:reassessment", [f"{agreed}#2"])}


def test_a_retraction_and_a_reinstatement(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed)
    before = chronicle.head
    chronicle.amend(agreed, "retractions")
    retracted = chronicle.head
    chronicle.amend(agreed, "reinstatements")

    assert differences(chronicle, {"position": before}, {"position": retracted}) == {
        "status": ("retraction", [f"{agreed}#1"])
    }
    assert differences(chronicle, {"position": retracted}, {}) == {"status": ("reinstatement", [f"{agreed}#2"])}
    assert recorded(chronicle, before) == {}


def test_a_corroboration_is_a_further_ground(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, reported="2024-01-02")
    before = chronicle.head
    chronicle.amend(agreed, "corroborations", reported="2024-01-03", publisher="Courier")

    assert recorded(chronicle, before) == {"status": ("corroboration", [f"{agreed}#1"])}


def test_a_dispute(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed, count_each=5)
    before = chronicle.head
    chronicle.amend(agreed, "disputes", changes={"count_each": 9})

    assert recorded(chronicle, before) == {"count_each": ("dispute", [f"{agreed}#1"])}


def test_a_withdrawal_is_the_opposite_of_what_it_undoes(chronicle: Chronicle) -> None:
    agreed = chronicle.given(SwapAgreed)
    chronicle.amend(agreed, "retractions")
    before = chronicle.head
    chronicle.amend(agreed, "withdrawal", withdraws=1)

    assert recorded(chronicle, before) == {"status": ("reinstatement", [f"{agreed}#2"])}


def test_time_that_passed(chronicle: Chronicle) -> None:
    chronicle.given(MeetingProposed, occurred="2024-01-02", reported="2024-01-03", proposed_for="2024-01-20")

    assert differences(chronicle, {"at": "2024-01-10"}, {"at": "2024-01-21"}) == {"status": ("time_passed", [])}


def test_what_came_about_in_the_meantime_came_with_time(chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, occurred="2024-01-02", reported="2024-01-09")
    chronicle.given(SwapCompleted, occurred="2024-01-05", reported="2024-01-09")

    assert differences(chronicle, {"at": "2024-01-03"}, {"at": "2024-01-06"}) == {"status": ("time_passed", [])}


def test_a_repair_of_a_publication_date(chronicle: Chronicle) -> None:
    citation = chronicle.report(reported="2024-03-01")
    chronicle.given(SwapAgreed, citations=[citation])
    before = chronicle.head
    chronicle.correct_source(citation["source"], published="2024-01-03")

    until = {"reported_until": "2024-01-05"}
    name = f"{citation['source']}@{chronicle.head}"
    cause, events = differences(chronicle, {"position": before, **until}, until)["status"]
    assert (cause, events[-1]) == ("correction:transcription_error", name)


def test_a_retraction_and_another_report_together(chronicle: Chronicle) -> None:
    wrong = chronicle.given(SwapCompleted, occurred="2024-01-04", reported="2024-01-05", publisher="Herald")
    before = chronicle.head
    chronicle.amend(wrong, "retractions", reported="2024-01-06", publisher="Herald")
    right = chronicle.given(SwapCompleted, occurred="2024-01-05", reported="2024-01-07")

    assert recorded(chronicle, before) == {"status": ("new_fact", [f"{wrong}#1", right])}


def test_the_other_way_round_the_same_events_made_the_difference(chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, reported="2024-01-02")
    before = chronicle.head
    done = chronicle.given(SwapCompleted, occurred="2024-01-05", reported="2024-01-06")

    assert differences(chronicle, {}, {"position": before}) == {"status": ("new_fact", [done])}


def test_a_correction_of_a_fact_that_bears_the_id_of_its_source(chronicle: Chronicle) -> None:
    cited = chronicle.report()
    agreed = chronicle.given(SwapAgreed, id=cited["source"], citations=[cited], count_each=5)
    before = chronicle.head
    chronicle.amend(agreed, "corrections", changes={"count_each": 6})

    assert recorded(chronicle, before) == {"count_each": ("correction:reassessment", [f"{agreed}#1"])}
