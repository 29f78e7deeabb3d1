"""The bytes of a document are kept beside its text: sealed, proven, given back as they came, erased with the source."""

import re
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service.chronicle.as_recorded import take_in_as_recorded
from service.chronicle.backup import back_up, restore
from service.chronicle.evidence import examine
from service.chronicle.exporting import Export
from service.chronicle.importing import take_in
from service.databases.chronology import Chronology
from service.settings import Settings
from tests.conftest import Api, api_of, on
from tests.fixtures.planted import disk_of
from tests.fixtures.stories import Ticking

CANARY = b"Qzx-original-vj"
BYTES = bytes(range(256)) * 2_400 + CANARY + b"<script>alert(1)</script>"
NAME = "звіт.html"
ORIGINAL = {"media_type": "text/html", "name": NAME, "base64": b64encode(BYTES).decode()}
SOURCE = {"id": "paper", "title": "Paper", "publisher": "P", "text": "So they said.", "original": ORIGINAL}


@pytest.fixture
def kept(chronology: Chronology) -> Api:
    api = api_of(chronology, "admin")
    api.posted("/sources", SOURCE)
    other = {**ORIGINAL, "base64": b64encode(CANARY).decode()}
    api.posted("/sources/paper/revisions", {"text": "So she said.", "retrieved_at": "2026-01-02", "original": other})
    return api


def exported(chronology: Chronology) -> bytes:
    return b"".join(Export(chronology.record).lines())


def empty(folder: Path) -> Chronology:
    folder.mkdir()
    return Chronology(Settings(database=on("sqlite", folder)), now=Ticking(1_800_000_000_000_000), follows=True)


def test_the_bytes_come_back_as_they_were_sent_as_a_download_that_cannot_run(kept: Api) -> None:
    first, latest = kept.get("/sources/paper/original", version=1), kept.get("/sources/paper/original")

    assert (first.data, latest.data) == (BYTES, CANARY)
    assert first.mimetype == "application/octet-stream"
    assert first.headers["Content-Disposition"].startswith("attachment; ")
    assert first.headers["Content-Disposition"].isascii()
    assert first.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    said = kept.get("/sources/paper").get_json()["versions"][0]["original"]
    assert (said["bytes"], said["media_type"], said["name"]) == (len(BYTES), "text/html", NAME)


def test_the_page_of_a_source_has_the_bytes_of_each_of_its_versions(kept: Api) -> None:
    page = kept.client.get("/sources/paper").text

    links = re.findall(r'href="(/api/v1/sources/paper/original[^"]*)"', page)

    assert links == ["/api/v1/sources/paper/original?version=2", "/api/v1/sources/paper/original?version=1"]
    assert [kept.client.get(each).data for each in links] == [CANARY, BYTES]


def test_the_same_source_with_other_bytes_is_other_content(kept: Api) -> None:
    again = kept.post("/sources", SOURCE)
    other = kept.post("/sources", {**SOURCE, "original": {**ORIGINAL, "base64": "AAAA"}})
    same = kept.post("/sources/paper/revisions", {"text": "So she said.", "retrieved_at": "2026-01-03"})

    assert (again.status_code, other.status_code, same.get_json()["version"]) == (200, 409, 2)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"base64": "A"}, "/original/base64"),
        ({"base64": ""}, "/original/base64"),
        ({"media_type": "text/html; charset=x"}, "/original/media_type"),
        ({"name": "../a"}, "/original/name"),
        ({"name": "a\u202egpj.exe"}, "/original/name"),
        ({"more": 1}, "/original"),
    ],
)
def test_an_original_that_cannot_be_kept_is_refused_by_its_value(
    sqlite_chronology: Chronology, given: dict[str, Any], pointer: str
) -> None:
    answer = api_of(sqlite_chronology, "recorder").post("/sources", {**SOURCE, "original": ORIGINAL | given})

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == pointer
    assert sqlite_chronology.record.head() == 0


