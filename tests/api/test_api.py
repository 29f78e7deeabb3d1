"""The API: what it takes, what it refuses and how, and who may ask."""

import base64
from typing import Any

import orjson
import pytest
from openapi_spec_validator import validate

from events.kinds.vocabulary import KINDS
from service.databases.chronology import Chronology
from tests.conftest import ON_ONE_DATABASE, Api, api_of

SOURCE = {
    "id": "paper",
    "title": "Paper",
    "publisher": "Gazette",
    "published": "2024-01-02",
    "text": "On 1 January they agreed to swap five each. It is done.",
}
FACT = {
    "id": "agreed",
    "kind": "SwapAgreed",
    "subject": "swap",
    "occurred": "2024-01-01",
    "count_each": 5,
    "citations": [{"source": "paper", "exact": "they agreed to swap five each"}],
}
CITATION = {"source": "paper", "exact": "It is done."}


@pytest.fixture
def told(api: Api) -> Api:
    api.posted("/sources", SOURCE)
    api.posted("/facts", FACT)
    return api


def test_a_source_is_answered_with_its_digest_and_position_and_again_with_200(api: Api) -> None:
    first, again = api.post("/sources", SOURCE), api.post("/sources", SOURCE)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert first.get_json()["position"] == 1
    assert len(first.get_json()["sha256"]) == 64


def test_a_revision_lists_the_facts_whose_quote_is_gone(told: Api) -> None:
    answer = told.posted("/sources/paper/revisions", {"text": "It is done.", "retrieved_at": "2024-02-01T00:00:00Z"})

    assert answer["version"] == 2
    assert answer["lost"] == [{"fact": "agreed", "exact": "they agreed to swap five each"}]
    assert "five each" in told.get("/sources/paper/text", version=1).get_json()["text"]
    assert told.get("/sources/paper/text").get_json()["text"] == "It is done."


def test_a_repair_of_a_source_shows_from_its_position_on(told: Api) -> None:
    before = told.get("/sources/paper").get_json()["asked"]["position"]
    body = {"kind": "transcription_error", "reason": "misread", "changes": {"published": "2024-01-03"}}
    told.posted("/sources/paper/corrections", body)

    assert told.get("/sources/paper").get_json()["published"] == "2024-01-03"
    assert told.get("/sources/paper", position=before).get_json()["published"] == "2024-01-02"


def test_a_state_repeats_what_was_asked_and_where_it_was_computed(told: Api) -> None:
    state = told.get("/subjects/swap", at="2024-01-05", reported_until="2024-01-04").get_json()

    assert state["asked"] == {
        "at": "2024-01-05",
        "reported_until": "2024-01-04",
        "recorded_until": None,
        "zone": "UTC",
        "position": 2,
    }
    told = {"value": "agreed", "because": ["agreed"], "since": "2024-01-01", "rivals": []}
    assert state["status"] == told | {"reports": 1, "origins": 1}
    assert state["fields"]["count_each"]["value"] == {"best": 5}


def test_now_is_resolved_to_an_instant_which_the_answer_repeats(told: Api) -> None:
    answer = told.get("/subjects/swap", at="now", position=2)

    assert answer.get_json()["asked"]["at"].startswith("2026-01-01T12:")
    assert "immutable" not in answer.headers["Cache-Control"]


def test_an_answer_at_a_position_is_a_permalink(told: Api) -> None:
    answer = told.get("/subjects/swap", position=2)

    assert "immutable" in answer.headers["Cache-Control"]
    assert not answer.headers["ETag"].startswith("W/")
    headers = told.headers | {"If-None-Match": answer.headers["ETag"]}
    assert told.client.get("/api/v1/subjects/swap?position=2", headers=headers).status_code == 304


def test_a_current_answer_is_revalidated(told: Api) -> None:
    answer = told.get("/subjects/swap")
    headers = told.headers | {"If-None-Match": answer.headers["ETag"]}
    assert told.client.get("/api/v1/subjects/swap", headers=headers).status_code == 304

    told.posted("/facts/agreed/corroborations", {"citations": [CITATION]})
    assert told.client.get("/api/v1/subjects/swap", headers=headers).status_code == 200


