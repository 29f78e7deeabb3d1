"""Reports that go back to one telling are one origin: as noted by then, with the join explained."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from events.commands.record_sources import correct_source
from events.kinds.swap import SwapAgreed
from projections.follow.comparison import compare
from service.app import create_app
from service.chronicle.file import ParsedChronicle, chronicle_in
from service.cli.main import main
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


def test_pages_and_command_line_say_how_many_reports_and_origins(
    chronology: Chronology, chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_by(chronicle, {"publisher": "Gazette", "agency": "Wire"}, {"publisher": "Herald", "agency": "Wire"})
    pages = create_app(chronology).test_client()
    monkeypatch.setenv("CHRONOLOGY_DATABASE", chronology.settings.database)

    assert "2 reports, 1 origin<" in pages.get("/subjects/swap").get_data(as_text=True)
    assert "2 reports, 1 origin<" in pages.get("/facts/agreed").get_data(as_text=True)
    assert "agency: Wire" in pages.get("/sources/report-1").get_data(as_text=True)
    shown = CliRunner(env={"COLUMNS": "300"}).invoke(main, ["show", "swap"])
    assert "2 reports, 1 origin" in shown.output
    audited = CliRunner(env={"COLUMNS": "300"}).invoke(main, ["audit", "swap", "count_each"])
    assert "of one origin: report-1, report-2, joined by Wire" in audited.output


def test_an_erased_agency_still_joins_what_it_told(chronology: Chronology, chronicle: Chronicle) -> None:
    one, _ = told_by(chronicle, {"publisher": "Gazette", "agency": "Zyxomma"}, {"publisher": "zyxomma"})
    api = api_of(chronology, "admin")

    assert api.post(f"/sources/{one}/redactions", {"reason": "asked for"}).status_code in (201, 202)

    assert "Zyxomma" not in api.get(f"/sources/{one}").get_data(as_text=True)
    assert counted(api) == (2, 1)


def test_views_followed_step_by_step_are_those_made_anew(chronology: Chronology, chronicle: Chronicle) -> None:
    root = chronicle.report(publisher="Ministry")["source"]
    one, other = told_by(chronicle, {"publisher": "Gazette", "derived_from": [root]}, {"publisher": "Herald"})
    for source, changes in (
        (root, {"agency": "Wire"}),
        (other, {"derived_from": [one]}),
        (one, {"derived_from": None}),
        (root, {"publisher": "Herald"}),
    ):
        correct(chronicle, source, **changes)
        chronology.follower.catch_up()

    assert compare(chronology.record, chronology.store)[1] == []


def test_two_reports_that_rest_on_one_agency_are_one_origin_over_the_seeds(
    chronology: Chronology, shared: Path
) -> None:
    files = (shared / "seeds" / f"{name}.chronicle.yaml" for name in ("istanbul", "istanbul-2"))
    first, second = (chronicle_in(file, file.read_bytes()) for file in files)
    named = [each for each in second["amendments"] if "source" in each]
    for lists in (first, {**{name: [] for name in second}, "amendments": named}):
        chronology.write("desk", ParsedChronicle(lists).record)
    api = api_of(chronology, "reader")

    findings = [
        finding
        for each in api.get("/subjects", limit=1000).get_json()["subjects"]
        for finding in (each["status"], *each["fields"].values())
    ]
    several = [finding for finding in findings if finding["reports"] > 1]

    assert several
    assert {finding["origins"] for finding in several} == {1}
    assert all(finding["origins"] == finding["reports"] for finding in findings if finding["reports"] < 2)
