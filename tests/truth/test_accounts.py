"""What one party says of a matter, through all who speak for it."""

from collections.abc import Iterator
from typing import Any

import pytest

from events.commands.acts_on_subjects import judge, merge
from events.errors import Invalid
from events.kinds.actor import ActorNamed
from events.kinds.any_subject import SubjectDescribed
from events.kinds.swap import SwapAgreed, SwapCompleted, SwapStageCompleted
from projections.clocks import Asked
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history.diff import diff
from projections.queries.history.evolution import understanding
from projections.queries.history.replay import replay
from projections.queries.subjects.states import state
from tests.fixtures.stories import Chronicle


def speaks(chronicle: Chronicle, actor: str, party: str, **given: Any) -> str:
    return chronicle.given(ActorNamed, actor, name=actor.title(), party=party, **given)


def alleged(chronicle: Chronicle, reading: str, **clocks: Any) -> list[str]:
    return [each["fact"] for each in chronicle.state(reading=reading, **clocks).raw["alleged"]]


def test_who_speaks_for_the_party_is_heard_as_the_party_itself(chronicle: Chronicle) -> None:
    speaks(chronicle, "oda", "rivermark")
    chronicle.given(SwapAgreed, count_each=500, attributed_to="oda")
    highmoors = chronicle.given(SwapAgreed, count_each=400, attributed_to="highmoor")

    heard = chronicle.state(reading="rivermark")
    assert (heard.value("count_each"), heard.contested) == ({"best": 500}, set())
    assert alleged(chronicle, "rivermark") == [highmoors]
    assert heard.raw["alleged"][0]["answered_by"] == [{"fact": "fact-2", "how": "confirms"}]
    assert chronicle.state().contested == {"count_each"}


def test_who_speaks_for_one_that_speaks_for_the_party_is_heard_too_and_a_ring_does_no_harm(
    chronicle: Chronicle,
) -> None:
    for actor, party in (("oda", "office"), ("office", "rivermark"), ("rivermark", "oda")):
        speaks(chronicle, actor, party)
    chronicle.given(SwapCompleted, attributed_to="oda")

    assert chronicle.state(reading="rivermark").status == "completed"
    assert chronicle.state(reading="office").status == "completed"


def test_a_party_that_speaks_for_itself_is_heard(chronicle: Chronicle) -> None:
    speaks(chronicle, "rivermark", "rivermark")
    chronicle.given(SwapCompleted, attributed_to="rivermark")

    assert chronicle.state(reading="rivermark").status == "completed"