def test_a_subject_is_answered_without_status_where_nothing_is_visible_and_unknown_before_its_naming(told: Api) -> None:
    assert told.get("/subjects/swap", reported_until="2024-01-01").get_json()["status"]["value"] is None
    assert told.get("/subjects/swap", position=1).status_code == 404
    assert told.get("/subjects/nobody").status_code == 404


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"at": "yesterday"}, "/at"),
        ({"reported_until": "2024-02-30"}, "/reported_until"),
        ({"recorded_until": "2024"}, "/recorded_until"),
        ({"zone": "Mars/Olympus"}, "/zone"),
        ({"at": "2024-01-01", "zone": "Mars/Olympus"}, "/zone"),
        ({"position": "two"}, "/position"),
        ({"position": 99}, "/position"),
        ({"position": -1}, "/position"),
        ({"position": 1, "recorded_until": "2024-01-01"}, "/position"),
        ({"moment": "2024-01-01"}, "/moment"),
    ],
)
@ON_ONE_DATABASE
def test_a_clock_that_cannot_be_read_is_named(told: Api, query: dict[str, Any], pointer: str) -> None:
    answer = told.get("/subjects/swap", **query)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "Nonsense"}, "/kind"),
        ({"kind": None}, "/kind"),
        ({"kind": ["SwapAgreed"]}, "/kind"),
        ({"hue": "blue"}, "/hue"),
        ({"occurred": "2025-02-29"}, "/occurred"),
        ({"occurred": "2006/2004"}, "/occurred"),
        ({"occurred": "2" * 200}, "/occurred"),
        ({"zone": "Europe/Atlantis"}, "/zone"),
        ({"count_each": {"best": "five"}}, "/count_each/best"),
        ({"parties": ["x", 5]}, "/parties/1"),
        ({"citations": [{"source": "paper", "exact": "they quarrelled"}]}, "/citations/0/exact"),
        ({"citations": [{"source": "gone", "exact": "It is done."}]}, "/citations/0/source"),
        ({"citations": [{"source": "paper", "exact": "It is done.", "version": 7}]}, "/citations/0/version"),
        ({"citations": [{"source": "paper"}]}, "/citations/0/exact"),
        ({"citations": []}, "/citations"),
    ],
)
def test_a_fact_at_fault_is_refused_with_a_pointer_and_leaves_no_event(
    told: Api, chronology: Chronology, change: dict[str, Any], pointer: str
) -> None:
    answer = told.post("/facts", FACT | {"id": "bad"} | change)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["type"].startswith("urn:chronology:problem:")
    assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]
    assert chronology.record.head() == 2


def test_in_an_array_the_pointer_begins_with_the_place(told: Api) -> None:
    answer = told.post("/facts", [FACT | {"id": "good"}, FACT | {"id": "bad", "occurred": "soon"}])

    assert answer.get_json()["errors"][0]["pointer"] == "/1/occurred"
    assert told.get("/facts/good").status_code == 404


def test_an_array_is_answered_by_an_array_in_order(told: Api) -> None:
    answer = told.post("/facts", [FACT, FACT | {"id": "second"}, FACT | {"id": "third"}])

    assert answer.status_code == 201
    assert answer.get_json() == [
        {"id": "agreed", "position": 2},
        {"id": "second", "position": 3},
        {"id": "third", "position": 4},
    ]


@pytest.mark.parametrize(
    ("path", "data", "content_type", "status"),
    [
        ("/facts", b"{not json", "application/json", 400),
        ("/facts", b"\xff\xfe", "application/json", 400),
        ("/facts", b'"text"', "application/json", 422),
        ("/facts", b"[]", "application/json", 422),
        ("/facts", b"[5]", "application/json", 422),
        ("/facts", b"{}", "application/json", 422),
        ("/sources", b"[1]", "application/json", 422),
        ("/sources", b"5", "application/json", 422),
        ("/subjects", b"{}", "application/json", 422),
        ("/facts", orjson.dumps(FACT), "text/plain", 415),
        ("/facts", b" " * (17 * 1024 * 1024), "application/json", 413),
        ("/facts", b"[" * 50_000, "application/json", 400),
        ("/facts", b'{"kind": "\\ud800"}', "application/json", 400),
        ("/nowhere", b"{}", "application/json", 404),
    ],
)
@ON_ONE_DATABASE
def test_a_body_that_cannot_be_read_is_a_problem(
    told: Api, chronology: Chronology, path: str, data: bytes, content_type: str, status: int
) -> None:
    answer = told.client.post(f"/api/v1{path}", data=data, content_type=content_type, headers=told.headers)

    assert answer.status_code == status, answer.data
    assert answer.content_type == "application/problem+json"
    assert chronology.record.head() == 2


