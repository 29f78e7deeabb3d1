"""What was promised: coming, due, overdue, lapsed, expired and unanswered, as it stands at the first clock."""

from typing import Any

import pytest
from click.testing import CliRunner

from events.kinds.ceasefire import CeasefireAgreed
from events.kinds.demand import DemandAcknowledged, DemandMade
from events.kinds.document import DocumentHandedOver
from events.kinds.swap import SwapCompleted
from events.kinds.talks import MeetingProposed, TalksScheduled
from service.cli.main import main
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.stories import Chronicle


@pytest.fixture
def promised(chronology: Chronology, chronicle: Chronicle) -> Any:
    given = chronicle.given
    given(MeetingProposed, "round-1", "proposed", occurred="2024-01-02", proposed_for="2024-02", reported="2024-01-03")
    given(TalksScheduled, "round-2", "fixed", occurred="2024-01-02", scheduled_for="2024-03-05", reported="2024-01-03")
    given(CeasefireAgreed, "truce", "truce-agreed", occurred="2024-01-02", ends="2024-02-10", reported="2024-01-03")
    given(SwapCompleted, "swap", "plan", occurred="2024-03-01/2024-03-10", modality="planned", reported="2024-01-03")
    given(DemandMade, "demand-1", "demanded", occurred="2024-01-02", what="the one", reported="2024-01-03")
    given(DemandMade, "demand-2", "heard", occurred="2024-01-01", what="the other", reported="2024-01-03")
    given(DemandAcknowledged, "demand-2", occurred="2024-02-20", reported="2024-02-21")
    given(DocumentHandedOver, "paper", "handed", occurred="2024-01-01", reported="2024-01-03")
    return api_of(chronology, "reader")


def read(api: Any, **clocks: Any) -> dict[str, list[str]]:
    answer = api.get("/agenda", **clocks).get_json()
    return {
        name: [each["fact"] for each in answer[name]]
        for name in answer
        if name not in ("asked", "rules") and answer[name]
    }


def test_the_same_promises_come_are_due_and_are_over_as_time_passes(promised: Any) -> None:
    unanswered = {"unanswered": ["heard", "handed", "demanded"]}
    answered = {"unanswered": ["handed", "demanded"]}

    assert read(promised, at="2024-01-31") == {"coming": ["proposed", "plan", "fixed"], **unanswered}
    assert read(promised, at="2024-02-09") == {"due": ["proposed"], "coming": ["plan", "fixed"], **unanswered}
    assert read(promised, at="2024-03-03") == {
        "lapsed": ["proposed"],
        "expired": ["truce-agreed"],
        "due": ["plan"],
        "coming": ["fixed"],
        **answered,
    }
    assert read(promised, at="2024-04-01") == {
        "lapsed": ["proposed"],
        "expired": ["truce-agreed"],
        "overdue": ["plan", "fixed"],
        **answered,
    }


def test_without_a_date_the_agenda_is_that_of_now_and_says_so(promised: Any) -> None:
    answer = promised.get("/agenda").get_json()

    assert answer["asked"]["at"].startswith("2026-01-01T")
    assert answer["overdue"][0] == {
        "subject": "swap",
        "fact": "plan",
        "kind": "SwapCompleted",
        "from": "2024-03-01T00:00:00Z",
        "until": "2024-03-11T00:00:00Z",
    }


def test_the_command_line_tells_it(promised: Any, chronology: Chronology, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHRONOLOGY_DATABASE", chronology.settings.database)

    shown = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["agenda", "--at", "2024-04-01"])

    assert shown.exit_code == 0, shown.output
    assert "overdue" in shown.output
    assert "truce-agreed" in shown.output
