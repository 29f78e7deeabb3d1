"""What answers a denial, a plan or an allegation, over all that may come of one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.dates.bounds import clock_bound
from events.history.fact_as_of import fact_as_of
from events.history.streams import Entry, FactHistory
from events.kinds.actor import ActorNamed
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapCollapsed, SwapCompleted, SwapStageCompleted
from projections.fold.part import Part
from projections.fold.state import Account
from tests.fixtures.stories import Chronicle


def claim_of(chronicle: Chronicle, sort: str, **clocks: Any) -> dict[str, Any]:
    """The one claim of that sort."""
    (claim,) = chronicle.state(**clocks).raw[sort]
    return claim


def answers(claim: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["fact"], each["how"]) for each in claim["answered_by"]]


def test_a_denial_of_the_same_time_is_contradicted_and_one_of_before_is_overtaken(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, "it", "denied", occurred="../2024-01-04", modality="denied", reported="2024-01-05")
    done = chronicle.given(SwapCompleted, occurred="2024-01-04", reported="2024-01-09")
    again = chronicle.given(SwapCompleted, occurred="2024-01-05", reported="2024-01-09")

    assert answers(claim_of(chronicle, "denied")) == [(done, "contradicts"), (again, "overtakes")]


def test_a_denial_is_not_answered_by_what_came_before_it(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01-02", reported="2024-01-03")
    chronicle.given(SwapCompleted, occurred="2024-01-04", modality="denied", reported="2024-01-05")

    assert answers(claim_of(chronicle, "denied")) == []


def test_a_denial_that_very_much_overtakes_lists_the_first_hundred(chronicle: Chronicle) -> None:
    chronicle.given(Occurred, "line", "denied", occurred="2024-01-01", modality="denied", what="A train left.")
    chronicle.given(Occurred, "line", "before", occurred="2023-12-31", what="A train left.")
    later = [
        chronicle.given(Occurred, "line", occurred=f"2024-02-01T{n // 60:02}:{n % 60:02}:00Z", what="A train left.")
        for n in range(101)
    ]
    head = chronicle.head
    claim = claim_of(chronicle, "denied", subject="line")

    assert [fact for fact, _ in answers(claim)] == later[:100]
    assert claim["more_answers"] is True
    assert "more_answers" not in claim_of(chronicle, "denied", subject="line", position=head - 1)


def test_what_can_happen_once_carries_out_a_plan_even_before_its_day_unless_it_was_called_off(
    chronicle: Chronicle,
) -> None:
    early = chronicle.given(SwapAgreed, occurred="2024-01-02", reported="2024-01-03")
    chronicle.given(SwapAgreed, occurred="2024-01-10", modality="planned", reported="2024-01-01")

    assert answers(claim_of(chronicle, "planned")) == [(early, "carries out")]

    chronicle.given(SwapCollapsed, occurred="2024-01-05", reported="2024-01-06")
    assert answers(claim_of(chronicle, "planned")) == []
    assert claim_of(chronicle, "planned", at="2024-01-10")["overdue"] is True


def test_a_stage_carries_out_the_plan_of_that_stage_alone(chronicle: Chronicle) -> None:
    chronicle.given(SwapStageCompleted, stage=2, occurred="2024-01-10", modality="planned", reported="2024-01-01")
    chronicle.given(SwapStageCompleted, stage=1, occurred="2024-01-11", reported="2024-01-12")
    second = chronicle.given(SwapStageCompleted, stage=2, occurred="2024-01-12", reported="2024-01-12")

    assert answers(claim_of(chronicle, "planned")) == [(second, "carries out")]


def test_a_plan_is_overdue_from_the_end_of_its_time_until_it_is_carried_out(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01-10", modality="planned", reported="2024-01-01")
    chronicle.given(SwapCompleted, occurred="2024-01-12", reported="2024-01-12")

    assert "overdue" not in claim_of(chronicle, "planned")
    assert "overdue" not in claim_of(chronicle, "planned", at="2024-01-09")
    assert claim_of(chronicle, "planned", at="2024-01-10")["overdue"] is True
    assert "overdue" not in claim_of(chronicle, "planned", at="2024-01-12")


def test_a_plan_without_an_end_is_never_overdue(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01-10/..", modality="planned", reported="2024-01-01")

    assert "overdue" not in claim_of(chronicle, "planned", at="2030-01-01")


def test_an_allegation_is_confirmed_by_what_happened_at_that_time(chronicle: Chronicle) -> None:
    chronicle.given(SwapCompleted, occurred="2024-01", modality="alleged", count_each=7, reported="2024-01-01")
    done = chronicle.given(SwapCompleted, occurred="2024-01-12", reported="2024-01-12")
    chronicle.given(SwapCompleted, occurred="2024-02-12", reported="2024-02-12")

    claim = claim_of(chronicle, "alleged")
    assert answers(claim) == [(done, "confirms")]
    assert claim["values"] == {"count_each": {"best": 7}}


def test_what_always_holds_answers_at_every_date(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "oda", name="Oda", modality="denied")
    named = chronicle.given(ActorNamed, "oda", name="Oda")

    (claim,) = chronicle.state("oda", at="1950-01-01").raw["denied"]
    assert answers(claim) == [(named, "contradicts")]


def test_another_value_that_a_date_allows_names_the_facts_that_would_give_it(chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, "it", "may", occurred="2024-01", count_each=5, reported="2024-02-01")
    chronicle.given(SwapAgreed, "it", "on-9", occurred="2024-01-09", count_each=6, reported="2024-02-01")

    assert chronicle.state(at="2024-01-10").raw["possibly"] == {
        "count_each": [{"value": {"best": 5}, "because": ["may"]}]
    }


SUCCESSIONS = {
    "swap": (("SwapAgreed", "SwapCollapsed"), "count_each"),
    "talks": (("MeetingProposed", "MeetingDeclined"), "place"),
}


@pytest.mark.parametrize("about", SUCCESSIONS)
def test_no_succession_of_agreed_and_collapsed_or_of_proposed_and_lapsed_is_called_a_contradiction(about: str) -> None:
    (happens, fails), field = SUCCESSIONS[about]

    @settings(max_examples=250, deadline=None)
    @given(data=st.data(), days=st.lists(st.integers(1, 300), min_size=3, max_size=12, unique=True))
    def holds(data: st.DataObject, days: list[int]) -> None:
        parts, lapses = [], about == "talks" and data.draw(st.booleans())
        for number, day in enumerate(sorted(days)):
            kind = happens if lapses or number % 2 == 0 else fails
            body: dict[str, Any] = {"occurred": date(day)}
            if kind == happens:
                body |= {field: {"best": number + 1} if about == "swap" else f"place {number}"}
            if kind == "MeetingProposed":
                body["proposed_for"] = date(day + 1)
            if day - 1 not in days and data.draw(st.booleans()):
                parts.append(part(f"denied-{number}", happens, {"occurred": date(day - 1), "modality": "denied"}))
            parts.append(part(f"f{number}", kind, body))
        account = Account("it", about, data.draw(st.permutations(parts)), {})
        for at in (
            None,
            *(clock_bound(date(day), "UTC") for day in data.draw(st.lists(st.sampled_from(days), max_size=3))),
        ):
            state = account.state(at)
            findings = {"status": state["status"], **state["fields"]}
            assert {name: each["rivals"] for name, each in findings.items() if each["rivals"]} == {}
            assert {each["how"] for claim in state["denied"] for each in claim["answered_by"]} <= {"overtakes"}

    holds()


def date(day: int) -> str:
    """The date of a day of 2024, counted from 1."""
    return (datetime(2023, 12, 31, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def part(name: str, kind: str, values: dict[str, Any]) -> Part:
    """A fact that somebody described, without any source."""
    data = {"id": name, "subject": "it", **values}
    fact = fact_as_of(FactHistory(name, [Entry(1, 1, kind, 1, data)]), {}, None)
    assert fact is not None
    return Part.of(fact)
