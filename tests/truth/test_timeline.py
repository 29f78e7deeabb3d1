"""The chronology in order of occurrence: page by page it is what sorting all facts at the clocks would give."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import strategies as st

from events.dates.bounds import Certainty, certainty
from events.history.fact_as_of import FactAsOf
from projections.clocks import Asked, Clocks, clocks_for
from projections.fold.part import by_lo
from projections.fold.subject_history import counted_under
from projections.queries.evidence.facts_as_of import facts_named
from projections.queries.history import timeline
from projections.queries.history.moments_of_change import day_of, moments
from projections.queries.history.timeline import FactFilter, Happening, happenings
from projections.read_models.histories import grouping_at
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.fixtures.histories import History, Reading, Told, histories, told_to
from tests.truth.test_properties import for_each, several_readings


def all_in_order(snapshot: Snapshot, clocks: Clocks) -> list[FactAsOf]:
    table = snapshot.table("entries")
    names = [row.stream for row in snapshot.rows(table.select().where(table.c.sort == "fact", table.c.version == 1))]
    found = facts_named(snapshot, names, clocks).values()
    return sorted((each for each in found if not each.kind.timeless), key=by_lo)


def page_by_page(snapshot: Snapshot, clocks: Clocks, size: int, about: str | None) -> list[Happening]:
    found: list[Happening] = []
    after: bytes | None = b""
    wanted = FactFilter(subjects=None if about is None else [about])
    while after is not None:
        page, after = happenings(snapshot, clocks, wanted, after, size)
        assert len(page) <= size
        found += page
    return found


def test_the_chronology_of_any_history_at_any_clocks(chronologies: list[Chronology]) -> None:
    @for_each(share=1 / 8, history=histories(), asked=several_readings(5), size=st.integers(1, 4))
    def holds(history: History, asked: list[Reading], size: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timeline, "_AT_ONCE", 3)
            for chronology, told in told_to(chronologies, history):
                with chronology.ask(Asked()) as (snapshot, _):
                    for clocks in [clocks_for(snapshot, reading.asked(told)) for reading in asked]:
                        pages_hold_all_facts_in_order(snapshot, told, clocks, size)
                        days_are_those_by_which_facts_had_happened(snapshot, clocks)


def pages_hold_all_facts_in_order(snapshot: Snapshot, told: Told, clocks: Clocks, size: int) -> None:
    grouping = grouping_at(snapshot, clocks.position)
    ours = [
        (each.id, counted_under(grouping, each), certainty(each.bounds, clocks.at))
        for each in all_in_order(snapshot, clocks)
    ]
    assert shown(page_by_page(snapshot, clocks, size * 20, None)) == ours
    for subject in told.subjects:
        meant = grouping.merged_into(subject) or subject
        wanted = [each for each in ours if each[1] == meant]
        assert shown(page_by_page(snapshot, clocks, size, subject)) == wanted


def shown(found: list[Happening]) -> list[tuple[str, str, Certainty]]:
    return [(each.fact.id, each.subject, each.certainty) for each in found]


def days_are_those_by_which_facts_had_happened(snapshot: Snapshot, clocks: Clocks) -> None:
    everything = Clocks(Asked(zone=clocks.asked.zone), None, None, clocks.position)
    ends = [each.bounds.hi for each in all_in_order(snapshot, everything)]
    days: Any = Counter(day_of(hi - 1, clocks.asked.zone) for hi in ends if hi is not None)
    found = moments(snapshot, clocks)["at"]
    assert sum(each["changes"] for each in found) == days.total()
    if len(days) <= 400:
        assert [each["changes"] for each in found] == [days[day] for day in sorted(days)]