def test_null_in_a_citation_is_the_same_as_nothing_there(told: Api) -> None:
    nulls = {"prefix": None, "suffix": None, "version": None}
    named = {"id": "seen", "citations": [{**CITATION, **nulls}]}
    first = told.posted("/facts/agreed/corroborations", named)
    again = told.posted("/facts/agreed/corroborations", {"id": "seen", "citations": [CITATION]})

    assert first["position"] == again["position"]
    assert None not in told.get("/facts/agreed").get_json()["citations"][-1].values()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/facts/nothing/retractions", {"kind": "reassessment", "reason": "so"}, 404),
        ("/facts/agreed/reinstatements", {"kind": "reassessment", "reason": "so"}, 409),
        ("/facts/agreed/amendments/1/withdrawal", {"kind": "reassessment", "reason": "so"}, 404),
        ("/facts/agreed/corrections", {"kind": "reassessment", "reason": "so", "changes": {"hue": 1}}, 422),
        ("/facts/agreed/corrections", {"kind": "reassessment", "reason": "so", "changes": {"count_each": "x"}}, 422),
        ("/facts/agreed/corrections", {"kind": "reassessment", "reason": "so", "changes": [1]}, 422),
        ("/facts/agreed/disputes", {"kind": "reassessment", "reason": "so", "changes": {"status": "unheard"}}, 422),
        ("/facts/agreed/retractions", {}, 422),
        ("/sources/nothing/revisions", {"text": "x", "retrieved_at": "2024-01-01T00:00:00Z"}, 404),
        ("/sources/paper/corrections", {"kind": "reassessment", "reason": "so", "changes": {"title": None}}, 422),
        ("/subjects", {"id": "swap", "kind": "talks", "title": "No"}, 409),
        ("/subjects", {"id": "new", "kind": "planet", "title": "No"}, 422),
        ("/facts", FACT | {"occurred": "2024-01-02"}, 409),
    ],
)
def test_an_amendment_at_fault_is_a_problem_and_leaves_no_event(
    told: Api, chronology: Chronology, path: str, body: dict[str, Any], status: int
) -> None:
    answer = told.post(path, body)

    assert answer.status_code == status, answer.data
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["detail"]
    assert chronology.record.head() == 2


def test_a_list_of_states_is_filtered_and_paged_at_one_position(told: Api) -> None:
    facts = [FACT | {"id": f"f{number}", "subject": f"swap-{number}"} for number in range(7)]
    told.posted("/facts", facts)
    first = told.get("/subjects", kind="swap", status="agreed", limit=3).get_json()
    told.posted("/facts", FACT | {"id": "late", "subject": "swap-11"})

    pages = [first]
    while pages[-1]["next"]:
        pages.append(told.get("/subjects", kind="swap", status="agreed", limit=3, cursor=pages[-1]["next"]).get_json())

    assert [state["id"] for page in pages for state in page["subjects"]] == ["swap", *(f"swap-{n}" for n in range(7))]
    assert {page["asked"]["position"] for page in pages} == {first["asked"]["position"]}


def test_a_list_at_other_clocks_is_folded_for_them(told: Api) -> None:
    told.posted("/facts", FACT | {"id": "done", "kind": "SwapCompleted", "occurred": "2024-01-02"})

    assert [each["id"] for each in told.get("/subjects", status="agreed", at="2024-01-01").get_json()["subjects"]] == [
        "swap"
    ]
    assert told.get("/subjects", status="agreed").get_json()["subjects"] == []


