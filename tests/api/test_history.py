"""How the understanding evolved, what differs, what a value rests on, and the log itself, over HTTP."""

import json
from typing import Any

import pytest

from events.errors import NotYet
from events.kinds.actor import ActorNamed
from events.kinds.swap import SwapAgreed, SwapCompleted
from service.auth.roles import TooMany
from service.databases.chronology import Chronology
from service.web import streams
from tests.conftest import ON_ONE_DATABASE, Api
from tests.fixtures.stories import Chronicle


@pytest.fixture
def told(api: Api, chronicle: Chronicle) -> Api:
    """An agreement, its completion, then a correction of the number by the source."""
    agreed = chronicle.given(SwapAgreed, "swap", "agreed", count_each=5, occurred="2024-01-01", reported="2024-01-02")
    chronicle.given(
        SwapCompleted, "swap", "done", occurred="2024-01-05", reported="2024-01-06", attributed_to="arvenia"
    )
    chronicle.amend(agreed, "corrections", reported="2024-01-09", changes={"count_each": 6})
    return api


def lines(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


def test_by_recorded_each_event_that_changed_something_is_a_step(told: Api) -> None:
    steps = told.get("/subjects/swap/understanding").get_json()["steps"]

    assert [(step["position"], step["events"][0]["id"]) for step in steps] == [
        (2, "agreed"),
        (4, "done"),
        (6, "agreed#1"),
    ]
    change = steps[2]["changes"][0]
    assert (change["finding"], change["before"]["value"], change["after"]["value"]) == (
        "count_each",
        {"best": 5},
        {"best": 6},
    )


def test_by_reported_each_publication_is_a_step(told: Api) -> None:
    steps = told.get("/subjects/swap/understanding", by="reported").get_json()["steps"]

    assert [(step["reported_until"][:10], step["events"][0]["id"]) for step in steps] == [
        ("2024-01-02", "agreed"),
        ("2024-01-06", "done"),
        ("2024-01-09", "agreed#1"),
    ]


def test_the_steps_end_where_the_clocks_stand(told: Api) -> None:
    assert len(told.get("/subjects/swap/understanding", position=4).get_json()["steps"]) == 2
    until = told.get("/subjects/swap/understanding", by="reported", reported_until="2024-01-07").get_json()
    assert len(until["steps"]) == 2


def test_a_diff_names_finding_cause_and_events(told: Api) -> None:
    answer = told.get(
        "/diff", from_reported_until="2024-01-03", to_reported_until="2024-01-07", from_position=6, to_position=6
    )
    body = answer.get_json()

    assert "immutable" in answer.headers["Cache-Control"]
    assert body["from"]["reported_until"] == "2024-01-03"
    status = next(each for each in body["differences"] if each["finding"] == "status")
    assert (status["from"]["value"], status["to"]["value"], status["cause"]) == ("agreed", "completed", "new_fact")
    assert [event["id"] for event in status["events"]] == ["done"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from_at": "soon"}, "/from_at"),
        ({"to_zone": "Mars"}, "/to_zone"),
        ({"to_position": 99}, "/to_position"),
        ({"from_position": 1, "from_recorded_until": "2024-01-01"}, "/from_position"),
        ({"by": "x"}, "/by"),
    ],
)
@ON_ONE_DATABASE
def test_a_diff_names_the_clock_at_fault(told: Api, query: dict[str, Any], pointer: str) -> None:
    answer = told.get("/diff", **query)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("by", ["recorded", "reported"])
def test_replaying_all_subjects_gives_each_subject_the_steps_of_its_own(
    told: Api, chronicle: Chronicle, by: str
) -> None:
    chronicle.given(SwapAgreed, "other", "elsewhere", reported="2024-01-04", parties=["arvenia"])
    replayed = lines(told.get("/replay", by=by))

    for subject in ("swap", "other"):
        alone = told.get(f"/subjects/{subject}/understanding", by=by).get_json()["steps"]
        assert [step for step in replayed if step["subject"] == subject] == alone
    key = "position" if by == "recorded" else "reported_until"
    assert [step[key] for step in replayed] == sorted(step[key] for step in replayed)


def test_a_player_is_sent_the_steps_as_events_and_goes_on_where_it_stopped(told: Api) -> None:
    headers = told.headers | {"Accept": "text/event-stream"}
    whole = told.client.get("/api/v1/replay", headers=headers, buffered=True).get_data(as_text=True)
    rest = told.client.get("/api/v1/replay", headers=headers | {"Last-Event-ID": "4"}).get_data(as_text=True)

    assert [line for line in whole.splitlines() if line.startswith("id: ")] == [
        "id: 2/swap",
        "id: 4/swap",
        "id: 6/swap",
    ]
    assert [line for line in rest.splitlines() if line.startswith("id: ")] == ["id: 6/swap"]


@pytest.mark.parametrize("by", ["recorded", "reported"])
def test_a_replay_goes_on_after_any_of_its_steps(told: Api, chronicle: Chronicle, by: str) -> None:
    shared = chronicle.report(reported="2024-01-04")
    for name in ("north", "south"):
        chronicle.given(SwapAgreed, name, f"{name}-agreed", citations=[shared])
    chronicle.given(SwapAgreed, "open", "open-agreed", reported="2024-03-01/..")
    chronicle.correct_source(shared["source"], published="2024-01-05")
    told.posted("/subjects", {"id": "whole", "kind": "process", "title": "The whole"})
    headers = told.headers | {"Accept": "text/event-stream"}
    whole = told.client.get(f"/api/v1/replay?by={by}", headers=headers, buffered=True).get_data(as_text=True)
    steps = lines(told.get("/replay", by=by))
    names = [line.removeprefix("id: ") for line in whole.splitlines() if line.startswith("id: ")]

    assert len(names) == len(set(names)) == len(steps) > 5
    for place, name in enumerate(names, 1):
        last = told.headers | {"Last-Event-ID": name}
        resumed = told.client.get(f"/api/v1/replay?by={by}", headers=last, buffered=True)
        assert lines(resumed) == lines(told.get("/replay", by=by, after=name)) == steps[place:]


