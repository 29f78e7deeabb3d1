"""Each value stands beside the words that carry it: those of the correction or dispute that set it, where one did."""

from typing import Any

import pytest
from click.testing import CliRunner

from events.kinds.swap import SwapAgreed
from service.app import create_app
from service.cli.main import main
from service.databases.chronology import Chronology
from tests.conftest import Api
from tests.fixtures.stories import Chronicle


@pytest.fixture
def corrected(chronicle: Chronicle) -> str:
    """A fact whose number its source corrected, in words of its own; the words of before are gone from the source."""
    fact = chronicle.given(SwapAgreed, count_each=14, reported="2024-01-02", publisher="Gazette")
    chronicle.amend(fact, "corrections", reported="2024-01-05", publisher="Gazette", changes={"count_each": 13})
    chronicle.revise("report-1", text="Other words.", retrieved_at="2024-01-06T00:00:00Z")
    return fact


def words_of(api: Api, finding: str, **clocks: Any) -> list[tuple[str, list[str]]]:
    found = api.get(f"/audit/it/{finding}", **clocks).get_json()["words"]
    return [(each["because"], [citation["exact"] for citation in each["citations"]]) for each in found]


def test_an_audit_names_the_words_of_the_correction_that_set_the_value(corrected: str, api: Api) -> None:
    assert words_of(api, "count_each") == [(f"{corrected}#1", ["What report 2 says."])]
    assert words_of(api, "status") == [(corrected, ["What report 1 says."])]
    assert words_of(api, "count_each", reported_until="2024-01-03") == [(corrected, ["What report 1 says."])]


def test_a_state_names_the_correction_and_has_marks_of_its_words_alone(corrected: str, api: Api) -> None:
    for clocks in ({}, {"at": "2030-01-01"}):
        state = api.get("/subjects/it", **clocks).get_json()
        assert state["fields"]["count_each"]["set_by"] == [f"{corrected}#1"]
        assert "marks" not in state["fields"]["count_each"]
        assert "set_by" not in state["status"]
        assert [each["mark"] for each in state["status"]["marks"]] == ["quote_gone"]
    api.posted("/sources/report-2/withdrawals", {"reason": "It was taken down."})
    marks = api.get("/subjects/it").get_json()["fields"]["count_each"]["marks"]
    assert [(each["mark"], each["fact"], each["source"]) for each in marks] == [
        ("source_withdrawn", f"{corrected}#1", "report-2")
    ]


def test_a_misreading_of_ours_has_its_reason_beside_the_words_read_anew(chronicle: Chronicle, api: Api) -> None:
    fact = chronicle.given(SwapAgreed, count_each=14)
    misread = {"kind": "transcription_error", "reason": "It says 13."}
    chronicle.amend(fact, "corrections", changes={"count_each": 13}, citations=[], **misread)

    (words,) = api.get("/audit/it/count_each").get_json()["words"]

    assert (words["because"], words["event"]) == (f"{fact}#1", "FactCorrected")
    assert (words["kind"], words["reason"]) == ("transcription_error", "It says 13.")
    assert [each["exact"] for each in words["citations"]] == ["What report 1 says."]


def test_a_dispute_stands_with_its_own_words(corrected: str, chronicle: Chronicle, api: Api) -> None:
    chronicle.amend(corrected, "disputes", reported="2024-01-07", publisher="Herald", changes={"count_each": 20})

    assert words_of(api, "count_each") == [
        (f"{corrected}#1", ["What report 2 says."]),
        (f"{corrected}#2", ["What report 3 says."]),
    ]


def test_the_page_and_the_command_line_show_them_too(
    corrected: str, chronicle: Chronicle, api: Api, chronology: Chronology
) -> None:
    page = create_app(chronology).test_client().get("/subjects/it").get_data(as_text=True)
    group = page[page.index("13") :]
    assert "What report 2 says." in group
    chronicle.amend(corrected, "disputes", reported="2024-01-07", publisher="Herald", changes={"count_each": 20})
    page = create_app(chronology).test_client().get("/subjects/it").get_data(as_text=True)
    contested = page[page.index('class="sides"') if 'class="sides"' in page else 0 :]
    assert contested.index("What report 2 says.") < contested.index("What report 3 says.")

    environment = {"CHRONOLOGY_DATABASE": chronology.settings.database, "COLUMNS": "200"}
    shown = CliRunner().invoke(main, ["audit", "it", "count_each"], env=environment)
    assert shown.exit_code == 0, shown.output
    assert "What report 2 says." in shown.output.partition("words that carry it")[2].partition("FactRecorded")[0]
    assert f"set by {corrected}#1" in CliRunner().invoke(main, ["show", "it"], env=environment).output
