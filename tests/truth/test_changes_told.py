"""Each kind of change in a claim, in what else may be and in a mark is told: as a step, in a replay, in a difference."""

from collections.abc import Callable
from typing import Any

import pytest

from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked
from projections.queries.history.diff import diff
from projections.queries.history.evolution import understanding
from projections.queries.history.replay import replay
from tests.fixtures.stories import Chronicle

AT = "2024-01-31"
Story = Callable[[Chronicle], Callable[[], str]]
"""Tells what came before; what it returns makes the change, and returns the id of the event that did."""


def claimed(chronicle: Chronicle, modality: str, **given: Any) -> str:
    told = {"occurred": "2024-01-10", **({} if "citations" in given else {"reported": "2024-01-11"}), **given}
    return chronicle.given(SwapCompleted, "it", "claim", modality=modality, **told)


def done(chronicle: Chronicle, day: str = "2024-01-10") -> str:
    return chronicle.given(SwapCompleted, "it", "done", occurred=day, reported="2024-01-20")


def is_listed(modality: str) -> Story:
    return lambda chronicle: lambda: claimed(chronicle, modality)


def is_answered(modality: str, day: str = "2024-01-10") -> Story:
    def story(chronicle: Chronicle) -> Callable[[], str]:
        claimed(chronicle, modality)
        return lambda: done(chronicle, day)

    return story


def answer_is_retracted(chronicle: Chronicle) -> Callable[[], str]:
    claimed(chronicle, "planned")
    fact = done(chronicle)
    return lambda: f"{fact}#{chronicle.amend(fact, 'retractions').n}"


def claim_is_gone(chronicle: Chronicle) -> Callable[[], str]:
    fact = claimed(chronicle, "denied")
    return lambda: f"{fact}#{chronicle.amend(fact, 'retractions').n}"


def claim_is_read_otherwise(chronicle: Chronicle) -> Callable[[], str]:
    fact = claimed(chronicle, "denied")
    changes = {"modality": "alleged"}
    return lambda: f"{fact}#{chronicle.amend(fact, 'corrections', changes=changes).n}"


def may_be(chronicle: Chronicle) -> Callable[[], str]:
    chronicle.given(SwapAgreed, occurred="2024-01-02", count_each=5, reported="2024-03-01")
    return lambda: chronicle.given(SwapAgreed, occurred="2024-01/2024-02", count_each=6, reported="2024-03-01")


def may_be_no_more(chronicle: Chronicle) -> Callable[[], str]:
    fact = may_be(chronicle)()
    return lambda: f"{fact}#{chronicle.amend(fact, 'retractions').n}"


def cited(chronicle: Chronicle, modality: str) -> str:
    citation = chronicle.report(reported="2024-01-11")
    claimed(chronicle, modality, citations=[citation])
    return str(citation["source"])


def source_is_withdrawn(modality: str) -> Story:
    def story(chronicle: Chronicle) -> Callable[[], str]:
        source = cited(chronicle, modality)
        return lambda: f"{source}@{chronicle.withdraw_source(source, published='2024-01-15').position}"

    return story


def quote_is_gone(modality: str) -> Story:
    def story(chronicle: Chronicle) -> Callable[[], str]:
        source = cited(chronicle, modality)
        return lambda: f"{source}@{chronicle.revise(source, text='Otherwise.', published='2024-01-15').position}"

    return story


CHANGES: dict[str, tuple[Story, str, str]] = {
    "a denial is listed": (is_listed("denied"), "denied[claim]", "new_fact"),
    "a plan is listed": (is_listed("planned"), "planned[claim]", "new_fact"),
    "an allegation is listed": (is_listed("alleged"), "alleged[claim]", "new_fact"),
    "a denial is contradicted": (is_answered("denied"), "denied[claim]", "new_fact"),
    "a denial is overtaken": (is_answered("denied", "2024-01-12"), "denied[claim]", "new_fact"),
    "a plan is carried out": (is_answered("planned", "2024-01-12"), "planned[claim]", "new_fact"),
    "an allegation is confirmed": (is_answered("alleged"), "alleged[claim]", "new_fact"),
    "a plan is overdue again": (answer_is_retracted, "planned[claim]", "retraction"),
    "a claim is gone": (claim_is_gone, "denied[claim]", "retraction"),
    "a denial turns into an allegation": (claim_is_read_otherwise, "alleged[claim]", "correction:reassessment"),
    "something else may be": (may_be, "possibly[count_each]", "new_fact"),
    "nothing else may be any more": (may_be_no_more, "possibly[count_each]", "retraction"),
    "the source of a value is withdrawn": (source_is_withdrawn("actual"), "status", "source_withdrawn"),
    "the source of a claim is withdrawn": (source_is_withdrawn("planned"), "planned[claim]", "source_withdrawn"),
    "the words of a value are gone": (quote_is_gone("actual"), "status", "source_revised"),
    "the words of a claim are gone": (quote_is_gone("denied"), "denied[claim]", "source_revised"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told_with_the_event_that_made_it(chronicle: Chronicle, change: str) -> None:
    story, finding, cause = CHANGES[change]
    happens = story(chronicle)
    before = chronicle.head
    event = happens()

    with chronicle.chronology.ask_both(Asked(AT, position=before), Asked(AT)) as (snapshot, one, other):
        differences = {each["finding"]: each for each in diff(snapshot, one, other)}
        steps = understanding(snapshot, "it", other, "recorded")
        assert list(replay(chronicle.chronology.ask, other.asked, "recorded")) == steps

    assert differences[finding]["cause"] == cause
    assert [each["id"] for each in differences[finding]["events"]] == [event]
    assert differences[finding]["from"] != differences[finding]["to"]
    assert [each["id"] for each in steps[-1]["events"]] == [event]
    assert finding in {each["finding"] for each in steps[-1]["changes"]}


@pytest.mark.parametrize("change", [name for name, (*_, cause) in CHANGES.items() if cause.startswith("source_")])
def test_a_mark_is_told_from_the_day_that_it_was_published(chronicle: Chronicle, change: str) -> None:
    story, finding, cause = CHANGES[change]
    event = story(chronicle)()

    sides = Asked(reported_until="2024-01-14"), Asked(reported_until="2024-01-15")
    with chronicle.chronology.ask_both(*sides) as (snapshot, one, other):
        (difference,) = diff(snapshot, one, other)
        steps = understanding(snapshot, "it", other, "reported")
        assert list(replay(chronicle.chronology.ask, other.asked, "reported")) == steps

    assert (difference["finding"], difference["cause"]) == (finding, cause)
    assert [each["id"] for each in difference["events"]] == [event] == [each["id"] for each in steps[-1]["events"]]
    assert steps[-1]["reported_until"] == "2024-01-15T23:59:59.999999Z"
    assert [each["finding"] for each in steps[-1]["changes"]] == [finding]


def test_a_plan_that_is_overdue_came_to_be_so_with_time(chronicle: Chronicle) -> None:
    claimed(chronicle, "planned")

    with chronicle.chronology.ask_both(Asked("2024-01-09"), Asked("2024-01-10")) as (snapshot, one, other):
        (difference,) = diff(snapshot, one, other)

    assert (difference["finding"], difference["causes"]) == ("planned[claim]", ["time_passed"])
    assert difference["to"] is not None
    assert difference["to"]["value"]["overdue"] is True
