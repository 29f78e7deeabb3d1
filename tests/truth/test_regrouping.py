"""Subjects merged and split, sources withdrawn and revised: what becomes of what rested on them."""

import json
from typing import Any

import pytest

from events.kinds.swap import SwapAgreed, SwapCompleted
from tests.conftest import Api
from tests.fixtures.stories import Chronicle

OURS = {"kind": "reassessment", "reason": "it turned out so"}


@pytest.fixture
def two_swaps(api: Api, chronicle: Chronicle) -> Api:
    chronicle.given(SwapAgreed, "east-swap", "agreed", count_each=5, reported="2024-01-02")
    chronicle.given(SwapCompleted, "west-swap", "done", occurred="2024-01-05", reported="2024-01-06")
    return api


def status(api: Api, subject: str, **clocks: Any) -> Any:
    return api.get(f"/subjects/{subject}", **clocks).get_json()["status"]["value"]


def test_two_ids_that_turn_out_to_be_one_answer_alike_and_history_before_stays(two_swaps: Api) -> None:
    before = two_swaps.get("/subjects/east-swap").get_json()["asked"]["position"]
    merged = two_swaps.posted("/subjects/west-swap/merges", {"into": "east-swap", **OURS})
    old = two_swaps.get("/subjects/west-swap").get_json()

    assert merged["n"] == 1
    assert (status(two_swaps, "east-swap"), old["status"]["value"], old["merged_into"]) == (
        "completed",
        "completed",
        "east-swap",
    )
    assert (status(two_swaps, "east-swap", position=before), status(two_swaps, "west-swap", position=before)) == (
        "agreed",
        "completed",
    )
    assert [each["id"] for each in two_swaps.get("/subjects", kind="swap").get_json()["subjects"]] == ["east-swap"]


def test_a_merge_is_undone(two_swaps: Api) -> None:
    two_swaps.posted("/subjects/west-swap/merges", {"into": "east-swap", **OURS})
    assert two_swaps.post("/subjects/west-swap/merges", {"into": "east-swap", **OURS}).status_code == 409
    two_swaps.posted("/subjects/west-swap/regroupings/1/withdrawal", OURS)

    assert (status(two_swaps, "east-swap"), status(two_swaps, "west-swap")) == ("agreed", "completed")
    assert len(two_swaps.get("/subjects", kind="swap").get_json()["subjects"]) == 2
    assert two_swaps.post("/subjects/west-swap/regroupings/1/withdrawal", OURS).status_code == 409


def test_no_fact_is_moved_to_a_subject_that_is_merged_into_another(two_swaps: Api) -> None:
    two_swaps.posted("/subjects/west-swap/merges", {"into": "east-swap", **OURS})
    into_the_merged = {"into": "west-swap", "facts": ["agreed"], **OURS}

    assert two_swaps.post("/subjects/east-swap/splits", into_the_merged).status_code == 409
    assert two_swaps.get("/subjects/east-swap").get_json()["fields"]["count_each"]["value"] == {"best": 5}


def test_one_subject_that_turns_out_to_be_two_is_split_and_put_together_again(api: Api, chronicle: Chronicle) -> None:
    chronicle.given(SwapAgreed, "swap", "agreed", reported="2024-01-02")
    chronicle.given(SwapCompleted, "swap", "done", occurred="2024-01-05", reported="2024-01-06")
    split = api.posted("/subjects/swap/splits", {"into": "other-swap", "facts": ["done"], **OURS})

    assert (status(api, "swap"), status(api, "other-swap")) == ("agreed", "completed")
    api.posted(f"/subjects/swap/regroupings/{split['n']}/withdrawal", OURS)
    assert (status(api, "swap"), status(api, "other-swap")) == ("completed", None)


def test_a_fact_stays_where_a_split_brought_it_though_its_subject_is_corrected_later(
    api: Api, chronicle: Chronicle
) -> None:
    chronicle.given(SwapAgreed, "swap", "agreed", reported="2024-01-02")
    chronicle.given(SwapCompleted, "swap", "done", occurred="2024-01-05", reported="2024-01-06")
    split = api.posted("/subjects/swap/splits", {"into": "other-swap", "facts": ["done"], **OURS})
    chronicle.amend("done", "corrections", changes={"subject": "third-swap"})

    assert [status(api, name) for name in ("swap", "other-swap", "third-swap")] == ["agreed", "completed", None]
    api.posted(f"/subjects/swap/regroupings/{split['n']}/withdrawal", OURS)
    assert [status(api, name) for name in ("swap", "other-swap", "third-swap")] == ["agreed", None, "completed"]


def test_the_parts_of_a_whole_are_at_any_position_those_whose_state_says_so(two_swaps: Api) -> None:
    for name, whole in (
        ("east-swap", "talks-1"),
        ("west-swap", "talks-2"),
        ("north-swap", "talks-1"),
        ("south-swap", None),
    ):
        two_swaps.posted("/subjects", {"id": name, "kind": "swap", "title": "A swap", "part_of": whole})
    two_swaps.posted("/facts/subject:west-swap/corrections", {"changes": {"part_of": "talks-1"}, **OURS})
    two_swaps.posted("/subjects/north-swap/merges", {"into": "south-swap", **OURS})
    two_swaps.posted("/facts/subject:east-swap/corrections", {"changes": {"part_of": "talks-2"}, **OURS})
    head = two_swaps.get("/subjects").get_json()["asked"]["position"]

    found = set()
    for position in range(1, head + 1):
        states = two_swaps.get("/subjects", position=position).get_json()["subjects"]
        parts = two_swaps.get("/subjects", position=position, part_of="talks-1").get_json()["subjects"]
        assert parts == [each for each in states if each["part_of"] == "talks-1"]
        found.add(tuple(each["id"] for each in parts))
    assert found == {
        (),
        ("east-swap",),
        ("east-swap", "north-swap"),
        ("east-swap", "north-swap", "west-swap"),
        ("east-swap", "west-swap"),
        ("west-swap",),
    }


