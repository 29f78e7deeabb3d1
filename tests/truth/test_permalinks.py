"""An answer at a position is the same to the byte, whatever comes after and wherever it is read."""

from pathlib import Path
from typing import Any

import pytest

from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import DelegationNamed
from service.chronicle.backup import back_up, restore
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of
from tests.fixtures.recording import record_facts
from tests.fixtures.stories import Chronicle, Ticking

POSITION = {"position": 7}
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("/subjects/swap", {"at": "2024-01-03"}),
    ("/subjects/swap", {"reported_until": "2024-01-05", "zone": "Asia/Tokyo"}),
    ("/subjects/talks", {}),
    ("/subjects", {"limit": 2}),
    ("/facts", {"subject": "swap"}),
    ("/facts/agreed", {}),
    ("/sources/report-1", {}),
    ("/subjects/swap/understanding", {"by": "reported"}),
    ("/audit/swap/status", {}),
]


@pytest.fixture
def told(api: Api, chronicle: Chronicle) -> Api:
    agreed = chronicle.given(SwapAgreed, "swap", "agreed", count_each=5, reported="2024-01-02")
    chronicle.given(SwapCompleted, "swap", "done", occurred="[2024-01-03..2024-01-05]", reported="2024-01-06")
    chronicle.given(DelegationNamed, "talks", "came", side="arvenia", head="ada", members=["ada", "ben"])
    chronicle.amend(agreed, "corrections", changes={"count_each": 6})
    return api


def answers(api: Api) -> list[bytes]:
    found = [api.get(path, **query, **POSITION) for path, query in QUESTIONS]
    found.append(api.get("/diff", from_position=2, to_position=7))
    assert {each.status_code for each in found} == {200}
    return [each.data for each in found]


def a_thousand_more(chronicle: Chronicle) -> None:
    citation = chronicle.report(reported="2024-01-01")
    kinds = ("SwapAgreed", "SwapCompleted", "SwapCollapsed")
    for start in range(0, 1_000, 250):
        bodies: list[dict[str, Any]] = [
            {
                "id": f"more-{n}",
                "kind": kinds[n % 3],
                "subject": ("swap", "other-swap")[n % 2],
                "occurred": "2024-01-01",
            }
            | {"citations": [citation]}
            for n in range(start, start + 250)
        ]
        chronicle.chronology.write("teller", lambda call, bodies=bodies: record_facts(call, bodies, [""] * len(bodies)))
    chronicle.amend("agreed", "retractions")
    chronicle.correct_source("report-1", published="2025-01-01", publisher="Courier")


def test_a_thousand_further_events_and_a_rebuild_change_no_byte(told: Api, chronicle: Chronicle) -> None:
    before = answers(told)
    a_thousand_more(chronicle)
    assert answers(told) == before

    chronicle.chronology.follower.rebuild()
    assert answers(told) == before


def test_a_restored_backup_answers_the_same_bytes(
    told: Api, chronicle: Chronicle, database: str, tmp_path: Path
) -> None:
    before = answers(told)
    a_thousand_more(chronicle)
    chronology = restored(database, tmp_path)

    assert answers(api_of(chronology, "editor")) == before
    assert chronology.record.head() == chronicle.head
    chronology.close()


def restored(database: str, folder: Path) -> Chronology:
    """A desk on a backup that was taken while the service runs."""
    back_up(database, folder / "log.backup")
    chronology = Chronology(Settings(database=f"sqlite:///{folder}/restored.db"), now=Ticking(), follows=True)
    restore(chronology.store.engine, folder / "log.backup")
    return chronology
