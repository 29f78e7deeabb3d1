"""A list on which many subjects rest is revised: little is folded, nobody waits long, what is recorded is acknowledged."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.commands.record_sources import register_source, revise_source
from projections.clocks import Asked
from projections.queries.subjects.states import state
from projections.read_models import current_states
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import api_of
from tests.fixtures.recording import record_facts
from tests.fixtures.stories import Ticking
from tests.running.test_followers import rows, rows_after_rebuild

MEMBERS = 8


def lines(numbers: Iterable[int]) -> str:
    return "\n".join(f"Member {number} of the delegation." for number in numbers)


def revision(numbers: Iterable[int], day: int) -> dict[str, Any]:
    return {"text": lines(numbers), "retrieved_at": f"2024-02-{day:02}", "published": f"2024-02-{day:02}"}


def listed(chronology: Chronology) -> None:
    """A list, and for each line of it a subject that rests on it."""
    source = {"id": "list", "title": "List", "publisher": "Gazette", "published": "2024-01-02"}
    chronology.write("clerk", lambda unit: register_source(unit, {**source, "text": lines(range(MEMBERS))}))
    bodies = [
        {
            "id": f"f{number}",
            "kind": "SwapAgreed",
            "subject": f"swap-{number}",
            "occurred": "2024-01-01",
            "citations": [{"source": "list", "exact": f"Member {number} of the delegation."}],
        }
        for number in range(MEMBERS)
    ]
    chronology.write("clerk", lambda unit: record_facts(unit, bodies, [""] * MEMBERS))


def revise(chronology: Chronology, numbers: Iterable[int], day: int) -> None:
    chronology.write("clerk", lambda unit: revise_source(unit, "list", revision(numbers, day)))
    chronology.follower.catch_up()


def marks(chronology: Chronology, subject: str, **clocks: Any) -> list[Any]:
    with chronology.ask(Asked(**clocks)) as (snapshot, bounds):
        return list(state(snapshot, subject, bounds)["status"].get("marks", ()))


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The subjects that are folded."""
    found: list[str] = []
    fold = current_states.fold_subjects

    def noted(snapshot: Any, subjects: Iterable[str], *arguments: Any) -> Iterator[Any]:
        found.extend(subjects)
        return fold(snapshot, subjects, *arguments)

    monkeypatch.setattr(current_states, "fold_subjects", noted)
    return found


def test_only_subjects_whose_quote_is_lost_or_regained_are_folded(chronology: Chronology, folded: list[str]) -> None:
    listed(chronology)
    chronology.follower.catch_up()
    folded.clear()

    revise(chronology, range(MEMBERS + 1), 1)
    assert folded == []
    revise(chronology, range(2, MEMBERS + 1), 2)
    assert sorted(folded) == ["swap-0", "swap-1"]
    assert marks(chronology, "swap-0") == [{"fact": "f0", "source": "list", "mark": "quote_gone", "version": 3}]
    assert marks(chronology, "swap-0", reported_until="2024-02-01") == []
    folded.clear()

    revise(chronology, range(MEMBERS), 3)
    assert sorted(folded) == ["swap-0", "swap-1"]
    assert [marks(chronology, f"swap-{number}") for number in (0, 1, 5)] == [[], [], []]
    assert marks(chronology, "swap-0", reported_until="2024-02-02") != []


def test_views_that_followed_revisions_are_those_that_a_rebuild_makes(chronology: Chronology) -> None:
    listed(chronology)
    api = api_of(chronology, "editor")
    api.posted("/subjects/swap-2/merges", {"into": "swap-3", "kind": "misattribution", "reason": "one and the same"})
    for day, numbers in enumerate(([0, 1, 2], [1, 2, 3, 4], [2], range(MEMBERS)), start=1):
        revise(chronology, numbers, day)
        followed = rows(chronology)

        assert followed == rows_after_rebuild(chronology)


def test_a_history_that_was_kept_heeds_a_revision_that_changed_no_mark(chronology: Chronology) -> None:
    listed(chronology)
    revise(chronology, range(MEMBERS - 1), 1)
    assert marks(chronology, "swap-0", reported_until="2024-02-05") == []
    revise(chronology, range(MEMBERS), 7)

    assert marks(chronology, "swap-7", reported_until="2024-02-05") != []
    assert marks(chronology, "swap-7", reported_until="2024-02-09") == []


def test_a_state_of_before_a_revision_or_a_withdrawal_knows_nothing_of_it(chronology: Chronology) -> None:
    listed(chronology)
    before = chronology.record.head()
    revise(chronology, [0], 1)
    api_of(chronology, "editor").posted(
        "/sources/list/withdrawals", {"reason": "taken back", "published": "2024-02-05"}
    )

    assert [each["mark"] for each in marks(chronology, "swap-1")] == ["source_withdrawn", "quote_gone"]
    assert [each["mark"] for each in marks(chronology, "swap-1", position=before + 1)] == ["quote_gone"]
    assert marks(chronology, "swap-1", position=before) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("revisions", revision([1], 1)),
        ("withdrawals", {"reason": "taken back"}),
        ("corrections", {"kind": "transcription_error", "reason": "misread", "changes": {"title": "The list"}}),
    ],
)
def test_what_is_recorded_of_a_source_is_acknowledged_however_late_the_views_are(
    database: str, path: str, body: Any
) -> None:
    with closing(Chronology(Settings(database=database, wait_seconds=0.1), now=Ticking())) as chronology:
        listed(chronology)
        chronology.follower.catch_up()
        chronology.follower.lend_a_hand = lambda: 0  # type: ignore[method-assign]  # a follower that gets nowhere
        api = api_of(chronology, "editor")
        api.posted("/sources", {"id": "other", "title": "Other", "publisher": "Gazette"})

        answer = api.post(f"/sources/list/{path}", body)

        assert answer.status_code == 201, answer.text
        lost = [each["fact"] for name in ("lost", "rested") for each in answer.get_json().get(name, ())]
        assert len(lost) == {"revisions": MEMBERS - 1, "withdrawals": MEMBERS, "corrections": 0}[path]


def test_a_question_waits_no_longer_than_it_may_while_somebody_else_writes(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/chronology.db", wait_seconds=0.5)
    with closing(Chronology(settings, now=Ticking())) as chronology:
        listed(chronology)
        chronology.follower.catch_up()
        revise_source_only = revision([1], 1)
        chronology.write("clerk", lambda unit: revise_source(unit, "list", revise_source_only))
        with closing(sqlite3.connect(tmp_path / "chronology.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()

            with chronology.ask(Asked()) as (snapshot, _):
                seen = snapshot.position

            assert time.monotonic() - began < 10  # it was a minute
            assert seen == chronology.record.head() - 1
            other.execute("ROLLBACK")