def test_values_are_those_of_the_states_page_by_page_and_one_by_one(told: Api) -> None:
    for number in range(4):
        fact = {**FACT, "id": f"agreed-{number}", "subject": f"swap-{number}", "count_each": {"best": number + 1}}
        told.posted("/facts", fact)
    pages, cursor = [], {}
    while len(pages) < 2 or cursor["cursor"]:
        pages.append(told.get("/values", status="agreed", at="2024-03-01", limit=3, **cursor).get_json())
        cursor = {"cursor": pages[-1]["next"]}

    found = {each["id"]: each for page in pages for each in page["subjects"]}
    assert sorted(found) == ["swap", *(f"swap-{number}" for number in range(4))]
    for subject, values in found.items():
        state = told.get(f"/subjects/{subject}", at="2024-03-01").get_json()
        assert values["status"] == state["status"]["value"]
        assert values["fields"] == {name: each["value"] for name, each in state["fields"].items()}
        one = told.get(f"/subjects/{subject}/values", at="2024-03-01").get_json()
        assert one == {**values, "asked": state["asked"], "rules": state["rules"]}
    assert told.get("/subjects/nobody/values").status_code == 404


def crafted(**changed: Any) -> str:
    """A cursor as the service makes them, with members changed."""
    members = {
        "position": 2,
        "at": None,
        "reported_until": None,
        "zone": "UTC",
        "reading": None,
        "after": "",
        "filters": {},
    }
    return base64.urlsafe_b64encode(orjson.dumps([*(members | changed).values()])).decode().rstrip("=")


@pytest.mark.parametrize(
    "changed",
    [
        {"position": True},
        {"position": -1},
        {"position": 10**18},
        {"at": 5},
        {"at": "now"},
        {"reported_until": ["2024-01-01"]},
        {"zone": []},
        {"zone": None},
        {"zone": "Mars"},
        {"reading": {}},
        {"reading": "\0"},
        {"after": None},
        {"after": True},
        {"after": "\0"},
        {"after": 10**18},
        {"filters": []},
        {"more": 1},
    ],
)
def test_a_crafted_cursor_is_refused(told: Api, changed: dict[str, Any]) -> None:
    for path in ("/subjects", "/facts", "/sources"):
        first = {"after": 0} if path == "/facts" else {}
        answer = told.get(
            path, cursor=crafted(**first, **changed) if not first.keys() & changed else crafted(**changed)
        )
        assert answer.status_code == 422, answer.text
    assert told.get("/subjects", cursor=crafted(after=1)).status_code == 422
    assert told.get("/facts", cursor=crafted(after="a")).status_code == 422


def test_of_sources_what_was_published_by_the_reported_clock_shows(told: Api) -> None:
    told.posted("/sources", SOURCE | {"id": "a-later-paper", "published": "2024-03-01"})
    told.posted("/sources", {"id": "undated", "title": "Undated", "publisher": "Gazette", "text": "It is done."})
    revision = {"text": "It is done.", "retrieved_at": "2024-02-01T00:00:00Z"}
    told.posted("/sources/paper/revisions", revision)
    told.posted("/sources/paper/withdrawals", {"reason": "taken back", "published": "2024-02-10"})

    def listed(reported_until: str) -> list[tuple[str, int, bool]]:
        found = told.get("/sources", reported_until=reported_until).get_json()["sources"]
        return [(each["id"], each["version"], each["withdrawn"]) for each in found]

    assert listed("2024-01-01") == []
    assert listed("2024-01-02") == [("paper", 1, False)]
    assert listed("2024-02-05") == [("paper", 2, False)]
    assert listed("2024-02-10") == [("paper", 2, True)]
    assert listed("2024-03-01") == [("a-later-paper", 1, False), ("paper", 2, True)]
    assert "undated" in [name for name, _, _ in listed("2026-02-01")]
    early = {"reported_until": "2024-01-02"}
    paper = told.get("/sources/paper", **early).get_json()
    assert (len(paper["versions"]), paper["withdrawn"]) == (1, False)
    assert "five each" in told.get("/sources/paper/text", **early).get_json()["text"]
    assert told.get("/sources/paper/text", version=2, **early).status_code == 404
    for path in ("", "/text", "/facts"):
        answer = told.get(f"/sources/a-later-paper{path}", **early)
        assert (answer.status_code, "was not published by 2024-01-02" in answer.text) == (404, True)
    first = told.get("/sources", limit=1, reported_until="2024-03-01").get_json()
    second = told.get("/sources", limit=1, cursor=first["next"]).get_json()
    assert ([each["id"] for each in second["sources"]], second["next"]) == (["paper"], None)


