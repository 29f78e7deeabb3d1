"""Findings by key: counts of each side, offices, what each speaker said, and actors that turn out to be one."""

from typing import Any

import pytest

from events.history.fact_as_of import fact_as_of
from events.history.streams import Entry, FactHistory
from events.kinds.actor import ActorNamed, OfficeAssumed, OfficeLeft
from events.kinds.any_subject import StatementMade
from events.kinds.swap import SwapAgreed, SwapCollapsed, SwapStageCompleted
from events.kinds.talks import DelegationNamed, TalksBegan
from projections.fold.part import Part
from projections.fold.progress import sum_of_counts
from tests.conftest import Api
from tests.fixtures.stories import Chronicle

OURS = {"kind": "reassessment", "reason": "it turned out so"}
LATE = {"reported": "2024-06-30"}


@pytest.fixture
def named(api: Api, chronicle: Chronicle) -> Api:
    for actor in ("arvenia", "arvenian-office", "belmark"):
        chronicle.given(ActorNamed, actor, name=actor.title())
    return api


def fields(api: Api, subject: str, **clocks: Any) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/subjects/{subject}", **clocks).get_json()["fields"]
    return found


def values(api: Api, subject: str, **clocks: Any) -> dict[str, Any]:
    return {name: each["value"] for name, each in fields(api, subject, **clocks).items()}


def merge(api: Api, actor: str = "arvenian-office", into: str = "arvenia") -> None:
    api.posted(f"/subjects/{actor}/merges", {"into": into, **OURS})


def test_an_office_held_again_does_not_bring_back_the_body_that_it_was_of(chronicle: Chronicle) -> None:
    chronicle.given(OfficeAssumed, "rowan", "first", occurred="2020", office="envoy", body="river council", **LATE)
    chronicle.given(OfficeLeft, "rowan", "left", occurred="2024-05-28", office="envoy", **LATE)
    chronicle.given(OfficeAssumed, "rowan", "again", occurred="2024-06-01", office="envoy", **LATE)

    assert chronicle.state("rowan", at="2024-05-27").value("body[envoy]") == "river council"
    assert chronicle.state("rowan", at="2024-05-28").value("holds[envoy]") is False
    again = chronicle.state("rowan", at="2024-06-01")
    assert (again.value("holds[envoy]"), again.value("body[envoy]"), again.contested) == (True, None, set())
    assert again.raw["fields"]["holds[envoy]"]["because"] == ["again", "first"]


def test_who_leaves_one_office_and_takes_another_on_the_same_day_holds_the_other(chronicle: Chronicle) -> None:
    chronicle.given(OfficeLeft, "rowan", occurred="2024-05-28", office="envoy", **LATE)
    chronicle.given(OfficeAssumed, "rowan", occurred="2024-05-28", office="minister", body="defence", **LATE)
    chronicle.given(OfficeAssumed, "rowan", occurred="2024-05-28", office="envoy", body="river council", **LATE)
    state = chronicle.state("rowan", at="2024-05-29")

    assert (state.value("holds[envoy]"), state.value("holds[minister]")) == (False, True)  # leaving sorts last
    assert (state.value("body[envoy]"), state.value("body[minister]")) == (None, "defence")


def test_what_each_speaker_said_last_stands_beside_what_others_said(chronicle: Chronicle) -> None:
    said = {"subject": "talks", "subject_kind": "talks", **LATE}
    chronicle.given(StatementMade, occurred="2024-05-01", by="ada", gist="soon", channel="radio", **said)
    chronicle.given(StatementMade, occurred="2024-05-02", by="bo", gist="never", **said)
    chronicle.given(StatementMade, occurred="2024-05-03", by="ada", gist="later", **said)
    state = chronicle.state("talks")

    assert {name: each["value"] for name, each in state.raw["fields"].items()} == {
        "StatementMade.gist[ada]": "later",
        "StatementMade.channel[ada]": "radio",
        "StatementMade.gist[bo]": "never",
    }
    assert state.contested == set()


