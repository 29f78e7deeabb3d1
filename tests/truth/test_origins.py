"""Reports that go back to one telling are one origin: as noted by then, with the join explained."""

from typing import Any

import pytest

from events.commands.record_sources import correct_source
from events.kinds.swap import SwapAgreed
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.stories import Chronicle


@pytest.fixture
def api(chronology: Chronology) -> Any:
    return api_of(chronology, "editor")


def told_by(chronicle: Chronicle, *reports: dict[str, Any]) -> list[str]:
    """One fact that all the reports carry; the sources' ids."""
    citations = [chronicle.report(**report) for report in reports]
    chronicle.given(SwapAgreed, "swap", "agreed", citations=citations, count_each=1000)
    return [citation["source"] for citation in citations]


def correct(chronicle: Chronicle, source: str, **changes: Any) -> None:
    body = {"kind": "misattribution", "reason": "said at its foot", "changes": changes}
    chronicle.chronology.write("editor", lambda call: correct_source(call, source, body))


def counted(api: Any, **clocks: Any) -> tuple[int, int]:
    finding = api.get("/subjects/swap", **clocks).get_json()["fields"]["count_each"]
    fact = api.get("/facts/agreed", **clocks).get_json()
    listed = api.get("/facts", subject="swap", **clocks).get_json()["facts"][0]
    counts = {(each["reports"], each["origins"]) for each in (finding, fact, listed)}
    assert len(counts) == 1, "a finding, its fact and its fact in a list count alike"
    return counts.pop()


def test_outlets_that_pass_on_one_agency_are_one_origin_without_case(chronicle: Chronicle, api: Any) -> None:
    told_by(
        chronicle,
        {"publisher": "Gazette", "agency": "Wire"},
        {"publisher": "Herald", "agency": "WIRE"},
        {"publisher": "wire"},
        {"publisher": "Courier"},
    )

    assert counted(api) == (4, 2)


def test_an_origin_is_as_noted_by_then(chronicle: Chronicle, api: Any) -> None:
    one, other = told_by(chronicle, {"publisher": "Gazette"}, {"publisher": "Herald"})
    before = chronicle.chronology.record.head()
    correct(chronicle, other, derived_from=[one])
    joined = chronicle.chronology.record.head()
    correct(chronicle, other, derived_from=None)

    assert counted(api, position=before) == (2, 2)
    assert counted(api, position=joined) == (2, 1)
    assert counted(api) == (2, 2)


def test_reports_are_joined_by_a_root_that_nobody_cites_and_by_what_becomes_known_of_it(
    chronicle: Chronicle, api: Any
) -> None:
    root = chronicle.report(publisher="Ministry")["source"]
    further = chronicle.report(publisher="Bureau")["source"]
    told_by(chronicle, {"publisher": "Gazette", "derived_from": [root]}, {"publisher": "Herald", "agency": "Wire"})
    assert counted(api) == (2, 2)

    correct(chronicle, root, derived_from=[further])
    correct(chronicle, further, agency="wire")

    assert counted(api) == (2, 1)
    (joined,) = api.get("/audit/swap/count_each").get_json()["joined"]
    assert [teller.lower() for teller in joined["tellers"]] == ["wire"]
    assert joined["roots"] == []


def test_a_ring_of_sources_does_no_harm(chronicle: Chronicle, api: Any) -> None:
    one, other = told_by(chronicle, {"publisher": "Gazette"}, {"publisher": "Herald"})
    correct(chronicle, one, derived_from=[other])
    correct(chronicle, other, derived_from=[one])

    assert counted(api) == (2, 1)


def test_the_audit_says_which_documents_are_joined_by_which_root_and_teller(chronicle: Chronicle, api: Any) -> None:
    root = chronicle.report(publisher="Ministry")["source"]
    named = {"derived_from": [root]}
    one, other, third = told_by(
        chronicle, {"publisher": "Gazette", **named}, {"publisher": "Herald", **named}, {"publisher": "Courier"}
    )

    audit = api.get("/audit/swap/count_each").get_json()

    assert (audit["reports"], audit["origins"]) == (3, 2)
    assert audit["joined"] == [
        {"documents": [one, other], "roots": [root], "tellers": ["Ministry"]},
        {"documents": [third], "roots": [], "tellers": []},
    ]
    assert {each["id"]: each["derived_from"] for each in audit["sources"]} == {
        one: [root],
        other: [root],
        third: [],
        root: [],
    }


def test_a_source_derived_from_itself_or_from_what_is_not_recorded_is_refused_by_name(
    chronicle: Chronicle, api: Any
) -> None:
    known = chronicle.report()["source"]
    body = {"id": "copy", "title": "A copy", "publisher": "Herald", "text": "Words."}
    change = {"kind": "misattribution", "reason": "its foot"}

    for address, sent, named in (
        ("/sources", {**body, "derived_from": ["copy"]}, "/derived_from/0"),
        ("/sources", {**body, "derived_from": [known, "nowhere"]}, "/derived_from/1"),
        (f"/sources/{known}/corrections", {**change, "changes": {"derived_from": [known]}}, "/changes/derived_from/0"),
        (f"/sources/{known}/corrections", {**change, "changes": {"derived_from": ["no"]}}, "/changes/derived_from/0"),
    ):
        answer = api.post(address, sent)

        assert answer.status_code == 422, answer.get_json()
        assert [each["pointer"] for each in answer.get_json()["errors"]] == [named]
    assert api.get("/sources/copy").status_code == 404


def test_a_dispute_of_the_same_document_and_a_second_version_do_not_count_again(chronicle: Chronicle, api: Any) -> None:
    told_by(chronicle, {"publisher": "Gazette", "reported": "2024-01-01"})
    chronicle.amend("agreed", "corroborations", citations=[chronicle.report("Gazette")])

    assert counted(api) == (2, 1)
