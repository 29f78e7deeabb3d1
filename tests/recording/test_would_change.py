"""What commands would change, before they are recorded: what the diff says once they are, and nothing is written."""

from typing import Any

import pytest

from service.databases.chronology import Chronology
from tests.conftest import Api, api_of

PAPER = {
    "id": "paper",
    "title": "Paper",
    "publisher": "Gazette",
    "published": "2024-01-02",
    "text": "They agreed on 339. The talks are to be held by 30 June 2027. It was called off.",
}
POST = {
    "id": "post",
    "title": "Post",
    "publisher": "Post",
    "published": "2024-01-03",
    "text": "They agreed on 400 each, it was said. They agreed, all of them.",
}
AGREED = {"source": "paper", "exact": "They agreed on 339."}
ALL_OF_THEM = {"source": "post", "exact": "They agreed, all of them."}
FOUR_HUNDRED = {"source": "post", "exact": "They agreed on 400 each"}
FACT = {
    "id": "agreed",
    "kind": "SwapAgreed",
    "subject": "swap",
    "occurred": "2024-01-01",
    "count_each": 339,
    "citations": [AGREED],
}
OURS = {"kind": "reassessment", "reason": "we looked again"}
ACTS: dict[str, tuple[str, Any]] = {
    "a second source": ("/facts/agreed/corroborations", {"citations": [ALL_OF_THEM]}),
    "a dispute": ("/facts/agreed/disputes", {"changes": {"count_each": 400}, "citations": [FOUR_HUNDRED]}),
    "a correction": ("/facts/agreed/corrections", {**OURS, "changes": {"count_each": 340}}),
    "a correction of what it is about": ("/facts/agreed/corrections", {**OURS, "changes": {"subject": "other"}}),
    "a retraction": ("/facts/agreed/retractions", OURS),
    "a merge": ("/subjects/swap/merges", {**OURS, "into": "other"}),
    "a split": ("/subjects/swap/splits", {**OURS, "into": "third", "facts": ["agreed"]}),
    "a revision": ("/sources/paper/revisions", {"text": "Nothing of it.", "retrieved_at": "2024-02-01T00:00:00Z"}),
    "a withdrawal of its source": ("/sources/paper/withdrawals", {"reason": "taken back"}),
    "a title": ("/subjects", {"id": "swap", "kind": "swap", "title": "The swap"}),
    "a second fact": ("/facts", {**FACT, "id": "again", "count_each": 400, "citations": [FOUR_HUNDRED]}),
}


@pytest.fixture
def api(chronology: Chronology) -> Api:
    api = api_of(chronology, "editor")
    for source in (PAPER, POST):
        api.posted("/sources", source)
    api.posted("/facts", FACT)
    other = {**FACT, "id": "elsewhere", "subject": "other", "count_each": 12, "citations": [ALL_OF_THEM]}
    api.posted("/facts", other)
    return api


def told(differences: list[dict[str, Any]]) -> list[Any]:
    """What differs and why, without what only one of two answers counts."""

    def value(side: dict[str, Any] | None) -> Any:
        if side is None:
            return None
        marks = sorted(each["mark"] for each in side.get("marks", ()))
        return side["value"], side["because"], [rival["value"] for rival in side["rivals"]], marks

    found = [
        (each["subject"], each["finding"], value(each["from"]), value(each["to"]), each["causes"])
        for each in differences
    ]
    return sorted(found, key=repr)


def test_what_an_act_would_change_is_what_the_diff_says_once_it_is_recorded(api: Api, chronology: Chronology) -> None:
    for name, (path, body) in ACTS.items():
        before = chronology.record.head()
        would = api.post(f"{path}?check=yes", body)

        assert would.status_code == 200, (name, would.text)
        assert chronology.record.head() == before, name
        after = api.posted(path, body)["position"]
        clocks = {"from_position": before, "to_position": after, "from_at": "now", "to_at": "now"}
        found = api.get("/diff", **clocks).get_json()
        assert told(would.get_json()["changes"]) == told(found["differences"]), name
        undo(api, name)


def undo(api: Api, name: str) -> None:
    """Undo what would stand in the way of the next act."""
    if name in ("a correction", "a correction of what it is about", "a retraction"):
        n = len(api.get("/facts/agreed").get_json()["stream"]) - 1
        api.posted(f"/facts/agreed/amendments/{n}/withdrawal", OURS)
    if name in ("a merge", "a split"):
        n = {"a merge": 1, "a split": 3}[name]
        api.posted(f"/subjects/swap/regroupings/{n}/withdrawal", OURS)


def test_a_second_source_would_make_two_reports_of_one(api: Api) -> None:
    path, body = ACTS["a second source"]
    changes = api.post(f"{path}?check=yes", body).get_json()["changes"]

    (status,) = [each for each in changes if each["finding"] == "status"]
    assert (status["from"]["reports"], status["to"]["reports"]) == (1, 2)


def test_a_proposal_to_meet_says_on_which_day_it_would_lapse(api: Api) -> None:
    body = {
        "kind": "MeetingProposed",
        "subject": "meeting",
        "occurred": "2024-01-02",
        "proposed_for": "2027-06-30",
        "citations": [{"source": "paper", "exact": "The talks are to be held by 30 June 2027."}],
    }
    answer = api.post("/facts?check=yes", body).get_json()

    assert answer["passing"] == [{"subject": "meeting", "status": "lapsed", "since": "2027-07-01T00:00:00Z"}]


def test_what_would_be_refused_is_refused_in_the_same_words(api: Api) -> None:
    refused = [
        ("/facts", {**FACT, "id": "new", "citations": [{"source": "paper", "exact": "They never agreed."}]}),
        ("/facts/agreed/reinstatements", OURS),
        ("/facts/agreed/corrections", {**OURS, "changes": {"occurred": "last week"}}),
        ("/subjects/swap/merges", {**OURS, "into": "swap"}),
        ("/sources/paper/corrections", {**OURS, "changes": {"title": None}}),
    ]
    for path, body in refused:
        tried, sent = api.post(f"{path}?check=yes", body), api.post(path, body)

        assert tried.status_code == sent.status_code >= 400, path
        assert tried.get_json() == sent.get_json(), path


def test_who_may_not_record_may_not_ask_what_it_would_change(api: Api, chronology: Chronology) -> None:
    recorder = api_of(chronology, "recorder")
    path, body = ACTS["a retraction"]

    assert recorder.post(f"{path}?check=yes", body).status_code == 403
    assert recorder.post("/facts?check=perhaps", FACT).status_code == 422


def test_what_is_recorded_already_would_change_nothing(api: Api) -> None:
    assert api.post("/facts?check=yes", FACT).get_json() == {"new": 0, "changes": [], "passing": []}
