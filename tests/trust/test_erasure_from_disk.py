"""Redacted words leave the disk: a redaction says 201 once they are gone, else 202, and goes on until they are."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from projections.follow import scrubbing
from projections.follow.scrubbing import Scrubber
from service.app import create_app
from service.chronicle.backup import Writer, back_up
from service.databases import chronology as joined
from service.databases.chronology import Chronology
from tests.conftest import Api, api_of

FIELDS = 26
PLANTED = [f"Qzx{n:02}vj" for n in range(FIELDS)]
OURS = {"kind": "transcription_error"}
_RELATIONS = """SELECT relname, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class
    WHERE relkind IN ('r', 'i', 't', 'm') AND pg_relation_filepath(oid) IS NOT NULL"""


class Planted:
    """A chronology with a word of its own in every field that holds words; `everywhere` redacts them all."""

    def __init__(self, chronology: Chronology) -> None:
        self.chronology = chronology
        self.api = api_of(chronology, "admin")
        word = iter(PLANTED)
        self._sources(word)
        self._facts(word)
        self._subjects(word)
        self._proposals(word)
        assert next(word, None) is None
        chronology.follower.catch_up()
        if not chronology.settings.is_sqlite:
            with psycopg.connect(chronology.settings.database, autocommit=True) as connection:
                connection.execute("ANALYZE")  # whose statistics hold samples

    def _sources(self, word: Iterator[str]) -> None:
        source = {name: next(word) for name in ("title", "publisher")}
        source |= {"id": "paper", "url": f"https://example.org/{next(word)}", "published": "2024-01-01"}
        self.api.posted("/sources", source | {"text": f"{next(word)} {PLANTED[4]} {PLANTED[5]} {PLANTED[6]} said so."})
        self.quote = {"source": "paper", "prefix": f"{next(word)} ", "exact": next(word), "suffix": f" {next(word)}"}
        revised = {"text": f"{next(word)} said so.", "retrieved_at": "2024-02-01T00:00:00Z"}
        self.api.posted("/sources/paper/revisions", revised)
        changes = {"title": next(word), "publisher": next(word), "url": f"https://example.org/{next(word)}"}
        self.api.posted("/sources/paper/corrections", {**OURS, "reason": next(word), "changes": changes})
        self.api.posted("/sources/paper/withdrawals", {"reason": next(word)})
        self.quote |= {"version": 1}

    def _facts(self, word: Iterator[str]) -> None:
        named = {"id": "named", "kind": "ActorNamed", "subject": "person", "name": next(word), "aliases": [next(word)]}
        self.api.posted("/facts", {**named, "citations": [self.quote]})
        said = {"id": "said", "kind": "StatementMade", "subject": "person", "occurred": "2024-01-01", "by": "person"}
        said |= {"gist": next(word), "note": next(word)}
        self.api.posted("/facts", {**said, "citations": [self.quote]})
        corrected = {**OURS, "reason": next(word), "changes": {"gist": next(word)}}
        self.api.posted("/facts/said/corrections", corrected)
        self.api.posted("/facts/said/retractions", {**OURS, "reason": next(word)})

    def _subjects(self, word: Iterator[str]) -> None:
        self.api.posted("/subjects", {"id": "person", "kind": "actor", "title": next(word), "aliases": [next(word)]})
        self.api.posted("/subjects", {"id": "other", "kind": "actor", "title": "Other"})
        self.api.posted("/subjects/person/merges", {**OURS, "reason": next(word), "into": "other"})

    def _proposals(self, word: Iterator[str]) -> None:
        four_eyes = Chronology(replace(self.chronology.settings, four_eyes=True), now=self.chronology.now, follows=True)
        with closing(four_eyes):
            token = four_eyes.keyring.issue("a recorder", "recorder", "test")[1]
            recorder = Api(create_app(four_eyes).test_client(), token)
            self.proposals = []
            for name in ("waiting", "rejected"):
                fact = {
                    "id": name,
                    "kind": "ActorNamed",
                    "subject": name,
                    "name": next(word),
                    "citations": [self.quote],
                }
                self.proposals.append(recorder.post("/facts", fact).get_json()["proposal"])
        self.api.posted(f"/proposals/{self.proposals[1]}/rejection", {"reason": next(word)})

    def everywhere(self) -> set[int]:
        """Redact all; returns the statuses of the answers."""
        places = ["sources/paper", "facts/named", "facts/said", "subjects/person"]
        places += [f"proposals/{each}" for each in self.proposals]
        answers = [self.api.post(f"/{each}/redactions", {"reason": "asked"}) for each in places]
        assert {each.status_code for each in answers} <= {201, 202}, [each.text for each in answers]
        return {each.status_code for each in answers}

    def keys(self) -> list[bytes]:
        """The keys of the streams to be redacted, which open all that is planted."""
        with self.chronology.store.engine.connect() as connection:
            return [bytes(key) for (key,) in connection.execute(text("SELECT key FROM chronology_keys"))]

    def found(self) -> set[str]:
        """Which planted words stand anywhere on the disk of the database, and in which file or relation."""
        return {f"{word} in {place}" for place, held in self._disk() for word in PLANTED if word.encode() in held}

    def keys_found(self, keys: list[bytes]) -> int:
        """How many of the keys stand on the disk, and are not in use."""
        disk, used = [held for _, held in self._disk()], set(self.keys())
        return sum(any(key in held for held in disk) for key in keys if key not in used)

    def _disk(self) -> list[tuple[str, bytes]]:
        if self.chronology.settings.is_sqlite:
            file = Path(self.chronology.settings.database.removeprefix("sqlite:///"))
            return [(each.name, each.read_bytes()) for each in file.parent.glob(f"{file.name}*")]
        with psycopg.connect(self.chronology.settings.database, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            return [(name, bytes(held)) for name, held in connection.execute(_RELATIONS).fetchall()]

    def answers(self) -> str:
        """All that is answered to who may read everything."""
        paths = ["/sources/paper", "/sources/paper/text?version=1", "/facts/named", "/facts/said", "/subjects/person"]
        paths += ["/subjects/other", "/subjects/other/understanding", "/events", "/replay", "/sources", "/facts"]
        paths += ["/proposals", "/proposals?state=rejected", "/diff?from_position=0"]
        paths += [f"/proofs/inclusion?position={n}" for n in range(1, self.chronology.record.head() + 1)]
        found = [self.api.client.get(f"/api/v1{path}", headers=self.api.headers, buffered=True) for path in paths]
        assert {each.status_code for each in found} == {200}
        return "".join(each.text for each in found)


@pytest.fixture
def planted(chronology: Chronology) -> Planted:
    return Planted(chronology)


@contextmanager
def reading(chronology: Chronology) -> Iterator[None]:
    """Somebody who keeps reading the same state of the database, as a dump does."""
    if chronology.settings.is_sqlite:
        with closing(sqlite3.connect(chronology.settings.database.removeprefix("sqlite:///"))) as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM chronology_keys").fetchone()
            yield
        return
    with psycopg.connect(chronology.settings.database) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM chronology_keys")
        yield


def test_words_of_every_field_are_gone_from_answers_and_from_the_disk_once_a_redaction_says_201(
    planted: Planted,
) -> None:
    answered, keys = planted.answers(), planted.keys()
    assert [word for word in PLANTED if word not in answered and word != PLANTED[FIELDS - 2]] == []
    assert planted.found()

    assert planted.everywhere() == {201}

    assert [word for word in PLANTED if word in planted.answers()] == []
    assert planted.found() == set()
    assert planted.keys_found(keys) == 0


def test_a_redaction_while_somebody_reads_says_202_and_what_is_left_until_it_is_done(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "_SCRUBBING_SECONDS", 0.2)
    monkeypatch.setattr(scrubbing, "_OLDER_SECONDS", 0.2)
    keys = planted.keys()
    with reading(planted.chronology):
        assert planted.everywhere() == {202}
        left = planted.api.post("/facts/said/redactions", {"reason": "again"})
        ready = planted.api.client.get("/readyz")
        metrics = planted.api.client.get("/metrics", headers=planted.api.headers).text
        assert [word for word in PLANTED if word in planted.answers()] == []
        planted.api.posted("/sources", {"id": "next", "title": "Next", "publisher": "P", "text": "So."})
    assert left.status_code == 202
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
    assert planted.everywhere() == {201}

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
    statuses = planted.everywhere()
    goes_on.set()
    making.join()
    planted.chronology.follower.scrubber.attempt()

    assert statuses == {202}
    assert planted.found() == set()
