"""Lists ask for outlines where they are written: they say what folding each subject says, counted and in any order."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from events.commands.acts_on_subjects import merge
from events.kinds.occurrence import Occurred
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.kinds.talks import MeetingProposed
from events.subject_kinds import SUBJECT_KINDS
from projections.clocks import Asked, Clocks
from projections.queries.subjects import outlines as questions
from projections.queries.subjects.outline_pages import Placed, page_of_groups, page_of_outlines
from projections.queries.subjects.outlines import ALL, FACETS, FLAGS, ORDERS, Key, Outlines, SubjectFilter, key_of
from projections.queries.subjects.state_pages import page_of_states
from projections.queries.subjects.states import finished_states
from projections.read_models.citation_warnings import Texts
from projections.read_models.finished_states import Resolved
from projections.read_models.histories import subject_histories
from projections.read_models.lists import Outline
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.fixtures.stories import Chronicle

DATES = ("2024-01-03", "2025-05-20", "2025-06-25", "now", "2030-01-01", None)
FILTERS = (
    ALL,
    SubjectFilter(kind="swap"),
    SubjectFilter(actor="ukraine", flags=("disputed",)),
    SubjectFilter(status="completed", told_after=0),
)


def by_folding(snapshot: Snapshot, clocks: Clocks, subjects: list[str]) -> dict[str, Outline]:
    found = {}
    for history in subject_histories(snapshot, subjects, clocks.position).values():
        resolved = Resolved.of(Texts(snapshot), history, clocks.reported, clocks.position)
        assert resolved is not None
        found[history.subject] = resolved.outline(clocks.at)
    return found


def lists_agree(chronology: Chronology, position: int | None = None) -> int:
    """How many outlines were compared."""
    compared = 0
    for at in DATES:
        with chronology.ask(Asked(at=at, position=position)) as (snapshot, clocks):
            outlines = Outlines(snapshot, clocks, SUBJECT_KINDS)
            ours = by_folding(snapshot, clocks, unmerged(snapshot, clocks))
            states = {each.id: each.read() for each in finished_states(snapshot, [*ours], clocks)}

            found = outlines.first(ALL, "id", None, 1_000)
            assert [each._replace(actors=()) for each in found] == [
                ours[name]._replace(actors=()) for name in sorted(ours)
            ]
            assert all(states[each.id]["status"]["value"] == each.status for each in found)
            assert not outlines.is_cut
            for wanted in FILTERS:
                assert_counts(outlines, wanted, [*ours.values()])
                assert_pages(outlines, wanted, [*ours.values()])
        compared += len(found)
    return compared


def unmerged(snapshot: Snapshot, clocks: Clocks) -> list[str]:
    found, _ = page_of_states(snapshot, clocks, {}, "", 1_000)
    return [each.id for each in found if each.kind in SUBJECT_KINDS]


def assert_counts(outlines: Outlines, wanted: SubjectFilter, ours: list[Outline]) -> None:
    """What is counted is what counting one by one finds."""
    counts = outlines.facets(wanted)
    for facet in FACETS:
        left = [each for each in ours if wanted.but(facet).takes(each)]
        assert counts[facet] == Counter(value for each in left for value in values(each, facet))
    passing = [each for each in ours if wanted.takes(each)]
    assert outlines.total(wanted) == len(passing)
    assert outlines.total(wanted, "disputed") == sum(each.disputed for each in passing)


def values(each: Outline, facet: str) -> list[str]:
    several = {"actor": [*each.actors], "flag": [flag for flag in FLAGS if getattr(each, flag)]}
    return several[facet] if facet in several else [value for value in [getattr(each, facet)] if value]


def assert_pages(outlines: Outlines, wanted: SubjectFilter, ours: list[Outline]) -> None:
    """Pages of three one after another are the whole in order, or in groups of which the newest comes first."""
    passing = [each for each in ours if wanted.takes(each)]
    for order in ORDERS:
        in_order = [each.id for each in sorted(passing, key=lambda each: key_of(each, order))]
        assert read(partial(page_of_outlines, outlines, wanted, order)) == in_order
    wholes = {each.part_of for each in passing}
    newest = {whole: max(each.told for each in passing if each.part_of == whole) for whole in wholes}
    passing.sort(
        key=lambda each: (each.part_of is None, -newest[each.part_of], each.part_of or "", key_of(each, "told"))
    )
    assert read(partial(page_of_groups, outlines, wanted)) == [each.id for each in passing]


def read(page: Callable[[Key | None, int], tuple[list[Placed], bool]]) -> list[str]:
    ids: list[str] = []
    after, is_more = None, True
    while is_more:
        found, is_more = page(after, 3)
        ids += [each.id for _, each in found]
        after = found[-1][0] if found else None
    return ids


def test_the_outlines_of_the_sample_say_at_any_date_what_folding_says(sample: Chronology) -> None:
    assert lists_agree(sample) > 150


def test_the_outlines_of_a_position_are_those_of_then(sample: Chronology) -> None:
    for position in (120, 200):
        assert lists_agree(sample, position) > 100


def test_what_is_ahead_lapses_or_was_merged_is_outlined_as_it_stands_at_the_date(chronicle: Chronicle) -> None:
    chronicle.given(MeetingProposed, "talks", occurred="2024-01-01", proposed_for="2024-01-02", reported="2024-01-02")
    chronicle.given(SwapCompleted, "plan", occurred="2025-06-01", modality="planned", reported="2024-01-02")
    chronicle.given(SwapAgreed, "open", occurred="2024-01-01/..", reported="[2024-01-02..]")
    chronicle.given(SwapAgreed, "gone", occurred="2025-07-01", reported="[2025-07-01..]")
    chronicle.given(SwapAgreed, "into", occurred="2024-01-01", reported="2024-01-02", parties=["arvenia"])
    chronicle.chronology.write("desk", lambda call: merge(call, "gone", {"into": "into", "reason": "the same"}))

    before = chronicle.chronology.record.head()
    chronicle.chronology.write("desk", lambda call: merge(call, "open", {"into": "into", "reason": "the same"}))

    assert lists_agree(chronicle.chronology) > 15
    assert lists_agree(chronicle.chronology, before) > 20


def test_in_the_past_no_more_are_folded_than_a_limit_and_that_is_said(
    chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        chronicle.given(SwapAgreed, f"swap-{number}", occurred="2024-01-01", reported="2024-01-02")
    monkeypatch.setattr(questions, "MOST_FOLDED", 3)

    with chronicle.chronology.ask(Asked(at="2024-06-01", reported_until="2024-06-01")) as (snapshot, clocks):
        outlines = Outlines(snapshot, clocks, ["swap"])
        found = outlines.first(ALL, "id", None, 10)

    assert [each.id for each in found] == ["swap-0", "swap-1", "swap-2"]
    assert outlines.is_cut


def test_each_facet_counts_what_its_values_would_leave_with_the_other_filters_as_they_are(
    chronicle: Chronicle,
) -> None:
    chronicle.given(SwapAgreed, "one", parties=["arvenia"], reported="2024-01-02", count_each=5)
    chronicle.given(SwapAgreed, "one", parties=["arvenia"], reported="2024-01-03", count_each=6)
    chronicle.given(SwapCompleted, "two", announced_by=["arvenia"], reported="2024-01-02")
    chronicle.given(MeetingProposed, "three", by="belmark", reported="2024-01-02")
    chronicle.given(Occurred, "four", what="it rained", reported="2024-01-02")

    with chronicle.chronology.ask(Asked(at="now")) as (snapshot, clocks):
        counts = Outlines(snapshot, clocks, ["swap", "talks"]).facets(SubjectFilter(kind="swap", actor="arvenia"))

    assert counts["kind"] == {"swap": 2}
    assert counts["status"] == {"agreed": 1, "completed": 1}
    assert counts["actor"] == {"arvenia": 2}
    assert counts["flag"] == {"disputed": 1}
