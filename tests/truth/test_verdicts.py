"""Verdicts: an editor judges what sources say differently, takes it back, and is overtaken by what is recorded later."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed, SwapProposed
from events.kinds.talks import MeetingProposed, TalksConcluded
from projections.clocks import Asked
from service.chronicle.exporting import Export
from service.chronicle.importing import take_in
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of
from tests.fixtures.stories import Chronicle

OURS = {"kind": "reassessment", "reason": "not so sure any more"}


@pytest.fixture
def contested(api: Api, chronicle: Chronicle) -> Api:
    """A swap of a thousand each, as one report has it, or of nine hundred, as a later one does."""
    chronicle.given(SwapAgreed, "swap", "thousand", occurred="2024-05-10", reported="2024-05-11", count_each=1000)
    chronicle.given(
        SwapAgreed, "swap", "nine", occurred="2024-05-12", reported="2024-05-13", count_each=900, publisher="Herald"
    )
    return api


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Chronology]:
    chronology = Chronology(Settings(database=f"sqlite:///{tmp_path}/elsewhere.db"), follows=True)
    yield chronology
    chronology.close()


def prefer(api: Api, prefers: str | None, finding: str = "count_each", subject: str = "swap") -> Any:
    body = {"finding": finding, "prefers": prefers, "reason": "it has seen the paper"}
    return api.posted(f"/subjects/{subject}/verdicts", body)


def count(api: Api, name: str = "count_each", **clocks: Any) -> Any:
    found = api.get("/subjects/swap", **clocks).get_json()["fields"][name]
    verdict = found.get("verdict", {})
    return found["value"]["best"], [each["value"]["best"] for each in found["rivals"]], verdict.get("prefers", "silent")


def head(api: Api) -> int:
    position: int = api.get("/subjects").get_json()["asked"]["position"]
    return position


def test_a_verdict_says_who_judged_when_and_why(contested: Api) -> None:
    given = prefer(contested, "thousand")
    found = contested.get("/audit/swap/count_each").get_json()

    assert given == {"subject": "swap", "n": 1, "position": head(contested)}
    assert found["verdict"] | {"recorded": ""} == {
        "n": 1,
        "prefers": "thousand",
        "reason": "it has seen the paper",
        "by": "the editor",
        "recorded": "",
    }
    assert found["verdict"]["recorded"].endswith("Z")
    assert (found["because"], found["since"], found["rivals"][0]["because"]) == (["thousand"], "2024-05-10", ["nine"])


@pytest.mark.parametrize("act", ["given", "withdrawn", "reopened"])
def test_each_change_of_a_verdict_is_a_step_and_a_difference_with_the_event_that_made_it(
    contested: Api, chronicle: Chronicle, act: str
) -> None:
    if act != "given":
        prefer(contested, "thousand")
    before = head(contested)
    if act == "given":
        prefer(contested, "thousand")
    elif act == "withdrawn":
        contested.posted("/subjects/swap/verdicts/1/withdrawal", OURS)
    else:
        chronicle.given(SwapAgreed, "swap", "third", occurred="2024-05-11", reported="2024-06-01", count_each=1200)
    step = contested.get("/subjects/swap/understanding").get_json()["steps"][-1]
    lines = contested.get("/replay", by="recorded").get_data(as_text=True).splitlines()
    (difference,) = [
        each
        for each in contested.get("/diff", from_position=before).get_json()["differences"]
        if each["finding"] == "count_each"
    ]

    change = next(each for each in step["changes"] if each["finding"] == "count_each")
    event = {"given": "swap#1", "withdrawn": "swap#2", "reopened": "third"}[act]
    assert [each["id"] for each in step["events"]] == [event]
    assert orjson.loads(lines[-1])["changes"] == step["changes"]
    assert [each["id"] for each in difference["events"]] == [event]
    assert difference["cause"] == ("new_fact" if act == "reopened" else "verdict")
    assert difference["to"] == change["after"]


def test_a_verdict_follows_its_fact_through_corrections(contested: Api, chronicle: Chronicle) -> None:
    prefer(contested, "thousand")
    chronicle.amend("thousand", "corrections", changes={"count_each": 1100})

    assert count(contested) == (1100, [900], "thousand")


def test_a_dispute_can_be_preferred_and_its_own_disputes_contest_what_is_preferred(
    contested: Api, chronicle: Chronicle
) -> None:
    chronicle.amend("nine", "disputes", reported="2024-05-14", changes={"count_each": 950})
    chronicle.amend("thousand", "disputes", reported="2024-05-14", changes={"count_each": 1050})
    prefer(contested, "nine#1")
    disputed = contested.get("/subjects/swap").get_json()["fields"]["count_each"]
    page = contested.client.get("/subjects/swap")
    prefer(contested, "thousand")

    assert (disputed["value"], disputed["because"], disputed["since"]) == ({"best": 950}, ["nine#1"], "2024-05-12")
    assert sorted(each["value"]["best"] for each in disputed["rivals"]) == [900, 1000]
    assert page.status_code == 200
    assert "it has seen the paper" in page.get_data(as_text=True)
    assert count(contested) == (1000, [900, 950, 1050], "thousand")


def test_what_cannot_be_decided_says_so_as_long_as_it_is_contested(contested: Api, chronicle: Chronicle) -> None:
    prefer(contested, None)
    undecided = contested.get("/subjects/swap").get_json()["fields"]["count_each"]
    chronicle.amend("nine", "retractions")

    assert (undecided["value"], undecided["verdict"]["prefers"]) == ({"best": 900}, None)
    assert count(contested) == (1000, [], "silent")


def test_the_first_recorded_of_what_came_later_reopens_a_verdict(contested: Api, chronicle: Chronicle) -> None:
    prefer(contested, "thousand")
    chronicle.given(SwapAgreed, "swap", "again", occurred="2024-05-12", reported="2024-06-01", count_each=900)
    unmoved = count(contested)
    chronicle.amend("nine", "disputes", reported="2024-06-02", changes={"count_each": 700})
    unheard = count(contested)
    chronicle.amend("thousand", "disputes", reported="2024-06-02", changes={"count_each": 900})
    repeated = count(contested)
    chronicle.amend("thousand", "disputes", reported="2024-06-02", changes={"count_each": 800})
    found = contested.get("/subjects/swap").get_json()["fields"]["count_each"]

    assert unmoved == (1000, [900], "thousand")
    assert repeated == (1000, [900], "thousand")  # what says so was known
    assert unheard == (1000, [900], "thousand")  # "again" decides without the verdict, and is not disputed
    assert (found["value"], found["verdict"]["reopened_by"]) == ({"best": 900}, "thousand#2")


def test_accounts_know_no_verdicts(contested: Api, chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "arvenia", name="Arvenia")
    prefer(contested, "thousand")

    assert count(contested, reading="arvenia") == (900, [1000], "silent")
    assert count(contested) == (1000, [900], "thousand")


def test_passing_time_follows_the_verdict(api: Api, chronicle: Chronicle) -> None:
    proposed = {"occurred": "2024-05-10", "reported": "2024-05-11", "by": "arvenia"}
    chronicle.given(MeetingProposed, "talks", "june", **proposed, proposed_for="2024-06")
    chronicle.given(MeetingProposed, "talks", "july", **proposed, proposed_for="2024-07", publisher="Herald")

    def status() -> Any:
        return api.get("/subjects/talks", at="2024-07-10").get_json()["status"]["value"]

    before = status()
    prefer(api, "june", "proposed_for", "talks")

    assert (before, status()) == ("proposed", "lapsed")
    values = api.get("/subjects/talks/values", at="2024-07-10").get_json()
    assert (values["status"], values["fields"]["proposed_for"]) == ("lapsed", "2024-06")


def test_a_disputed_status_is_judged(api: Api, chronicle: Chronicle) -> None:
    chronicle.given(TalksConcluded, "talks", "over", occurred="2024-05-10", reported="2024-05-11")
    chronicle.amend("over", "disputes", reported="2024-05-12", changes={"status": "suspended"})
    prefer(api, "over#1", "status", "talks")
    status = api.get("/subjects/talks").get_json()["status"]

    assert (status["value"], status["because"], status["since"]) == ("suspended", ["over#1"], "2024-05-10")
    assert [(each["value"], each["because"]) for each in status["rivals"]] == [("concluded", ["over"])]


def test_of_two_verdicts_the_last_in_force_counts(contested: Api) -> None:
    prefer(contested, "thousand")
    prefer(contested, "nine")
    last = count(contested)
    contested.posted("/subjects/swap/verdicts/2/withdrawal", OURS)

    assert last == (900, [1000], "nine")
    assert count(contested) == (1000, [900], "thousand")


def test_a_verdict_in_one_call_with_the_facts_that_it_judges_is_held_against_them(
    contested: Api, chronology: Chronology, tmp_path: Path, elsewhere: Chronology
) -> None:
    prefer(contested, "thousand")
    prefer(contested, None)
    contested.posted("/subjects/swap/verdicts/2/withdrawal", OURS)
    lines = [line for line in Export(chronology.record).lines() if line != b"\n"]
    (tmp_path / "one-call.ndjson").write_bytes(b"".join(lines))
    take_in(elsewhere, "clerk", tmp_path / "one-call.ndjson")

    assert take_in(elsewhere, "clerk", tmp_path / "one-call.ndjson").new == 0
    there = api_of(elsewhere, "editor")
    assert count(there) == count(contested) == (1000, [900], "thousand")
    assert count(there, position=head(there) - 1)[2] is None


def test_a_verdict_goes_with_the_subject_whose_state_it_is(contested: Api, chronicle: Chronicle) -> None:
    prefer(contested, "thousand")
    chronicle.given(SwapProposed, "other", "proposed", occurred="2024-05-01", reported="2024-05-02")
    contested.posted("/subjects/swap/merges", {"into": "other", **OURS})

    assert count(contested)[2] == "silent"
    assert contested.post("/subjects/swap/verdicts", BODY).status_code == 409
    contested.posted("/subjects/swap/regroupings/2/withdrawal", OURS)
    assert count(contested)[2] == "thousand"


BODY = {"finding": "count_each", "prefers": "thousand", "reason": "it has seen the paper"}


@pytest.mark.parametrize(
    ("path", "body", "code", "says"),
    [
        ("/subjects/swap/verdicts", {**BODY, "finding": "parties"}, 409, "'parties' of 'swap' is not contested"),
        ("/subjects/swap/verdicts", {**BODY, "finding": "aliases"}, 409, "'aliases' of 'swap' is not contested"),
        ("/subjects/swap/verdicts", {**BODY, "prefers": "elsewhere"}, 422, "'elsewhere' is behind no value"),
        ("/subjects/swap/verdicts", {**BODY, "prefers": "thousand#1"}, 422, "'thousand#1' is behind no value"),
        ("/subjects/swap/verdicts", {**BODY, "prefers": "thousand#x"}, 422, "'thousand#x' is neither"),
        ("/subjects/swap/verdicts", {"finding": "count_each", "reason": "so"}, 422, "prefers is needed"),
        ("/subjects/swap/verdicts", {"finding": "count_each", "prefers": None}, 422, "reason is needed"),
        ("/subjects/nobody/verdicts", BODY, 404, "no subject 'nobody'"),
        ("/subjects/swap/verdicts/7/withdrawal", OURS, 404, "no verdict 7"),
        ("/subjects/swap/verdicts/1/withdrawal", {"reason": "so"}, 422, "kind is needed"),
    ],
)
def test_a_verdict_at_fault_leaves_no_event(contested: Api, path: str, body: Any, code: int, says: str) -> None:
    before = head(contested)
    answer = contested.post(path, body)

    assert answer.status_code == code, answer.data
    assert says in answer.get_data(as_text=True)
    assert head(contested) == before


def test_a_union_is_not_judged(api: Api, chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "arvenia", "named", name="Arvenia", aliases=["The East"])
    chronicle.amend("named", "disputes", reported="2024-05-12", changes={"aliases": ["The West"]})
    body = {"finding": "aliases", "prefers": "named", "reason": "so"}

    assert api.get("/subjects/arvenia").get_json()["fields"]["aliases"]["rivals"]
    assert api.post("/subjects/arvenia/verdicts", body).status_code == 422


def test_a_verdict_is_withdrawn_once_and_not_as_a_merge(contested: Api) -> None:
    prefer(contested, "thousand")

    assert contested.post("/subjects/swap/regroupings/1/withdrawal", OURS).status_code == 404
    contested.posted("/subjects/swap/verdicts/1/withdrawal", OURS)
    assert contested.post("/subjects/swap/verdicts/1/withdrawal", OURS).status_code == 409


def test_only_editors_judge_and_what_is_sent_again_changes_nothing(contested: Api, chronology: Chronology) -> None:
    body = {**BODY, "id": "v1"}

    assert api_of(chronology, "recorder").post("/subjects/swap/verdicts", body).status_code == 403
    first = contested.post("/subjects/swap/verdicts", body)
    again = contested.post("/subjects/swap/verdicts", body)
    assert (first.status_code, again.status_code, again.get_json()) == (201, 200, first.get_json())
    assert contested.post("/subjects/swap/verdicts", {**body, "prefers": "nine"}).status_code == 409


def test_states_with_verdicts_are_those_of_a_rebuild(contested: Api, chronicle: Chronicle) -> None:
    prefer(contested, "thousand")
    followed = contested.get("/subjects").data
    chronicle.chronology.follower.rebuild()

    assert contested.get("/subjects").data == followed
    with chronicle.chronology.ask(Asked()) as (snapshot, _):
        assert snapshot.position == chronicle.head
