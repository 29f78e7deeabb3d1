"""Histories that a process keeps change no answer: whoever asks, from whatever moment, is answered as by a new process."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from events.commands.acts_on_subjects import merge, withdraw_regrouping
from events.commands.redact import redact
from events.errors import NotFound
from events.kinds.swap import SwapAgreed, SwapCompleted
from events.log.receipts import Receipt
from events.log.unit_of_work import UnitOfWork
from projections.clocks import Asked, Clocks, clocks_for
from projections.queries.subjects.states import recent_history, state_json
from projections.store.cache import Cache, Stamp
from projections.store.snapshots import Snapshot
from service.databases.chronology import Chronology
from tests.fixtures.histories import History, Reading, histories, told_to
from tests.fixtures.stories import Chronicle
from tests.truth.test_properties import for_each, several_readings

OURS = {"kind": "reassessment", "reason": "it turned out so"}


def anew(snapshot: Snapshot, subject: str, clocks: Clocks) -> bytes:
    """The answer of a process that has kept nothing."""
    return answer(replace(snapshot, cache=Cache()), subject, clocks)


def answer(snapshot: Snapshot, subject: str, clocks: Clocks) -> bytes:
    try:
        return state_json(snapshot, subject, clocks)
    except NotFound:
        return b""


def test_states_of_any_history_asked_again_are_those_of_a_new_process(chronologies: list[Chronology]) -> None:
    @for_each(share=1 / 3, history=histories(), asked=several_readings(8))
    def holds(history: History, asked: list[Reading]) -> None:
        for chronology, told in told_to(chronologies, history):
            with chronology.ask(Asked()) as (snapshot, _):
                clocks = [clocks_for(snapshot, reading.asked(told)) for reading in asked]
                for subject in told.subjects:
                    for each in [*clocks, *clocks]:
                        assert answer(snapshot, subject, each) == anew(snapshot, subject, each)


def acting(chronicle: Chronicle, act: Callable[[UnitOfWork], Receipt]) -> Callable[[], Receipt]:
    return lambda: chronicle.chronology.write("editor", act)


def redacting(chronicle: Chronicle, of: str, name: str) -> Callable[[], Receipt]:
    return acting(chronicle, lambda call: redact(call, of, name, {"reason": "asked"}))


def telling(chronicle: Chronicle) -> list[Any]:
    """Everything that bears on a subject, step by step."""
    return [
        lambda: chronicle.given(SwapAgreed, id="agreed", count_each=5, occurred="2024-01-02", reported="2024-01-03"),
        lambda: chronicle.given(SwapCompleted, id="done", occurred="[2024-01-04..2024-01-09]", reported="2024-01-10"),
        lambda: chronicle.amend("agreed", "corrections", changes={"count_each": 6}),
        lambda: chronicle.correct_source("report-1", publisher="Courier"),
        lambda: chronicle.given(SwapAgreed, "other", id="elsewhere", count_each=7, reported="2024-01-20"),
        lambda: chronicle.amend("elsewhere", "corrections", changes={"subject": "it"}, kind="misattribution"),
        lambda: chronicle.correct_source("report-2", published="2025-01-10"),
        redacting(chronicle, "fact", "done"),
        lambda: chronicle.amend("done", "retractions"),
        acting(chronicle, lambda call: merge(call, "other", {"into": "it", **OURS})),
        lambda: chronicle.given(SwapCompleted, "other", id="later", occurred="2024-03-01", reported="2024-03-02"),
        lambda: chronicle.revise("report-1", text="What report 1 says now.", retrieved_at="2024-03-01T00:00:00Z"),
        redacting(chronicle, "source", "report-1"),
        acting(chronicle, lambda call: withdraw_regrouping(call, "other", 1, OURS)),
        redacting(chronicle, "fact", "elsewhere"),
    ]


def test_whatever_is_recorded_moves_what_is_kept_even_where_older_snapshots_ask_and_keep_in_between(
    chronology: Chronology, chronicle: Chronicle
) -> None:
    chance = random.Random(5)
    days = (None, "2024-01-05", "2024-02-01", "2024-04-01")
    with ExitStack() as stack:
        opened: list[Snapshot] = []
        for step in telling(chronicle):
            step()
            opened.append(stack.enter_context(chronology.ask(Asked(), patiently=True))[0])
            for snapshot in [*chance.choices(opened, k=3), opened[-1]]:
                for _ in range(4):
                    asked = Asked(
                        at=chance.choice(days),
                        reported_until=chance.choice(days),
                        position=chance.randint(2, snapshot.position),
                    )
                    clocks = clocks_for(snapshot, asked)
                    assert answer(snapshot, "it", clocks) == anew(snapshot, "it", clocks), asked


@pytest.mark.parametrize(("of", "name"), [("fact", "done"), ("source", "report-1")])
def test_words_that_were_redacted_are_in_no_answer_at_an_older_position_and_not_in_memory(
    chronology: Chronology, chronicle: Chronicle, of: str, name: str
) -> None:
    words = "what nobody may read"
    chronicle.given(
        SwapCompleted,
        id="done",
        note=words if of == "fact" else None,
        citations=[chronicle.report(text=words if of == "source" else "It says so.")],
    )
    chronicle.given(SwapAgreed, "apart")
    position = chronicle.head
    with chronology.ask(Asked(position=position, at="2024-02-01")) as (old, clocks):
        assert words in repr(recent_history(old, "it")._history)
        redacting(chronicle, of, name)()
        with chronology.ask(Asked(position=position, at="2024-02-01")) as (new, same):
            state_json(new, "apart", same)
            state_json(old, "it", clocks)  # from before the redaction
            assert words not in repr(recent_history(new, "it")._history)
    kept = [value._history for _, _, value in chronology.store._cache._objects.values()]
    assert len(kept) == 2
    assert words not in repr(kept)


def test_no_more_is_kept_than_there_is_room_for_and_what_was_asked_for_longest_ago_goes_first() -> None:
    cache, stamp = Cache(most_bytes=1_000), Stamp(5, 0)
    for number in range(20):
        cache.put(number, stamp, f"value {number}", 100)
        cache.get(0, stamp)
    cache.put("large", stamp, "value", 1_001)

    assert [number for number in range(20) if cache.get(number, stamp)] == [0, *range(11, 20)]
    assert cache.get("large", stamp) is None


def test_what_was_made_before_an_event_or_a_redaction_takes_the_place_of_nothing_made_after_it() -> None:
    cache = Cache()
    cache.put("it", Stamp(5, 0), "new", 1)
    cache.put("it", Stamp(4, 0), "old", 1)
    assert (cache.get("it", Stamp(5, 0)), cache.get("it", Stamp(4, 0))) == ("new", None)

    assert cache.get("it", Stamp(5, 6)) is None
    cache.put("it", Stamp(5, 0), "before the redaction", 1)
    assert cache.get("it", Stamp(5, 0)) is None


def test_a_database_that_may_only_be_read_answers_at_any_clocks(sqlite_chronology: Chronology) -> None:
    for step in telling(Chronicle(sqlite_chronology))[:2]:
        step()
    with sqlite_chronology.ask(Asked(at="2024-01-05")) as (snapshot, clocks):
        expected = state_json(snapshot, "it", clocks)
    with sqlite_chronology.ask(Asked(at="2024-01-05")) as (snapshot, clocks):
        snapshot.connection.execute(text("PRAGMA query_only = ON"))
        assert anew(snapshot, "it", clocks) == expected
        snapshot.connection.execute(text("PRAGMA query_only = OFF"))
