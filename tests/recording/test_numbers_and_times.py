"""Numbers as JSON writes them, and times of day: what is taken, how it is kept, what is refused by name."""

from typing import Any

import pytest

from service.databases.chronology import Chronology
from tests.conftest import ON_ONE_DATABASE, Api, api_of

SOURCE = {"id": "note", "title": "Note", "publisher": "Gazette", "published": "2025-06-03", "text": "They met."}
CITATIONS = [{"source": "note", "exact": "They met."}]


@pytest.fixture
def editor(chronology: Chronology) -> Api:
    api = api_of(chronology, "editor")
    api.posted("/sources", SOURCE)
    return api


def fact(kind: str, **values: Any) -> dict[str, Any]:
    return {"kind": kind, "subject": "it", "occurred": "2025-06-02", "citations": CITATIONS, **values}


def test_a_whole_number_may_be_written_with_a_fraction_of_nothing(editor: Api) -> None:
    editor.posted("/facts", fact("SwapStageCompleted", id="stage", stage=1.0, counts={"russia": 303.0}))
    again = editor.posted("/facts", fact("SwapStageCompleted", id="stage", stage=1, counts={"russia": {"best": 303}}))

    assert editor.get("/facts/stage").get_json()["fields"] == {"stage": 1, "counts": {"russia": {"best": 303}}}
    assert again["position"] == 2


@pytest.mark.parametrize("number", [0.5, float(10**16), True, "1"])
@ON_ONE_DATABASE
def test_what_is_no_whole_number_is_refused_by_name(editor: Api, number: Any) -> None:
    refusal = editor.post("/facts", fact("SwapStageCompleted", stage=number))

    assert refusal.status_code == 422
    assert refusal.get_json()["errors"][0]["pointer"] == "/stage"
    assert repr(number) in refusal.get_json()["detail"]


def test_a_fact_and_a_source_may_be_dated_to_the_minute_and_to_the_fraction_of_a_second(editor: Api) -> None:
    editor.posted("/sources", {**SOURCE, "id": "wire", "published": "2025-06-02T13:30:05.25+03:00", "text": "Met."})
    cited = [{"source": "wire", "exact": "Met."}]
    editor.posted("/facts", fact("TalksBegan", id="began", occurred="2025-06-02T12:05/2025-06-02T13", citations=cited))

    began = {"reported_until": "2025-06-02T10:30:05.25Z"}
    assert editor.get("/facts/began", **began).get_json()["occurred"] == "2025-06-02T12:05/2025-06-02T13"
    assert not editor.get("/facts/began", reported_until="2025-06-02T10:30:05Z").get_json()["visible"]


@pytest.mark.parametrize(
    "date", ["2025-06-02T13:60", "2025-06-02T24:00", "2025-06-02T12:00/2025-06-02T11:00", "2025-06-02T12:00/13:00"]
)
@pytest.mark.parametrize("name", ["occurred", "published"])
@ON_ONE_DATABASE
def test_a_time_that_no_clock_shows_is_refused_by_name_and_nothing_is_written(
    editor: Api, date: str, name: str
) -> None:
    refusal = (
        editor.post("/facts", fact("TalksBegan", occurred=date))
        if name == "occurred"
        else editor.post("/sources", {**SOURCE, "id": "other", "published": date})
    )

    assert refusal.status_code == 422
    assert refusal.get_json()["errors"][0]["pointer"] == f"/{name}"
    assert date.partition("/")[2] in refusal.get_json()["detail"]
    assert editor.get("/facts").get_json()["asked"]["position"] == 1
