"""Facts written once: the same bytes as written anew at every position, whatever was recorded in between."""

import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from events.amendments import AMENDMENTS
from events.dates.bounds import UNBOUNDED
from events.history.fact_as_of import fact_as_of
from events.history.streams import HEAD
from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked
from projections.queries.evidence import copies
from projections.queries.evidence.copies import Copies, Kept
from projections.queries.evidence.facts import page_of_facts
from projections.queries.evidence.written import fact_view, ready, written
from projections.read_models.ledger import facts_and_shelf
from service.databases.chronology import Chronology
from tests.fixtures.stories import Chronicle

FACTS = ("agreed", "done")


def anew(chronology: Chronology, asked: Asked) -> dict[str, bytes | None]:
    with chronology.ask(asked) as (snapshot, clocks):
        found, shelf = facts_and_shelf(snapshot, FACTS, clocks.position)
        standings = [(each.id, fact_as_of(each, shelf, clocks.reported, clocks.position)) for each in found]
    return {name: None if standing is None else orjson.dumps(fact_view(standing)) for name, standing in standings}


def kept(chronology: Chronology, asked: Asked) -> dict[str, bytes | None]:
    with chronology.ask(asked) as (snapshot, clocks):
        found = written(snapshot, FACTS, clocks)
    return {name: None if each is None else each.json for name, each in found.items()}


def telling(chronicle: Chronicle) -> Iterator[None]:
    """Everything that changes a fact or how it stands, step by step: each call, and what becomes of its sources."""
    yield chronicle.given(SwapAgreed, id="agreed", count_each=5, occurred="2024-01-02", reported="2024-01-03")
    yield chronicle.amend("agreed", "corrections", changes={"count_each": 6})
    yield chronicle.given(SwapCompleted, id="done", occurred="2024-01-09", reported="2024-01-10")
    yield chronicle.correct_source("report-1", publisher="Courier")
    yield chronicle.amend("done", "disputes", reported="2024-01-12", changes={"status": "collapsed"})
    yield chronicle.amend("done", "corroborations", reported="2024-01-12", publisher="Herald", kind=None, reason=None)
    yield chronicle.correct_source("report-3", publisher="Messenger", published="2024-02-01")
    yield chronicle.amend("agreed", "retractions")
    yield chronicle.revise("report-1", text="What report 1 says now.", retrieved_at="2024-03-01T00:00:00Z")
    yield chronicle.amend("agreed", "reinstatements")
    yield chronicle.amend("agreed", "withdrawal", withdraws=1)


def told(chronicle: Chronicle) -> None:
    for _ in telling(chronicle):
        pass


def test_what_is_written_once_is_what_is_written_anew(chronology: Chronology, chronicle: Chronicle) -> None:
    told(chronicle)
    questions = [Asked(position=position) for position in range(2, chronicle.head + 1)]
    questions += [Asked(), *(Asked(reported_until=day) for day in ("2024-01-05", "2024-01-11", "2024-02-02"))]

    for asked in [*questions, *reversed(questions), *questions[::3]]:
        assert kept(chronology, asked) == anew(chronology, asked), asked


def test_what_was_kept_is_what_is_written_anew_whatever_was_asked_between_the_events(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    chance = random.Random(3)
    for _ in telling(chronicle):
        for position in chance.choices(range(1, chronicle.head + 1), k=8):
            assert kept(chronology, Asked(position=position)) == anew(chronology, Asked(position=position))
        assert kept(chronology, Asked()) == anew(chronology, Asked())


def test_what_is_written_from_an_old_snapshot_is_not_taken_for_what_came_later(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    told(chronicle)
    with chronology.ask(Asked()) as (old, clocks):
        chronicle.correct_source("report-3", publisher="Post")
        chronicle.given(SwapAgreed, id="later")
        with chronology.ask(Asked()) as (snapshot, _):
            assert ready(snapshot, FACTS, clocks) is None
        written(old, FACTS, clocks)

    for asked in (Asked(), Asked(position=clocks.position), Asked(position=clocks.position + 1)):
        assert kept(chronology, asked) == anew(chronology, asked)


def test_where_many_events_were_not_followed_nothing_is_taken_as_kept(
    chronology: Chronology, chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MANY", 0)

    test_what_was_kept_is_what_is_written_anew_whatever_was_asked_between_the_events(chronology, chronicle)


def test_the_story_holds_every_amendment(chronicle: Chronicle, chronology: Chronology) -> None:
    told(chronicle)

    assert {entry.name for entry in chronology.record.after(0, 100)} >= {
        *AMENDMENTS,
        "SourceCorrected",
        "SourceRevised",
    }


def pages(chronology: Chronology, filters: dict[str, str | None], size: int) -> list[str]:
    found, after = [], 0
    while after is not None:
        with chronology.ask(Asked()) as (snapshot, clocks):
            page, after = page_of_facts(snapshot, clocks, filters, UNBOUNDED, after, size)
        assert len(page) <= size
        found += [each.id for each in page]
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


def test_no_more_is_kept_than_there_is_room_for() -> None:
    snapshot: Any = SimpleNamespace(position=9)
    kept = Copies(room=10_500)
    for number in range(20):
        kept.keep(snapshot, [Kept(f"fact-{number}", 2, 5, frozenset({"report"}), None)])

    names = [f"fact-{number}" for number in range(20)]
    assert [*kept.standing(names, 2)] == names[10:]
    assert not kept.standing(names, 1) | kept.standing(names, 5)


def test_no_more_lists_are_kept_than_a_few() -> None:
    kept = Copies()
    for after in range(1_000):
        kept.list(after, [("fact", after + 1)])

    assert [after for after in range(1_000) if kept.listed(after, HEAD, 1)] == [*range(744, 1_000)]
    assert kept.listed(999, 999, 1) is None
    assert kept.listed(999, HEAD, 2) is None


def test_a_list_of_facts_goes_by_position_and_does_not_sort_the_log(sqlite_chronology: Chronology) -> None:
    told(Chronicle(sqlite_chronology))
    asked: list[Any] = []
    with sqlite_chronology.ask(Asked()) as (snapshot, clocks):
        driver: Any = snapshot.connection.connection.driver_connection
        driver.set_trace_callback(asked.append)
        page_of_facts(snapshot, clocks, {}, UNBOUNDED, 0, 50)
        driver.set_trace_callback(None)
        plans = [row[3] for each in asked for row in driver.execute(f"EXPLAIN QUERY PLAN {each}")]

    assert not [plan for plan in plans if "TEMP B-TREE" in plan]
