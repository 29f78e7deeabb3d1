"""What clients of HTTP expect: addresses of what was created, links to next pages, preconditions, other origins."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from events.kinds.swap import SwapAgreed
from service.app import create_app
from service.databases.chronology import Chronology
from service.settings import SettingError, Settings, settings_from
from tests.conftest import Api, api_of
from tests.fixtures.stories import Chronicle

OURS = {"kind": "reassessment", "reason": "it turned out so"}


def test_what_is_created_is_found_at_the_location_answered(chronicle: Chronicle, api: Api) -> None:
    source = {"id": "paper", "title": "A paper", "publisher": "Gazette", "text": "They agreed on ten."}
    fact = {
        "id": "agreed",
        "kind": "SwapAgreed",
        "subject": "swap",
        "occurred": "2024-01-05",
        "citations": [{"source": "paper", "exact": "agreed on ten"}],
    }
    calls: list[tuple[str, Any]] = [
        ("/sources", source),
        ("/sources/paper/revisions", {"text": "They agreed on ten!", "retrieved_at": "2024-02-01"}),
        ("/facts", fact),
        ("/facts", [{**fact, "id": "again"}]),
        ("/facts/agreed/corrections", {**OURS, "changes": {"count_each": 10}}),
        ("/subjects", {"id": "talks", "kind": "talks", "title": "Talks"}),
        ("/subjects/swap/merges", {"into": "other", **OURS}),
    ]
    chronicle.given(SwapAgreed, "other")

    for path, body in calls:
        answer = api.post(path, body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        found = api.client.get(answer.headers["Location"], headers=api.headers, buffered=True)
        assert found.status_code == 200
        again = api.post(path, body)
        if again.status_code == 200:
            assert "Location" not in again.headers


def test_lists_link_to_their_next_page(chronicle: Chronicle, api: Api) -> None:
    for number in range(3):
        chronicle.given(SwapAgreed, f"swap-{number}")

    for path in (
        "/facts?sort=occurred&kind=SwapAgreed",
        "/sources?",
        "/subjects?",
        "/values?",
        "/sources/report-1/facts?",
    ):
        pages = []
        address = f"/api/v1{path}&limit=1"
        while address:
            answer = api.client.get(address, headers=api.headers)
            pages.append(answer.get_json())
            following = [link for link in answer.headers.getlist("Link") if link.endswith('; rel="next"')]
            assert len(following) == bool(pages[-1]["next"])
            address = following[0].removeprefix("<").removesuffix('>; rel="next"') if following else None
        assert len(pages) == (1 if "report-1" in path else 3)


def test_an_amendment_expects_the_fact_as_its_sender_has_seen_it(chronicle: Chronicle, api: Api) -> None:
    fact = chronicle.given(SwapAgreed, count_each=5)
    seen = api.get(f"/facts/{fact}").headers["ETag"]
    chronicle.given(SwapAgreed, "elsewhere")
    body = {"id": "six", **OURS, "changes": {"count_each": 6}}

    def sent(tag: str, body: Any = body, call: str = "corrections") -> Any:
        headers = {**api.headers, "If-Match": tag}
        return api.client.post(f"/api/v1/facts/{fact}/{call}", json=body, headers=headers)

    for stale in ('"7-abc"', f"W/{seen}", '"nonsense"', "", '""', "W/"):
        refused = sent(stale)
        assert refused.status_code == 412, stale
        assert refused.get_json()["type"] == "urn:chronology:problem:changed"
        assert fact in refused.get_json()["detail"]
    assert sent(seen).status_code == 201
    assert sent(seen).status_code == 200  # the same again is recorded already
    assert sent(seen, {**OURS, "changes": {"count_each": 7}}).status_code == 412
    assert sent(seen, OURS, "reinstatements").status_code == 412  # and not that it is not retracted
    assert sent(f'"none", {api.get(f"/facts/{fact}").headers["ETag"]}', OURS, "retractions").status_code == 201
    assert sent("*", OURS, "reinstatements").status_code == 201
    withdrawal = "amendments/1/withdrawal"
    assert sent(seen, OURS, withdrawal).status_code == 412
    assert len(api.get(f"/facts/{fact}").get_json()["stream"]) == 4


def test_the_tag_of_a_fact_without_clocks_is_strong_and_of_all_its_bytes(chronicle: Chronicle, api: Api) -> None:
    fact = chronicle.given(SwapAgreed)
    first = api.get(f"/facts/{fact}")
    tag = first.headers["ETag"]
    cached = {**api.headers, "If-None-Match": tag}

    assert not tag.startswith("W/")
    assert api.client.get(f"/api/v1/facts/{fact}", headers=cached).status_code == 304
    api.posted("/sources/report-1/withdrawals", {"reason": "It was taken down."})
    assert api.client.get(f"/api/v1/facts/{fact}", headers=cached).status_code == 200
    assert api.get(f"/facts/{fact}", at="2024-01-01").headers["ETag"].startswith("W/")


@pytest.fixture
def client_for(sqlite_chronology: Chronology) -> Callable[[str], FlaskClient]:
    def made(readers: str) -> FlaskClient:
        sqlite_chronology.settings = replace(sqlite_chronology.settings, readers=readers)
        return create_app(sqlite_chronology).test_client()

    return made


def test_pages_of_the_origins_named_may_read_and_no_others(client_for: Callable[[str], FlaskClient]) -> None:
    client = client_for("https://desk.example, https://map.example:8443")

    for origin, may in (
        ("https://desk.example", True),
        ("https://map.example:8443", True),
        ("https://evil.example", False),
    ):
        answer = client.get("/api/v1/facts", headers={"Origin": origin})
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if may else None)
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    refused = client.get("/api/v1/facts?at=x", headers={"Origin": "https://desk.example"})
    assert refused.status_code == 422
    assert refused.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    assert "Access-Control-Allow-Origin" not in client.get("/", headers={"Origin": "https://desk.example"}).headers
    assert client_for("*").get("/api/v1/facts").headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in client_for("").get("/api/v1/nowhere").headers


def test_reading_is_never_refused_to_options(client_for: Callable[[str], FlaskClient]) -> None:
    client = client_for("https://desk.example")
    headers = {"Origin": "https://desk.example", "Access-Control-Request-Method": "GET"}

    for path in ("/facts", "/subjects/anything", "/tokens", "/facts/a/corrections"):
        for more in ({}, {"Authorization": "Bearer wrong"}):
            answer = client.options(
                f"/api/v1{path}", headers={**headers, **more}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
            )
            assert answer.status_code == 200
            assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
            assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert client.get("/api/v1/facts", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 401


@pytest.mark.parametrize("readers", ["desk.example", "https://desk.example/path", "https://a b", "ftp://desk.example"])
def test_readers_that_are_no_origins_are_refused_at_the_start(readers: str) -> None:
    with pytest.raises(SettingError, match="CHRONOLOGY_READERS"):
        settings_from({"CHRONOLOGY_READERS": readers})
    assert Settings().origins_of_readers == []


def test_titles_of_refusals_fit_a_question(api: Api) -> None:
    assert api.get("/facts", at="x").get_json()["title"] == "The question cannot be read"
    assert api.post("/facts", {"kind": "Nothing"}).get_json()["title"] == "A value cannot be recorded"


def test_a_client_without_the_precondition_is_not_asked_for_one(chronology: Chronology, chronicle: Chronicle) -> None:
    fact = chronicle.given(SwapAgreed)

    assert api_of(chronology, "editor").post(f"/facts/{fact}/retractions", OURS).status_code == 201


def test_a_sources_withdrawal_is_undone_by_its_number_and_the_marks_go_with_it(chronicle: Chronicle, api: Api) -> None:
    fact = chronicle.given(SwapAgreed, count_each=5)
    gone = api.posted("/sources/report-1/withdrawals", {"id": "gone", "reason": "It was taken down."})
    path = f"/sources/report-1/withdrawals/{gone['n']}/withdrawal"

    def is_marked(**clocks: Any) -> bool:
        marks = [each["mark"] for each in api.get("/subjects/it", **clocks).get_json()["status"].get("marks", [])]
        assert api.get("/sources/report-1", **clocks).get_json()["withdrawn"] == bool(marks)
        return marks == ["source_withdrawn"]

    assert is_marked()
    undone = api.post(path, {"id": "back", **OURS})
    assert undone.status_code == 201
    assert undone.get_json()["rested"] == [{"fact": fact, "exact": "What report 1 says."}]
    assert not is_marked()
    assert is_marked(position=gone["position"])
    assert api.post(path, {"id": "back", **OURS}).status_code == 200
    assert api.post(path, OURS).status_code == 409
    assert api.post("/sources/report-1/withdrawals/9/withdrawal", OURS).status_code == 404
    assert api.post(path, {"reason": "So."}).status_code == 422
    again = api.posted("/sources/report-1/withdrawals", {"reason": "It was taken down again."})
    assert is_marked()
    assert again["n"] == 3
    assert api.post("/sources/report-1/withdrawals", {"id": "gone", "reason": "Other."}).status_code == 409


def test_the_vocabulary_is_read_in_words_and_asked_for_again_only_when_it_has_changed(api: Api) -> None:
    whole = api.get("/kinds")
    kind = api.get("/kinds/ReturnDemanded").get_json()
    demand = next(each for each in whole.get_json()["subject_kinds"] if each["name"] == "demand")

    assert kind in whole.get_json()["kinds"]
    assert (kind["words"], kind["about"], kind["reaches"]) == ("The return of persons was demanded", "demand", "made")
    assert [each["label"] for each in kind["fields"]][:2] == ["Demanded by", "Demanded of"]
    assert (demand["ladder"][0], demand["halts"]) == ("made", ["refused", "withdrawn"])
    assert {each["name"]: each["label"] for each in whole.get_json()["common"]}["attributed_to"] == "According to"
    again = api.client.get("/api/v1/kinds", headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert api.get("/kinds/swap").get_json()["detail"] == "'swap' is not a kind of fact"