def test_a_replay_goes_on_after_all_steps_of_a_moment(told: Api) -> None:
    reported = lines(told.get("/replay", by="reported"))

    assert lines(told.get("/replay", by="reported", after=reported[0]["reported_until"])) == reported[1:]
    assert [step["position"] for step in lines(told.get("/replay", after="4"))] == [6]


@pytest.mark.parametrize("by", ["recorded", "reported"])
@pytest.mark.parametrize("after", ["soon", "²", "2024-01-32T00:00", "-1", "9" * 5000])
@ON_ONE_DATABASE
def test_what_is_no_step_is_refused(told: Api, by: str, after: str) -> None:
    answer = told.get("/replay", by=by, after=after)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/after"


def test_what_is_no_position_of_the_log_is_refused_where_a_reader_comes_back(told: Api) -> None:
    answer = told.client.get("/api/v1/events", headers=told.headers | {"Last-Event-ID": "²".encode().decode("latin-1")})

    assert answer.status_code == 422


def test_the_log_is_read_as_cloud_events_from_any_position(told: Api) -> None:
    events = lines(told.get("/events"))

    assert [event["id"] for event in events] == ["1", "2", "3", "4", "5", "6"]
    assert (events[1]["specversion"], events[1]["type"], events[1]["subject"]) == (
        "1.0",
        "chronology.fact.SwapAgreed",
        "agreed",
    )
    assert events[1]["data"]["citations"][0]["exact"] == "What report 1 says."
    assert [event["id"] for event in lines(told.get("/events", after=4))] == ["5", "6"]
    assert [event["id"] for event in lines(told.get("/events", after=1, limit=2))] == ["2", "3"]


def test_an_audit_goes_down_to_words_and_recorders(told: Api) -> None:
    audit = told.get("/audit/swap/count_each").get_json()

    assert audit["value"] == {"best": 6}
    assert [fact["id"] for fact in audit["facts"]] == ["agreed"]
    assert audit["facts"][0]["corrected_by"] == {"count_each": ["agreed#1"]}
    assert [(entry["event"], entry["recorded_by"]) for entry in audit["facts"][0]["stream"]] == [
        ("FactRecorded", "teller"),
        ("FactCorrected", "teller"),
    ]
    assert {source["title"] for source in audit["sources"]} == {"Report 1", "Report 3"}
    assert told.get("/audit/swap/colour").status_code == 404
    assert told.get("/audit/nobody/status").status_code == 404


def test_a_value_under_a_key_is_audited_by_its_name(told: Api, chronicle: Chronicle) -> None:
    chronicle.given(ActorNamed, "arvenia", name="Arvenia", aliases=["The Republic"])

    assert told.get("/audit/arvenia/aliases").get_json()["value"] == ["The Republic"]
    assert told.get("/audit/swap/status").get_json()["value"] == "completed"


def test_each_partys_account_stands_beside_the_others(told: Api, chronicle: Chronicle) -> None:
    chronicle.given(
        SwapCompleted, "swap", "denied-by-b", attributed_to="belmark", modality="denied", occurred="2024-01-05"
    )
    theirs = told.get("/subjects/swap", reading="arvenia").get_json()
    others = told.get("/subjects/swap", reading="belmark").get_json()

    assert (theirs["status"]["value"], others["status"]["value"]) == ("completed", "agreed")
    assert [each["fact"] for each in others["alleged"]] == ["done"]
    assert others["asked"]["reading"] == "belmark"
    assert (
        told.get("/subjects", reading="belmark", kind="swap").get_json()["subjects"][0]["status"]["value"] == "agreed"
    )


def test_a_party_that_nobody_knows_is_refused(told: Api) -> None:
    answer = told.get("/subjects/swap", reading="nobody")

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/reading"


def test_too_many_streams_at_once_are_told_to_come_back(
    told: Api, chronology: Chronology, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_left = streams.Places(1)
    none_left.take("Ada", lambda: False, is_editor=True)
    monkeypatch.setattr(streams, "FOR_CLIENTS", none_left)
    answer = told.get("/events")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_the_place_of_a_client_that_is_gone_is_free_and_one_given_back_twice_is_one() -> None:
    places = streams.Places(2)
    places.take("Ada", lambda: True)
    leave = places.take("Ada", lambda: False)
    with pytest.raises(NotYet):
        places.take("Ben", lambda: False)

    leave()
    leave()
    places.take("Ben", lambda: False)
    with pytest.raises(NotYet):
        places.take("Eve", lambda: False)


def test_the_last_place_is_for_an_editor_and_nobody_has_more_than_two() -> None:
    places = streams.Places(4)
    for _ in range(2):
        places.take("Ada", lambda: False)
    with pytest.raises(TooMany):
        places.take("Ada", lambda: False)
    places.take("Ben", lambda: False)
    with pytest.raises(NotYet):
        places.take("Ben", lambda: False)

    places.take("Eve", lambda: False, is_editor=True)
    with pytest.raises(NotYet):
        places.take("Eve", lambda: False, is_editor=True)
