"""Lists read outlines where they are written: they say what folding each subject says, at any date, and are counted."""

import pytest

from events.commands.merge_and_split import merge
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed
from events.subject_kinds import SUBJECT_KINDS
from projections.clocks import Asked, Clocks
from projections.queries.subjects import outlines as questions
from projections.queries.subjects.outlines import SubjectFilter, facets, outlines
from projections.queries.subjects.states import finished_states
from projections.read_models.citation_warnings import Texts
from projections.read_models.finished_states import Resolved
from projections.read_models.lists import Outline
from projections.read_models.subject_histories import subject_histories
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.fixtures.stories import Chronicle

DATES = ("2024-01-03", "2025-05-20", "2025-06-25", "now", "2030-01-01", None)


def by_folding(snapshot: Snapshot, clocks: Clocks, subjects: list[str]) -> dict[str, Outline]:
    found = {}
    for history in subject_histories(snapshot, subjects, clocks.position).values():
        resolved = Resolved.of(Texts(snapshot), history, clocks.reported, clocks.position)
        assert resolved is not None
        found[history.subject] = resolved.outline(clocks.at)
    return found


def lists_agree(chronology: Chronology) -> int:
    """How many outlines were compared."""
    compared = 0
    for at in DATES:
        with chronology.ask(Asked(at=at)) as (snapshot, clocks):
            found, is_cut = outlines(snapshot, clocks, SUBJECT_KINDS)
            ours = by_folding(snapshot, clocks, [each.id for each in found])
            states = {each.id: each.read() for each in finished_states(snapshot, [*ours], clocks)}

        assert {each.id: each for each in found} == ours
        assert not is_cut
        assert all(states[each.id]["status"]["value"] == each.status for each in found)
        compared += len(found)
    return compared


def test_the_outlines_of_the_sample_say_at_any_date_what_folding_says(sample: Chronology) -> None:
    assert lists_agree(sample) > 150


def test_what_is_ahead_lapses_or_was_merged_is_outlined_as_it_stands_at_the_date(chronicle: Chronicle) -> None:
    chronicle.given(MeetingProposed, "talks", occurred="2024-01-01", proposed_for="2024-01-02", reported="2024-01-02")
    chronicle.given(SwapCompleted, "plan", occurred="2025-06-01", modality="planned", reported="2024-01-02")
    chronicle.given(SwapAgreed, "open", occurred="2024-01-01/..", reported="[2024-01-02..]")
    chronicle.given(SwapAgreed, "gone", occurred="2025-07-01", reported="[2025-07-01..]")
    chronicle.given(SwapAgreed, "into", occurred="2024-01-01", reported="2024-01-02", parties=["arvenia"])
    chronicle.chronology.write("desk", lambda call: merge(call, "gone", {"into": "into", "reason": "the same"}))

    assert lists_agree(chronicle.chronology) > 20


def test_in_the_past_no_more_are_folded_than_a_limit_and_that_is_said(
    chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        chronicle.given(SwapAgreed, f"swap-{number}", occurred="2024-01-01", reported="2024-01-02")
    monkeypatch.setattr(questions, "MOST_FOLDED", 3)

    with chronicle.chronology.ask(Asked(at="2024-06-01", reported_until="2024-06-01")) as (snapshot, clocks):
        found, is_cut = outlines(snapshot, clocks, ["swap"])

    assert [each.id for each in found] == ["swap-0", "swap-1", "swap-2"]
    assert is_cut


def test_each_facet_counts_what_its_values_would_leave_with_the_other_filters_as_they_are(
    chronicle: Chronicle,
) -> None:
    chronicle.given(SwapAgreed, "one", parties=["arvenia"], reported="2024-01-02", count_each=5)
    chronicle.given(SwapAgreed, "one", parties=["arvenia"], reported="2024-01-03", count_each=6)
    chronicle.given(SwapCompleted, "two", announced_by=["arvenia"], reported="2024-01-02")
    chronicle.given(MeetingProposed, "three", by="belmark", reported="2024-01-02")
    chronicle.given(Occurred, "four", what="it rained", reported="2024-01-02")

    with chronicle.chronology.ask(Asked(at="now")) as (snapshot, clocks):
        found, _ = outlines(snapshot, clocks, ["swap", "talks"])
    counts = facets(found, SubjectFilter(kind="swap", actor="arvenia"))

    assert counts["kind"] == {"swap": 2}
    assert counts["status"] == {"agreed": 1, "completed": 1}
    assert counts["actor"] == {"arvenia": 2}
    assert counts["flag"] == {"disputed": 1}