def test_a_citation_that_does_not_stand_is_marked_wherever_it_shows(told: Api) -> None:
    told.posted("/sources", {"id": "no-text", "title": "Heard", "publisher": "Radio", "published": "2024-01-03"})
    unseen = [{"source": "no-text", "exact": "anything"}]
    rival = {**FACT, "id": "heard", "count_each": 7, "citations": unseen, "attributed_to": "arvenia"}
    told.posted("/facts", rival)
    told.posted("/facts", {**FACT, "id": "denied", "modality": "denied", "citations": unseen})
    told.posted("/facts/heard/disputes", {"citations": unseen, "changes": {"count_each": 8}})
    unverified = {"source": "no-text", "mark": "unverified"}

    state = told.get("/subjects/swap").get_json()
    marked = {tuple(each["because"]): each.get("marks") for each in state["fields"]["count_each"]["rivals"]}
    assert marked[("heard#1",)] == [{"fact": "heard#1", **unverified}]
    assert {"fact": "heard", **unverified} in state["status"]["marks"]
    assert state["denied"][0]["marks"] == [{"fact": "denied", **unverified}]
    fact = told.get("/facts/heard").get_json()
    listed = told.get("/facts", subject="swap").get_json()["facts"]
    audited = told.get("/audit/swap/status").get_json()["facts"]
    for view in (fact, fact["stream"][0], *(each for each in (*listed, *audited) if each["id"] == "heard")):
        assert (view["citations"][0]["verified"], view["citations"][0]["marks"]) == (False, [{"mark": "unverified"}])


def test_a_quote_gone_from_the_latest_version_is_no_longer_verified(told: Api) -> None:
    told.posted("/sources/paper/revisions", {"text": "It is done.", "retrieved_at": "2024-02-01T00:00:00Z"})
    told.posted("/sources/paper/withdrawals", {"reason": "taken back", "published": "2024-03-01"})
    gone, withdrawn = {"mark": "quote_gone", "version": 2}, {"mark": "source_withdrawn"}

    for clocks, verified, marks in (
        ({"reported_until": "2024-01-31"}, True, []),
        ({"reported_until": "2024-02-01"}, False, [gone]),
        ({}, False, [withdrawn, gone]),
    ):
        fact = told.get("/facts/agreed", **clocks).get_json()
        listed = told.get("/facts", **clocks).get_json()["facts"][0]
        audited = told.get("/audit/swap/status", **clocks).get_json()["facts"][0]
        for view in (fact, fact["stream"][0], listed, audited, audited["stream"][0]):
            citation = view["citations"][0]
            assert (citation["verified"], citation.get("marks", [])) == (verified, marks)
            assert (citation["start"], citation["end"]) == (13, 42)


def test_a_cursor_of_another_list_is_refused(told: Api) -> None:
    told.posted("/facts", FACT | {"id": "second", "subject": "other"})
    cursor = told.get("/subjects", limit=1).get_json()["next"]

    assert told.get("/subjects", limit=1, cursor=cursor, kind="swap").status_code == 422
    assert told.get("/subjects", cursor="AAAA").status_code == 422


