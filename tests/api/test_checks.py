"""Does what I cited still read so? The state, fact or difference at an address, read again at the head."""

from typing import Any

import pytest
from click.testing import CliRunner

from events.kinds.swap import SwapAgreed
from service.cli.main import main
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.stories import Chronicle

OURS = {"kind": "transcription_error", "reason": "misread"}


@pytest.fixture
def api(chronology: Chronology, chronicle: Chronicle) -> Any:
    for name in ("one", "other"):
        chronicle.given(SwapAgreed, name, f"{name}-agreed", occurred="2024-01-02", reported="2024-01-03", count_each=5)
    return api_of(chronology, "reader")


def checked(api: Any, *addresses: str) -> list[dict[str, Any]]:
    answer = api.post("/checks", {"addresses": list(addresses)})
    assert answer.status_code == 200, answer.get_json()
    checks: list[dict[str, Any]] = answer.get_json()["checks"]
    return checks


def test_what_was_corrected_since_it_was_cited_is_told_with_its_cause(
    chronology: Chronology, chronicle: Chronicle, api: Any
) -> None:
    head = chronology.record.head()
    cited = f"/api/v1/subjects/one?position={head}"
    assert [each["stands"] for each in checked(api, cited)] == [True]

    chronicle.amend("one-agreed", "corrections", **OURS, changes={"count_each": 6})
    (state, page, fact, other, diff) = checked(
        api,
        cited,
        f"https://desk.example/subjects/one?position={head}",
        f"/api/v1/facts/one-agreed?position={head}",
        f"/api/v1/subjects/other?position={head}&at=2024-02-01",
        f"/api/v1/diff?from_at=2024-01-01&from_position={head}&to_at=2024-02-01&to_position={head}&subject=one",
    )

    assert not state["stands"]
    assert state["position"] == head
    (difference,) = state["differences"]
    assert (difference["finding"], difference["causes"]) == ("count_each", ["correction:transcription_error"])
    assert (difference["from"]["value"], difference["to"]["value"]) == ({"best": 5}, {"best": 6})
    assert [each["id"] for each in difference["events"]] == ["one-agreed#1"]
    assert page["differences"] == state["differences"] == diff["differences"]
    (told,) = fact["differences"]
    assert (told["finding"], told["from"], told["to"]) == ("count_each", {"best": 5}, {"best": 6})
    assert told["causes"] == ["correction:transcription_error"]
    assert other["stands"]


def test_what_was_cited_with_a_date_is_read_again_with_it(
    chronology: Chronology, chronicle: Chronicle, api: Any
) -> None:
    head = chronology.record.head()
    chronicle.given(SwapAgreed, "one", "late", occurred="2024-02-05", reported="2024-02-05", count_each=9)

    before, after = checked(
        api,
        f"/api/v1/subjects/one?position={head}&at=2024-02-01",
        f"/api/v1/subjects/one?position={head}&at=2024-02-09",
    )

    assert before["stands"]
    assert not after["stands"]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("/api/v1/subjects/one", "names no position"),
        ("/api/v1/subjects/one?position=99999", "cites position 99999"),
        ("/api/v1/subjects/nobody?position=1", "nobody"),
        ("/api/v1/subjects/one?position=2&at=soon", "soon"),
        ("/api/v1/sources/report-1?position=1", "no address of a state"),
        ("https://[", "no address of a state"),
    ],
)
def test_an_address_that_cites_nothing_is_refused_by_its_place(api: Any, address: str, named: str) -> None:
    answer = api.post("/checks", {"addresses": ["/api/v1/subjects/one?position=2", address]})

    assert answer.status_code == 422
    (fault,) = answer.get_json()["errors"]
    assert fault["pointer"].startswith("/addresses/1")
    assert named in fault["detail"]


def test_the_command_line_says_so_and_ends_with_one_where_something_does_not_stand(
    chronology: Chronology, chronicle: Chronicle, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cited = f"/subjects/one?position={chronology.record.head()}"
    monkeypatch.setenv("CHRONOLOGY_DATABASE", chronology.settings.database)
    runner = CliRunner(env={"COLUMNS": "200"})
    assert runner.invoke(main, ["check", cited]).exit_code == 0

    chronicle.amend("one-agreed", "retractions", **OURS)
    result = runner.invoke(main, ["check", cited])

    assert result.exit_code == 1
    assert "retraction" in result.output
    assert runner.invoke(main, ["check", "/subjects/one"]).exit_code == 2