@pytest.mark.parametrize(("attributed_to", "sets"), [("ada", {"StatementMade.gist[ada]"}), (None, set())])
def test_a_statement_stored_before_it_had_to_say_by_whom_is_by_whom_it_is_attributed_to(
    attributed_to: str | None, sets: set[str]
) -> None:
    data = {"id": "old", "subject": "talks", "occurred": "2024-05-01", "gist": "soon", "attributed_to": attributed_to}
    fact = fact_as_of(FactHistory("old", [Entry(1, 1, "StatementMade", 1, data)]), {}, None)

    assert fact is not None
    assert fact.values.get("by") == attributed_to
    assert set(Part.of(fact).settings) == sets


def test_a_dispute_of_a_map_contests_the_keys_that_it_names_alone(chronicle: Chronicle) -> None:
    counts = {"arvenia": 270, "belmark": 120}
    chronicle.given(SwapStageCompleted, "swap", "first", stage=1, counts=counts)
    chronicle.amend("first", "disputes", reported="2024-01-02", changes={"counts": {"arvenia": 290, "corland": 5}})
    state = chronicle.state("swap")

    assert state.contested == {"counts[1][arvenia]"}
    assert state.rivals("counts[1][arvenia]") == [{"best": 290}]
    assert state.value("counts[1][corland]") is None


def test_each_key_of_a_map_is_as_narrow_as_any_account_of_it(chronicle: Chronicle) -> None:
    wide, narrow = {"low": 260, "high": 280}, {"best": 270}
    chronicle.given(SwapStageCompleted, "swap", stage=1, counts={"arvenia": narrow, "belmark": wide})
    chronicle.given(SwapStageCompleted, "swap", stage=1, counts={"arvenia": wide, "belmark": narrow})
    state = chronicle.state("swap")

    assert [state.value(f"counts[1][{who}]") for who in ("arvenia", "belmark")] == [narrow, narrow]
    assert state.contested == set()


@pytest.mark.parametrize(
    ("counts", "total"),
    [
        ([{"best": 390}, {"best": 307, "low": 300}], {"best": 697, "low": 690}),
        ([{"best": 390}, {"low": 300}], {"low": 690}),
        ([{"low": 390}, {"high": 300}], {}),
        ([{"low": 1, "best": 2, "high": 3}, {"best": 5}], {"low": 6, "best": 7, "high": 8}),
    ],
)
def test_counts_are_added_end_by_end(counts: list[dict[str, int]], total: dict[str, int]) -> None:
    assert sum_of_counts(counts) == total


def test_a_total_of_one_actor_stands_in_place_of_that_ones_sum_alone_and_halts_undo_nothing(
    chronicle: Chronicle,
) -> None:
    chronicle.given(SwapAgreed, "swap", occurred="2024-05-01", count_each=100, **LATE)
    stages = [
        (1, {"arvenia": 10, "belmark": 20}, {}),
        (2, {"arvenia": 50}, {"cumulative": True}),
        (3, {"belmark": 5}, {}),
    ]
    for stage, counts, more in stages:
        chronicle.given(
            SwapStageCompleted,
            "swap",
            f"s{stage}",
            occurred=f"2024-05-1{stage}",
            stage=stage,
            counts=counts,
            **more,
            **LATE,
        )
    chronicle.given(SwapCollapsed, "swap", occurred="2024-05-20", **LATE)
    progress = chronicle.state("swap").raw["fields"]["progress"]

    of = {"best": 100}
    assert progress == {
        "value": {"arvenia": {"done": {"best": 50}, "of": of}, "belmark": {"done": {"best": 25}, "of": of}},
        "because": ["s1", "s2", "s3"],
        "since": "2024-05-13",
        "rivals": [],
        "reports": 3,
        "origins": 1,
    }