def test_an_original_larger_than_the_setting_is_refused(tmp_path: Path) -> None:
    small = Chronology(Settings(database=on("sqlite", tmp_path), largest_original=1_000), follows=True)

    answer = api_of(small, "recorder").post("/sources", SOURCE)

    assert answer.status_code == 422
    assert "is too large (at most 1,000)" in answer.get_json()["detail"]
    small.close()


def test_bytes_are_sealed_on_the_disk_and_gone_with_a_redaction(kept: Api, chronology: Chronology) -> None:
    with chronology.store.engine.connect() as connection:
        sealed = [bytes(each) for (each,) in connection.execute(text("SELECT sealed FROM chronology_originals"))]
    assert len(sealed) == 4
    assert [place for place, held in disk_of(chronology) if CANARY in held] == []

    answer = kept.post("/sources/paper/redactions", {"reason": "asked"})

    assert answer.status_code == 201
    assert kept.get("/sources/paper/original").status_code == 404
    with chronology.store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM chronology_originals")).scalar_one() == 0
    assert [place for place, held in disk_of(chronology) if CANARY in held] == []
    if chronology.settings.is_sqlite:  # what PostgreSQL has deleted is overwritten later, and opens with no key
        assert [place for place, held in disk_of(chronology) if any(each[-200:] in held for each in sealed)] == []
    assert examine(chronology).flaws == []
    assert NAME not in kept.get("/events").text


def test_an_export_holds_the_bytes_and_gives_the_same_log_again(
    kept: Api, chronology: Chronology, tmp_path: Path
) -> None:
    kept.posted("/sources", {**SOURCE, "id": "erased"})
    kept.post("/sources/erased/redactions", {"reason": "asked"})
    late = {"text": "Later.", "retrieved_at": "2026-01-04", "original": ORIGINAL}
    kept.posted("/sources/erased/revisions", late)
    file = tmp_path / "exported.ndjson"
    file.write_bytes(exported(chronology))
    copy, anew = empty(tmp_path / "copy"), empty(tmp_path / "anew")

    take_in_as_recorded(copy, "command line", file)
    take_in(anew, "command line", file)

    assert examine(copy).flaws == examine(anew).flaws == []
    assert exported(copy) == exported(chronology)
    assert api_of(copy, "reader").get("/sources/erased/original").data == BYTES
    assert api_of(anew, "reader").get("/sources/paper/original", version=1).data == BYTES
    copy.close()
    anew.close()


def test_a_backup_holds_the_bytes(kept: Api, chronology: Chronology, tmp_path: Path) -> None:
    back_up(chronology.settings.database, tmp_path / "backup.jsonl")
    restored = empty(tmp_path / "restored")

    restore(restored.store.engine, tmp_path / "backup.jsonl")
    restored.follower.rebuild()

    assert api_of(restored, "reader").get("/sources/paper/original", version=1).data == BYTES
    assert examine(restored).flaws == []
    restored.close()


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ("DELETE FROM chronology_originals WHERE version = 1", "names an original whose bytes are gone"),
        ("DELETE FROM chronology_originals WHERE piece = 1", "names an original whose bytes are"),
        ("UPDATE chronology_originals SET version = 3 WHERE version = 2", "original is kept that no event names"),
    ],
)
def test_verify_tells_of_bytes_that_somebody_changed(kept: Api, chronology: Chronology, change: str, flaw: str) -> None:
    assert examine(chronology).flaws == []

    with chronology.store.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(change))

    assert any(flaw in each for each in examine(chronology).flaws)


def test_bytes_are_for_those_who_may_read(kept: Api, chronology: Chronology) -> None:
    away = api_of(chronology, None)
    away.client.environ_base["REMOTE_ADDR"] = "203.0.113.9"

    assert away.get("/sources/paper/original").status_code == 401
    assert replace(chronology.settings).largest_original == 10 * 1024 * 1024
