"""What was promised: coming, due, overdue, lapsed, expired and unanswered, as it stands at the first clock."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from events.commands.acts_on_subjects import merge, split
from events.kinds.ceasefire import CeasefireAgreed
from events.kinds.demand import DemandAcknowledged, DemandMade
from events.kinds.document import DocumentHandedOver
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed, TalksBegan, TalksScheduled
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.subjects import agenda as queries
from projections.queries.subjects.states import finished_states
from projections.queries.subjects.values import named_subjects
from projections.read_models.finished_states import Finished
from projections.store.snapshots import Snapshot
from service.cli.main import main
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.histories import DAYS, History, Reading, histories, told_to
from tests.fixtures.stories import Chronicle
from tests.truth.test_properties import for_each, several_readings

OURS = {"kind": "reassessment", "reason": "it turned out so"}


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


def test_any_agenda_is_that_of_all_subjects(chronologies: list[Chronology]) -> None:
    @for_each(share=1 / 3, history=histories(), asked=several_readings(4))
    def holds(history: History, asked: list[Reading]) -> None:
        for chronology, told in told_to(chronologies, history):
            with chronology.ask(Asked()) as (snapshot, _), pytest.MonkeyPatch.context() as patch:
                for reading in asked if told.calls else []:
                    clocks = clocks_for(snapshot, replace(reading.asked(told), at=reading.at or DAYS[-1]))
                    promised = queries.agenda(snapshot, clocks)
                    patch.setattr(
                        queries, "_promising", lambda snapshot, clocks: named_subjects(snapshot, clocks.position)
                    )
                    assert promised == queries.agenda(snapshot, clocks)
                    patch.undo()


def test_only_subjects_that_may_be_on_an_agenda_are_folded_for_it(
    promised: Any, chronology: Chronology, chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    chronicle.given(SwapCompleted, "done", occurred="2024-01-02", reported="2024-01-03")
    chronicle.given(TalksBegan, "round-0", occurred="2024-01-02", reported="2024-01-03")
    folded: list[str] = []

    def noting(snapshot: Snapshot, subjects: Sequence[str], clocks: Clocks) -> Iterator[Finished]:
        folded.extend(subjects)
        return finished_states(snapshot, subjects, clocks)

    monkeypatch.setattr(queries, "finished_states", noting)
    read(promised, at="2024-01-31")

    assert folded == ["demand-1", "demand-2", "paper", "round-1", "round-2", "swap", "truce"]


def test_a_plan_counts_for_the_subject_that_it_was_moved_to(
    promised: Any, chronology: Chronology, chronicle: Chronicle
) -> None:
    chronicle.given(SwapAgreed, "other", occurred="2024-01-02", reported="2024-01-03")
    chronology.write("editor", lambda unit: split(unit, "swap", {"into": "part", "facts": ["plan"], **OURS}))
    chronology.write("editor", lambda unit: merge(unit, "part", {"into": "other", **OURS}))

    (plan,) = promised.get("/agenda", at="2024-04-01").get_json()["overdue"][:1]

    assert (plan["subject"], plan["fact"]) == ("other", "plan")


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


def test_the_agenda_of_a_position_is_that_which_folding_every_subject_finds(sample: Chronology) -> None:
    for position in (60, 120, 200, None):
        for at in ("2025-05-20", "2025-06-25", "2025-08-01"):
            with sample.ask(Asked(at=at, position=position)) as (snapshot, clocks):
                found = queries.agenda(snapshot, clocks)
            with sample.ask(Asked(at=at, position=position, reported_until="9999-01-01")) as (snapshot, clocks):
                folded = queries.agenda(snapshot, clocks)

            assert {**found, "asked": None} == {**folded, "asked": None}