def test_facts_are_listed_by_subject_kind_actor_source_words_and_dates(told: Api) -> None:
    told.posted("/facts", FACT | {"id": "named", "subject": "other", "parties": ["arvenia"], "occurred": "2023-12-01"})

    def ids(**query: Any) -> list[str]:
        return [each["id"] for each in told.get("/facts", **query).get_json()["facts"]]

    assert ids() == ["agreed", "named"]
    assert ids(subject="other") == ids(actor="arvenia") == ids(to="2023-12-31") == ["named"]
    assert ids(**{"from": "2024-01-01"}) == ["agreed"]
    assert ids(q="SWAP five", source="paper", kind="SwapAgreed") == ["agreed", "named"]
    assert ids(q="nothing of the sort") == ids(kind="SwapCompleted") == ids(reported_until="2024-01-01") == []
    assert [each["id"] for each in told.get("/sources/paper/facts").get_json()["facts"]] == ["agreed", "named"]


def test_a_fact_shows_its_whole_stream_with_recorders_and_quotes(told: Api) -> None:
    told.posted("/facts/agreed/corrections", {"kind": "reassessment", "reason": "better", "changes": {"count_each": 6}})
    fact = told.get("/facts/agreed").get_json()

    assert fact["fields"]["count_each"] == {"best": 6}
    assert [entry["event"] for entry in fact["stream"]] == ["FactRecorded", "FactCorrected"]
    assert fact["stream"][0]["recorded_by"] == "the editor"
    assert fact["stream"][0]["citations"][0] == {
        "source": "paper", "exact": "they agreed to swap five each", "version": 1, "verified": True, "start": 13, "end": 42,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("role", "statuses"),
    [(None, (401, 401, 401)), ("reader", (403, 403, 403)), ("recorder", (201, 403, 403)), ("editor", (201, 201, 403)),
     ("admin", (201, 201, 201))],
)  # fmt: skip
def test_a_recorder_adds_an_editor_amends_and_an_admin_issues_tokens(
    told: Api, chronology: Chronology, role: str | None, statuses: tuple[int, ...]
) -> None:
    bearer = api_of(chronology, role)
    body = {"kind": "reassessment", "reason": "better", "changes": {"count_each": 6}}

    assert (
        bearer.post("/facts", FACT | {"id": "new"}).status_code,
        bearer.post("/facts/agreed/corrections", body).status_code,
        bearer.post("/tokens", {"name": "x", "role": "reader"}).status_code,
    ) == statuses


def test_reading_is_open_on_loopback_and_needs_a_token_from_elsewhere(told: Api, chronology: Chronology) -> None:
    nobody = told.client

    assert nobody.get("/api/v1/subjects/swap").status_code == 200
    assert nobody.get("/api/v1/subjects/swap", environ_base={"REMOTE_ADDR": "203.0.113.5"}).status_code == 401
    assert nobody.get("/api/v1/subjects/swap", headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 401
    away = {"REMOTE_ADDR": "203.0.113.5"}
    assert nobody.get("/api/v1/subjects/swap", environ_base=away, headers=told.headers).status_code == 200


def test_a_revoked_or_mistaken_token_is_refused(told: Api, chronology: Chronology) -> None:
    token_id, token = chronology.keyring.issue("leaver", "editor", "test")
    leaver = Api(told.client, token)
    assert leaver.get("/subjects/swap").status_code == 200
    chronology.keyring.revoke(token_id, "test")

    assert leaver.get("/subjects/swap").status_code == 401
    assert Api(told.client, token[:-1] + "x").get("/subjects/swap").status_code == 401


def test_tokens_leave_no_event_in_the_chronology(told: Api, chronology: Chronology) -> None:
    chronology.keyring.issue("another", "reader", "test")

    assert chronology.record.head() == 2
    assert all("sha256" not in each for each in chronology.keyring.issued())


def test_the_openapi_document_is_valid_and_has_every_kind_in_one_union(sqlite_chronology: Chronology) -> None:
    document = api_of(sqlite_chronology, None).get("/openapi.json").get_json()

    validate(document)
    assert document["openapi"].startswith("3.1")
    union = document["components"]["schemas"]["Fact"]
    assert sorted(union["discriminator"]["mapping"]) == sorted(KINDS)
    assert len(union["oneOf"]) == len(KINDS)


def test_health_readiness_and_metrics_are_at_the_root(told: Api) -> None:
    assert told.client.get("/healthz").status_code == 200
    assert told.client.get("/readyz").get_json()["head"] == 2
    assert b"chronology_log_head 2.0" in told.client.get("/metrics").data
