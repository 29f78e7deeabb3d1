"""Pages of facts: each fact that passes once and in order, whatever the size of a page; and subjects by name."""

from typing import Any

from events.dates.bounds import UNBOUNDED
from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked
from projections.queries.evidence.fact_pages import page_of_facts
from service.databases.chronology import Chronology
from tests.fixtures.stories import Chronicle


def pages(chronology: Chronology, filters: dict[str, str | None], size: int) -> list[str]:
    found, after = [], 0
    while after is not None:
        with chronology.ask(Asked()) as (snapshot, clocks):
            page, after = page_of_facts(snapshot, clocks, filters, UNBOUNDED, after, size)
        assert len(page) <= size
        found += [each["id"] for each in page]
    return found


def test_pages_of_any_size_hold_every_fact_that_passes_once_and_in_order(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    names = [
        chronicle.given((SwapAgreed, SwapCompleted)[number % 2], f"swap-{number % 3}", f"fact-{number:02}")
        for number in range(30)
    ]
    chronicle.amend("fact-04", "retractions")
    chronicle.amend("fact-05", "corrections", changes={"subject": "swap-0"})

    for size in (1, 4, 29, 30, 31):
        assert pages(chronology, {}, size) == names
        about = [name for number, name in enumerate(names) if number % 3 == 0 or number == 5]
        assert pages(chronology, {"subject": "swap-0"}, size) == about
        assert pages(chronology, {"kind": "SwapCompleted"}, size) == names[1::2]
        assert pages(chronology, {"source": "report-7"}, size) == ["fact-06"]
        assert pages(chronology, {"q": "REPORT says 12"}, size) == ["fact-11"]


def test_a_list_of_facts_goes_by_position_and_does_not_sort_the_log(sqlite_chronology: Chronology) -> None:
    chronicle = Chronicle(sqlite_chronology)
    chronicle.given(SwapAgreed, id="agreed", count_each=5)
    chronicle.amend("agreed", "corrections", changes={"count_each": 6})
    asked: list[Any] = []
    with sqlite_chronology.ask(Asked()) as (snapshot, clocks):
        driver: Any = snapshot.connection.connection.driver_connection
        driver.set_trace_callback(asked.append)
        page_of_facts(snapshot, clocks, {}, UNBOUNDED, 0, 50)
        driver.set_trace_callback(None)
        plans = [
            row[3]
            for each in asked
            if "sort = 'subject'" not in each
            for row in driver.execute(f"EXPLAIN QUERY PLAN {each}")
        ]

    assert not [plan for plan in plans if "TEMP B-TREE" in plan]
