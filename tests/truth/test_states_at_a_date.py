"""A list of states at a date is read where time changes nothing, and says what folding each of them says."""

import pytest

from events.commands.acts_on_subjects import merge
from events.kinds.ceasefire import CeasefireAgreed
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed
from projections.clocks import Asked
from projections.queries.subjects import states
from projections.queries.subjects.state_pages import page_of_states
from service.databases.chronology import Chronology
from tests.fixtures.stories import Chronicle

DATES = ("2024-01-03", "2025-05-20", "2025-06-25", "2025-08-01", "now", "2030-01-01", "1999")


def lists_agree(chronology: Chronology) -> int:
    """How many states were compared."""
    compared = 0
    for at in DATES:
        with chronology.ask(Asked(at=at if at != "1999" else "1999-12-31")) as (snapshot, clocks):
            listed, _ = page_of_states(snapshot, clocks, {}, "", 1000)
            folded = states._folded_states(snapshot, [each.id for each in listed], clocks)
            assert [(each.id, each.read()) for each in listed] == [(each.id, each.read()) for each in folded], at
            compared += len(listed)
    return compared


def test_the_list_of_the_sample_at_any_date_says_what_folding_says(sample: Chronology) -> None:
    assert lists_agree(sample) > 200


def test_open_dates_plans_lapses_and_merges_are_folded_at_their_dates(chronicle: Chronicle) -> None:
    chronicle.given(MeetingProposed, "talks", occurred="2024-01-01", proposed_for="2024-01-02", reported="2024-01-02")
    chronicle.given(CeasefireAgreed, "truce", occurred="2024-01-01", ends="2025-06-01", reported="2024-01-02")
    chronicle.given(SwapCompleted, "plan", occurred="2025-06-01", modality="planned", reported="2024-01-02")
    chronicle.given(SwapAgreed, "open", occurred="2024-01-01/..", reported="[2024-01-02..]")
    chronicle.given(Occurred, "over", occurred="2024-01-01", what="it was over", reported="2024-01-02")
    chronicle.given(SwapAgreed, "gone", occurred="2025-07-01", reported="[2025-07-01..]")
    chronicle.given(SwapAgreed, "into", occurred="2024-01-01", reported="2024-01-02")
    chronicle.chronology.write("desk", lambda call: merge(call, "gone", {"into": "into", "reason": "the same"}))

    assert lists_agree(chronicle.chronology) > 30


def test_what_is_over_is_not_folded_again(chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        chronicle.given(Occurred, f"it-{number}", occurred="2024-01-01", what="it was over", reported="2024-01-02")
    folded: list[str] = []
    fold = states._folded_states
    monkeypatch.setattr(states, "_folded_states", lambda s, ids, c: folded.extend(ids) or fold(s, ids, c))

    with chronicle.chronology.ask(Asked(at="now")) as (snapshot, clocks):
        assert len(page_of_states(snapshot, clocks, {}, "", 10)[0]) == 3
    assert folded == []