def test_who_speaks_for_whom_is_what_was_known_at_the_clocks(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark")
    done = chronicle.given(SwapCompleted, attributed_to="oda", reported="2024-01-02")
    before = chronicle.head
    speaks(chronicle, "oda", "rivermark", reported="2024-01-05")

    assert chronicle.state(reading="rivermark", at="2024-01-01").status == "completed"
    assert alleged(chronicle, "rivermark", position=before) == [done]
    assert alleged(chronicle, "rivermark", reported_until="2024-01-04") == [done]


def test_unattributed_facts_count_unless_a_dispute_says_otherwise_of_what_they_set(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark")
    agreed = chronicle.given(SwapAgreed, count_each={"low": 400, "high": 600})
    chronicle.amend(agreed, "disputes", changes={"count_each": 500})
    chronicle.amend(agreed, "disputes", changes={"status": "agreed", "categories": ["civilians"]})
    assert alleged(chronicle, "rivermark") == []

    chronicle.amend(agreed, "disputes", changes={"count_each": 700})
    assert alleged(chronicle, "rivermark") == [agreed]
    chronicle.amend(agreed, "withdrawal", withdraws=3)
    assert alleged(chronicle, "rivermark") == []
    chronicle.amend(agreed, "disputes", changes={"status": "proposed"})
    assert alleged(chronicle, "rivermark") == [agreed]


def test_what_a_voice_says_counts_even_if_others_dispute_it(chronicle: Chronicle) -> None:
    speaks(chronicle, "oda", "rivermark")
    agreed = chronicle.given(SwapAgreed, count_each=500, attributed_to="oda")
    chronicle.amend(agreed, "disputes", changes={"count_each": 700, "attributed_to": "highmoor"})

    assert alleged(chronicle, "rivermark") == []


@pytest.mark.parametrize("name", ["rivermark", "Rivermark", "The Republic", "RIVERMEN", "On the river"])
def test_a_party_is_asked_for_by_its_id_or_by_any_name_of_its_own(chronicle: Chronicle, name: str) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark", aliases=["The Republic", "Rivermen"])
    chronicle.given(SubjectDescribed, "rivermark", title="On the river")
    chronicle.given(SwapCompleted, attributed_to="rivermark")

    asked = chronicle.state(reading=name)
    assert (asked.status, asked.raw["asked"]["reading"]) == ("completed", "rivermark")


def test_a_name_of_nobody_or_of_several_actors_is_refused_by_name(chronicle: Chronicle) -> None:
    for actor in ("rivermark", "rivertown"):
        chronicle.given(ActorNamed, actor, name=actor.title(), aliases=["River"])

    with pytest.raises(Invalid, match="'river' is the name of 2 actors: rivermark, rivertown"):
        chronicle.state("rivermark", reading="river")
    with pytest.raises(Invalid, match="no actor 'Nobody' is named up to position 4"):
        chronicle.state("rivermark", reading="Nobody")


def test_a_name_that_was_not_known_yet_names_nobody(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark", aliases=["River"], reported="2024-01-05")

    assert chronicle.state("rivermark", reading="River").raw["asked"]["reading"] == "rivermark"
    with pytest.raises(Invalid, match="no actor 'River'"):
        chronicle.state("rivermark", reading="River", reported_until="2024-01-04")


def test_two_actors_that_turned_out_to_be_one_are_one_name(chronicle: Chronicle) -> None:
    for actor in ("rivermark", "river"):
        chronicle.given(ActorNamed, actor, name="Rivermark")
    told = {"into": "rivermark", "kind": "reassessment", "reason": "they are one"}
    chronicle.chronology.write("editor", lambda call: merge(call, "river", told))

    assert chronicle.state("river", reading="Rivermark").raw["asked"]["reading"] == "rivermark"
    assert chronicle.state("river", reading="river").raw["asked"]["reading"] == "rivermark"


def test_what_a_merged_actor_says_is_heard_as_the_word_of_the_one_that_it_is(chronicle: Chronicle) -> None:
    speaks(chronicle, "oda", "rivermark")
    chronicle.given(ActorNamed, "spokesman", name="A spokesman")
    agreed = chronicle.given(SwapAgreed, attributed_to="spokesman")
    before = chronicle.head
    merged = {"into": "oda", "kind": "reassessment", "reason": "the spokesman was Oda"}
    chronicle.chronology.write("editor", lambda call: merge(call, "spokesman", merged))

    assert alleged(chronicle, "rivermark", position=before) == [agreed]
    assert alleged(chronicle, "rivermark") == []
    with chronicle.chronology.ask(Asked(reading="rivermark")) as (snapshot, clocks):
        shown = facts_named(snapshot, [agreed], clocks)[agreed]
    assert (shown.modality, shown.values["attributed_to"]) == ("actual", "spokesman")


def test_a_count_of_one_side_is_contradicted_by_another_count_of_that_side_only(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark")
    done = chronicle.given(SwapStageCompleted, stage=1, counts={"rivermark": 100})
    chronicle.amend(done, "disputes", changes={"counts": {"highmoor": 90}})
    assert alleged(chronicle, "rivermark") == []

    chronicle.amend(done, "disputes", changes={"counts": {"rivermark": 90}})
    assert alleged(chronicle, "rivermark") == [done]


def test_an_account_knows_no_verdict(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark")
    first = chronicle.given(SwapAgreed, count_each=500, attributed_to="rivermark")
    chronicle.given(SwapAgreed, count_each=400, attributed_to="rivermark")
    preferred = {"finding": "count_each", "prefers": first, "reason": "the list has 500 names"}
    chronicle.chronology.write("editor", lambda call: judge(call, "it", preferred))

    judged, told = (
        state.raw["fields"]["count_each"] for state in (chronicle.state(), chronicle.state(reading="rivermark"))
    )
    assert (judged["value"], judged["verdict"]["prefers"]) == ({"best": 500}, first)
    assert (told["value"], told.get("verdict")) == ({"best": 400}, None)


def differences(chronicle: Chronicle, one: Asked, other: Asked) -> dict[str, tuple[list[str], list[str]]]:
    with chronicle.chronology.ask_both(one, other) as (snapshot, *sides):
        found = diff(snapshot, *sides)
    return {each["finding"]: (each["causes"], [event["id"] for event in each["events"]]) for each in found}


def test_what_differs_between_two_accounts_is_told_with_the_facts_that_only_one_counts(chronicle: Chronicle) -> None:
    speaks(chronicle, "oda", "rivermark")
    ours = chronicle.given(SwapAgreed, count_each=500, attributed_to="oda")
    theirs = chronicle.given(SwapAgreed, count_each=400, attributed_to="highmoor")
    chronicle.given(SwapCompleted)

    assert differences(chronicle, Asked(reading="highmoor"), Asked(reading="rivermark")) == {
        "count_each": (["account"], [ours, theirs]),
        f"alleged[{ours}]": (["account"], [ours, theirs]),
        f"alleged[{theirs}]": (["account"], [ours, theirs]),
    }


def test_a_difference_between_accounts_and_clocks_has_both_causes(chronicle: Chronicle) -> None:
    speaks(chronicle, "oda", "rivermark")
    chronicle.given(ActorNamed, "highmoor", name="Highmoor")
    before = chronicle.head
    agreed = chronicle.given(SwapAgreed, attributed_to="oda")

    found = differences(chronicle, Asked(reading="highmoor", position=before), Asked(reading="rivermark"))
    assert found == {"status": (["new_fact", "account"], [agreed, agreed])}


def steps(chronicle: Chronicle, by: str, reading: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Of the subject `it`: the events of each step and the findings that it changed; replayed, they are the same."""
    with chronicle.chronology.ask(Asked(reading=reading)) as (snapshot, clocks):
        found = understanding(snapshot, "it", clocks, by)
        assert [each for each in replay(chronicle.chronology.ask, clocks.asked, by) if each["subject"] == "it"] == found
    for step in found:
        yield [event["id"] for event in step["events"]], [change["finding"] for change in step["changes"]]


def test_that_somebody_speaks_for_the_party_is_a_step_of_its_account(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark")
    agreed = chronicle.given(SwapAgreed, attributed_to="oda", reported="2024-01-02")
    before = chronicle.head
    named = speaks(chronicle, "oda", "rivermark", reported="2024-01-05")

    recorded = list(steps(chronicle, "recorded", "rivermark"))
    assert recorded == [([agreed], [f"alleged[{agreed}]"]), ([named], ["status", f"alleged[{agreed}]"])]
    reported = list(steps(chronicle, "reported", "rivermark"))
    assert [(events[-1], changed) for events, changed in reported] == [
        (each[-1], changed) for each, changed in recorded
    ]
    found = differences(chronicle, Asked(reading="rivermark", position=before), Asked(reading="rivermark"))
    assert found["status"] == (["new_fact"], [named])


def test_an_account_dragged_over_positions_is_the_one_asked_for_anew(chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "rivermark", name="Rivermark")
    chronicle.given(SwapAgreed, attributed_to="oda")
    speaks(chronicle, "oda", "rivermark")
    speaks(chronicle, "oda", "highmoor")
    positions = range(2, chronicle.head + 1)

    def statuses(asked: Iterator[Asked]) -> list[Any]:
        found = []
        for each in asked:
            with chronicle.chronology.ask(each) as (snapshot, clocks):
                found.append(state(snapshot, "rivermark" if each.position < 4 else "it", clocks)["status"]["value"])
        return found

    there = statuses(Asked(reading="rivermark", position=each) for each in positions)
    back = statuses(Asked(reading="rivermark", position=each) for each in reversed(positions))
    assert there == back[::-1]
    assert there[-5:] == [None, None, "agreed", "agreed", None]
