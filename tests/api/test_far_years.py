"""Dates of any year are taken, and break no page and no answer; nor does a place to go on from of any shape."""

from typing import Any

import pytest
from werkzeug.routing import Rule

from service.databases.chronology import Chronology
from tests.conftest import Api, api_of

FAR = (
    "Y-1000000000",
    "Y-100000",
    "-9999",
    "0000",
    "9999-12-31",
    "Y10000",
    "Y1000000000",
    "Y-17E8",
    "[..9999]",
    "9999/..",
)
CLOCKS: tuple[dict[str, Any], ...] = (
    {},
    {"zone": "Pacific/Kiritimati"},
    {"zone": "America/Los_Angeles", "position": 5},
    {"at": "9999-12-31", "zone": "Pacific/Pago_Pago"},
    {"at": "-9999-01-01", "reported_until": "9999-12-31T23:59:59Z", "zone": "Asia/Tokyo"},
    {"at": "Y1000000000"},
    {"reported_until": "Y-1000000000", "recorded_until": "Y1000000000"},
    {"from_at": "-9999", "to_at": "9999-12-31", "from_position": 2},
    {"by": "recorded", "from": "Y-1000000000", "to": "Y1000000000"},
    {"by": "reported", "evolved": "", "q": "agreed"},
)
_WITHOUT_END = ("pages.news",)


@pytest.fixture
def far(chronology: Chronology) -> Api:
    """What happened in far years, said by sources of far years."""
    api = api_of(chronology, "admin")
    for number, year in enumerate(FAR):
        source = {
            "id": f"source-{number}",
            "title": "Paper",
            "publisher": "Gazette",
            "published": year,
            "text": "Agreed.",
        }
        api.posted("/sources", source)
        cited = {"citations": [{"source": f"source-{number}", "exact": "Agreed."}], "subject": "it", "occurred": year}
        api.posted("/facts", {"id": f"fact-{number}", "kind": "TalksScheduled", "scheduled_for": year, **cited})
        api.posted("/facts", {"kind": "OfficeAssumed", **cited, "subject": "somebody", "office": "envoy"})
    ours = {"kind": "transcription_error", "reason": "misread"}
    api.posted("/facts/fact-1/corrections", {**ours, "changes": {"occurred": "Y1000000000"}})
    api.posted("/sources/source-2/corrections", {**ours, "changes": {"published": "Y-1000000000"}})
    return api


def addresses(api: Api) -> list[str]:
    """Every address that can be asked for, with names that are there."""
    names = {
        "subject": "it",
        "name": "it",
        "source": "source-1",
        "fact_id": "fact-1",
        "finding": "status",
        "position": 1,
    }

    def filled(rule: Rule) -> str:
        given = dict(names)
        if "facts" in rule.rule:
            given["name"] = "fact-1"
        if "sources" in rule.rule:
            given["name"] = "source-1"
        if "actors" in rule.rule:
            given["name"] = "somebody"
        given["suffix"] = "ttl" if "audit" in rule.rule else "atom" if "feed" in rule.rule else "csv"
        with api.client.application.test_request_context():
            adapter = api.client.application.create_url_adapter(None) or api.client.application.url_map.bind("here")
            return str(adapter.build(rule.endpoint, {name: given.get(name, "x") for name in rule.arguments}))

    rules = api.client.application.url_map.iter_rules()
    return [filled(each) for each in rules if "GET" in (each.methods or ()) and each.endpoint not in _WITHOUT_END]


def test_dates_of_far_years_break_no_page_and_no_answer(far: Api) -> None:
    asked = addresses(far)
    statuses: dict[int, list[str]] = {}

    for path in asked:
        for clocks in CLOCKS:
            answer = far.client.get(path, query_string=clocks, headers=far.headers, buffered=True)
            statuses.setdefault(answer.status_code, []).append(f"{path} {clocks}")

    assert len(asked) > 30
    assert [each for status, found in statuses.items() if status >= 500 for each in found] == []
    assert {path for path in asked if f"{path} {{}}" in statuses[200]} >= {
        "/", "/chronology", "/moments.json", "/compare", "/search", "/subjects/it", "/facts/fact-1", "/sources/source-1",
        "/actors/somebody", "/api/v1/subjects/it", "/api/v1/subjects", "/api/v1/values", "/api/v1/facts",
        "/api/v1/subjects/it/understanding", "/api/v1/replay", "/api/v1/events", "/api/v1/audit/it/status",
    }  # fmt: skip


def test_the_sliders_stay_whatever_the_years(far: Api) -> None:
    notches = far.client.get("/moments.json", headers=far.headers).get_json()

    assert {name: bool(found) for name, found in notches.items()} == {
        "at": True,
        "reported_until": True,
        "recorded_until": True,
    }


ODD = ("", " ", "\u00b2", "\u0661", "-1", "+1", "1.5", "0x10", "9" * 5_000, "9" * 30, str(2**63), "..", "../it", "/", "1/",
       "/it", "9" * 5_000 + "/it", "Y1000000000/it", "2024-01-01T00:00:00Z/it", "1/\u00b2", "null", "\x7f")  # fmt: skip


@pytest.mark.parametrize("path", ["/events?limit=2", "/replay?by=recorded", "/replay?by=reported"])
def test_a_place_to_go_on_from_of_any_shape_is_taken_or_refused(far: Api, path: str) -> None:
    for name in ODD:
        headers = {**far.headers, "Last-Event-ID": name.encode().decode("latin-1")}

        answer = far.client.get(f"/api/v1{path}", headers=headers, buffered=True)

        assert answer.status_code in (200, 422), (name, answer.text)
        assert answer.text is not None