def test_merged_actors_read_as_one_wherever_a_fact_names_them(named: Api, chronicle: Chronicle) -> None:
    chronicle.given(DelegationNamed, "talks", side="arvenian-office", head="ada", members=["ada"])
    chronicle.given(DelegationNamed, "talks", side="arvenia", head="bo", members=["bo"])
    chronicle.given(TalksBegan, "talks", parties=["arvenia", "arvenian-office", "belmark"], attributed_to="belmark")
    chronicle.given(
        SwapStageCompleted, "swap", "stage", stage=1, counts={"arvenia": 270, "arvenian-office": 290, "belmark": 9}
    )
    chronicle.amend("stage", "disputes", reported="2024-01-02", changes={"counts": {"arvenian-office": 300}})
    before = values(named, "talks"), fields(named, "swap")
    merge(named)
    talks, swap = values(named, "talks"), fields(named, "swap")

    assert {"head[arvenia]", "head[arvenian-office]"} <= before[0].keys()
    assert (talks["members[arvenia]"], talks["parties"]) == (["ada", "bo"], ["arvenia", "belmark"])
    assert not [name for name in {**talks, **swap} if "office" in name]
    assert swap["counts[1][arvenia]"]["value"] == {"best": 290}  # the later of the two keys
    assert [each["value"] for each in swap["counts[1][arvenia]"]["rivals"]] == [{"best": 300}]
    assert swap["progress"]["value"] == {"arvenia": {"done": {"best": 290}}, "belmark": {"done": {"best": 9}}}
    assert fields(named, "talks", position=chronicle.head - 1).keys() == before[0].keys()


def test_the_merge_of_an_actor_is_a_step_and_a_difference_of_what_names_it(named: Api, chronicle: Chronicle) -> None:
    chronicle.given(DelegationNamed, "talks", side="arvenian-office", head="ada")
    before = chronicle.head
    merge(named)
    step = named.get("/subjects/talks/understanding").get_json()["steps"][-1]
    lines = named.get("/replay", by="recorded").get_data(as_text=True)
    found = [
        each
        for each in named.get("/diff", from_position=before).get_json()["differences"]
        if each["subject"] == "talks"
    ]

    assert [each["id"] for each in step["events"]] == ["arvenian-office#1"]
    assert {each["finding"] for each in step["changes"]} == {"head[arvenia]", "head[arvenian-office]"}
    assert '"talks"' in lines.splitlines()[-1] or "talks" in lines
    assert {(each["finding"], each["cause"]) for each in found} == {
        ("head[arvenia]", "correction:reassessment"),
        ("head[arvenian-office]", "correction:reassessment"),
    }
    current = named.get("/subjects").data
    chronicle.chronology.follower.rebuild()
    assert named.get("/subjects").data == current
    assert named.get("/subjects/talks/values").get_json()["fields"] == {"head[arvenia]": "ada"}


def test_a_merged_party_is_heard_as_the_one_that_it_is(named: Api, chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, "swap", occurred="2024-01-01", count_each=5, attributed_to="arvenian-office")

    def heard(party: str) -> Any:
        return values(named, "swap", reading=party).get("count_each")

    assert (heard("arvenia"), heard("arvenian-office")) == (None, {"best": 5})
    merge(named)
    assert (heard("arvenia"), heard("arvenian-office"), heard("belmark")) == ({"best": 5}, {"best": 5}, None)
    named.posted("/subjects/arvenian-office/regroupings/1/withdrawal", OURS)
    assert heard("arvenia") is None


def test_a_verdict_on_what_is_said_of_an_actor_goes_with_the_actor(named: Api, chronicle: Chronicle) -> None:
    for head in ("ada", "bo"):
        chronicle.given(DelegationNamed, "talks", f"head-{head}", side="arvenian-office", head=head)
    body = {"finding": "head[arvenian-office]", "prefers": "head-ada", "reason": "so"}
    named.posted("/subjects/talks/verdicts", body)
    merge(named)

    assert values(named, "talks")["head[arvenia]"] == "ada"
