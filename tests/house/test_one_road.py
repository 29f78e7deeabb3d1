"""One road from a question to its answer: how many files it passes, and how many statements it sends."""

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from events.kinds.swap import SwapAgreed, SwapCompleted
from service.auth import tokens
from service.databases import primary_and_replica
from service.databases.chronology import Chronology
from tests.conftest import api_of
from tests.fixtures.stories import Chronicle

HERE = Path(__file__).parents[2]
ROOMS = tuple(f"{HERE / name}/" for name in ("events", "projections", "service"))
MOST_FILES, MOST_FILES_TO_RECORD, MOST_STATEMENTS = 31, 32, 7


@pytest.fixture
def served(chronology: Chronology, chronicle: Chronicle, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chronology]:
    """The chronology as a process serves it that need not follow the log itself, and was asked just before."""
    monkeypatch.setattr(primary_and_replica, "_ALIVE_SECONDS", float("inf"))  # however slow the machine is
    monkeypatch.setattr(tokens, "VERIFIED_SECONDS", float("inf"))
    for name in ("warm", "it"):
        chronicle.given(SwapAgreed, name, f"{name}-agreed", occurred="2024-01-02", reported="2024-01-03", count_each=5)
        chronicle.given(SwapCompleted, name, occurred="[2024-01-04..2024-01-09]", reported="2024-01-10")
        chronicle.amend(f"{name}-agreed", "corrections", changes={"count_each": 6})
    chronology.follower.catch_up()
    served = Chronology(chronology.settings, now=chronology.now)
    yield served
    served.close()


def files_passed(act: Callable[[], Any]) -> set[str]:
    """The files of ours in which a function is called."""
    found: set[str] = set()

    def note(frame: FrameType, what: str, _: Any) -> None:
        if what == "call" and frame.f_code.co_filename.startswith(ROOMS):
            found.add(frame.f_code.co_filename.removeprefix(f"{HERE}/"))

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return found


@contextmanager
def statements_of(chronology: Chronology) -> Iterator[list[str]]:
    """The statements that the drivers send to the views, each transaction of one snapshot begun once."""
    sent: list[str] = []

    class Noting(psycopg.Cursor[Any]):
        def execute(self, query: Any, *given: Any, **options: Any) -> Any:
            sent.append(query)
            return super().execute(query, *given, **options)

    def note(connection: Any, *_: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(sent.append)
        else:
            connection.cursor_factory = Noting

    event.listen(chronology.store.engine, "checkout", note)
    try:
        yield sent
    finally:
        event.remove(chronology.store.engine, "checkout", note)
        sent[:] = [each for each in sent if each not in ("COMMIT", "ROLLBACK")]


def test_a_state_at_clocks_never_asked_for_is_one_snapshot_of_few_statements_and_files(served: Chronology) -> None:
    api = api_of(served, "reader")
    clocks = {"at": "2024-02-01", "reported_until": "2024-02-01", "position": served.record.head()}
    api.get("/subjects/warm", **clocks)

    with statements_of(served) as sent:
        answers: list[Any] = []
        files = files_passed(lambda: answers.append(api.get("/subjects/it", **clocks)))

    assert answers[0].get_json()["status"]["value"] == "completed"
    assert sum("FROM chronology_views" in each for each in sent) == 1
    assert len(sent) <= MOST_STATEMENTS, sent
    assert len(files) <= MOST_FILES, "\n".join(sorted(files))


def test_a_state_as_known_now_is_read_from_its_row(served: Chronology) -> None:
    api = api_of(served, "reader")

    with statements_of(served) as sent:
        assert api.get("/subjects/it").get_json()["status"]["value"] == "completed"

    (row,) = [each for each in sent if "_current " in each]
    assert row == sent[-1]
    assert not [each for each in sent if "_entries" in each]


def test_recording_a_fact_passes_few_files(served: Chronology) -> None:
    api = api_of(served, "recorder")
    cited = {"source": "report-1", "exact": served.record.after(0, 1)[0].data["text"]}
    body = {"kind": "SwapAgreed", "subject": "swap", "occurred": "2024-01-05", "count_each": 7, "citations": [cited]}
    api.posted("/facts", body)

    statuses: list[int] = []
    files = files_passed(lambda: statuses.append(api.post("/facts", {**body, "count_each": 8}).status_code))

    assert statuses == [201]
    assert len(files) <= MOST_FILES_TO_RECORD, "\n".join(sorted(files))