def test_a_merge_shows_in_the_understanding_and_in_a_diff(two_swaps: Api) -> None:
    before = two_swaps.get("/subjects/east-swap").get_json()["asked"]["position"]
    two_swaps.posted("/subjects/west-swap/merges", {"into": "east-swap", **OURS})
    steps = two_swaps.get("/subjects/east-swap/understanding").get_json()["steps"]
    found = two_swaps.get("/diff", from_position=before).get_json()["differences"]

    assert steps[-1]["events"][0]["id"] == "west-swap#1"
    assert [(each["subject"], each["finding"], each["cause"]) for each in found if each["subject"] == "east-swap"] == [
        ("east-swap", "status", "correction:reassessment")
    ]


def test_current_states_after_regrouping_are_those_of_a_rebuild(two_swaps: Api, chronicle: Chronicle) -> None:
    two_swaps.posted("/subjects/west-swap/merges", {"into": "east-swap", **OURS})
    chronicle.given(SwapAgreed, "west-swap", "again", count_each=7, occurred="2024-01-03", reported="2024-01-08")
    followed = two_swaps.get("/subjects").data
    chronicle.chronology.follower.rebuild()

    assert two_swaps.get("/subjects").data == followed


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/subjects/nobody/merges", {"into": "east-swap", **OURS}, 404),
        ("/subjects/east-swap/merges", {"into": "nobody", **OURS}, 404),
        ("/subjects/east-swap/merges", {"into": "east-swap", **OURS}, 409),
        ("/subjects/east-swap/merges", {"into": "west-swap"}, 422),
        ("/subjects/east-swap/splits", {"into": "new", "facts": ["done"], **OURS}, 422),
        ("/subjects/east-swap/splits", {"into": "east-swap", "facts": ["agreed"], **OURS}, 409),
        ("/subjects/east-swap/regroupings/1/withdrawal", OURS, 404),
    ],
)
def test_a_regrouping_at_fault_leaves_no_event(
    two_swaps: Api, chronicle: Chronicle, path: str, body: Any, code: int
) -> None:
    head = chronicle.head
    answer = two_swaps.post(path, body)

    assert answer.status_code == code, answer.data
    assert chronicle.head == head


def test_a_source_that_its_publisher_withdrew_marks_what_rested_on_it(two_swaps: Api) -> None:
    body = {"reason": "the Gazette took it off its pages", "published": "2024-02-01"}
    answer = two_swaps.posted("/sources/report-1/withdrawals", body)
    state = two_swaps.get("/subjects/east-swap").get_json()

    assert answer["rested"] == [{"fact": "agreed", "exact": "What report 1 says."}]
    assert state["status"]["value"] == "agreed"
    assert state["status"]["marks"] == [{"fact": "agreed", "source": "report-1", "mark": "source_withdrawn"}]
    assert "marks" not in two_swaps.get("/subjects/east-swap", reported_until="2024-01-20").get_json()["status"]
    assert two_swaps.get("/sources/report-1").get_json()["withdrawn"] is True
    assert two_swaps.post("/sources/report-1/withdrawals", body).status_code == 409


def test_a_quote_gone_from_a_later_version_marks_what_rested_on_it(two_swaps: Api) -> None:
    body = {"text": "It says something else now.", "retrieved_at": "2024-03-01T00:00:00Z"}
    assert two_swaps.posted("/sources/report-1/revisions", body)["lost"] == [
        {"fact": "agreed", "exact": "What report 1 says."}
    ]

    marks = two_swaps.get("/subjects/east-swap").get_json()["fields"]["count_each"]["marks"]
    assert marks == [{"fact": "agreed", "source": "report-1", "mark": "quote_gone", "version": 2}]


def test_an_amendment_that_rests_on_a_withdrawn_one_is_flagged_and_not_dropped(
    two_swaps: Api, chronicle: Chronicle
) -> None:
    chronicle.amend("agreed", "retractions")
    chronicle.amend("agreed", "reinstatements")
    chronicle.amend("agreed", "withdrawal", withdraws=1)
    stream = two_swaps.get("/facts/agreed").get_json()["stream"]

    assert [entry.get("rests_on_withdrawn", False) for entry in stream] == [False, False, True, False]
    assert status(two_swaps, "east-swap") == "agreed"


def test_subjects_merged_stand_once_in_values_differences_and_a_replay(two_swaps: Api) -> None:
    merged = two_swaps.posted("/subjects/west-swap/merges", {"into": "east-swap", **OURS})["position"]

    def named(position: int) -> list[set[str]]:
        values = two_swaps.get("/values", position=position).get_json()["subjects"]
        found = two_swaps.get("/diff", from_position=0, to_position=position).get_json()["differences"]
        replayed = two_swaps.get("/replay", position=position).get_data(as_text=True).splitlines()
        names = [each["id"] for each in values]
        assert len(names) == len(set(names))
        return [{*names}, {each["subject"] for each in found}, {json.loads(each)["subject"] for each in replayed}]

    assert all({"west-swap", "east-swap"} <= each for each in named(merged - 1))
    assert all("west-swap" not in each and "east-swap" in each for each in named(merged))
