"""Questions that fold much are few at once, end in time, and are given up when nobody waits for them any more."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import count
from typing import Any

import pytest

from events.errors import TooLong
from events.kinds.swap import SwapAgreed, SwapCompleted
from projections.clocks import Asked, Clocks
from projections.queries.history.belief_history import beliefs_about
from projections.queries.history.diff import diff
from projections.queries.history.evolution import understanding
from projections.queries.history.replay import replay
from projections.queries.subjects.states import states
from projections.store.snapshots import Abandoned, Patience, Snapshot, asked_by
from service.web import dear_questions
from service.web.dear_questions import Line, TooDear
from tests.conftest import Api
from tests.fixtures.stories import Chronicle

Question = Callable[[Snapshot, Clocks], Any]
SUBJECTS = ["swap-1", "swap-2", "swap-3"]
QUESTIONS: dict[str, Question] = {
    "diff": lambda snapshot, clocks: diff(snapshot, Clocks(clocks.asked, None, None, 1), clocks),
    "understanding": lambda snapshot, clocks: understanding(snapshot, "swap-1", clocks, "recorded"),
    "understanding as reported": lambda snapshot, clocks: understanding(snapshot, "swap-1", clocks, "reported"),
    "replay": lambda snapshot, clocks: [*replay(as_opened(snapshot, clocks), clocks.asked, "recorded")],
    "replay as reported": lambda snapshot, clocks: [*replay(as_opened(snapshot, clocks), clocks.asked, "reported")],
    "beliefs": lambda snapshot, clocks: beliefs_about(snapshot, "swap-1", clocks, "recorded"),
    "states": lambda snapshot, clocks: states(snapshot, SUBJECTS, Clocks(clocks.asked, 0, None, clocks.position)),
}


def as_opened(snapshot: Snapshot, clocks: Clocks) -> Any:
    """What opens a snapshot for each page of a replay: always this one."""
    return lambda _: nullcontext((snapshot, clocks))


def never() -> bool:
    return False


@pytest.fixture
def told(chronicle: Chronicle) -> Chronicle:
    for subject in SUBJECTS:
        for number in range(4):
            chronicle.given(SwapAgreed, subject, f"{subject}-{number}", count_each=number + 1)
        chronicle.given(SwapCompleted, subject, f"{subject}-done", occurred="2024-01-05")
    return chronicle


def looks_of(told: Chronicle, question: Question) -> int:
    """How often a question looks whether its client is gone."""
    looks = count()
    with asked_by(lambda: next(looks) < 0), told.chronology.ask(Asked()) as (snapshot, clocks):
        question(snapshot, clocks)
    return next(looks)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_given_up_while_it_folds_once_its_client_is_gone(told: Chronicle, name: str) -> None:
    looks, last = count(), looks_of(told, QUESTIONS[name])

    with (
        pytest.raises(Abandoned),
        asked_by(lambda: next(looks) >= last - 2),
        told.chronology.ask(Asked()) as (snapshot, clocks),
    ):
        QUESTIONS[name](snapshot, clocks)


def test_a_question_that_folds_for_too_long_is_ended_between_two_folds() -> None:
    patience, folded = Patience(time.monotonic() + 0.05), []

    with pytest.raises(TooLong):
        folded += (time.sleep(0.06) or each for each in patience.each(range(3)))

    assert folded == [0]


def test_so_many_are_answered_at_once_one_of_each_client_and_the_others_in_turn() -> None:
    line, inside, most = Line(at_once=2, of_one=1, in_line=12), [], []
    held = threading.Lock()

    def ask(client: str) -> None:
        with line.turn(client, never, 30):
            with held:
                inside.append(client)
                most.append(sorted(inside))
            time.sleep(0.02)
            with held:
                inside.remove(client)

    with ThreadPoolExecutor(9) as clients:
        list(clients.map(ask, ["a", "b", "c"] * 3))

    assert len(most) == 9
    assert all(len(each) <= 2 and len(set(each)) == len(each) for each in most)


def test_who_waits_too_long_or_behind_too_many_is_refused() -> None:
    line = Line(at_once=1, of_one=1, in_line=1)

    def wait() -> bool:
        with line.turn("b", never, 30):
            return True

    def refusal_of(client: str) -> str:
        with pytest.raises(TooDear) as refused, line.turn(client, never, 0):
            pass
        return refused.value.sentence

    with ThreadPoolExecutor(1) as other:
        with line.turn("a", never, 0):
            assert "not this one's turn in time" in refusal_of("b")
            waiting = other.submit(wait)
            while "1 more wait" not in refusal_of("c"):
                pass
        assert waiting.result()


def test_who_is_gone_waits_no_more_and_keeps_nobody_waiting() -> None:
    line = Line(at_once=1, of_one=1, in_line=1)

    with line.turn("a", never, 0):
        for _ in range(3):
            with pytest.raises(Abandoned), line.turn("b", lambda: True, 30):
                pass
    with line.turn("c", never, 0):
        pass


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/diff?from_position=1&to_position=2",
        "/compare?from_position=1&to_position=2",
        "/api/v1/subjects?position=2",
        "/api/v1/facts?q=agreed",
        "/api/v1/search?q=agreed",
        "/?position=2",
        "/search?q=agreed",
    ],
)
def test_a_dear_question_too_many_is_503_by_name_while_others_are_answered(
    told: Chronicle, api: Api, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    line = Line(at_once=1, of_one=1, in_line=0)
    monkeypatch.setattr(dear_questions, "LINE", line)

    with line.turn("somebody", never, None):
        refused = api.client.get(path, headers=api.headers)
        answered = [
            api.client.get(each).status_code for each in ("/healthz", "/readyz", "/api/v1/subjects/swap-1", "/")
        ]

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert "questions that fold much are answered at once" in refused.text
    assert answered == [200] * 4
    assert api.client.get(path, headers=api.headers).status_code == 200


def test_a_replay_has_a_turn_for_each_step_and_none_while_it_is_read(
    told: Chronicle, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(at_once=1)
    monkeypatch.setattr(dear_questions, "LINE", line)
    replay = api.client.get("/api/v1/replay", headers=api.headers)
    steps = replay.iter_encoded()

    read = next(steps)
    with line.turn("somebody", never, 0):
        pass

    assert b"".join([read, *steps]).count(b"\n") == 3 * 5
