"""Redacted words leave the disk: a redaction says 201 once they are gone, else 202, and goes on until they are."""

import sqlite3
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from projections.follow import scrubbing
from projections.follow.scrubbing import Scrubber
from service.chronicle.backup import Writer, back_up
from service.databases import chronology as joined
from service.databases.chronology import Chronology
from tests.conftest import SORTS
from tests.fixtures.planted import FIELDS, PLANTED, Planted, reading
from tests.hostile.erasing import WANTED_SECONDS, erase_under_readers


@pytest.fixture
def planted(chronology: Chronology) -> Planted:
    return Planted(chronology)


def test_words_of_every_field_are_gone_from_answers_and_from_the_disk_once_a_redaction_says_201(
    planted: Planted,
) -> None:
    answered, keys = planted.answers(), planted.keys()
    assert [word for word in PLANTED if word not in answered and word != PLANTED[FIELDS - 2]] == []
    assert planted.found()

    assert planted.everywhere() == 201

    answered = planted.answers()
    assert [word for word in PLANTED if word in answered] == []
    assert planted.found() == set()
    assert planted.keys_found(keys) == 0


def test_a_redaction_while_somebody_reads_says_202_and_what_is_left_until_it_is_done(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "_SCRUBBING_SECONDS", 0.2)
    monkeypatch.setattr(scrubbing, "_OLDER_SECONDS", 0.2)
    keys = planted.keys()
    with reading(planted.chronology):
        assert planted.everywhere() == 202
        left = planted.api.post("/facts/said/redactions", {"reason": "again"})
        ready = planted.api.client.get("/readyz")
        metrics = planted.api.client.get("/metrics", headers=planted.api.headers).text
        answered = planted.answers()
        planted.api.posted("/sources", {"id": "next", "title": "Next", "publisher": "P", "text": "So."})
    assert left.status_code == 202
    assert [word for word in PLANTED if word in answered] == []
    assert "are still to be removed from" in left.get_json()["left"]
    assert (ready.status_code, ready.get_json()["erasure"]) == (200, left.get_json()["left"])
    assert "chronology_erasure_left 1.0" in metrics

    monkeypatch.setattr(scrubbing, "_PAUSE_SECONDS", 0.05)
    stop, scrubber = Event(), planted.chronology.follower.scrubber
    following = Thread(target=scrubber.run, args=(stop,))
    following.start()
    for _ in range(600):
        if scrubber.left() is None or stop.wait(0.1):
            break
    stop.set()
    following.join()

    assert planted.api.client.get("/readyz").get_json()["erasure"] is None
    assert planted.api.post("/facts/said/redactions", {"reason": "again"}).status_code == 200
    assert planted.found() == set()
    assert planted.keys_found(keys) == 0


def test_a_slow_client_of_a_stream_keeps_no_word_on_the_disk(planted: Planted) -> None:
    def begun(path: str) -> Any:
        answer = planted.api.client.get(f"/api/v1{path}", headers=planted.api.headers)
        next(answer.iter_encoded())
        return answer

    slow = [begun(path) for path in ("/replay", "/replay?by=reported", "/events")]
    assert planted.everywhere() == 201

    assert planted.found() == set()
    for each in reversed(slow):
        each.close()


def test_a_full_disk_after_a_redaction_was_recorded_is_told_as_something_left(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    def fails(_: Scrubber) -> None:
        raise OperationalError("PRAGMA", {}, full)

    with monkeypatch.context() as broken:
        broken.setattr(Scrubber, "attempt", fails)
        answer = planted.api.post("/facts/said/redactions", {"reason": "asked"})

    assert answer.status_code == 202
    assert "the disk of the database is full" in answer.get_json()["left"]
    assert planted.api.post("/facts/said/redactions", {"reason": "asked"}).status_code == 200


def test_a_backup_in_the_making_leaves_words_until_it_is_done(
    planted: Planted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "_SCRUBBING_SECONDS", 0.2)
    monkeypatch.setattr(scrubbing, "_OLDER_SECONDS", 0.2)
    begun, goes_on, write = Event(), Event(), Writer.table

    def slowly(writer: Writer, *table: Any) -> None:
        write(writer, *table)
        begun.set()
        goes_on.wait(60)

    monkeypatch.setattr(Writer, "table", slowly)
    path = tmp_path / "apart" / "backup.jsonl"
    path.parent.mkdir()
    making = Thread(target=back_up, args=(planted.chronology.settings.database, path))
    making.start()
    begun.wait(60)
    status = planted.everywhere()
    goes_on.set()
    making.join()
    planted.chronology.follower.scrubber.attempt()

    assert status == 202
    assert planted.found() == set()


@pytest.mark.parametrize("sort", SORTS)
def test_a_redaction_under_readers_of_a_served_chronology_says_202_and_is_done_within_a_minute_of_their_end(
    sort: str,
) -> None:
    found = erase_under_readers(sort, facts=500)

    assert found.statuses <= {201, 202}
    assert found.statuses == {202} or found.left_under_readers == set()
    assert found.answered == []
    assert found.slowest_write < WANTED_SECONDS
    assert found.seconds_until_gone < WANTED_SECONDS
    assert found.left == set()
