"""Finished states that a process keeps: the same bytes as folded anew, for as long as they hold, within their room."""

from typing import Any

from sqlalchemy import text

from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked
from projections.queries.subjects.states import finished, state_json
from projections.read_models.kept import Kept, kept_of
from service.databases.chronology import Chronology
from tests.fixtures.stories import Chronicle

CLOCKS: list[dict[str, Any]] = [
    {"at": "2024-01-05"},
    {"at": "2024-01-05", "reported_until": "2024-01-06"},
    {"position": 3},
]


def told(chronicle: Chronicle) -> str:
    chronicle.given(SwapAgreed, occurred="2024-01-02", reported="2024-01-03", count_each=5)
    return chronicle.given(SwapCompleted, occurred="[2024-01-04..2024-01-09]", reported="2024-01-10")


def answers(chronology: Chronology) -> list[bytes]:
    found = []
    for clocks in CLOCKS:
        with chronology.ask(Asked(**clocks)) as (snapshot, bounds):
            found.append(state_json(snapshot, "it", bounds))
    return found


def test_what_is_kept_is_what_is_folded_anew(chronology: Chronology, chronicle: Chronicle) -> None:
    told(chronicle)
    first = answers(chronology)

    assert answers(chronology) == first
    with chronology.store.reading() as snapshot:
        kept_of(snapshot).forget({"it"})
    assert answers(chronology) == first


def test_an_amendment_ends_what_is_kept_of_its_subject(chronology: Chronology, chronicle: Chronicle) -> None:
    completed = told(chronicle)
    assert chronicle.state(at="2024-02-01").status == "completed"

    chronicle.amend(completed, "retractions")

    assert chronicle.state(at="2024-02-01").status == "agreed"


def test_a_correction_of_a_source_ends_what_is_kept_of_the_subjects_that_rest_on_it(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    told(chronicle)
    assert chronicle.state(at="2024-02-01", reported_until="2024-02-01").status == "completed"

    chronicle.correct_source("report-2", published="2025-01-10")

    assert chronicle.state(at="2024-02-01", reported_until="2024-02-01").status == "agreed"


def test_no_more_is_kept_than_there_is_room_for(chronology: Chronology, chronicle: Chronicle) -> None:
    for number in range(20):
        chronicle.given(SwapAgreed, f"swap-{number}")
    with chronology.ask(Asked(at="2024-01-05")) as (snapshot, clocks):
        kept = kept_of(snapshot)
        kept.forget({f"swap-{number}" for number in range(20)})
        small = Kept(room=kept.room)
        names = [f"swap-{number}" for number in range(20)]
        finished(snapshot, names, clocks)
        for name in names:
            known = next(each for (subject, _), each in kept.items() if subject == name)
            small.room = 5 * known.weight
            small.keep(name, None, known)

    assert 1 <= len(list(small.items())) <= 5


def test_a_database_that_may_only_be_read_answers_at_any_clocks(sqlite_chronology: Chronology) -> None:
    told(Chronicle(sqlite_chronology))
    expected = answers(sqlite_chronology)

    with sqlite_chronology.ask(Asked(at="2024-01-05")) as (snapshot, clocks):
        kept_of(snapshot).forget({"it"})
        snapshot.connection.execute(text("PRAGMA query_only = ON"))
        assert state_json(snapshot, "it", clocks) == expected[0]
        snapshot.connection.execute(text("PRAGMA query_only = OFF"))
